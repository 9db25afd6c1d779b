import { parseAlterTopic, type AlterTopicResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: gives a topic more partitions, sets configs and takes them back, as one change;
 * answers with what the topic is then, once that is durable by the fsync schedule. From the answer
 * on it holds for every request; records that are stored already stay as they are. With
 * `validateOnly` nothing changes, and the answer is what it would be.
 *
 * Version notes: protocol 1.
 */
export class AlterTopicHandler implements OperationHandler {
  readonly operation = 'alterTopic';

  constructor(private readonly topics: Topics) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, INVALID_PARTITIONS, INVALID_CONFIG,
   * LIMIT_EXCEEDED, NO_SPACE or FENCED: nothing changed.
   */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { name, ...alteration } = parseAlterTopic(frame.fields);
    const topic = await this.topics.alter(name, alteration);
    const { id, partitionCount, configs } = topic;
    const fields: AlterTopicResponse = { name, id, partitions: partitionCount, configs };
    return { fields };
  }
}
