import { describeClient } from '../../contract/client.contract';
import { describeFetchSessions } from '../../contract/fetch-sessions.contract';
import { SARAMA, SARAMA_2_1 } from '../../go-clients';

describeClient(SARAMA);
describeClient(SARAMA_2_1);
describeFetchSessions(SARAMA, 'none');
