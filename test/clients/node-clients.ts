import type { ClientDefinition } from './client-under-test';
import { KAFKAJS } from './node/kafkajs-client';
import { PLATFORMATIC } from './node/platformatic';
import { SDK } from './node/sdk-client';

/** The clients that are installed with the other packages. */
export const NODE_CLIENTS: readonly ClientDefinition[] = [SDK, KAFKAJS, PLATFORMATIC];
