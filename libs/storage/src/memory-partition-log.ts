import {
  RecordBatchError,
  batchHeaders,
  checkBatch,
  crc32c,
  decodeBatch,
} from '@walrusmq/record-batch';
import type { BatchHeader } from '@walrusmq/record-batch';
import type { LogSettings, RetentionLimits } from './instance-storage';
import { checkReader, checkWholeNumber } from './log-id';
import { MemoryProducers } from './memory-producers';
import type {
  ActiveProducer,
  LogId,
  PartitionLog,
  ReaderCursor,
  TimestampedOffset,
} from './partition-log';
import { PendingAppend } from './pending-append';
import { ReadableListeners } from './readable-listeners';
import { StorageError } from './storage-error';

const BASE_OFFSET_POSITION = 0;
const LEADER_EPOCH_POSITION = 12;
const CRC_POSITION = 17;
const ATTRIBUTES_POSITION = 21;
const MAX_TIMESTAMP_POSITION = 35;
const LOG_APPEND_TIME_BIT = 8;
const NO_TIMESTAMP = -1;

interface StoredBatch {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly maxTimestamp: number;
  readonly isCompressed: boolean;
  readonly bytes: Buffer;
}

/** Runs `settle` later, after what earlier calls handed in, as a commit thread would. */
export type MemoryCommit = (settle: () => void) => void;

/**
 * A partition log that forgets everything with the process; for tests.
 *
 * It copies what it is given, never settles inside a call, and keeps the contract of `PartitionLog`
 * (partition-log.contract.ts holds it to that). It has no bound but the memory.
 */
export class MemoryPartitionLog implements PartitionLog {
  readonly leaderEpoch = 0;
  logStartOffset = 0;
  readableEnd = 0;
  logEndOffset = 0;
  readonly producers = new MemoryProducers();
  private isClosed = false;
  private batches: StoredBatch[] = [];
  private settings: LogSettings = { logAppendTime: false, segmentMs: 0 };
  private readonly offsets = new Map<string, number>();
  private readonly listeners = new ReadableListeners();

  constructor(
    readonly id: LogId,
    private readonly commit: MemoryCommit,
  ) {}

  get storedBytes(): number {
    return this.batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
  }

  append(chunks: readonly Buffer[]): PendingAppend {
    this.checkOpen();
    const appendTimeMs = this.settings.logAppendTime ? Date.now() : undefined;
    const batches = this.stamp(Buffer.concat(chunks), appendTimeMs);
    const call = MemoryProducers.callOf(batches.map(({ bytes }) => bytes));
    const baseOffset = this.logEndOffset;
    const endOffset = Math.max(...batches.map((batch) => batch.endOffset));
    const original = call && this.producers.originalOf(call);
    if (original !== undefined) {
      const duplicate = new PendingAppend(original, endOffset - baseOffset, true);
      this.commit(() => duplicate.settleSynced());
      return duplicate;
    }
    if (call !== undefined) this.producers.remember(call, baseOffset);
    this.logEndOffset = endOffset;
    const pending = new PendingAppend(baseOffset, endOffset - baseOffset, false, appendTimeMs);
    this.commit(() => {
      this.batches.push(...batches);
      this.readableEnd = endOffset;
      pending.settleSynced();
      this.listeners.notify(this.readableEnd);
    });
    return pending;
  }

  readNow(offset: number, maxBytes: number): Buffer {
    this.checkOpen();
    checkWholeNumber('offset', offset);
    checkWholeNumber('maxBytes', maxBytes);
    if (offset < this.logStartOffset || offset > this.readableEnd) {
      const range = `${this.logStartOffset} to ${this.readableEnd}`;
      throw new StorageError('OUT_OF_RANGE', `offset ${offset} is not in ${range}`);
    }
    const taken: Buffer[] = [];
    let size = 0;
    for (const { bytes } of this.batches.slice(this.firstBatchEndingAbove(offset))) {
      if (taken.length > 0 && size + bytes.length > maxBytes) break;
      taken.push(bytes);
      size += bytes.length;
    }
    return Buffer.concat(taken);
  }

  async read(offset: number, maxBytes: number): Promise<Buffer> {
    return Promise.resolve(this.readNow(offset, maxBytes));
  }

  onReadable(listener: (readableEnd: number) => void): () => void {
    return this.listeners.add(listener);
  }

  async offsetForTimestamp(timestampMs: number): Promise<TimestampedOffset | undefined> {
    this.checkOpen();
    checkWholeNumber('timestampMs', timestampMs);
    for (const batch of this.batches) {
      if (batch.maxTimestamp < timestampMs || batch.endOffset <= this.logStartOffset) continue;
      if (batch.isCompressed) return { offset: batch.baseOffset, timestamp: batch.maxTimestamp };
      const found = decodeBatch(batch.bytes).records.find(
        (record) => record.timestamp >= timestampMs && record.offset >= this.logStartOffset,
      );
      if (found) return Promise.resolve({ offset: found.offset, timestamp: found.timestamp });
    }
    return undefined;
  }

  cursor(reader: string): number | undefined {
    this.checkOpen();
    return this.offsets.get(reader);
  }

  async commitCursor(reader: string, offset: number): Promise<void> {
    this.checkOpen();
    checkReader(reader);
    checkWholeNumber('offset', offset);
    await this.committed(() => this.offsets.set(reader, offset));
  }

