import { RecordBatchError, batchHeaders, decodeBatch } from '@walrusmq/record-batch';
import type { DecodedRecord } from '@walrusmq/record-batch';
import { awaitNative, callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import { StorageError } from './storage-error';

const READ_BYTES = 64 << 10;
const LEFT_TO_TAKE: ReadonlySet<string> = new Set(['CORRUPT', 'OUT_OF_RANGE']);

/** Entries that lie one after another, decoded. */
interface Chunk {
  readonly entries: readonly DecodedRecord[];
  /** The offsets that it covers: those of its entries, and of what held none (control batches). */
  readonly start: number;
  readonly end: number;
  /** Encoded size. */
  readonly bytes: number;
}

/** Whole batches, the first of which holds `from`. */
interface ReadBatches {
  readonly bytes: Buffer;
  readonly from: number;
}

/** What `EntrySource.take` found. */
export interface TakenEntries {
  readonly entries: readonly DecodedRecord[];
  /** Just past the last of them, and past what held none before it. */
  readonly end: number;
}

/**
 * The entries of one log by offset, decoded once for as long as they are kept: n reads of one batch
 * cost O(n).
 *
 * Life: as long as its log's handle. Order: nothing here waits but `fetch`.
 */
export class EntrySource {
  private chunk: Chunk | undefined;

  /** @param onKept Told how the encoded size of what is kept changed. */
  constructor(
    private readonly native: NativeWal,
    private readonly handle: number,
    private readonly onKept: (deltaBytes: number) => void = () => undefined,
  ) {}

  /** Drops the decoded entries. */
  forget(): void {
    this.keep(undefined);
  }

  /**
   * The entries from `offset` on, up to `maxBytes` of payload or `maxCount`, whichever comes first;
   * the first one always, none at the readable end. Entries below the log start are passed over.
   * Waits for the disk on this thread.
   * @throws {StorageError} CORRUPT at a damaged batch, once the entries before it were taken;
   *   OUT_OF_RANGE above the readable end; IO, CLOSED.
   */
  take(offset: number, maxBytes: number, maxCount: number): TakenEntries {
    const entries: DecodedRecord[] = [];
    let bytes = 0;
    let at = offset;
    for (;;) {
      const chunk = this.chunkAt(at) ?? this.load(at, entries.length > 0);
      if (chunk === undefined) return { entries, end: at };
      for (let index = indexIn(chunk, at); index < chunk.entries.length; index += 1) {
        const entry = chunk.entries[index] as DecodedRecord;
        bytes += entry.value?.length ?? 0;
        const isOver = entries.length > 0 && bytes > maxBytes;
        if (isOver || entries.length === maxCount) return { entries, end: at };
        entries.push(entry);
        at = entry.offset + 1;
      }
      at = chunk.end;
    }
  }

  /**
   * Reads ahead what `take` at `offset` begins with, so that it need not wait for the disk. What is
   * wrong there is left for `take` to throw. Rejects with IO, BUSY, CLOSED.
   */
  async fetch(offset: number): Promise<void> {
    if (this.chunkAt(offset) !== undefined) return;
    const { native, handle } = this;
    try {
      const cached = callNative(() => native.readNow(handle, offset, READ_BYTES));
      const bytes = cached ?? (await awaitNative(() => native.read(handle, offset, READ_BYTES)));
      if (bytes.length > 0) this.keep(decodeChunk({ bytes, from: offset }, false));
    } catch (error) {
      if (!(error instanceof StorageError) || !LEFT_TO_TAKE.has(error.code)) throw error;
    }
  }

  private chunkAt(offset: number): Chunk | undefined {
    const { chunk } = this;
    return chunk && offset >= chunk.start && offset < chunk.end ? chunk : undefined;
  }

  /** The chunk that begins at `offset`, or at the log start when that is above. */
  private load(offset: number, hasEntries: boolean): Chunk | undefined {
    const read = this.readBytes(offset, hasEntries);
    if (read === undefined || read.bytes.length === 0) return undefined;
    const chunk = decodeChunk(read, hasEntries);
    if (chunk !== undefined) this.keep(chunk);
    return chunk;
  }

  private keep(chunk: Chunk | undefined): void {
    const before = this.chunk?.bytes ?? 0;
    this.chunk = chunk;
    this.onKept((chunk?.bytes ?? 0) - before);
  }

  /** undefined: damaged, but entries before the damage are to be handed out first. */
  private readBytes(offset: number, hasEntries: boolean): ReadBatches | undefined {
    const { native, handle } = this;
    try {
      return { bytes: callNative(() => native.readSync(handle, offset, READ_BYTES)), from: offset };
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'CORRUPT' && hasEntries) return undefined;
      if (error.code !== 'OUT_OF_RANGE') throw error;
      const { startOffset } = callNative(() => native.logInfo(handle));
      if (offset >= startOffset) throw error;
      return this.readBytes(startOffset, hasEntries);
    }
  }
}

/** The first entry at or above `offset`; offsets are dense but where records were removed. */
function indexIn(chunk: Chunk, offset: number): number {
  const { entries } = chunk;
  const first = entries[0];
  if (first === undefined || offset <= first.offset) return 0;
  const guess = offset - first.offset;
  if (entries[guess]?.offset === offset) return guess;
  const found = entries.findIndex((entry) => entry.offset >= offset);
  return found < 0 ? entries.length : found;
}

/**
 * The batches decoded; those from one on that cannot be are left out, and undefined when that is
 * the first. A producer can send a batch whose checksum is right and whose records are not.
 * @throws {StorageError} CORRUPT when that is the first, and no entries are before it.
 */
function decodeChunk({ bytes, from }: ReadBatches, hasEntries: boolean): Chunk | undefined {
  const entries: DecodedRecord[] = [];
  let end = from;
  for (const { header, position } of batchHeaders(bytes)) {
    try {
      // Control batches carry no entries of anybody.
      const records = header.isControl ? [] : decodeBatch(bytes, position).records;
      for (const record of records) if (record.offset >= from) entries.push(record);
    } catch (error) {
      if (!(error instanceof RecordBatchError)) throw error;
      if (end > from || hasEntries) break;
      throw new StorageError('CORRUPT', error.message, { cause: error });
    }
    end = header.lastOffset + 1;
  }
  return end === from ? undefined : { entries, start: from, end, bytes: bytes.length };
}
