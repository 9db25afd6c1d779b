import { ProtocolError, type ErrorCode } from '@walrusmq/protocol';
import type {
  ActiveProducer,
  LogAppend,
  PartitionLog,
  ReaderCursor,
  TimestampedOffset,
} from '@walrusmq/storage';
import { measureBatches } from './batch-bytes';
import { ReaderPositions } from './reader-positions';
import { toProtocolError } from './storage-errors';

/** What a partition takes at most; may change under way. */
export interface PartitionLimits {
  batchBytesMax: number;
}

/** Where a partition stands now; offsets as in `PartitionLog`. */
export interface PartitionState {
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly readableEnd: number;
  readonly storedBytes: number;
}

/** An append that the log took: the offsets are final, the promises tell how far it got. */
export interface PartitionAppend {
  readonly baseOffset: number;
  readonly recordCount: number;
  readonly sizeBytes: number;
  /** The log had it before: the offsets are those of then. */
  readonly isDuplicate: boolean;
  /** The timestamp that all records were given; undefined: they keep their own. */
  readonly appendTimeMs?: number | undefined;
  /** @throws {ProtocolError} (both) FENCED, NO_SPACE or UNKNOWN_TOPIC: not acknowledged. */
  readonly written: Promise<void>;
  readonly synced: Promise<void>;
}

/**
 * One partition of a topic: its log, its limits, and who waits for its next records.
 *
 * Place: handlers call it; it calls the `PartitionLog`. It turns storage errors into protocol
 * errors.
 * Life: from the first use of the partition until `close`, when its topic is deleted.
 * Order: appends take effect in call order; nothing here waits before the log has taken one.
 *
 * Invariants:
 *  1. The log is listened to exactly while somebody watches.
 *  2. After `close` every call fails with UNKNOWN_TOPIC.
 */
export class Partition {
  private readonly watchers = new Set<() => void>();
  private stopListening: (() => void) | undefined;
  private closed = false;
  private positions: ReaderPositions | undefined;

  /** @param persistEvery Records that a named reader is given between two saves of its position. */
  constructor(
    readonly topic: string,
    readonly index: number,
    private readonly log: PartitionLog,
    private readonly limits: Readonly<PartitionLimits>,
    private readonly persistEvery = 1,
  ) {}

  /** Whether the topic was deleted. */
  get isClosed(): boolean {
    return this.closed;
  }

  /** Records below it can be read. Costs less than `state`. */
  get readableEnd(): number {
    return this.log.readableEnd;
  }

  /** The lowest offset that can be read. Costs less than `state`. */
  get logStartOffset(): number {
    return this.log.logStartOffset;
  }

  /** Where the partition stands now. */
  get state(): PartitionState {
    const { leaderEpoch, logStartOffset, readableEnd, storedBytes } = this.log;
    return { leaderEpoch, logStartOffset, readableEnd, storedBytes };
  }

  /**
   * Hands whole batches to the log as one atomic call; the offsets are taken when it returns.
   *
   * @param chunks The bytes of the batches, cut anywhere, not joined on their way. The log owns
   *   them until `synced` settles and may stamp them in place.
   * @throws {ProtocolError} Nothing was taken: INVALID_BATCH, CORRUPT_BATCH, RECORD_TOO_LARGE,
   *   BUSY, NO_SPACE, FENCED, UNKNOWN_TOPIC; of an idempotent producer OUT_OF_ORDER_SEQUENCE,
   *   DUPLICATE_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH.
   */
  append(chunks: readonly Buffer[]): PartitionAppend {
    this.requireOpen();
    const sizeBytes = measureBatches(chunks, this.limits.batchBytesMax);
    let taken: LogAppend;
    try {
      taken = this.log.append(chunks);
    } catch (error) {
      throw this.translate(error, 'append');
    }
    return new TakenAppend(taken, sizeBytes, (error) => this.translate(error, 'other'));
  }

  /**
   * Whole batches from `offset` on, at once when they are in memory, else by a promise.
   *
   * @returns Up to `maxBytes`, but at least one batch where there is one; empty at the readable
   *   end, and from there to the end of what was taken: who was told an offset by acks 1 may be
   *   ahead of the sync. The first batch may start below `offset`.
   * @throws {ProtocolError} (or rejects) OFFSET_OUT_OF_RANGE, CORRUPT, BUSY, UNKNOWN_TOPIC.
   */
  read(offset: number, maxBytes: number): Buffer | Promise<Buffer> {
    this.requireOpen();
    try {
      const bytes = this.log.readNow(offset, maxBytes);
      if (bytes !== undefined) return bytes;
    } catch (error) {
      const said = this.translate(error, 'other');
      if (isCode(said, 'OFFSET_OUT_OF_RANGE') && this.hasTaken(offset)) return NO_BYTES;
      throw said;
    }
    return this.translated(this.log.read(offset, maxBytes));
  }

  /**
   * Calls `watcher` after more became readable and when the partition closes.
   *
   * @returns A function that ends it; safe to call from the watcher.
   * @throws {ProtocolError} UNKNOWN_TOPIC.
   */
  watch(watcher: () => void): () => void {
    this.requireOpen();
    this.watchers.add(watcher);
    this.stopListening ??= this.log.onReadable(() => this.notify());
    return () => {
      this.watchers.delete(watcher);
      if (this.watchers.size === 0) this.stopLog();
    };
  }

