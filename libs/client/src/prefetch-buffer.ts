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
  /** Of the batch as it was fetched. */
  readonly sizeBytes: number;
}

interface Chunk {
  readonly partition: ConsumedPartition;
  readonly generation: number;
  readonly bytes: Buffer;
  position: number;
}

/** A batch that cannot be read, and where. */
export class CorruptRun extends Error {
  /** @param key Of its partition. */
  constructor(
    readonly key: string,
    cause: unknown,
  ) {
    super('a batch cannot be read', { cause });
  }
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
  private openBytes = 0;

  /** @param decompressedBytesMax What one batch may unpack to. */
  constructor(private readonly decompressedBytesMax: number) {}

  /** Bytes fetched and not finished with. */
  get bufferedBytes(): number {
    return this.queuedBytes + this.handedBytes + this.openBytes;
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
    this.releaseHanded();
    const chunk = this.front();
    if (chunk === undefined) return undefined;
    const run = this.decode(chunk);
    this.handedBytes = run.sizeBytes;
    return run;
  }

  /**
   * As `takeRun`, from the first partition that `accepts`; the run counts until `release`. A chunk
   * of a partition that it does not accept stays in its place.
   *
   * @throws {CorruptRun} The batch cannot be read; it stays.
   */
  takeRunOf(accepts: (partition: ConsumedPartition) => boolean): DecodedRun | undefined {
    for (const [index, chunk] of this.chunks.entries()) {
      const { partition, bytes } = chunk;
      if (chunk.position >= bytes.length || !isLive(chunk) || !accepts(partition)) continue;
      try {
        const run = this.decode(chunk);
        this.openBytes += run.sizeBytes;
        // One that stands before it may wait for long, and its bytes need not wait with that.
        if (chunk.position >= bytes.length) this.chunks.splice(index, 1);
        return run;
      } catch (error) {
        throw new CorruptRun(partition.key, error);
      }
    }
    return undefined;
  }

  /** The run that `takeRun` gave last was handed over, or dropped. */
  releaseHanded(): void {
    this.handedBytes = 0;
  }

  /** A run that `takeRunOf` gave was handed over, or dropped. */
  release(run: DecodedRun): void {
    this.openBytes -= run.sizeBytes;
  }

  /** Drops what has become stale. */
  purge(): void {
    this.chunks = this.chunks.filter(isLive);
    this.queuedBytes = 0;
    for (const { bytes, position } of this.chunks) this.queuedBytes += bytes.length - position;
  }

  private decode(chunk: Chunk): DecodedRun {
    const { partition, generation, bytes } = chunk;
    const limits = { decompressedBytesMax: this.decompressedBytesMax };
    const { header, records } = decodeBatch(bytes, chunk.position, limits);
    const { sizeBytes } = header;
    chunk.position += sizeBytes;
    this.queuedBytes -= sizeBytes;
    return {
      partition,
      generation,
      // Batches come whole: the first one may begin below what was asked for.
      records: header.isControl ? [] : from(records, partition.position),
      endOffset: header.lastOffset + 1,
      sizeBytes,
    };
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
