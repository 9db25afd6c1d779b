import {
  parseReaderDescribe,
  type IncomingFrame,
  type ReaderDescribeResponse,
} from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: where a named reader stands in every partition of the topics that are named, or of
 * all in which it has a position or a pin: position, lag, what it missed, its pin, and the
 * connection that has it attached.
 *
 * Version notes: protocol 1. `lagBytes` is an estimate.
 */
export class ReaderDescribeHandler implements OperationHandler {
  readonly operation = 'readerDescribe';

  constructor(private readonly readers: Readers) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC or UNKNOWN_READER. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { reader, topics } = parseReaderDescribe(frame.fields);
    const fields: ReaderDescribeResponse = {
      topics: await this.readers.view.describe(reader, topics),
    };
    return { fields };
  }
}
