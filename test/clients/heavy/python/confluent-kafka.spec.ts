import { describeClient } from '../../contract/client.contract';
import { CONFLUENT_PYTHON } from '../../python-clients';

describeClient(CONFLUENT_PYTHON);
