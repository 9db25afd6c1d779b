import {
  parseReaderDetach,
  type IncomingFrame,
  type ReaderDetachResponse,
} from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: lets go of a named reader that this connection has attached, on the topics that are
 * named or on all, and saves where it stands; well, too, where it has none attached.
 *
 * Version notes: protocol 1.
 */
export class ReaderDetachHandler implements OperationHandler {
  readonly operation = 'readerDetach';

  constructor(private readonly readers: Readers) {}

  /**
   * Rejects with INVALID_REQUEST or UNKNOWN_TOPIC: nothing changed; NO_SPACE or FENCED: it is let
   * go, and where it stands is not saved.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const { reader, topics } = parseReaderDetach(frame.fields);
    await this.readers.detach(reader, topics, session);
    const fields: ReaderDetachResponse = {};
    return { fields };
  }
}
