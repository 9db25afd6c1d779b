import { describeClient } from '../../contract/client.contract';
import { RDKAFKA } from './heavy-node';

describeClient(RDKAFKA);
