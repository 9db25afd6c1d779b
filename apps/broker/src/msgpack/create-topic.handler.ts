import { parseCreateTopic, type CreateTopicResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: creates a topic and answers once that is durable by the fsync schedule. A request for
 * the new topic that is sent before the reply may still meet UNKNOWN_TOPIC. With `validateOnly` it
 * is only checked whether the topic could be created, and the answer has no id.
 *
 * Version notes: protocol 1.
 */
export class CreateTopicHandler implements OperationHandler {
  readonly operation = 'createTopic';

  constructor(private readonly topics: Topics) {}

  /**
   * Rejects with INVALID_REQUEST, INVALID_TOPIC_NAME, INVALID_PARTITIONS, INVALID_CONFIG,
   * LIMIT_EXCEEDED, TOPIC_EXISTS, NO_SPACE or FENCED: there is no new topic.
   */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const topic = await this.topics.create(parseCreateTopic(frame.fields));
    const fields: CreateTopicResponse = {
      name: topic.name,
      id: topic.id,
      partitions: topic.partitionCount,
    };
    return { fields };
  }
}
