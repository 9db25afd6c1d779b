import { RecordBatchError, decodeBatches, encodeBatch } from '@walrusmq/record-batch';
import type { DecodedRecord } from '@walrusmq/record-batch';
import type { LogAppend, PartitionLog } from './partition-log';
import { recordBytesOf } from './record-bytes';
import { StateTable } from './state-table';
import { StorageError } from './storage-error';

/** Largest value of a state log: fits the smallest batch limit that a broker can be given. */
export const STATE_VALUE_BYTES_MAX = 512 << 10;
/** Longest key in UTF-8 bytes. */
export const STATE_KEY_BYTES_MAX = 4096;

const BATCH_BYTES = 256 << 10;
const DEAD_BYTES_MIN = 1 << 20;

/** Sets the value of a key, or takes the key away (`null`). */
export interface StateChange {
  readonly key: string;
  readonly value: Buffer | null;
}

/** What a state log is told about the log below it. */
export interface StateLogOptions {
  /** Records below this offset survive what the instance's schedule says they survive. */
  readonly durableEnd: () => number;
  /** Dead bytes below which nothing is rewritten; default 1 MiB. */
  readonly deadBytesMin?: number;
}

/**
 * A map from keys to values that is kept in a log, and keeps that log short.
 *
 * Every change is a record: key and value, or key and no value. Replay takes the records in order;
 * the last one of a key counts. Once the bytes of records that count no more exceed those that do
 * (and `deadBytesMin`), the oldest records that count are appended again and the log is truncated
 * before the first that still does. No marker says how far that got: at every moment the log holds
 * the last record of each key, so a crash anywhere leaves the same map
 * (docs/design/0006-consumer-groups.md). A record without a value goes with what it took away,
 * because only a prefix is ever cut.
 *
 * Place: `GroupStore` on a log; any other map of the instance that has to survive.
 * Life: `open` replays. Ends with its log; changes fail with CLOSED then.
 * Order: changes take effect in call order.
 *
 * Invariants:
 *  1. The map shows a change only once it is durable by the schedule.
 *  2. Nothing is truncated whose newer copy is not below `durableEnd`.
 *
 * REQUIRES: nobody else appends to the log.
 */
export class StateLog {
  private readonly table: StateTable;
  private readonly deadBytesMin: number;
  /** Keys with changes that have not settled, and how many. */
  private readonly inFlight = new Map<string, number>();
  private lastAppend: Promise<void> = Promise.resolve();
  private isCompacting = false;
  private truncation: { readonly before: number; readonly needsDurable: number } | undefined;

  private constructor(
    private readonly log: PartitionLog,
    private readonly options: StateLogOptions,
  ) {
    this.deadBytesMin = options.deadBytesMin ?? DEAD_BYTES_MIN;
    this.table = new StateTable(log.logStartOffset);
  }

  /**
   * Replays the log, in turns of the event loop.
   *
   * Rejects with StorageError: CORRUPT for records that cannot be read, or have no key (to go on
   * without them could bring back what was changed since), IO, CLOSED.
   */
  static async open(log: PartitionLog, options: StateLogOptions): Promise<StateLog> {
    const opened = new StateLog(log, options);
    await opened.replay();
    return opened;
  }

  /** Keys that have a value. */
  get size(): number {
    return this.table.size;
  }

  /** The value of a key; undefined when it has none. */
  get(key: string): Buffer | undefined {
    return this.table.get(key)?.value;
  }

  /** All keys with their values, the one that was written longest ago first. */
  *entries(): Generator<readonly [key: string, value: Buffer]> {
    for (const [key, { value }] of this.table.entries()) yield [key, value];
  }

  /**
   * Makes all of `changes`, or none; resolves once they are durable by the schedule.
   *
   * Throws, and rejects, with nothing changed: INVALID_INPUT a key or value is too large; BUSY,
   * NO_SPACE, CLOSED. FENCED, IO, CORRUPT: not shown, and may be after a restart.
   */
  async append(changes: readonly StateChange[]): Promise<void> {
    if (changes.length === 0) return;
    for (const change of changes) checkChange(change);
    await this.write(changes);
    this.compactIfDue();
  }

  /** Queues the changes at once; the map has them when the returned promise resolves. */
  private write(changes: readonly StateChange[]): Promise<void> {
    const append = this.log.append(batchesOf(changes));
    for (const { key } of changes) this.inFlight.set(key, (this.inFlight.get(key) ?? 0) + 1);
    const settled = this.settle(append, changes);
    // Whoever made the changes is told; the next pass only waits for the end.
    this.lastAppend = settled.catch(() => undefined);
    return settled;
  }

