import { ProtocolError } from '@walrusmq/protocol';

// A batch opens with its base offset (8 bytes) and the length of what follows those 12 bytes.
const LENGTH_POSITION = 8;
const PREFIX_BYTES = 12;

/**
 * Walks the batches that the chunks hold and checks that each is whole and within the limit.
 *
 * Reads four bytes of each batch and joins nothing; the rest of a batch is verified by the log.
 *
 * @param chunks The bytes of one or more batches, cut anywhere.
 * @returns The bytes of all batches together.
 * @throws {ProtocolError} INVALID_BATCH when there is none or the last is not whole,
 *   RECORD_TOO_LARGE when one is larger than `batchBytesMax`.
 */
export function measureBatches(chunks: readonly Buffer[], batchBytesMax: number): number {
  let totalBytes = 0;
  for (const chunk of chunks) totalBytes += chunk.length;
  if (totalBytes === 0) throw new ProtocolError('INVALID_BATCH', 'The request holds no batch.');

  const cursor = new ChunkCursor(chunks);
  let position = 0;
  while (position < totalBytes) {
    if (totalBytes - position < PREFIX_BYTES) throw truncated(position);
    const batchBytes = PREFIX_BYTES + cursor.readInt32(position + LENGTH_POSITION);
    if (batchBytes <= PREFIX_BYTES) {
      throw new ProtocolError('INVALID_BATCH', `The batch at byte ${position} has no length.`);
    }
    if (batchBytes > batchBytesMax) {
      throw new ProtocolError(
        'RECORD_TOO_LARGE',
        `The batch at byte ${position} has ${batchBytes} bytes; ` +
          `max.message.bytes of its topic is ${batchBytesMax}.`,
        undefined,
        { batchBytesMax },
      );
    }
    position += batchBytes;
    if (position > totalBytes) throw truncated(position - batchBytes);
  }
  return totalBytes;
}

function truncated(position: number): ProtocolError {
  return new ProtocolError('INVALID_BATCH', `The batch at byte ${position} is cut off.`);
}

/** Reads numbers at rising positions of bytes that lie in several chunks. */
class ChunkCursor {
  private index = 0;
  private chunkStart = 0;

  constructor(private readonly chunks: readonly Buffer[]) {}

  readInt32(position: number): number {
    const chunk = this.seek(position);
    const local = position - this.chunkStart;
    if (local + 4 <= chunk.length) return chunk.readInt32BE(local);
    let value = 0;
    for (let i = 0; i < 4; i += 1) value = (value << 8) | this.byteAt(position + i);
    return value;
  }

  private byteAt(position: number): number {
    const chunk = this.seek(position);
    return chunk.readUInt8(position - this.chunkStart);
  }

  private seek(position: number): Buffer {
    for (;;) {
      const chunk = this.chunks[this.index];
      if (chunk === undefined) throw truncated(position);
      if (position < this.chunkStart + chunk.length) return chunk;
      this.chunkStart += chunk.length;
      this.index += 1;
    }
  }
}
