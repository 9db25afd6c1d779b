// The batches of one partition, from the first record to the broker's answer, in order.
import { BatchBuilder, type Compression, type RecordHeader } from '@walrusmq/record-batch';
import { Backoff, type BackoffOptions } from './backoff';
import { PartitionSequences } from './partition-sequences';
import { ProducerBatch } from './producer-batch';
import type { ProducerIdentities } from './producer-identity';

/** A record as bytes. One mutable object is used again and again, so that a send allocates none. */
export interface EncodedRecord {
  key: Buffer | null;
  value: Buffer | null;
  headers: readonly RecordHeader[] | undefined;
  timestamp: number;
}

/** What a queue is built with. */
export interface PartitionQueueOptions {
  readonly batchBytes: number;
  readonly compression: Compression;
  readonly compressionLevel: number | undefined;
  readonly maxInFlight: number;
  /** Undefined: the producer is not idempotent. */
  readonly identities: ProducerIdentities | undefined;
  readonly backoff: BackoffOptions;
  /** Called when a batch was closed. */
  readonly onClosed: () => void;
}

/**
 * The batches of one partition.
 *
 * Order: batches leave in the order in which they were closed. After a failure that may pass
 * nothing more leaves until every batch in flight has its outcome; then the failed ones go again,
 * before all later ones, one at a time until one succeeds.
 *
 * Invariants:
 *  (1) `closed` holds the batches without an outcome, oldest first; those in flight are a prefix of
 *      it while nothing has failed.
 *  (2) At most `maxInFlight` are in flight.
 *  (3) An open batch that is not full leaves only while nothing is in flight: records gather
 *      meanwhile, so load makes batches larger instead of requests more.
 */
export class PartitionQueue {
  private builder: BatchBuilder;
  /** What `builder` keeps to. */
  private builderBytes: number;
  private batchBytes: number;
  private readonly backoff: Backoff;
  private readonly closed: ProducerBatch[] = [];
  private openBatch: ProducerBatch | undefined;
  private inFlightCount = 0;
  private recovering = false;
  private notBeforeMs = 0;
  /** Undefined: the producer is not idempotent. */
  readonly sequences: PartitionSequences | undefined;
  /** When the open batch has lingered long enough. */
  lingerUntilMs = 0;
  /** Wakes the queue up after lingering or backoff; its owner sets and clears it. */
  timer: NodeJS.Timeout | undefined;
  /** Whether its owner has planned to look at it in this tick. */
  planned = false;

  constructor(
    readonly topic: string,
    readonly partition: number,
    private readonly options: PartitionQueueOptions,
  ) {
    this.batchBytes = options.batchBytes;
    this.builderBytes = options.batchBytes;
    this.builder = this.newBuilder(options.batchBytes);
    this.backoff = new Backoff(options.backoff);
    const { identities } = options;
    this.sequences = identities && new PartitionSequences(identities);
  }

  /** Whether it holds no record. */
  get idle(): boolean {
    return this.openBatch === undefined && this.closed.length === 0;
  }

  /** The batch whose delivery timeout ends first: the oldest one. */
  get oldest(): ProducerBatch | undefined {
    return this.closed[0] ?? this.openBatch;
  }

  /** Batches without an outcome, oldest first, the open one last. */
  unsettled(): readonly ProducerBatch[] {
    return this.openBatch === undefined ? this.closed : [...this.closed, this.openBatch];
  }

  /**
   * Adds a record to the open batch.
   *
   * @returns The batch it went into; undefined when there is none or it is full.
   * @throws {RecordBatchError} The record can be in no batch. Nothing is added.
   */
  append(record: EncodedRecord): ProducerBatch | undefined {
    if (this.openBatch === undefined) return undefined;
    const before = this.builder.sizeBytes;
    if (!this.builder.append(record)) return undefined;
    this.openBatch.addedBytes = this.builder.sizeBytes - before;
    return this.openBatch;
  }

  /**
   * Opens a batch with its first record, which may be larger than `batchBytes`.
   * REQUIRES: no batch is open.
   *
   * @throws {RecordBatchError} The record can be in no batch. None is open.
   */
  openWith(record: EncodedRecord, deadlineMs: number): ProducerBatch {
    if (this.builderBytes !== this.batchBytes) {
      this.builderBytes = this.batchBytes;
      this.builder = this.newBuilder(this.batchBytes);
    }
    this.builder.append(record);
    const batch = new ProducerBatch(this.topic, this.partition, deadlineMs);
    batch.addedBytes = this.builder.sizeBytes;
    this.openBatch = batch;
    return batch;
  }

