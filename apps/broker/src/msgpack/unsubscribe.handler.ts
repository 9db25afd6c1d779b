import { parseUnsubscribe, type UnsubscribeResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';
import type { SubscriptionContext } from './subscription';
import { Subscriptions } from './subscriptions';

/**
 * Behaviour: ends a subscription; no event of it follows the reply.
 *
 * Version notes: protocol 1.
 */
export class UnsubscribeHandler implements OperationHandler {
  readonly operation = 'unsubscribe';

  constructor(private readonly context: SubscriptionContext) {}

  /** @throws {ProtocolError} INVALID_REQUEST: nothing was changed. */
  handle(frame: IncomingFrame, session: Session): Reply {
    const { subscription } = parseUnsubscribe(frame.fields);
    Subscriptions.of(session, this.context).unsubscribe(subscription);
    const fields: UnsubscribeResponse = {};
    return { fields };
  }
}
