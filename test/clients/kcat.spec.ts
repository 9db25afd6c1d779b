import { describeClient } from './contract/client.contract';
import { describeFetchSessions } from './contract/fetch-sessions.contract';
import { KCAT } from './kcat/kcat-client';

describeClient(KCAT);
describeFetchSessions(KCAT, 'none');
