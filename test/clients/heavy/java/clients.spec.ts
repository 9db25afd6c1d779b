// Java's own client under the contract of all clients, with classic groups and with KIP-848's.
import { describeClient } from '../../contract/client.contract';
import { describeFetchSessions } from '../../contract/fetch-sessions.contract';
import { JAVA_CLASSIC, JAVA_CONSUMER } from '../../java-clients';

describeClient(JAVA_CLASSIC);
describeClient(JAVA_CONSUMER);
describeFetchSessions(JAVA_CLASSIC, 'sessions');
