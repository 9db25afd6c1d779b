// Records that have no outcome yet: by topic and partition, within one bound in bytes.
import { BATCH_HEADER_BYTES, RecordBatchError, recordSizeBytes } from '@walrusmq/record-batch';
import { PartitionQueue, type EncodedRecord } from './partition-queue';
import { StickyPartition } from './partitioner';
import type { DeliveryFailure, ProducerBatch } from './producer-batch';
import type { ProducerIdentities } from './producer-identity';
import type { ProducerSettings } from './producer-options';
import { WaitingSends, type WaitingSend } from './waiting-sends';

/** What one promise of `send` is counted as, beside the record's own bytes. */
export const SEND_PROMISE_BYTES = 128;

const TOPICS_MAX = 10_000;

/** A topic of which something was sent. */
export interface TopicQueues {
  readonly name: string;
  /** Undefined until the broker has told. */
  partitionCount: number | undefined;
  /** The count is asked for again after this, on the clock of `Date.now()`. */
  staleAtMs: number;
  loading: Promise<void> | undefined;
  /** Why the last attempt to learn the count failed, while calls are told of it. */
  failure: DeliveryFailure | undefined;
  readonly queues: (PartitionQueue | undefined)[];
  /** Where records without a key go. */
  readonly sticky: StickyPartition;
}

/** Who is told when there is something to send. Neither call may add records. */
export interface AccumulatorListener {
  /** A batch was closed because it is full; it can leave at once. */
  readonly onFull: (queue: PartitionQueue) => void;
  /** A batch got its first record; more may follow in this tick. */
  readonly onOpened: (queue: PartitionQueue) => void;
}

/** A record that was refused before it went into a batch; the caller knows which. */
export class RefusedRecord extends Error {
  /** @param failure What its sender is told. */
  constructor(readonly failure: DeliveryFailure) {
    super(failure.message);
  }
}

/**
 * Takes records into the batches of their partitions.
 *
 * Invariants:
 *  (1) The charges of all batches without an outcome are at most `bufferBytes`.
 *  (2) At most `waitingSendsMax` calls wait, for room or for a partition count.
 *  (3) Calls that wait are served in order, and no later call passes them.
 *  (4) A topic without records is forgotten when there are more than 10 000.
 */
export class Accumulator {
  private readonly topics = new Map<string, TopicQueues>();
  private readonly waiting = new WaitingSends();
  private usedBytes = 0;
  private batchBytes: number;

  constructor(
    private readonly settings: ProducerSettings,
    private readonly listener: AccumulatorListener,
    private readonly identities?: ProducerIdentities,
  ) {
    this.batchBytes = settings.batchBytes;
  }

  /** Bytes charged now. */
  get bufferedBytes(): number {
    return this.usedBytes;
  }

  /** Calls that wait now. */
  get waitingCount(): number {
    return this.waiting.length;
  }

  /** Whether a new call must queue up behind others. */
  get congested(): boolean {
    return this.waiting.length > 0;
  }

  /** Keeps batches within what the broker takes; holds for partitions used from now on. */
  limitBatchBytes(batchBytesMax: number): void {
    this.batchBytes = Math.min(this.settings.batchBytes, batchBytesMax);
  }

  /** The topic's entry, made on first use. */
  topic(name: string): TopicQueues {
    const known = this.topics.get(name);
    if (known !== undefined) return known;
    if (this.topics.size >= TOPICS_MAX) this.forgetIdleTopics();
    const topic: TopicQueues = {
      name,
      partitionCount: undefined,
      staleAtMs: 0,
      loading: undefined,
      failure: undefined,
      queues: [],
      sticky: new StickyPartition(),
    };
    this.topics.set(name, topic);
    return topic;
  }

  /** The topic's entry if there is one. */
  knownTopic(name: string): TopicQueues | undefined {
    return this.topics.get(name);
  }

