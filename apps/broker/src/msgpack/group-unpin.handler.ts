import { parseGroupUnpin, type GroupUnpinResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: takes a group's pin off a topic, and answers once that is durable by the fsync
 * schedule; well, too, when there is none. The group keeps its committed offsets.
 *
 * Version notes: protocol 1.
 */
export class GroupUnpinHandler implements OperationHandler {
  readonly operation = 'groupUnpin';

  constructor(private readonly topics: Pick<Topics, 'unpin'>) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, NO_SPACE or FENCED. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { group, topic } = parseGroupUnpin(frame.fields);
    await this.topics.unpin(topic, { kind: 'group', name: group });
    const fields: GroupUnpinResponse = {};
    return { fields };
  }
}