  /** Closes the open batch; it is the last to leave. False if there is none. */
  close(): boolean {
    const batch = this.openBatch;
    if (batch === undefined) return false;
    this.openBatch = undefined;
    const stamp = this.sequences?.forecast(this.closed);
    batch.seal(this.builder.build(stamp), stamp);
    this.closed.push(batch);
    this.options.onClosed();
    return true;
  }

  /**
   * Whether a full batch could leave and none may: the owner need not ask again until an outcome.
   */
  get blocked(): boolean {
    return this.inFlightCount >= this.allowedInFlight();
  }

  /**
   * The next batch to send, or undefined; its state is then inFlight.
   *
   * @param hurry Whether lingering is over for everybody, as while a flush is under way.
   */
  takeNext(nowMs: number, hurry: boolean): ProducerBatch | undefined {
    if (this.blocked || nowMs < this.notBeforeMs) return undefined;
    if (this.sequences?.isReady(this.closed, this.inFlightCount) === false) return undefined;
    let batch = this.closed.find((candidate) => candidate.state === 'queued');
    if (batch === undefined) {
      const lingers = !hurry && nowMs < this.lingerUntilMs;
      if (this.openBatch === undefined || this.inFlightCount > 0 || lingers) return undefined;
      batch = this.openBatch;
      this.close();
    }
    this.sequences?.assign(batch);
    batch.state = 'inFlight';
    batch.attempts += 1;
    this.inFlightCount += 1;
    return batch;
  }

  /** How long `takeNext` will go on answering undefined without an outcome; 0 if it will not. */
  waitMs(nowMs: number, hurry: boolean): number {
    if (this.idle || this.blocked) return 0;
    let untilMs = this.notBeforeMs;
    const onlyOpen = this.closed.every((batch) => batch.state !== 'queued');
    if (onlyOpen && !hurry && this.inFlightCount === 0) {
      untilMs = Math.max(untilMs, this.lingerUntilMs);
    }
    return Math.max(0, untilMs - nowMs);
  }

  /** Whether no batch without an outcome is older. */
  isOldest(batch: ProducerBatch): boolean {
    return this.closed[0] === batch;
  }

  /** The broker took the batch. */
  succeeded(batch: ProducerBatch): void {
    this.backoff.reset();
    this.sequences?.landed();
    // A batch behind the failed one may have been taken by the broker; that ends nothing.
    if (this.closed[0] === batch) this.recovering = false;
    this.landed(batch);
  }

  /** The batch has failed for good, before or after it was sent. */
  dropped(batch: ProducerBatch): void {
    this.landed(batch);
  }

  /**
   * The batch goes again, in its old place.
   *
   * @param pauses Whether to wait for a backoff: true where the broker asked for it, false where
   *   the connection was lost, as reconnecting waits already.
   * @returns The delay in milliseconds.
   */
  failed(batch: ProducerBatch, nowMs: number, pauses: boolean): number {
    if (batch.state !== 'inFlight') return 0;
    batch.state = 'queued';
    this.inFlightCount -= 1;
    this.recovering = true;
    if (!pauses) return 0;
    const delayMs = this.backoff.next();
    this.notBeforeMs = nowMs + delayMs;
    return delayMs;
  }

  /**
   * The batch was refused as too large: smaller ones go in its place, and those to come are kept to
   * that size.
   *
   * @param sizeBytesMax Of each, unless it holds one record.
   */
  split(batch: ProducerBatch, sizeBytesMax: number): void {
    if (batch.state !== 'inFlight') return;
    this.batchBytes = Math.min(this.batchBytes, sizeBytesMax);
    this.inFlightCount -= 1;
    this.recovering = true;
    const pieces = batch.split(this.newBuilder(sizeBytesMax));
    this.closed.splice(this.closed.indexOf(batch), 1, ...pieces);
  }

  private newBuilder(sizeBytesMax: number): BatchBuilder {
    const { compression, compressionLevel } = this.options;
    return new BatchBuilder({ sizeBytesMax, compression, compressionLevel, onlyIfSmaller: true });
  }

  private allowedInFlight(): number {
    // Later batches must not overtake a failed one: those in flight land first, then one at a time.
    const isOneByOne = this.recovering || this.sequences?.isNew === true;
    return isOneByOne ? 1 : this.options.maxInFlight;
  }

  private landed(batch: ProducerBatch): void {
    const index = this.closed.indexOf(batch);
    if (index < 0) return;
    this.closed.splice(index, 1);
    if (batch.state === 'inFlight') this.inFlightCount -= 1;
  }
}
