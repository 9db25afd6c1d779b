import { KafkaRefusal } from './error-codes';

/** What a response that lists many things may take, as Kafka's protocol knows no pages. */
export const RESPONSE_BYTES_MAX = 8 << 20;

/**
 * The bytes that are left of one response, of whose parts each has its own error.
 *
 * Life: for one request.
 */
export class ResponseRoom {
  private leftBytes = RESPONSE_BYTES_MAX;

  /**
   * Takes room for a part.
   *
   * @throws {KafkaRefusal} Nothing was taken. COORDINATOR_LOAD_IN_PROGRESS: others have taken too
   *   much; clients ask again for what was not answered. INVALID_REQUEST: it is too large by
   *   itself.
   */
  take(bytes: number, what: string): void {
    if (bytes > RESPONSE_BYTES_MAX) {
      const text = `${what} takes ${bytes} bytes, ${RESPONSE_BYTES_MAX} is the most.`;
      throw new KafkaRefusal('INVALID_REQUEST', text);
    }
    if (bytes > this.leftBytes) {
      throw new KafkaRefusal('COORDINATOR_LOAD_IN_PROGRESS', `${what}: ask for fewer at once.`);
    }
    this.leftBytes -= bytes;
  }
}
