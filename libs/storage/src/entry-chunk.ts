// Pieces of a log with the entries in them.
import { RecordBatchError, batchHeaders, decodeBatch } from '@walrusmq/record-batch';
import type { DecodedRecord } from '@walrusmq/record-batch';
import { StorageError } from './storage-error';
import type { StoredEntry } from './walrus-options';

/** Numbers per entry in the addon's table: offset, timestamp, position and length of its value. */
const NUMBERS_PER_ENTRY = 4;
const NO_BYTES = Buffer.alloc(0);

/** Entries that lie one after another. */
export interface EntryChunk {
  /** The offsets that it covers: those of its entries, and of what held none (control batches). */
  readonly start: number;
  readonly end: number;
  /** How many entries there are. */
  readonly count: number;
  /** Encoded size. */
  readonly bytes: number;
  offsetAt(index: number): number;
  /** Payload bytes. */
  lengthAt(index: number): number;
  entryAt(index: number): StoredEntry;
}

/** Uncompressed entries, cut out of the log's bytes one by one as they are asked for. */
export class TableChunk implements EntryChunk {
  readonly end: number;
  readonly count: number;

  /** @param table As the addon's `readEntries` gives it for an offset of `start`. */
  constructor(
    private readonly batches: Buffer,
    private readonly table: Float64Array,
    readonly start: number,
  ) {
    this.end = table[table.length - 1] as number;
    this.count = (table.length - 1) / NUMBERS_PER_ENTRY;
  }

  /** Encoded size. */
  get bytes(): number {
    return this.batches.length;
  }

  /** The offset of an entry. */
  offsetAt(index: number): number {
    return this.table[index * NUMBERS_PER_ENTRY] as number;
  }

  /** The payload bytes of an entry. */
  lengthAt(index: number): number {
    return this.table[index * NUMBERS_PER_ENTRY + 3] as number;
  }

  /** An entry; its bytes are a view of the log's. */
  entryAt(index: number): StoredEntry {
    const { table } = this;
    const at = index * NUMBERS_PER_ENTRY;
    const position = table[at + 2] as number;
    return {
      data: this.batches.subarray(position, position + (table[at + 3] as number)),
      offset: table[at] as number,
      timestampMs: table[at + 1] as number,
    };
  }
}

/** Entries that had to be decoded here: compressed ones. */
export class DecodedChunk implements EntryChunk {
  constructor(
    private readonly records: readonly DecodedRecord[],
    readonly start: number,
    readonly end: number,
    readonly bytes: number,
  ) {}

  /** How many entries there are. */
  get count(): number {
    return this.records.length;
  }

  /** The offset of an entry. */
  offsetAt(index: number): number {
    return this.recordAt(index).offset;
  }

  /** The payload bytes of an entry. */
  lengthAt(index: number): number {
    return this.recordAt(index).value?.length ?? 0;
  }

  /** An entry; a record without a value is an empty one. */
  entryAt(index: number): StoredEntry {
    const { value, offset, timestamp } = this.recordAt(index);
    return { data: value ?? NO_BYTES, offset, timestampMs: timestamp };
  }

  private recordAt(index: number): DecodedRecord {
    return this.records[index] as DecodedRecord;
  }
}

/** The first entry of the chunk at or above `offset`; its count when there is none. */
export function indexIn(chunk: EntryChunk, offset: number): number {
  if (chunk.count === 0) return 0;
  // Offsets are dense but where records were removed.
  const guess = Math.min(Math.max(offset - chunk.offsetAt(0), 0), chunk.count);
  if (guess < chunk.count && chunk.offsetAt(guess) === offset) return guess;
  let [low, high] = [0, guess];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (chunk.offsetAt(middle) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The batches decoded from `from` on; those from one on that cannot be are left out, and undefined
 * when that is the first. A producer can send a batch whose checksum is right and whose records are
 * not.
 * @param batches Whole ones, the first of which holds `from`.
 * @throws {StorageError} CORRUPT when that is the first, unless `isSilent`.
 */
export function decodeChunk(
  batches: Buffer,
  from: number,
  isSilent: boolean,
): EntryChunk | undefined {
  const records: DecodedRecord[] = [];
  let end = from;
  for (const { header, position } of batchHeaders(batches)) {
    try {
      // Control batches carry no entries of anybody.
      const found = header.isControl ? [] : decodeBatch(batches, position).records;
      for (const record of found) if (record.offset >= from) records.push(record);
    } catch (error) {
      if (!(error instanceof RecordBatchError)) throw error;
      if (end > from || isSilent) break;
      throw new StorageError('CORRUPT', error.message, { cause: error });
    }
    end = header.lastOffset + 1;
  }
  return end === from ? undefined : new DecodedChunk(records, from, end, batches.length);
}
