import {
  parseChangeSubscription,
  type ChangeSubscriptionResponse,
  type IncomingFrame,
} from '@walrusmq/protocol';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';
import type { SubscriptionContext } from './subscription';
import { Subscriptions } from './subscriptions';

/**
 * Behaviour: removes, adds, moves, pauses and resumes partitions of a subscription. Events that
 * were sent before may still arrive; a client tells them by their offsets.
 *
 * Version notes: protocol 1.
 */
export class ChangeSubscriptionHandler implements OperationHandler {
  readonly operation = 'changeSubscription';

  constructor(private readonly context: SubscriptionContext) {}

  /** @throws {ProtocolError} INVALID_REQUEST: nothing was changed. */
  handle(frame: IncomingFrame, session: Session): Reply {
    const request = parseChangeSubscription(frame.fields);
    Subscriptions.of(session, this.context).change(request);
    const fields: ChangeSubscriptionResponse = {};
    return { fields };
  }
}
