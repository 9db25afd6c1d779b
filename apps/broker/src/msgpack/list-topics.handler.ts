import { parseListTopics, type IncomingFrame } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: the topics of the instance ordered by name, a page at a time. Topics that come or go
 * between two pages may be missing or there; all others are there once.
 *
 * Version notes: protocol 1.
 */
export class ListTopicsHandler implements OperationHandler {
  readonly operation = 'listTopics';

  constructor(private readonly topics: Topics) {}

  /** @throws {ProtocolError} INVALID_REQUEST, INVALID_TOPIC_NAME. */
  handle(frame: IncomingFrame): Reply {
    const { after, limit } = parseListTopics(frame.fields);
    return { fields: this.topics.page(after, limit) };
  }
}
