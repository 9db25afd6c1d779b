import { parseCredit, type CreditResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';
import type { SubscriptionContext } from './subscription';
import { Subscriptions } from './subscriptions';

/**
 * Behaviour: lets a subscription send so many bytes of batches more.
 *
 * Version notes: protocol 1.
 */
export class CreditHandler implements OperationHandler {
  readonly operation = 'credit';

  constructor(private readonly context: SubscriptionContext) {}

  /** @throws {ProtocolError} INVALID_REQUEST: nothing was changed. */
  handle(frame: IncomingFrame, session: Session): Reply {
    const { subscription, bytes } = parseCredit(frame.fields);
    Subscriptions.of(session, this.context).grant(subscription, bytes);
    const fields: CreditResponse = {};
    return { fields };
  }
}
