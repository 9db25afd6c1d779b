import { KafkaCodecError } from '@walrusmq/kafka-protocol';
import { ChunkList } from '@walrusmq/protocol';
import { foreignLengthOf } from './foreign-protocol';

const PREFIX_BYTES = 4;

/**
 * Cuts what a Kafka client sends into frames (an int32 length, then so many bytes).
 *
 * Invariants:
 *  (1) The frames do not depend on how the bytes are cut into chunks.
 *  (2) Memory follows the bytes that came, not the lengths they announce, nor in how many pieces.
 *  (3) A frame within one chunk is a view of it; one over several is joined once, when it is whole.
 */
export class KafkaFrames {
  private readonly pieces = new ChunkList();
  private seenBytes = 0;
  private prefixBytes = 0;
  private bodyBytes = 0;

  constructor(private readonly frameBytesMax: number) {}

  /** Bytes of the frame that has begun but is not whole yet. */
  get bufferedBytes(): number {
    return this.prefixBytes + this.seenBytes;
  }

  /**
   * The frames that end in this chunk, in order, without their lengths, put into `frames`.
   *
   * @throws {KafkaCodecError} TRUNCATED for a length that no request has. The frames before it are
   *   in `frames`; nothing behind it is a frame.
   */
  push(chunk: Buffer, frames: Buffer[]): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.prefixBytes < PREFIX_BYTES) {
        this.bodyBytes = this.bodyBytes * 256 + chunk.readUInt8(at);
        this.prefixBytes += 1;
        at += 1;
        if (this.prefixBytes === PREFIX_BYTES) this.checkLength();
        continue;
      }
      const end = Math.min(chunk.length, at + this.bodyBytes - this.seenBytes);
      this.pieces.push(chunk.subarray(at, end));
      this.seenBytes += end - at;
      at = end;
      if (this.seenBytes === this.bodyBytes) frames.push(this.take());
    }
  }

  private checkLength(): void {
    const { bodyBytes, frameBytesMax } = this;
    if (bodyBytes > 0 && bodyBytes <= frameBytesMax) return;
    const text = `a request of ${bodyBytes | 0} bytes; 1 to ${frameBytesMax} are taken`;
    throw new KafkaCodecError('TRUNCATED', foreignLengthOf(bodyBytes) ?? text);
  }

  private take(): Buffer {
    const pieces = this.pieces.take();
    const [first] = pieces;
    const frame = first !== undefined && pieces.length === 1 ? first : Buffer.concat(pieces);
    this.seenBytes = 0;
    this.prefixBytes = 0;
    this.bodyBytes = 0;
    return frame;
  }
}
