// What threads have done so far, in memory that they share with the thread that watches.
const STRIDE = 16;
const APPENDS = 0;
const WRITTEN_ENTRIES = 1;
const WRITTEN_BYTES = 2;
const READ_ENTRIES = 3;
const READ_BYTES = 4;

/** Sums over all threads; bytes of payload. */
export interface Totals {
  /** Calls: single appends, or batches. */
  readonly appends: number;
  readonly writtenEntries: number;
  readonly writtenBytes: number;
  readonly readEntries: number;
  readonly readBytes: number;
}

/**
 * Counters of one thread.
 *
 * Threads: one thread counts; any may sum. An aligned 64-bit store is whole on every processor that
 * Node runs on, and a sum that is a few entries behind does no harm.
 */
export class Tally {
  private readonly counts: Float64Array;

  constructor(memory: SharedArrayBuffer, thread: number) {
    this.counts = new Float64Array(memory, thread * STRIDE * 8, STRIDE);
  }

  /** Payload written so far, in bytes. */
  get writtenBytes(): number {
    return this.counts[WRITTEN_BYTES] ?? 0;
  }

  /** Counts one append of so many entries and bytes. */
  countAppend(entries: number, bytes: number): void {
    const { counts } = this;
    counts[APPENDS] = (counts[APPENDS] ?? 0) + 1;
    counts[WRITTEN_ENTRIES] = (counts[WRITTEN_ENTRIES] ?? 0) + entries;
    counts[WRITTEN_BYTES] = (counts[WRITTEN_BYTES] ?? 0) + bytes;
  }

  /** Counts one entry that was read. */
  countRead(bytes: number): void {
    const { counts } = this;
    counts[READ_ENTRIES] = (counts[READ_ENTRIES] ?? 0) + 1;
    counts[READ_BYTES] = (counts[READ_BYTES] ?? 0) + bytes;
  }
}

/** Memory for the tallies of so many threads, all zero. */
export function tallyMemory(threads: number): SharedArrayBuffer {
  return new SharedArrayBuffer(threads * STRIDE * 8);
}

/** The sums of all threads at this moment. */
export function sumTallies(memory: SharedArrayBuffer): Totals {
  const counts = new Float64Array(memory);
  const sum = (field: number): number => {
    let total = 0;
    for (let at = field; at < counts.length; at += STRIDE) total += counts[at] ?? 0;
    return total;
  };
  return {
    appends: sum(APPENDS),
    writtenEntries: sum(WRITTEN_ENTRIES),
    writtenBytes: sum(WRITTEN_BYTES),
    readEntries: sum(READ_ENTRIES),
    readBytes: sum(READ_BYTES),
  };
}
