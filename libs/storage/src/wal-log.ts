import type { AppendRoom } from './append-room';
import { checkReader, checkWholeNumber } from './log-id';
import { awaitNative, callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import type {
  ActiveProducer,
  LogAppend,
  LogId,
  PartitionLog,
  ReaderCursor,
  TimestampedOffset,
} from './partition-log';
import { PendingAppend } from './pending-append';
import { ReadableListeners } from './readable-listeners';
import type { SettlementQueue, SettlingLog } from './settlement-queue';

// Where the addon's `logState` holds what.
const START_OFFSET = 0;
const NEXT_OFFSET = 2;
const STORED_BYTES = 3;
const LEADER_EPOCH = 4;

/** Of each producer in what the addon's `listProducers` answers. */
const NUMBERS_PER_PRODUCER = 4;

/** What the addon says of the append before. */
type LastAppend = readonly [
  baseOffset: number,
  recordCount: number,
  duplicate: number,
  appendTimeMs: number,
];

/**
 * A partition log on the native write-ahead log.
 *
 * Place: the broker's partition calls it; it calls the addon.
 * Life: from `InstanceStorage.log` until its topic's logs are deleted or the instance is closed;
 * every call fails with CLOSED after that.
 */
export class WalLog implements PartitionLog, SettlingLog {
  private readonly listeners = new ReadableListeners();
  private readonly lastAppend: Float64Array;
  private knownReadableEnd: number;

  /**
   * @param handle The log's handle in `native`.
   * @param room Has to have room for each append; undefined for a log of the instance's own.
   */
  constructor(
    readonly id: LogId,
    private readonly native: NativeWal,
    readonly handle: number,
    private readonly settlements: SettlementQueue,
    private readonly room?: AppendRoom,
  ) {
    this.lastAppend = native.lastAppend;
    this.knownReadableEnd = native.readableEnd(handle);
  }

  get logStartOffset(): number {
    return this.state(START_OFFSET);
  }

  get readableEnd(): number {
    return this.knownReadableEnd;
  }

  get logEndOffset(): number {
    return this.state(NEXT_OFFSET);
  }

  get leaderEpoch(): number {
    return this.state(LEADER_EPOCH);
  }

  get storedBytes(): number {
    return this.state(STORED_BYTES);
  }

  append(batches: readonly Buffer[]): LogAppend {
    const sizeBytes = this.room === undefined ? 0 : lengthOf(batches);
    this.room?.require(sizeBytes);
    const baseOffset = callNative(() => this.native.append(this.handle, batches));
    const [, recordCount, duplicate, timeMs] = this.lastAppend as unknown as LastAppend;
    const appendTimeMs = timeMs === -1 ? undefined : timeMs;
    const pending = new PendingAppend(baseOffset, recordCount, duplicate === 1, appendTimeMs);
    this.settlements.push(pending, this);
    if (duplicate !== 1) this.room?.take(sizeBytes);
    return pending;
  }

  readNow(offset: number, maxBytes: number): Buffer | undefined {
    const bytes = callNative(() => this.native.readNow(this.handle, offset, maxBytes));
    if (bytes === null) return undefined;
    this.noteRead(bytes);
    return bytes;
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    const bytes = await awaitNative(() => this.native.read(this.handle, offset, maxBytes));
    this.noteRead(bytes);
    return bytes;
  }

  onReadable(listener: (readableEnd: number) => void): () => void {
    return this.listeners.add(listener);
  }

  async offsetForTimestamp(timestampMs: number): Promise<TimestampedOffset | undefined> {
    const found = await awaitNative(() => this.native.offsetForTimestamp(this.handle, timestampMs));
    return found ?? undefined;
  }

  cursor(reader: string): number | undefined {
    return callNative(() => this.native.cursor(this.handle, reader)) ?? undefined;
  }

  async commitCursor(reader: string, offset: number): Promise<void> {
    checkReader(reader);
    checkWholeNumber('offset', offset);
    callNative(() => {
      this.native.commitCursor(this.handle, reader, offset);
    });
    const pending = new PendingAppend(offset, 0);
    this.settlements.push(pending);
    await pending.synced;
  }

  async deleteCursor(reader: string): Promise<void> {
    checkReader(reader);
    callNative(() => {
      this.native.deleteCursor(this.handle, reader);
    });
    const pending = new PendingAppend(0, 0);
    this.settlements.push(pending);
    await pending.synced;
  }

  cursors(): readonly ReaderCursor[] {
    return callNative(() => this.native.listCursors(this.handle));
  }

  activeProducers(): readonly ActiveProducer[] {
    const numbers = callNative(() => this.native.listProducers(this.handle));
    const producers: ActiveProducer[] = [];
    for (let at = 0; at < numbers.length; at += NUMBERS_PER_PRODUCER) {
      const [producerId, epoch, lastSequence, lastAppendMs] = numbers.subarray(at) as unknown as [
        number,
        number,
        number,
        number,
      ];
      producers.push({ producerId, epoch, lastSequence, lastAppendMs });
    }
    return producers;
  }

  async truncate(beforeOffset: number): Promise<void> {
    await awaitNative(() => this.native.truncate(this.handle, beforeOffset));
  }

  advanceReadable(endOffset: number): void {
    if (endOffset > this.knownReadableEnd) this.knownReadableEnd = endOffset;
  }

  announceReadable(): void {
    this.listeners.notify(this.knownReadableEnd);
  }

  /**
   * The engine may have made records readable that this thread has not been told of yet; what a
   * read returned is below `readableEnd` all the same.
   */
  private noteRead(bytes: Buffer): void {
    if (bytes.length > 0) this.advanceReadable(this.native.readableEnd(this.handle));
  }

  /** One number of the log's state now. */
  private state(index: number): number {
    callNative(() => {
      this.native.loadLogState(this.handle);
    });
    return this.native.logState[index] as number;
  }
}

function lengthOf(chunks: readonly Buffer[]): number {
  let bytes = 0;
  for (const chunk of chunks) bytes += chunk.length;
  return bytes;
}
