import type { IncomingFrame, OperationName } from '@walrusmq/protocol';
import type { Outcome } from './outcome';
import type { Session } from './session';

export { NO_REPLY, type Outcome, type Reply } from './outcome';

/**
 * One operation of the protocol.
 *
 * `handle` takes effect (an append takes its offset) before it returns; what it cannot answer yet
 * it answers by a promise. It throws, or rejects with, a `ProtocolError`; anything else is answered
 * INTERNAL and logged.
 */
export interface OperationHandler {
  readonly operation: OperationName;
  handle(frame: IncomingFrame, session: Session): Outcome | Promise<Outcome>;
}
