import {
  parseReaderDelete,
  type IncomingFrame,
  type ReaderDeleteResponse,
} from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: takes a named reader's pin and positions off the topics that are named, or off all;
 * answers with the topics it was in, once that is durable by the fsync schedule. Who has it
 * attached is detached.
 *
 * Version notes: protocol 1.
 */
export class ReaderDeleteHandler implements OperationHandler {
  readonly operation = 'readerDelete';

  constructor(private readonly readers: Readers) {}

  /**
   * Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_READER, READER_ATTACHED,
   * READER_TAKEN_OVER: nothing changed; NO_SPACE or FENCED: some positions may be gone.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const { reader, topics, takeOver } = parseReaderDelete(frame.fields);
    const names = await this.readers.remove(reader, topics, session, takeOver);
    const fields: ReaderDeleteResponse = { topics: names };
    return { fields };
  }
}
