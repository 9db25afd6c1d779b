import { describeClient } from '../../contract/client.contract';
import { SARAMA, SARAMA_2_1 } from '../../go-clients';

describeClient(SARAMA);
describeClient(SARAMA_2_1);
