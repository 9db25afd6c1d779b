import { describeClient } from './contract/client.contract';
import { describeFetchSessions } from './contract/fetch-sessions.contract';
import { KAFKAJS } from './node/kafkajs-client';

describeClient(KAFKAJS);
describeFetchSessions(KAFKAJS, 'none');