  async deleteCursor(reader: string): Promise<void> {
    this.checkOpen();
    checkReader(reader);
    await this.committed(() => this.offsets.delete(reader));
  }

  cursors(): readonly ReaderCursor[] {
    this.checkOpen();
    const cursors = [...this.offsets].map(([reader, offset]) => ({ reader, offset }));
    return cursors.sort((a, b) => Buffer.compare(Buffer.from(a.reader), Buffer.from(b.reader)));
  }

  activeProducers(): readonly ActiveProducer[] {
    this.checkOpen();
    return this.producers.list();
  }

  async truncate(beforeOffset: number): Promise<void> {
    this.checkOpen();
    checkWholeNumber('beforeOffset', beforeOffset);
    if (beforeOffset > this.readableEnd) {
      const message = `beforeOffset ${beforeOffset} is above the readable end ${this.readableEnd}`;
      throw new StorageError('OUT_OF_RANGE', message);
    }
    this.logStartOffset = Math.max(this.logStartOffset, beforeOffset);
    this.batches = this.batches.slice(this.firstBatchEndingAbove(this.logStartOffset));
    return Promise.resolve();
  }

  /** Ends the log: every later call fails with CLOSED. What was accepted still settles. */
  close(): void {
    this.isClosed = true;
  }

  /** For later appends; there are no blocks that could age. */
  configure(settings: LogSettings): void {
    this.settings = settings;
  }

  /** As `InstanceStorage.findExpired`, with each batch for a block. */
  expiredBelow({ oldestMs, bytesMax, consumedBelow = 0 }: RetentionLimits): number {
    let left = this.storedBytes;
    let below = this.logStartOffset;
    let isSizeDone = false;
    for (const { endOffset, maxTimestamp, bytes } of this.batches) {
      left -= bytes.length;
      isSizeDone ||= bytesMax === undefined || left < bytesMax;
      const isOld = oldestMs !== undefined && maxTimestamp < oldestMs;
      const isAgeless = oldestMs !== undefined && maxTimestamp === NO_TIMESTAMP;
      const isPassed = endOffset <= consumedBelow;
      if (isAgeless && isSizeDone && !isPassed) continue;
      if (isSizeDone && !isOld && !isPassed) break;
      below = Math.max(below, endOffset);
    }
    return below;
  }

  private committed(change: () => unknown): Promise<void> {
    return new Promise((resolve) => {
      this.commit(() => {
        change();
        resolve();
      });
    });
  }

  private stamp(bytes: Buffer, appendTimeMs: number | undefined): StoredBatch[] {
    const batches: StoredBatch[] = [];
    let baseOffset = this.logEndOffset;
    for (const { header, position } of checkedBatches(bytes)) {
      const batch = bytes.subarray(position, position + header.sizeBytes);
      batch.writeBigInt64BE(BigInt(baseOffset), BASE_OFFSET_POSITION);
      batch.writeInt32BE(this.leaderEpoch, LEADER_EPOCH_POSITION);
      if (appendTimeMs !== undefined) stampTime(batch, appendTimeMs);
      const endOffset = baseOffset + header.recordCount;
      const isCompressed = header.compression !== 'none';
      const maxTimestamp = appendTimeMs ?? header.maxTimestamp;
      batches.push({ baseOffset, endOffset, maxTimestamp, isCompressed, bytes: batch });
      baseOffset = endOffset;
    }
    if (batches.length > 0) return batches;
    throw new StorageError('INVALID_INPUT', 'an append needs at least one record batch');
  }

  private firstBatchEndingAbove(offset: number): number {
    let low = 0;
    let high = this.batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.batches[middle] as StoredBatch).endOffset > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private checkOpen(): void {
    if (this.isClosed) throw new StorageError('CLOSED', 'the log is closed');
  }
}

/** Sets the type bit and the batch's timestamp, and the checksum that covers them. */
function stampTime(batch: Buffer, timeMs: number): void {
  const attributes = batch.readInt16BE(ATTRIBUTES_POSITION);
  batch.writeInt16BE(attributes | LOG_APPEND_TIME_BIT, ATTRIBUTES_POSITION);
  batch.writeBigInt64BE(BigInt(timeMs), MAX_TIMESTAMP_POSITION);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES_POSITION), CRC_POSITION);
}

/** Headers of the whole batches in `bytes`, all of them checked before the first is handed out. */
function checkedBatches(bytes: Buffer): { header: BatchHeader; position: number }[] {
  try {
    const batches = [...batchHeaders(bytes)];
    for (const { position } of batches) {
      const { recordCount, lastOffsetDelta } = checkBatch(bytes, position);
      if (recordCount > 0 && lastOffsetDelta === recordCount - 1) continue;
      const counts = `${recordCount} records and the last offset delta ${lastOffsetDelta}`;
      throw new StorageError('INVALID_INPUT', `batch at byte ${position} has ${counts}`);
    }
    return batches;
  } catch (error) {
    if (!(error instanceof RecordBatchError)) throw error;
    const code = error.code === 'BAD_CRC' ? 'CORRUPT' : 'INVALID_INPUT';
    throw new StorageError(code, error.message, { cause: error });
  }
}
