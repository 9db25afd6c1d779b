// What a consumer has once it was used.
import type { TopicPartition, TopicPartitionOffset } from './admin';
import type { BrokerClient } from './broker-client';
import type { OffsetToCommit } from './commit-target';
import type { ConsumedPartition } from './consumed-partition';
import type { ConsumerSettings } from './consumer-options';
import { ConsumerRecord } from './consumer-record';
import { InvalidOptionError, TimeoutError, type WalrusError } from './errors';
import { notAssigned } from './group/group-errors';
import { ClassicMembership } from './group/classic/classic-membership';
import { GroupMembership } from './group/group-membership';
import { HandOver } from './hand-over';
import { OffsetCommitter } from './offset-committer';
import { PartitionSet } from './partition-set';
import { FixedPartitions, type PartitionSource } from './partition-source';
import { PrefetchBuffer } from './prefetch-buffer';
import { RecordFeed } from './record-feed';
import type { WorkInFlight } from './processing/work-in-flight';
import { Signal } from './signal';
import { Subscriber } from './subscriber';
import { describeTopics } from './topic-metadata';
import { TurnBudget } from './turn-budget';

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
  /** Whether anybody works on what was handed over: not once a loop was left. */
  readonly isInUse: () => boolean;
  /** There may be records to hand over. */
  readonly onFetched: () => void;
  readonly onFailed: (error: WalrusError) => void;
}

/**
 * The partitions of a consumer with what feeds from them and saves their progress.
 *
 * Life: `open` finds the first partitions, or joins the group that gives them, and subscribes;
 * `stop` ends that, and nothing is handed over any more; `close` saves progress and gives the
 * partitions up. `stop` and `close` may come while `open` is at work.
 */
export class ConsumerSession<K, V> {
  readonly buffer: PrefetchBuffer;
  readonly feed: RecordFeed<K, V>;
  /** What was handed over and is not finished; whoever hands records over sets it. */
  work: WorkInFlight;
  readonly committer: OffsetCommitter | undefined;
  readonly partitions = new PartitionSet();
  /** When progress is saved; whoever hands records over asks and tells it. */
  readonly handOver: HandOver;
  private readonly source: PartitionSource;
  private readonly subscriber: Subscriber;
  private readonly released = new Signal();
  private readonly turn: TurnBudget;
  private asked = 0;
  private isWaiting = false;
  private isClosing = false;

  constructor(private readonly options: SessionOptions) {
    const { settings, pushes, control, onFetched, onFailed } = options;
    const { commitMode: mode, autoCommitMs } = settings;
    this.buffer = new PrefetchBuffer(settings.decompressedBytesMax);
    this.source = this.sourceOf(options);
    const { target } = this.source;
    if (target !== undefined) {
      this.committer = new OffsetCommitter({
        target,
        partitions: this.partitions,
        intervalMs: autoCommitMs,
        doneOf: (each) => this.doneOf(each),
        onFailed,
      });
    }
    this.handOver = new HandOver({
      mode,
      committer: this.committer,
      onAdmitted: onFetched,
      onReleased: () => this.released.notify(),
      onFailed,
    });
    this.feed = new RecordFeed<K, V>(this.buffer, settings.decoding, this.handOver);
    this.turn = new TurnBudget(onFetched);
    this.work = this.feed;
    const listener = {
      beforeSubscribe: () => this.source.beforeSubscribe?.(),
      onFetched,
      onFailed,
      onGone: () => this.source.doubted(),
    };
    this.subscriber = new Subscriber(
      settings,
      this.partitions,
      this.buffer,
      pushes,
      control,
      listener,
    );
  }

  /** Finds the partitions, or joins the group, and subscribes; errors as `PartitionSource.open`. */
  async open(): Promise<void> {
    await this.source.open();
    this.options.control.answered();
    void this.subscriber.run();
  }

  /** Ends the subscription; nothing new is begun. */
  stop(): void {
    this.subscriber.stop();
    this.source.stop();
  }

  /**
   * Saves what is done, if that is automatic, and gives the partitions up. Waits for the broker to
   * save it as long as for the answer to a request, whatever is being saved already.
   *
   * @param deadlineMs When it waits for the program no longer, by `performance.now`.
   * @throws {WalrusError} The progress could not be saved. The partitions are given up all the
   *   same.
   */
  async close(deadlineMs: number): Promise<void> {
    this.isClosing = true;
    this.handOver.stop();
    this.committer?.close();
    try {
      await this.savedInTime();
    } finally {
      await this.source.close(deadlineMs);
    }
  }

  /** Whether `pick` finds nothing only because others are to have their turn. */
  get isYielding(): boolean {
    return this.turn.isUsedUp;
  }

  /** A handler is done, or a loop was left, which works on its last record no longer. */
  workEnded(): void {
    this.released.notify();
  }

  /** Waits for `news`, as a program that asks for records and gets none. */
  async wait(news: Signal): Promise<void> {
    this.isWaiting = true;
    this.source.awaited();
    try {
      await news.wait();
    } finally {
      this.isWaiting = false;
    }
  }

