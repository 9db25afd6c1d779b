import { parseSubscribe, type SubscribeResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';
import type { SubscriptionContext } from './subscription';
import { Subscriptions } from './subscriptions';

/**
 * Behaviour: begins a subscription that is called by the correlation id of this request. What is
 * readable from the offsets on, and what becomes so later, is sent as events of whole batches, as
 * long as the credit lasts. Topics and partitions that do not exist are told of by events.
 *
 * Version notes: protocol 1.
 */
export class SubscribeHandler implements OperationHandler {
  readonly operation = 'subscribe';

  constructor(private readonly context: SubscriptionContext) {}

  /** @throws {ProtocolError} INVALID_REQUEST: nothing was changed. */
  handle(frame: IncomingFrame, session: Session): Reply {
    const request = parseSubscribe(frame.fields);
    Subscriptions.of(session, this.context).subscribe(frame.correlationId, request);
    const fields: SubscribeResponse = {};
    return { fields };
  }
}
