// Replies of fetches that were not handed over yet, as bytes until their turn comes.
import { decodeBatch, type DecodedRecord } from '@walrusmq/record-batch';
import type { ConsumedPartition } from './consumed-partition';

/** Decoded records of one batch, those below the position left out; there may be none. */
export interface DecodedRun {
  readonly partition: ConsumedPartition;
  readonly generation: number;
  readonly records: readonly DecodedRecord[];
  /** The offset behind the batch. */
  readonly endOffset: number;
}

interface Chunk {
  readonly partition: ConsumedPartition;
  readonly generation: number;
  readonly bytes: Buffer;
  position: number;
}

/**
 * A queue of fetched batches.
 *
 * Invariant: `bufferedBytes` counts every byte from `push` until the run after it is taken, stale
 * ones until they come to the front or are purged.
 */
export class PrefetchBuffer {
  private chunks: Chunk[] = [];
  private queuedBytes = 0;
  private handedBytes = 0;

  /** @param decompressedBytesMax What one batch may unpack to. */
  constructor(private readonly decompressedBytesMax: number) {}

  /** Bytes fetched and not finished with. */
  get bufferedBytes(): number {
    return this.queuedBytes + this.handedBytes;
  }

  /** The partition of the batch that comes next. */
  get frontKey(): string | undefined {
    return this.chunks[0]?.partition.key;
  }

  /** Adds what was fetched from a partition: whole batches, one after another. */
  push(partition: ConsumedPartition, bytes: Buffer): void {
    const { generation } = partition;
    this.chunks.push({ partition, generation, bytes, position: 0 });
    this.queuedBytes += bytes.length;
  }

  /**
   * The next batch's records; undefined when nothing is left. The run taken before counts no more.
   *
   * @throws {RecordBatchError} The batch is damaged or cannot be read; it stays at the front.
   */
  takeRun(): DecodedRun | undefined {
    this.handedBytes = 0;
    const chunk = this.front();
    if (chunk === undefined) return undefined;
    const { partition, generation, bytes } = chunk;
    const limits = { decompressedBytesMax: this.decompressedBytesMax };
    const { header, records } = decodeBatch(bytes, chunk.position, limits);
    chunk.position += header.sizeBytes;
    this.queuedBytes -= header.sizeBytes;
    this.handedBytes = header.sizeBytes;
    return {
      partition,
      generation,
      // Batches come whole: the first one may begin below what was asked for.
      records: header.isControl ? [] : from(records, partition.position),
      endOffset: header.lastOffset + 1,
    };
  }

  /** Drops what has become stale. */
  purge(): void {
    this.chunks = this.chunks.filter(isLive);
    this.queuedBytes = 0;
    for (const { bytes, position } of this.chunks) this.queuedBytes += bytes.length - position;
  }

  private front(): Chunk | undefined {
    for (let chunk = this.chunks[0]; chunk !== undefined; chunk = this.chunks[0]) {
      if (isLive(chunk) && chunk.position < chunk.bytes.length) return chunk;
      this.queuedBytes -= chunk.bytes.length - chunk.position;
      this.chunks.shift();
    }
    return undefined;
  }
}

function isLive({ partition, generation }: Chunk): boolean {
  return partition.generation === generation;
}

function from(records: readonly DecodedRecord[], offset: number): readonly DecodedRecord[] {
  const first = records[0];
  if (first === undefined || first.offset >= offset) return records;
  return records.filter((record) => record.offset >= offset);
}
