import {
  parseReaderCommit,
  type IncomingFrame,
  type ReaderCommitResponse,
} from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: saves the positions of a named reader and answers once all are durable by the fsync
 * schedule. Every partition and offset is checked before any is saved; a failure after that may
 * leave some of them saved, and the same commit can be sent again.
 *
 * Version notes: protocol 1.
 */
export class ReaderCommitHandler implements OperationHandler {
  readonly operation = 'readerCommit';

  constructor(private readonly topics: Topics) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION or OFFSET_OUT_OF_RANGE: nothing
   * was saved; NO_SPACE or FENCED: some may be.
   */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const request = parseReaderCommit(frame.fields);
    const targets = request.offsets.map(([topic, index, offset]) => {
      const partition = this.topics.partition(topic, index);
      partition.checkCursor(offset);
      return { partition, offset };
    });
    await Promise.all(
      targets.map(({ partition, offset }) => partition.commitCursor(request.reader, offset)),
    );
    for (const name of new Set(request.offsets.map(([topic]) => topic))) {
      const topic = this.topics.find(name);
      if (topic !== undefined) this.topics.pins.touch(topic, 'reader', request.reader);
    }
    const fields: ReaderCommitResponse = {};
    return { fields };
  }
}
