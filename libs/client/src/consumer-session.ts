// What a consumer has once its partitions are known.
import type { TopicPartitionOffset } from './admin';
import { assignPartitions } from './assignment';
import type { BrokerClient } from './broker-client';
import type { ConsumedPartition } from './consumed-partition';
import type { ConsumerSettings } from './consumer-options';
import { InvalidOptionError, type WalrusError } from './errors';
import { OffsetCommitter } from './offset-committer';
import { PrefetchBuffer } from './prefetch-buffer';
import { RecordFeed } from './record-feed';
import type { WorkInFlight } from './processing/work-in-flight';
import { Subscriber } from './subscriber';
import { describeTopics } from './topic-metadata';

/** Where a consumer is in one partition. */
export interface ConsumerPosition extends TopicPartitionOffset {
  /** End of the partition as last heard of. */
  readonly readableEnd: number;
  readonly paused: boolean;
}

/** How far a consumer is behind in one partition. */
export interface ConsumerLag extends ConsumerPosition {
  /** Records from the position to the end, gaps counted. */
  readonly lag: number;
}

/** The lanes of a consumer and whom to tell. */
export interface SessionOptions {
  readonly settings: ConsumerSettings;
  readonly pushes: BrokerClient;
  readonly control: BrokerClient;
  readonly onFetched: () => void;
  readonly onFailed: (error: WalrusError) => void;
}

/**
 * The partitions of a consumer with what feeds from them and saves their progress.
 *
 * Life: `open` finds the partitions and subscribes to them; `stop` ends that. What is buffered can
 * still be taken afterwards.
 */
export class ConsumerSession<K, V> {
  readonly buffer: PrefetchBuffer;
  readonly feed: RecordFeed<K, V>;
  /** What was handed over and is not finished; whoever hands records over sets it. */
  work: WorkInFlight;
  readonly committer: OffsetCommitter | undefined;
  private readonly subscriber: Subscriber;
  private readonly control: BrokerClient;
  private readonly requestTimeoutMs: number;

  private constructor(
    readonly partitions: readonly ConsumedPartition[],
    { settings, pushes, control, onFetched, onFailed }: SessionOptions,
  ) {
    const { reader, decoding, autoCommitMs } = settings;
    const { requestTimeoutMs } = settings.connection;
    this.control = control;
    this.requestTimeoutMs = requestTimeoutMs;
    this.buffer = new PrefetchBuffer(settings.decompressedBytesMax);
    if (reader !== undefined) {
      this.committer = new OffsetCommitter({
        client: control,
        reader,
        partitions,
        retryForMs: requestTimeoutMs,
        intervalMs: autoCommitMs,
        onFailed,
      });
    }
    this.feed = new RecordFeed<K, V>(this.buffer, decoding, () => this.committer?.progressed());
    this.work = this.feed;
    const listener = { onFetched, onFailed };
    this.subscriber = new Subscriber(settings, partitions, this.buffer, pushes, control, listener);
  }

  /** Finds the partitions and subscribes to them; errors as those of `assignPartitions`. */
  static async open<K, V>(options: SessionOptions): Promise<ConsumerSession<K, V>> {
    const partitions = await assignPartitions(options.control, options.settings);
    options.control.answered();
    const session = new ConsumerSession<K, V>(partitions, options);
    void session.subscriber.run();
    return session;
  }

  /** Ends the subscription. */
  stop(): void {
    this.subscriber.stop();
  }

  /**
   * What `take` finds in the feed; when that made room, the broker sends more. Throws what `take`
   * does.
   */
  pick<T>(take: (feed: RecordFeed<K, V>) => T | undefined): T | undefined {
    const before = this.buffer.bufferedBytes;
    const found = take(this.feed);
    if (this.buffer.bufferedBytes !== before) this.subscriber.wake();
    return found;
  }

  /**
   * Changes partitions in a way that makes what was fetched of them stale.
   *
   * @param topic Undefined: all; `partition` undefined: all of the topic.
   * @throws {InvalidOptionError} There is no such partition. Nothing was changed.
   */
  change(
    topic: string | undefined,
    partition: number | undefined,
    apply: (partition: ConsumedPartition) => void,
  ): void {
    const found = this.partitions.filter(
      (each) =>
        (topic === undefined || each.topic === topic) &&
        (partition === undefined || each.partition === partition),
    );
    if (found.length === 0) {
      const what = partition === undefined ? topic : `${topic}/${partition}`;
      throw new InvalidOptionError(`the consumer does not read ${what}`);
    }
    found.forEach(apply);
    this.refetch();
    this.work.changed();
  }

  /** What was fetched of partitions that were changed is dropped, and the broker told. */
  refetch(): void {
    this.buffer.purge();
    this.subscriber.changed();
  }

  /** What a commit with this record saves: all up to and including it that is finished. */
  offsetToCommit(topic: string, partition: number, offset: number): number {
    const found = this.partitions.find(
      (each) => each.topic === topic && each.partition === partition,
    );
    return found === undefined ? offset + 1 : this.work.committableWith(found, offset);
  }

  /** What a commit without arguments saves. */
  offsetsToCommit(): readonly TopicPartitionOffset[] {
    return this.placed().map((each) => ({
      topic: each.topic,
      partition: each.partition,
      offset: this.work.committable(each),
    }));
  }

  /** The places of the partitions whose place is known. */
  positions(): readonly ConsumerPosition[] {
    return this.placed().map(({ topic, partition, position, readableEnd, paused }) => ({
      topic,
      partition,
      offset: position,
      readableEnd,
      paused,
    }));
  }

  /** The same with the ends the broker tells now; errors as those of `describeTopics`. */
  async lag(): Promise<readonly ConsumerLag[]> {
    const byKey = new Map(this.partitions.map((partition) => [partition.key, partition]));
    const names = [...new Set(this.partitions.map(({ topic }) => topic))];
    for (const topic of await describeTopics(this.control, names, this.requestTimeoutMs)) {
      for (const { partition, readableEnd } of topic.partitions) {
        const found = byKey.get(`${topic.name}/${partition}`);
        if (found !== undefined) found.readableEnd = readableEnd;
      }
    }
    return this.positions().map((each) => ({
      ...each,
      lag: Math.max(0, each.readableEnd - each.offset),
    }));
  }

  private placed(): readonly ConsumedPartition[] {
    return this.partitions.filter(({ start }) => start === undefined);
  }
}
