import { describeClient } from './contract/client.contract';
import { PLATFORMATIC } from './node/platformatic';

describeClient(PLATFORMATIC);
