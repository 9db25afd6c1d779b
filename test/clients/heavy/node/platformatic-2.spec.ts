import { describeClient } from '../../contract/client.contract';
import { describeFetchSessions } from '../../contract/fetch-sessions.contract';
import { PLATFORMATIC_2 } from './heavy-node';

describeClient(PLATFORMATIC_2);
describeFetchSessions(PLATFORMATIC_2, 'sessions');
