import { parseGroupPin, type GroupPinResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: has a topic with `retention.consumed` keep the records that a group has not passed by
 * its committed offsets, as long as no other retention config lets them go; answers once that is
 * durable by the fsync schedule. In a partition without a committed offset all are kept. A pin that
 * is there already gets the new `expireMs`.
 *
 * Version notes: protocol 1.
 */
export class GroupPinHandler implements OperationHandler {
  readonly operation = 'groupPin';

  constructor(private readonly topics: Pick<Topics, 'pin'>) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, LIMIT_EXCEEDED, NO_SPACE or FENCED. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { group, topic, expireMs } = parseGroupPin(frame.fields);
    await this.topics.pin(topic, {
      kind: 'group',
      name: group,
      ...(expireMs !== undefined && { expireMs }),
    });
    const fields: GroupPinResponse = {};
    return { fields };
  }
}
