import { parseReaderReset, type IncomingFrame, type ReaderResetResponse } from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: moves a named reader: to the earliest or latest record, to a time, to given offsets,
 * by a number of records, or to where another reader stands; or says where it would go. An offset
 * that is not in the log becomes the nearest one that is. Answers with where the reader was and
 * is, once that is durable by the fsync schedule.
 *
 * Version notes: protocol 1.
 */
export class ReaderResetHandler implements OperationHandler {
  readonly operation = 'readerReset';

  constructor(private readonly readers: Readers) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION, UNKNOWN_READER,
   * READER_ATTACHED, READER_TAKEN_OVER: nothing moved; CORRUPT, BUSY, LIMIT_EXCEEDED, NO_SPACE or
   * FENCED: some partitions may have.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const offsets = await this.readers.reset(parseReaderReset(frame.fields), session);
    const fields: ReaderResetResponse = { offsets };
    return { fields };
  }
}
