import { parseDeleteTopic, type DeleteTopicResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: deletes a topic; answers once that is durable by the fsync schedule. Its name is free
 * from then on, and fetches that wait on it are answered UNKNOWN_TOPIC. Its records and its
 * readers' positions go afterwards, in the background.
 *
 * Version notes: protocol 1.
 */
export class DeleteTopicHandler implements OperationHandler {
  readonly operation = 'deleteTopic';

  constructor(private readonly topics: Topics) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, NO_SPACE or FENCED. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    await this.topics.delete(parseDeleteTopic(frame.fields).name);
    const fields: DeleteTopicResponse = {};
    return { fields };
  }
}
