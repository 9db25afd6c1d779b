import { ProtocolError, type IncomingFrame } from '@walrusmq/protocol';
import type { OperationHandler, Outcome } from './operation-handler';
import type { Session } from './session';

/**
 * Operations, found by name: those of one instance, or those of the whole broker.
 *
 * Place: the connection hands every request frame to `dispatch` of the broker's table, which asks
 * the instance of the session first and then itself; one handler is called.
 */
export class OpTable {
  private readonly handlers: ReadonlyMap<string, OperationHandler>;

  constructor(handlers: readonly OperationHandler[]) {
    this.handlers = new Map(handlers.map((handler) => [handler.operation, handler]));
  }

  /** The names of the operations, in the order of the table. */
  get operations(): readonly string[] {
    return [...this.handlers.keys()];
  }

  /**
   * Starts a request by the handler of its operation; undefined when the table has none.
   * @throws {ProtocolError} Whatever the handler says.
   */
  handle(frame: IncomingFrame, session: Session): Outcome | Promise<Outcome> | undefined {
    return this.handlers.get(frame.kind)?.handle(frame, session);
  }

  /**
   * Runs one request; its effect has begun when this returns.
   *
   * @throws {ProtocolError} HELLO_REQUIRED before the hello, after which the connection has to be
   *   closed; UNKNOWN_OPERATION; whatever the handler says.
   */
  dispatch(frame: IncomingFrame, session: Session): Outcome | Promise<Outcome> {
    if (session.client === undefined && frame.kind !== 'hello') {
      throw new ProtocolError('HELLO_REQUIRED', 'The first request has to be hello.');
    }
    const outcome = session.instance?.handle(frame, session) ?? this.handle(frame, session);
    if (outcome !== undefined) return outcome;
    // The name came from the network; a prefix is enough to recognise a typing error by.
    throw new ProtocolError('UNKNOWN_OPERATION', `No operation '${frame.kind.slice(0, 60)}'.`);
  }
}
