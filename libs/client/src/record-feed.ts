// Hands fetched records over, one or a batch at a time, and knows which of them are finished.
import { RecordBatchError, type DecodedRecord } from '@walrusmq/record-batch';
import type { ConsumedPartition } from './consumed-partition';
import type { RecordBatch } from './consumer-options';
import { ConsumerRecord } from './consumer-record';
import { WalrusError } from './errors';
import type { DecodedRun, PrefetchBuffer } from './prefetch-buffer';

/**
 * The records of a consumer in the order in which they are handed over.
 *
 * Invariants:
 *  (1) Records of a partition come in the order of their offsets; after a seek or a pause none that
 *      was fetched before it.
 *  (2) At most one record, or one batch, is held at a time: it was handed over and is not finished.
 *      `finished` of its partition lies at or below it.
 */
export class RecordFeed<V> {
  private run: DecodedRun | undefined;
  private index = 0;
  private heldPartition: ConsumedPartition | undefined;
  private heldGeneration = 0;
  private heldEnd = 0;
  private isBatch = false;

  /** @param onFinished Called when a partition's `finished` has moved. */
  constructor(
    private readonly buffer: PrefetchBuffer,
    private readonly raw: boolean,
    private readonly onFinished: () => void,
  ) {}

  /** Whether a batch is held of which nothing is finished yet. */
  holdsBatchOf(partition: ConsumedPartition): boolean {
    return this.heldPartition === partition && this.isBatch;
  }

  /**
   * Finishes what is held and hands over the next record; undefined when nothing is fetched.
   *
   * @throws {WalrusError} `CORRUPT_BATCH`: the next batch cannot be read. All before it was handed
   *   over; it stays where it is.
   */
  nextRecord(): ConsumerRecord<V> | undefined {
    this.finish();
    const run = this.currentRun();
    const stored = run?.records[this.index];
    if (run === undefined || stored === undefined) return undefined;
    this.index += 1;
    const last = this.index === run.records.length;
    this.hold(run, last ? run.endOffset : stored.offset + 1, false);
    return this.record(run, stored);
  }

  /** As `nextRecord`, with all that is left of a batch. */
  nextBatch(): RecordBatch<V> | undefined {
    this.finish();
    const run = this.currentRun();
    if (run === undefined) return undefined;
    const rest = this.index === 0 ? run.records : run.records.slice(this.index);
    this.index = run.records.length;
    this.hold(run, run.endOffset, true);
    const { topic, partition, readableEnd } = run.partition;
    const records = rest.map((stored) => this.record(run, stored));
    return { topic, partition, readableEnd, records };
  }

  /** What is held was worked on to the end. */
  finish(): void {
    const partition = this.heldPartition;
    if (partition === undefined) return;
    this.heldPartition = undefined;
    // Once it was sought, the place it was sought to counts and not what was held.
    if (partition.generation !== this.heldGeneration && partition.position !== this.heldEnd) return;
    partition.finished = this.heldEnd;
    this.onFinished();
  }

  /** What is held will never be finished. */
  abandon(): void {
    this.heldPartition = undefined;
  }

  private hold(run: DecodedRun, end: number, isBatch: boolean): void {
    this.heldPartition = run.partition;
    this.heldGeneration = run.generation;
    this.heldEnd = end;
    this.isBatch = isBatch;
    run.partition.position = end;
  }

  private currentRun(): DecodedRun | undefined {
    for (;;) {
      const { run } = this;
      if (run !== undefined && this.index < run.records.length && isLive(run)) return run;
      // A batch that held nothing for the program, such as a control batch, is passed over.
      if (run !== undefined && isLive(run) && run.partition.position < run.endOffset) {
        run.partition.position = run.endOffset;
        run.partition.finished = run.endOffset;
        this.onFinished();
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
      if (!(error instanceof RecordBatchError)) throw error;
      const where = this.buffer.frontKey ?? 'a partition';
      const message = `a batch of ${where} cannot be read: ${error.message}`;
      throw new WalrusError('CORRUPT_BATCH', message, { cause: error });
    }
  }

  private record({ partition }: DecodedRun, stored: DecodedRecord): ConsumerRecord<V> {
    return new ConsumerRecord<V>(partition.topic, partition.partition, stored, this.raw);
  }
}

function isLive({ partition, generation }: DecodedRun): boolean {
  return partition.generation === generation;
}
