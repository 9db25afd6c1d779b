import { parseReaderUnpin, type IncomingFrame, type ReaderUnpinResponse } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: takes a reader's pin off a topic, and answers once that is durable by the fsync
 * schedule; well, too, when there is none. The reader keeps its position.
 *
 * Version notes: protocol 1.
 */
export class ReaderUnpinHandler implements OperationHandler {
  readonly operation = 'readerUnpin';

  constructor(private readonly topics: Topics) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, NO_SPACE or FENCED. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { reader, topic } = parseReaderUnpin(frame.fields);
    await this.topics.unpin(topic, { kind: 'reader', name: reader });
    const fields: ReaderUnpinResponse = {};
    return { fields };
  }
}
