import {
  parseReaderCreate,
  type IncomingFrame,
  type ReaderCreateResponse,
} from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: gives a named reader a position in partitions where it has none: the earliest, the
 * latest, that of a time, or given offsets. One that is there already is refused or left where it
 * is, as the request says. Answers once the positions are durable by the fsync schedule.
 *
 * Version notes: protocol 1.
 */
export class ReaderCreateHandler implements OperationHandler {
  readonly operation = 'readerCreate';

  constructor(private readonly readers: Readers) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION, OFFSET_OUT_OF_RANGE,
   * READER_EXISTS, READER_ATTACHED, READER_TAKEN_OVER: nothing was made; CORRUPT, BUSY,
   * LIMIT_EXCEEDED, NO_SPACE or FENCED: some positions may be.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const offsets = await this.readers.create(parseReaderCreate(frame.fields), session);
    const fields: ReaderCreateResponse = { offsets };
    return { fields };
  }
}
