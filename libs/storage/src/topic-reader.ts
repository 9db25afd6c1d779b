import { RecordBatchError, batchHeaders, decodeBatch } from '@walrusmq/record-batch';
import type { DecodedRecord } from '@walrusmq/record-batch';
import { callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import { StorageError } from './storage-error';

/** The seed's one cursor per topic. No reader of the broker can have this name. */
export const DEFAULT_READER = '$default';

/** Most entries of one batch append or batch read. */
export const BATCH_ENTRIES_MAX = 2000;

const READ_BYTES = 64 << 10;
const NO_RECORDS: readonly DecodedRecord[] = [];

/** Decoded records and the first of them that was not handed out. */
interface Position {
  readonly records: readonly DecodedRecord[];
  readonly index: number;
  /** Offset of the next entry. */
  readonly offset: number;
  readonly bytes: number;
}

/**
 * The default reader of one topic: its cursor, and the entries decoded around it.
 *
 * Entries are decoded once for as long as they are kept, so n reads of one batch cost O(n).
 *
 * Invariants:
 *  1. What is handed out with a checkpoint lies below the saved cursor, or fewer than
 *     `persistEvery` entries have been handed out since it was saved.
 *  2. When saving fails the entry is not handed out, and the next read gets it.
 */
export class TopicReader {
  private position: Position;
  private unsavedCount = 0;

  /** @param persistEvery Entries between two saves of the cursor; 1: before each is handed out. */
  constructor(
    private readonly native: NativeWal,
    private readonly handle: number,
    private readonly persistEvery: number,
  ) {
    const saved = callNative(() => native.cursor(handle, DEFAULT_READER));
    const offset = saved ?? callNative(() => native.logInfo(handle)).startOffset;
    this.position = { records: NO_RECORDS, index: 0, offset, bytes: 0 };
  }

  /** Encoded size of what is kept decoded. */
  get keptBytes(): number {
    return this.position.bytes;
  }

  /** Drops the decoded entries; the cursor stays. */
  forget(): void {
    this.position = { records: NO_RECORDS, index: 0, offset: this.position.offset, bytes: 0 };
  }

  /**
   * The next entries, up to `maxBytes` of payload or `maxCount`, whichever comes first; the first
   * one always. With `checkpoint` the cursor moves past them.
   * @throws {StorageError} CORRUPT at a damaged batch, once the entries before it were read;
   * FENCED,
   *   NO_SPACE, IO when the cursor could not be saved; CLOSED. The cursor has not moved.
   */
  read(maxBytes: number, maxCount: number, checkpoint: boolean): DecodedRecord[] {
    const taken: DecodedRecord[] = [];
    let bytes = 0;
    let at = this.position;
    while (taken.length < maxCount) {
      if (at.index === at.records.length) {
        const next = this.advance(at, taken.length > 0);
        if (next === undefined) break;
        if (taken.length === 0) this.position = next;
        at = next;
        continue;
      }
      const record = at.records[at.index] as DecodedRecord;
      bytes += record.value?.length ?? 0;
      if (taken.length > 0 && bytes > maxBytes) break;
      taken.push(record);
      at = { ...at, index: at.index + 1, offset: record.offset + 1 };
    }
    if (checkpoint && taken.length > 0) this.moveTo(at, taken.length);
    return taken;
  }

  /**
   * Saves the cursor if it has moved since it was saved last.
   * @throws {StorageError} It was not saved; a restart hands the entries out again.
   */
  save(): void {
    if (this.unsavedCount > 0) this.saveAt(this.position.offset);
    this.unsavedCount = 0;
  }

  private moveTo(position: Position, count: number): void {
    if (this.unsavedCount + count >= this.persistEvery) {
      this.saveAt(position.offset);
      this.unsavedCount = 0;
    } else {
      this.unsavedCount += count;
    }
    this.position = position;
  }

  private saveAt(offset: number): void {
    callNative(() => {
      this.native.commitCursorSync(this.handle, DEFAULT_READER, offset);
    });
  }

  /** The records from `at.offset` on; undefined at the readable end. */
  private advance(at: Position, hasEntries: boolean): Position | undefined {
    let { offset } = at;
    for (;;) {
      const bytes = this.readBytes(offset, hasEntries);
      if (bytes === 'log start moved') {
        offset = callNative(() => this.native.logInfo(this.handle)).startOffset;
        continue;
      }
      if (bytes === undefined || bytes.length === 0) return undefined;
      const records: DecodedRecord[] = [];
      let end = offset;
      for (const { header, position } of batchHeaders(bytes)) {
        const decoded = decodeOrStop(bytes, position, hasEntries || records.length > 0);
        if (decoded === undefined) break;
        for (const record of decoded) if (record.offset >= offset) records.push(record);
        end = header.lastOffset + 1;
      }
      if (records.length > 0) return { records, index: 0, offset, bytes: bytes.length };
      if (end === offset) return undefined;
      offset = end;
    }
  }

  /** undefined: damaged, but entries before the damage are to be handed out first. */
  private readBytes(offset: number, hasEntries: boolean): Buffer | 'log start moved' | undefined {
    try {
      return callNative(() => this.native.readSync(this.handle, offset, READ_BYTES));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      if (error.code === 'CORRUPT' && hasEntries) return undefined;
      if (error.code !== 'OUT_OF_RANGE') throw error;
      // Above the end, and not below the start, a cursor cannot be moved to anything sensible.
      const { startOffset } = callNative(() => this.native.logInfo(this.handle));
      if (offset >= startOffset) throw error;
      return 'log start moved';
    }
  }
}

/**
 * The records of one batch; undefined when they cannot be decoded and entries before them are to be
 * handed out first. A producer can send a batch whose checksum is right and whose records are not.
 * @throws {StorageError} CORRUPT when nothing is before them.
 */
function decodeOrStop(
  bytes: Buffer,
  position: number,
  hasEntries: boolean,
): readonly DecodedRecord[] | undefined {
  try {
    return decodeBatch(bytes, position).records;
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    if (hasEntries) return undefined;
    throw new StorageError('CORRUPT', error.message, { cause: error });
  }
}
