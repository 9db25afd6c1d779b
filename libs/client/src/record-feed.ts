// Hands fetched records over, one or a batch at a time, and knows which of them are finished.
import { RecordBatchError, type DecodedRecord } from '@walrusmq/record-batch';
import type { ConsumedPartition } from './consumed-partition';
import type { RecordBatch } from './consumer-options';
import { ConsumerRecord } from './consumer-record';
import { WalrusError } from './errors';
import type { DecodedRun, PrefetchBuffer } from './prefetch-buffer';
import { OutcomeContext } from './processing/outcome-context';
import type { WorkInFlight } from './processing/work-in-flight';
import type { RecordDecoding } from './serialisers';

/** Whom a feed tells of what becomes of records, and asks before it hands any over. */
export interface FeedListener {
  /**
   * A partition's `finished` has moved.
   * @param endsBatch Whether a batch was finished with it.
   */
  finished(endsBatch: boolean): void;
  /** What was held is held no longer, finished or not. */
  released(): void;
  /**
   * Whether records of the run may be handed over now. When not, nothing is, and the feed is to be
   * asked again later.
   */
  admits(run: DecodedRun): boolean;
}

/**
 * The records of a consumer in the order in which they are handed over.
 *
 * Invariants:
 *  (1) Records of a partition come in the order of their offsets; after a seek or a pause none that
 *      was fetched before it.
 *  (2) At most one record, or one batch, is held at a time: it was handed over and is not finished.
 *      `finished` of its partition lies at or below it.
 */
export class RecordFeed<K, V> implements WorkInFlight {
  private run: DecodedRun | undefined;
  private index = 0;
  private heldPartition: ConsumedPartition | undefined;
  private heldGeneration = 0;
  private heldEnd = 0;
  private isBatch = false;
  private heldMoves = 0;
  private outcome = new OutcomeContext(1);
  private waiters: (() => void)[] = [];

  private endsBatch = false;

  constructor(
    private readonly buffer: PrefetchBuffer,
    private readonly decoding: RecordDecoding,
    private readonly listener: FeedListener,
  ) {}

  /** A record that is held counts as handled; nothing of a batch that is held does. */
  committable(partition: ConsumedPartition): number {
    const holdsBatch = this.heldPartition === partition && this.isBatch;
    return holdsBatch ? partition.finished : partition.position;
  }

  /** All below `offset` was handed over before it. */
  committableWith(_: ConsumedPartition, offset: number): number {
    return offset + 1;
  }

  /** What the handler of what is held is told beside it. */
  get context(): OutcomeContext {
    if (!this.outcome.isUnused) this.outcome = new OutcomeContext(1);
    return this.outcome;
  }

  /** What is held of a partition that was sought does not count any more. */
  changed(): void {
    if (this.heldPartition !== undefined && this.heldPartition.moves !== this.heldMoves) {
      this.outcome.void();
    }
  }

  /** Whether something of the partition is held. */
  isAtWork(partition: ConsumedPartition): boolean {
    return this.heldPartition === partition;
  }

  /** Resolves once nothing of the partition is held. */
  async idle(partition: ConsumedPartition): Promise<void> {
    while (this.isAtWork(partition)) {
      await new Promise<void>((resolve) => this.waiters.push(resolve));
    }
  }

  /** What is held of the partition will never be finished. */
  drop(partition: ConsumedPartition): void {
    if (this.heldPartition === partition) this.giveUp();
  }

  /** What is held does not count any more; its handler is told. */
  giveUp(): void {
    this.outcome.void();
    this.abandon();
  }

  /**
   * Hands nothing over any more; records that were taken out of the buffer come again, to whoever
   * reads on. What is held counts as finished.
   */
  retire(): void {
    this.finish();
    const { run } = this;
    this.run = undefined;
    // Nobody takes a run behind it, with which it would count no more.
    this.buffer.releaseHanded();
    if (run !== undefined && this.index < run.records.length && isLive(run)) {
      run.partition.dropFetched();
    }
  }

