// The operations of all files in one table. A file of its own, as the others build on each other.
import type { GroupAdminOperations } from './group-admin-operations';
import type { GroupOperations } from './group-operations';
import type { InstanceOperations } from './instance-operations';
import type { Operations as BasicOperations } from './operations';
import type { ReaderOperations } from './reader-operations';
import type { SubscriptionOperations } from './subscription-operations';
import type { TopicOperations } from './topic-operations';

/** Request and response of every operation, by its name on the wire. */
export interface Operations
  extends
    BasicOperations,
    TopicOperations,
    ReaderOperations,
    SubscriptionOperations,
    GroupOperations,
    GroupAdminOperations,
    InstanceOperations {}
export type OperationName = keyof Operations;