  /**
   * Copies a record into the open batch of its partition.
   *
   * @param partition Undefined: the one that records without a key stick to.
   * @param promiseBytes Charged beside the record's bytes.
   * @param deadlineMs Of the batch, should this record open one.
   * @returns The batch, to which the caller must add who waits for the record; undefined when there
   *   is no room. Nothing was added then.
   * @throws {RefusedRecord} `RECORD_TOO_LARGE`, `INVALID_VALUE`: it can never be added.
   */
  append(
    topic: TopicQueues,
    partition: number | undefined,
    record: EncodedRecord,
    promiseBytes: number,
    deadlineMs: number | undefined,
  ): ProducerBatch | undefined {
    const sizeBytes = recordSizeBytes(record) + BATCH_HEADER_BYTES + promiseBytes;
    if (this.usedBytes + sizeBytes > this.settings.bufferBytes) {
      if (sizeBytes <= this.settings.bufferBytes) return undefined;
      const message = `a record of ${sizeBytes} bytes can never fit bufferBytes`;
      throw new RefusedRecord({ code: 'RECORD_TOO_LARGE', message });
    }
    try {
      const queue = this.queueOf(
        topic,
        partition ?? topic.sticky.partition(topic.partitionCount ?? 1),
      );
      const batch =
        queue.append(record) ?? this.appendToNew(topic, queue, partition, record, deadlineMs);
      batch.chargedBytes += batch.addedBytes + promiseBytes;
      this.usedBytes += batch.addedBytes + promiseBytes;
      return batch;
    } catch (error) {
      if (!(error instanceof RecordBatchError)) throw error;
      const code = error.code === 'TOO_LARGE' ? 'RECORD_TOO_LARGE' : 'INVALID_VALUE';
      throw new RefusedRecord({ code, message: error.message, cause: error });
    }
  }

  /** Gives back the room of a batch that has its outcome and serves those who wait for it. */
  release(batch: ProducerBatch): void {
    this.usedBytes -= batch.chargedBytes;
    batch.chargedBytes = 0;
    this.waiting.serve();
  }

  /**
   * Queues a call up behind those that wait.
   *
   * @returns False when as many wait as may; the call was not queued.
   */
  wait(call: WaitingSend): boolean {
    if (this.waiting.length >= this.settings.waitingSendsMax) return false;
    this.waiting.push(call);
    return true;
  }

  /** Serves the calls that wait, in order; whether none has to go on waiting. */
  serve(): boolean {
    this.waiting.serve();
    return this.waiting.length === 0;
  }

  /** Resolves once every call that waits now has been served or has failed. */
  afterWaiting(): Promise<void> {
    return new Promise((resolve) => {
      const attempt = (): boolean => {
        resolve();
        return true;
      };
      this.waiting.push({ attempt, fail: () => resolve(), deadlineMs: Infinity });
      this.waiting.serve();
    });
  }

  /** Every partition that holds a record. */
  *activeQueues(): Generator<PartitionQueue> {
    for (const topic of this.topics.values()) {
      for (const queue of topic.queues) if (queue?.idle === false) yield queue;
    }
  }

  /** The earliest deadline of a batch or a waiting call, Infinity without any. */
  earliestDeadlineMs(): number {
    let earliest = this.waiting.deadlineMs;
    for (const queue of this.activeQueues()) {
      earliest = Math.min(earliest, queue.oldest?.deadlineMs ?? Infinity);
    }
    return earliest;
  }

  /** Takes out the calls whose deadline is not after `nowMs`. */
  takeExpiredCalls(nowMs: number): readonly WaitingSend[] {
    return this.waiting.takeExpired(nowMs);
  }

  private appendToNew(
    topic: TopicQueues,
    fullOrNone: PartitionQueue,
    partition: number | undefined,
    record: EncodedRecord,
    deadlineMs = performance.now() + this.settings.deliveryTimeoutMs,
  ): ProducerBatch {
    // A full batch leaves before the next one is opened, so that it alone is taken.
    if (fullOrNone.close()) this.listener.onFull(fullOrNone);
    let queue = fullOrNone;
    if (partition === undefined) {
      // Closing a batch moved keyless records on; this one must not open a thin batch behind it.
      queue = this.queueOf(topic, topic.sticky.partition(topic.partitionCount ?? 1));
      const batch = queue === fullOrNone ? undefined : queue.append(record);
      if (batch !== undefined) return batch;
      if (queue.close()) this.listener.onFull(queue);
    }
    const opened = queue.openWith(record, deadlineMs);
    queue.lingerUntilMs = performance.now() + this.settings.lingerMs;
    this.listener.onOpened(queue);
    return opened;
  }

  private queueOf(topic: TopicQueues, partition: number): PartitionQueue {
    return (topic.queues[partition] ??= this.newQueue(topic, partition));
  }

  private newQueue(topic: TopicQueues, partition: number): PartitionQueue {
    const { compression, compressionLevel, maxInFlight } = this.settings;
    const { backoff } = this.settings.connection;
    return new PartitionQueue(topic.name, partition, {
      onClosed: () => topic.sticky.batchClosed(partition, topic.partitionCount ?? 1),
      batchBytes: this.batchBytes,
      compression,
      compressionLevel,
      maxInFlight,
      identities: this.identities,
      backoff,
    });
  }

  private forgetIdleTopics(): void {
    for (const [name, topic] of this.topics) {
      const idle = topic.queues.every((queue) => queue === undefined || queue.idle);
      if (idle && topic.loading === undefined) this.topics.delete(name);
    }
  }
}
