import type { IncomingFrame, OperationName } from '@walrusmq/protocol';
import type { Session } from './session';

/** What a handler answers: the fields of an `ok` reply and the bytes that ride behind them. */
export interface Reply {
  readonly fields: object;
  readonly tail?: readonly Buffer[];
}

/** In place of a reply, for a request that asked for none; it still ends the request. */
export const NO_REPLY = Symbol('no reply');

export type Outcome = Reply | typeof NO_REPLY;

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
