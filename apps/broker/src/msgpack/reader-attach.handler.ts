import {
  parseReaderAttach,
  type IncomingFrame,
  type ReaderAttachResponse,
} from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: gives a named reader on topics to this connection alone, until it detaches or ends.
 * One that another connection has is refused or taken over, as the request says; who had it is
 * told READER_TAKEN_OVER by its next read or commit. All topics or none. Answers once no read of
 * another connection is under way any more. The reader need not have a position yet.
 *
 * Version notes: protocol 1.
 */
export class ReaderAttachHandler implements OperationHandler {
  readonly operation = 'readerAttach';

  constructor(private readonly readers: Readers) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, READER_ATTACHED or LIMIT_EXCEEDED. */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const { reader, topics, takeOver } = parseReaderAttach(frame.fields);
    await this.readers.attach(topics, reader, session, takeOver);
    const fields: ReaderAttachResponse = {};
    return { fields };
  }
}
