import { describeClient } from './contract/client.contract';
import { KAFKAJS } from './node/kafkajs-client';

describeClient(KAFKAJS);
