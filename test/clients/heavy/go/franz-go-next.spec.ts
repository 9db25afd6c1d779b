import { describeClient } from '../../contract/client.contract';
import { FRANZ_GO_NEXT } from '../../go-clients';

describeClient(FRANZ_GO_NEXT);
