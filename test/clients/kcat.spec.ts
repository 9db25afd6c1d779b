import { describeClient } from './contract/client.contract';
import { KCAT } from './kcat/kcat-client';

describeClient(KCAT);
