import { describeClient } from '../../contract/client.contract';
import { KAFKA_PYTHON } from '../../python-clients';

describeClient(KAFKA_PYTHON);