  /**
   * What `take` finds in the feed; when that made room, the broker sends more. Throws what `take`
   * does. Nothing, too, once the sockets and timers have waited for long: `onFetched` tells when to
   * ask again.
   */
  pick<T>(take: (feed: RecordFeed<K, V>) => T | undefined): T | undefined {
    this.asked += 1;
    if (this.turn.isOver()) {
      // Who asks for the next one has finished the one before.
      this.feed.finish();
      return undefined;
    }
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
      // A member of a group may have nothing at the moment.
      if (topic === undefined) return;
      const what = partition === undefined ? topic : `${topic}/${partition}`;
      throw new InvalidOptionError(`the consumer does not read ${what}`);
    }
    found.forEach(apply);
    this.changed();
  }

  /** The partitions, those whose place is not known yet too. */
  assignment(): readonly TopicPartition[] {
    return [...this.partitions].map(({ topic, partition }) => ({ topic, partition }));
  }

  /**
   * Saves these offsets, the place behind a record, or the places of all.
   *
   * @throws {BrokerError} Refused; nothing of this call was saved. `NOT_ASSIGNED` for a record that
   *   was handed over before the partition went and came back.
   */
  async commit(what?: ConsumerRecord<K, V> | readonly OffsetToCommit[]): Promise<void> {
    if (what === undefined) await this.committer?.commit(this.offsetsToCommit());
    else if (!(what instanceof ConsumerRecord)) await this.committer?.commit(what);
    else {
      const { topic, partition, offset } = what;
      const key = `${topic}/${partition}`;
      const found = this.partitions.get(key);
      if (found !== undefined && offset < found.begin) throw notAssigned(key);
      const next = found === undefined ? offset + 1 : this.work.committableWith(found, offset);
      await this.committer?.commit([{ topic, partition, offset: next }]);
    }
  }

  /** What was fetched of partitions that were changed is dropped, and the broker told. */
  refetch(): void {
    this.buffer.purge();
    this.subscriber.changed();
  }

  /** What a commit without arguments saves. */
  private offsetsToCommit(): readonly TopicPartitionOffset[] {
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
    const { control, settings } = this.options;
    const { requestTimeoutMs } = settings.connection;
    const names = [...new Set([...this.partitions].map(({ topic }) => topic))];
    for (const topic of await describeTopics(control, names, requestTimeoutMs)) {
      for (const { partition, readableEnd } of topic.partitions) {
        const found = this.partitions.get(`${topic.name}/${partition}`);
        if (found !== undefined) found.readableEnd = readableEnd;
      }
    }
    return this.positions().map((each) => ({
      ...each,
      lag: Math.max(0, each.readableEnd - each.offset),
    }));
  }

  private sourceOf({ settings, control, isInUse, onFailed }: SessionOptions): PartitionSource {
    const { partitions } = this;
    const { group } = settings;
    if (group === undefined) return new FixedPartitions(settings, partitions, control, onFailed);
    const membership = {
      settings,
      group,
      control,
      partitions,
      onFailed,
      work: {
        askCount: () => (this.isWaiting ? undefined : this.asked),
        isAtWork: (each: ConsumedPartition) => isInUse() && this.work.isAtWork(each),
        released: this.released,
        drop: (each: ConsumedPartition) => this.work.drop(each),
        saveDone: () => this.saveDone(),
        changed: () => this.changed(),
      },
    };
    const { classic } = group;
    return classic === undefined
      ? new GroupMembership(membership)
      : new ClassicMembership(membership, classic);
  }

  /** The offset below which a partition is done, by how progress is saved. */
  private doneOf(partition: ConsumedPartition): number {
    if (this.options.settings.commitMode !== 'ahead') return partition.finished;
    // What was saved ahead is still to be handed over, unless nothing more of it is.
    const isOver = this.isClosing || partition.withheld;
    return isOver ? partition.position : (partition.saved ?? partition.position);
  }

  /** Saves what is done, if that is automatic, after what is being saved. */
  private async saveDone(): Promise<void> {
    await this.committer?.idle();
    if (this.options.settings.commitMode !== 'manual') await this.committer?.commitFinished();
  }

  /** As `saveDone`; what is not saved in time is given up when the lane is closed. */
  private async savedInTime(): Promise<void> {
    const { requestTimeoutMs } = this.options.settings.connection;
    const saving = this.saveDone();
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      const text = `the last progress could not be saved within ${requestTimeoutMs} ms`;
      timer = setTimeout(() => {
        reject(new TimeoutError(text, { cause: this.options.control.lastError }));
      }, requestTimeoutMs);
    });
    try {
      await Promise.race([saving, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Partitions came, or were moved, paused or taken away. */
  private changed(): void {
    this.refetch();
    this.work.changed();
  }

  private placed(): readonly ConsumedPartition[] {
    return this.partitions.filter(({ start }) => start === undefined);
  }
}
