// What a connection is given: its limits, its patience, and what it needs of the broker.
import type { Logger } from '../observability/broker-log';
import type { Counters } from '../observability/counters';
import type { ConnectionBudgets } from './held-bytes';
import type { MemoryBudget } from './memory-budget';

/** What one connection may hold. */
export interface ConnectionLimits {
  readonly connectionRequestsMax: number;
  readonly connectionBytesMax: number;
}

/** How patient the broker is with a client. */
export interface ConnectionPatience {
  readonly helloTimeoutMs: number;
  readonly stallTimeoutMs: number;
}

/** What a connection needs of the broker. */
export interface ConnectionContext extends ConnectionBudgets {
  readonly limits: ConnectionLimits;
  /** For events. */
  readonly pushBudget: MemoryBudget;
  readonly counters: Counters;
  readonly log: Logger;
}
