import { parseReaderFetch, type IncomingFrame, type ReaderFetchResponse } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: where a named reader goes on, nil where it has no position; with at-least-once reads
 * that may be ahead of what is saved.
 *
 * Version notes: protocol 1.
 */
export class ReaderFetchHandler implements OperationHandler {
  readonly operation = 'readerFetch';

  constructor(private readonly topics: Topics) {}

  /** @throws {ProtocolError} INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION. */
  handle(frame: IncomingFrame): Reply {
    const request = parseReaderFetch(frame.fields);
    const offsets = request.partitions.map(([topic, index]) => {
      const position = this.topics.partition(topic, index).readers.position(request.reader);
      return [topic, index, position ?? null] as const;
    });
    const fields: ReaderFetchResponse = { offsets };
    return { fields };
  }
}