  private async settle(append: LogAppend, changes: readonly StateChange[]): Promise<void> {
    try {
      await append.synced;
      changes.forEach(({ key, value }, index) => {
        this.table.apply(key, value, append.baseOffset + index);
      });
    } finally {
      for (const { key } of changes) {
        const left = (this.inFlight.get(key) ?? 1) - 1;
        if (left === 0) this.inFlight.delete(key);
        else this.inFlight.set(key, left);
      }
    }
  }

  private compactIfDue(): void {
    const { liveBytes, deadBytes } = this.table;
    const isDue = deadBytes >= Math.max(liveBytes, this.deadBytesMin);
    if (this.isCompacting || (!isDue && this.truncation === undefined)) return;
    this.isCompacting = true;
    const pass = this.truncation === undefined ? this.compact() : this.truncateWhenDurable();
    pass
      .catch((error: unknown) => {
        // The log takes no more for now: whoever appends next is told why, and the pass is made
        // again.
        if (!(error instanceof StorageError)) throw error;
      })
      .finally(() => (this.isCompacting = false));
  }

  /** Appends again what is older than now, then cuts what lies before. */
  private async compact(): Promise<void> {
    const mark = this.table.endOffset;
    this.table.beginPass(mark);
    for (;;) {
      const chunk = this.oldestBelow(mark);
      if (chunk.length > 0) await this.write(chunk);
      else if (this.table.oldestOffset() < mark) await this.lastAppend;
      else break;
    }
    // Appends that have not settled are at the end offset and above.
    const { endOffset } = this.table;
    const before = Math.min(this.table.oldestOffset(), endOffset);
    this.truncation = { before, needsDurable: endOffset };
    await this.truncateWhenDurable();
  }

  private async truncateWhenDurable(): Promise<void> {
    const { truncation } = this;
    if (truncation === undefined || this.options.durableEnd() < truncation.needsDurable) return;
    await this.log.truncate(truncation.before);
    this.truncation = undefined;
    this.table.endPass();
  }

  /** The oldest entries below `mark`, up to a batch of them; none that is being changed. */
  private oldestBelow(mark: number): StateChange[] {
    const chunk: StateChange[] = [];
    let bytes = 0;
    for (const [key, entry] of this.table.entries()) {
      if (entry.offset >= mark || bytes > BATCH_BYTES) break;
      // Its newer value is on its way, and comes after the copy that this would make.
      if (this.inFlight.has(key)) continue;
      chunk.push({ key, value: entry.value });
      bytes += entry.value.length;
    }
    return chunk;
  }

  private async replay(): Promise<void> {
    let next = this.log.logStartOffset;
    for await (const bytes of recordBytesOf(this.log, () => next)) {
      for (const record of recordsIn(bytes)) {
        // The first batch may begin below the log start.
        if (record.offset < next) continue;
        next = record.offset + 1;
        if (record.key === null) {
          throw new StorageError('CORRUPT', `record ${record.offset} of the state log has no key`);
        }
        // A copy: the record is a view of all that was read with it.
        const value = record.value === null ? null : Buffer.from(record.value);
        this.table.apply(record.key.toString(), value, record.offset);
      }
    }
  }
}

function checkChange({ key, value }: StateChange): void {
  const keyBytes = Buffer.byteLength(key);
  if (keyBytes > STATE_KEY_BYTES_MAX) {
    const text = `a key has ${keyBytes} bytes, ${STATE_KEY_BYTES_MAX} is the most`;
    throw new StorageError('INVALID_INPUT', text);
  }
  if (value !== null && value.length > STATE_VALUE_BYTES_MAX) {
    const text = `a value has ${value.length} bytes, ${STATE_VALUE_BYTES_MAX} is the most`;
    throw new StorageError('INVALID_INPUT', text);
  }
}

function batchesOf(changes: readonly StateChange[]): Buffer[] {
  const batches: Buffer[] = [];
  let records: { readonly key: Buffer; readonly value: Buffer | null }[] = [];
  let bytes = 0;
  for (const { key, value } of changes) {
    const record = { key: Buffer.from(key), value };
    const size = record.key.length + (value?.length ?? 0);
    if (bytes > 0 && bytes + size > BATCH_BYTES) {
      batches.push(encodeBatch(records));
      records = [];
      bytes = 0;
    }
    records.push(record);
    bytes += size;
  }
  batches.push(encodeBatch(records));
  return batches;
}

function recordsIn(bytes: Buffer): DecodedRecord[] {
  try {
    return [...decodeBatches(bytes)];
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    throw new StorageError('CORRUPT', `the state log: ${error.message}`, { cause: error });
  }
}
