import {
  parseReaderCommit,
  type IncomingFrame,
  type ReaderCommitResponse,
} from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: saves the positions of a named reader and answers once all are durable by the fsync
 * schedule. Every partition and offset is checked before any is saved; a failure after that may
 * leave some of them saved, and the same commit can be sent again.
 *
 * Version notes: protocol 1.
 */
export class ReaderCommitHandler implements OperationHandler {
  readonly operation = 'readerCommit';

  constructor(private readonly readers: Readers) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION, OFFSET_OUT_OF_RANGE,
   * READER_ATTACHED or READER_TAKEN_OVER: nothing was saved; LIMIT_EXCEEDED, NO_SPACE or FENCED:
   * some may be.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const { reader, offsets, topicIds } = parseReaderCommit(frame.fields);
    await this.readers.commit(reader, offsets, session, topicIds);
    const fields: ReaderCommitResponse = {};
    return { fields };
  }
}
