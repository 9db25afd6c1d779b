import { describeClient } from '../../contract/client.contract';
import { CONFLUENT_PYTHON_NEXT } from '../../python-clients';

describeClient(CONFLUENT_PYTHON_NEXT);
