import { describeClient } from '../../contract/client.contract';
import { FRANZ_GO } from '../../go-clients';

describeClient(FRANZ_GO);