  /** The first record that is not older than `timestampMs`; rejects with CORRUPT, UNKNOWN_TOPIC. */
  async offsetForTimestamp(timestampMs: number): Promise<TimestampedOffset | undefined> {
    this.requireOpen();
    return this.translated(this.log.offsetForTimestamp(timestampMs));
  }

  /** Where its named readers stand; saved and not yet saved. */
  get readers(): ReaderPositions {
    this.positions ??= new ReaderPositions(this, this.persistEvery);
    return this.positions;
  }

  /** The named readers whose position is not saved; asks without making anything. */
  get unsavedReaders(): readonly ReaderCursor[] {
    return this.positions?.unsaved() ?? [];
  }

  /**
   * The saved position of a named reader, undefined when it has none.
   * @throws {ProtocolError} UNKNOWN_TOPIC.
   */
  cursor(reader: string): number | undefined {
    return this.translatedNow(() => this.log.cursor(reader));
  }

  /**
   * All saved positions, by reader.
   * @throws {ProtocolError} UNKNOWN_TOPIC.
   */
  cursors(): readonly ReaderCursor[] {
    return this.translatedNow(() => this.log.cursors());
  }

  /**
   * Checks that a reader could stand at `offset`: from the log start to the end of what was taken.
   * @throws {ProtocolError} OFFSET_OUT_OF_RANGE, UNKNOWN_TOPIC.
   */
  checkCursor(offset: number): void {
    this.requireOpen();
    if (offset >= this.log.logStartOffset && offset <= this.log.logEndOffset) return;
    throw new ProtocolError(
      'OFFSET_OUT_OF_RANGE',
      `${this.topic}-${this.index}: ${offset} is not from ${this.log.logStartOffset} ` +
        `to ${this.log.logEndOffset}.`,
    );
  }

  /**
   * Saves the position of a named reader; resolves once that is durable by the schedule. Readers
   * that read through the broker are moved by `readers`.
   */
  async commitCursor(reader: string, offset: number): Promise<void> {
    this.requireOpen();
    return this.translated(this.log.commitCursor(reader, offset));
  }

  /** Forgets the saved position of a named reader; as `commitCursor`. */
  async deleteCursor(reader: string): Promise<void> {
    this.requireOpen();
    return this.translated(this.log.deleteCursor(reader));
  }

  /**
   * The idempotent producers that the log remembers, the one that appended longest ago first.
   * @throws {ProtocolError} UNKNOWN_TOPIC.
   */
  activeProducers(): readonly ActiveProducer[] {
    return this.translatedNow(() => this.log.activeProducers());
  }

  /**
   * Lets go of the records before an offset; they cannot be read any more once this resolves, and
   * that is durable in every schedule. An offset at or below the log start changes nothing.
   *
   * Rejects with OFFSET_OUT_OF_RANGE above the readable end, CORRUPT when the log is damaged,
   * NO_SPACE, FENCED or UNKNOWN_TOPIC.
   */
  async truncate(beforeOffset: number): Promise<void> {
    this.requireOpen();
    return this.translated(this.log.truncate(beforeOffset));
  }

  /** Ends the partition and wakes every watcher. Idempotent. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopLog();
    this.notify();
    this.watchers.clear();
  }

  private hasTaken(offset: number): boolean {
    const { logStartOffset, logEndOffset } = this.log;
    return offset >= logStartOffset && offset <= logEndOffset;
  }

  private notify(): void {
    // Watchers end themselves while they are called; a Set allows that.
    for (const watcher of this.watchers) watcher();
  }

  private stopLog(): void {
    this.stopListening?.();
    this.stopListening = undefined;
  }

  private requireOpen(): void {
    if (this.closed) throw new ProtocolError('UNKNOWN_TOPIC', `${this.topic} was deleted.`);
  }

  private translatedNow<Value>(call: () => Value): Value {
    this.requireOpen();
    try {
      return call();
    } catch (error) {
      throw this.translate(error, 'other');
    }
  }

  private async translated<Value>(promise: Promise<Value>): Promise<Value> {
    try {
      return await promise;
    } catch (error) {
      throw this.translate(error, 'other');
    }
  }

  private translate(error: unknown, during: 'append' | 'other'): unknown {
    // The log of a deleted topic is CLOSED, which would read as a broker that stops.
    if (this.closed) return new ProtocolError('UNKNOWN_TOPIC', `${this.topic} was deleted.`);
    return toProtocolError(error, during);
  }
}

const NO_BYTES = Buffer.alloc(0);

function isCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof ProtocolError && error.code === code;
}

/** Adds the size to what the log took, and the protocol's errors to its promises when asked for. */
class TakenAppend implements PartitionAppend {
  constructor(
    private readonly taken: LogAppend,
    readonly sizeBytes: number,
    private readonly translate: (error: unknown) => unknown,
  ) {}

  get baseOffset(): number {
    return this.taken.baseOffset;
  }

  get recordCount(): number {
    return this.taken.recordCount;
  }

  get isDuplicate(): boolean {
    return this.taken.isDuplicate;
  }

  get appendTimeMs(): number | undefined {
    return this.taken.appendTimeMs;
  }

  get written(): Promise<void> {
    return this.observe(this.taken.written);
  }

  get synced(): Promise<void> {
    return this.observe(this.taken.synced);
  }

  private observe(settled: Promise<void>): Promise<void> {
    return settled.catch((error: unknown) => {
      throw this.translate(error);
    });
  }
}
