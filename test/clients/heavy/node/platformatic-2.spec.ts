import { describeClient } from '../../contract/client.contract';
import { PLATFORMATIC_2 } from './heavy-node';

describeClient(PLATFORMATIC_2);
