// The SDK under the contract of Kafka's clients: what it is crossed with in the matrix.
import { describeClient } from './contract/client.contract';
import { SDK } from './node/sdk-client';

describeClient(SDK);
