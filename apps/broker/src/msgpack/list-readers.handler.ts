import { parseListReaders, type IncomingFrame } from '@walrusmq/protocol';
import type { Readers } from '../reader/readers';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: a page of the named readers that have a position or a pin, of one topic or of all,
 * ordered by topic and name, each with its lag and with who has it attached.
 *
 * Version notes: protocol 1.
 */
export class ListReadersHandler implements OperationHandler {
  readonly operation = 'listReaders';

  constructor(private readonly readers: Readers) {}

  /** Rejects with INVALID_REQUEST, INVALID_TOPIC_NAME or UNKNOWN_TOPIC. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    return { fields: await this.readers.view.list(parseListReaders(frame.fields)) };
  }
}
