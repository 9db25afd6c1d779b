import { TableChunk, decodeChunk, indexIn } from './entry-chunk';
import type { EntryChunk } from './entry-chunk';
import { awaitNative, callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import { StorageError } from './storage-error';
import type { StoredEntry } from './walrus-options';

const READ_BYTES = 64 << 10;
const LEFT_TO_TAKE: ReadonlySet<string> = new Set(['CORRUPT', 'OUT_OF_RANGE']);

/** What `EntrySource.take` found. */
export interface TakenEntries {
  readonly entries: StoredEntry[];
  /** Just past the last of them, and past what held none before it. */
  readonly end: number;
}

/**
 * The entries of one log by offset, looked up once for as long as they are kept: n reads of one
 * batch cost O(n).
 *
 * Life: as long as its log's handle. Order: nothing here waits but `fetch`.
 */
export class EntrySource {
  private chunk: EntryChunk | undefined;

  /** @param onKept Told how the encoded size of what is kept changed. */
  constructor(
    private readonly native: NativeWal,
    private readonly handle: number,
    private readonly onKept: (deltaBytes: number) => void = () => undefined,
  ) {}

  /** Drops what is kept. */
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
    const entries: StoredEntry[] = [];
    let bytes = 0;
    let at = offset;
    for (;;) {
      const chunk = this.chunkAt(at) ?? this.load(at, entries.length > 0);
      if (chunk === undefined) return { entries, end: at };
      for (let index = indexIn(chunk, at); index < chunk.count; index += 1) {
        bytes += chunk.lengthAt(index);
        const isOver = entries.length > 0 && bytes > maxBytes;
        if (isOver || entries.length === maxCount) return { entries, end: at };
        const entry = chunk.entryAt(index);
        entries.push(entry);
        at = entry.offset + 1;
      }
      if (entries.length === maxCount) return { entries, end: at };
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
      if (bytes.length > 0) this.keep(decodeChunk(bytes, offset, true));
    } catch (error) {
      if (!(error instanceof StorageError) || !LEFT_TO_TAKE.has(error.code)) throw error;
    }
  }

  private chunkAt(offset: number): EntryChunk | undefined {
    const { chunk } = this;
    return chunk && offset >= chunk.start && offset < chunk.end ? chunk : undefined;
  }

  /** The chunk that begins at `offset`, or at the log start when that is above. */
  private load(offset: number, hasEntries: boolean): EntryChunk | undefined {
    const chunk = this.readChunk(offset, hasEntries);
    if (chunk !== undefined) this.keep(chunk);
    return chunk;
  }

  private keep(chunk: EntryChunk | undefined): void {
    const before = this.chunk?.bytes ?? 0;
    this.chunk = chunk;
    const delta = (chunk?.bytes ?? 0) - before;
    if (delta !== 0) this.onKept(delta);
  }

  /** undefined: the end, or damage before which entries are to be handed out first. */
  private readChunk(offset: number, hasEntries: boolean): EntryChunk | undefined {
    try {
      const read = callNative(() => this.native.readEntries(this.handle, offset, READ_BYTES));
      if (read === null) return undefined;
      const [batches, table] = read;
      const chunk = new TableChunk(batches, table, offset);
      return chunk.end > offset ? chunk : decodeChunk(batches, offset, hasEntries);
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'CORRUPT' && hasEntries) return undefined;
      if (error.code !== 'OUT_OF_RANGE') throw error;
      const { startOffset } = callNative(() => this.native.logInfo(this.handle));
      if (offset >= startOffset) throw error;
      return this.readChunk(startOffset, hasEntries);
    }
  }
}
