import { parseReaderFetch, type IncomingFrame, type ReaderFetchResponse } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: the saved positions of a named reader, nil where it has none.
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
      const cursor = this.topics.partition(topic, index).cursor(request.reader);
      return [topic, index, cursor ?? null] as const;
    });
    const fields: ReaderFetchResponse = { offsets };
    return { fields };
  }
}