  /**
   * Finishes what is held and hands over the next record; undefined when nothing is fetched.
   *
   * @throws {WalrusError} `CORRUPT_BATCH`: the next batch cannot be read. All before it was handed
   *   over; it stays where it is.
   */
  nextRecord(): ConsumerRecord<K, V> | undefined {
    this.finish();
    const run = this.currentRun();
    const stored = run?.records[this.index];
    if (run === undefined || stored === undefined) return undefined;
    this.index += 1;
    const last = this.index === run.records.length;
    this.hold(run, last ? run.endOffset : stored.offset + 1, last);
    return this.record(run, stored);
  }

  /** As `nextRecord`, with all that is left of a batch. */
  nextBatch(): RecordBatch<K, V> | undefined {
    this.finish();
    const run = this.currentRun();
    if (run === undefined) return undefined;
    const rest = this.index === 0 ? run.records : run.records.slice(this.index);
    this.index = run.records.length;
    this.hold(run, run.endOffset, true);
    this.isBatch = true;
    const { topic, partition, readableEnd } = run.partition;
    const records = rest.map((stored) => this.record(run, stored));
    return { topic, partition, readableEnd, records };
  }

  /** What is held was worked on to the end. */
  finish(): void {
    const partition = this.heldPartition;
    if (partition === undefined) return;
    this.letGo();
    // Once it was sought, the place it was sought to counts and not what was held.
    if (partition.generation === this.heldGeneration || partition.position === this.heldEnd) {
      partition.finished = this.heldEnd;
      this.listener.finished(this.endsBatch);
    }
    this.listener.released();
  }

  /** What is held will never be finished. */
  abandon(): void {
    if (this.heldPartition === undefined) return;
    this.letGo();
    this.listener.released();
  }

  private letGo(): void {
    this.heldPartition = undefined;
    if (this.waiters.length > 0) for (const wake of this.waiters.splice(0)) wake();
  }

  private hold(run: DecodedRun, end: number, endsBatch: boolean): void {
    this.heldPartition = run.partition;
    this.heldGeneration = run.generation;
    this.heldMoves = run.partition.moves;
    this.heldEnd = end;
    this.endsBatch = endsBatch;
    this.isBatch = false;
    run.partition.position = end;
  }

  private currentRun(): DecodedRun | undefined {
    for (;;) {
      const { run } = this;
      if (run !== undefined && this.index < run.records.length && isLive(run)) {
        return this.listener.admits(run) ? run : undefined;
      }
      // A batch that held nothing for the program, such as a control batch, is passed over.
      if (run !== undefined && isLive(run) && run.partition.position < run.endOffset) {
        run.partition.position = run.endOffset;
        run.partition.finished = run.endOffset;
        this.listener.finished(true);
      }
      this.index = 0;
      this.run = this.takeRun();
      if (this.run === undefined) return undefined;
    }
  }

  private takeRun(): DecodedRun | undefined {
    try {
      return this.buffer.takeRun();
    } catch (error) {
      throw corruptBatch(error, this.buffer.frontKey);
    }
  }

  private record({ partition }: DecodedRun, stored: DecodedRecord): ConsumerRecord<K, V> {
    return new ConsumerRecord<K, V>(partition.topic, partition.partition, stored, this.decoding);
  }
}

/** The error of a batch that cannot be read; any other as it is. */
export function corruptBatch(error: unknown, key: string | undefined): unknown {
  if (!(error instanceof RecordBatchError)) return error;
  const message = `a batch of ${key ?? 'a partition'} cannot be read: ${error.message}`;
  return new WalrusError('CORRUPT_BATCH', message, { cause: error });
}

function isLive({ partition, generation }: DecodedRun): boolean {
  return partition.generation === generation;
}

/** What `Consumer` hands over record by record. */
export function nextRecord<K, V>(feed: RecordFeed<K, V>): ConsumerRecord<K, V> | undefined {
  return feed.nextRecord();
}

/** What `Consumer` hands over batch by batch. */
export function nextBatch<K, V>(feed: RecordFeed<K, V>): RecordBatch<K, V> | undefined {
  return feed.nextBatch();
}

/** Whether a handler returned something that is to be waited for. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
