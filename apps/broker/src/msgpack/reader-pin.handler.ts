import { parseReaderPin, type IncomingFrame, type ReaderPinResponse } from '@walrusmq/protocol';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: has a topic with `retention.consumed` keep the records that a named reader has not
 * passed, as long as no other retention config lets them go; answers once that is durable by the
 * fsync schedule. A reader without a position keeps all of them. A pin that is there already gets
 * the new `expireMs`.
 *
 * Version notes: protocol 1.
 */
export class ReaderPinHandler implements OperationHandler {
  readonly operation = 'readerPin';

  constructor(private readonly topics: Topics) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, LIMIT_EXCEEDED, NO_SPACE or FENCED. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { reader, topic, expireMs } = parseReaderPin(frame.fields);
    const pin = { kind: 'reader', name: reader } as const;
    await this.topics.pin(topic, expireMs === undefined ? pin : { ...pin, expireMs });
    const fields: ReaderPinResponse = {};
    return { fields };
  }
}
