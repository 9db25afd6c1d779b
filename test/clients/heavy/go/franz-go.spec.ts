import { describeClient } from '../../contract/client.contract';
import { describeFetchSessions } from '../../contract/fetch-sessions.contract';
import { FRANZ_GO } from '../../go-clients';

describeClient(FRANZ_GO);
describeFetchSessions(FRANZ_GO, 'sessions');
