// `run` with concurrency, retries or dead letters: puts the parts together for one consumer.
import { asWalrusError } from '../broker-client';
import type { HandlerContext, Handlers, RecordBatch } from '../consumer-options';
import type { ConsumerSettings } from '../consumer-options';
import type { ConsumerRecord } from '../consumer-record';
import type { ConsumerSession } from '../consumer-session';
import type { Signal } from '../signal';
import { SYSTEM_CLOCK } from './clock';
import { checkDeadLetterTopic, DeadLetterSender, DEAD_LETTER_SUFFIX } from './dead-letter-sender';
import { checkNotReadAgain } from './dead-letter-loop';
import type { FailurePolicy, Verdict } from './failure-policy';
import { PartitionedFeed, type Accepts } from './partitioned-feed';
import { retryDelayMs, type ProcessingSettings } from './processing-options';
import { StuckPartitions } from './stuck-partitions';
import type { TakenWork } from './work-item';
import { WorkScheduler, type OwnerState } from './work-scheduler';

/** All partitions together may have this many windows' worth in work. */
const WINDOWS_MAX = 10;

/** The consumer as its processing sees it. */
export interface ProcessedConsumer<K, V> {
  readonly settings: ConsumerSettings;
  readonly session: ConsumerSession<K, V>;
  readonly news: Signal;
  readonly state: () => OwnerState;
  readonly onFailed: (error: unknown) => void;
}

/**
 * Whether these settings can work for a consumer of these topics, as far as they are known.
 *
 * @throws {InvalidOptionError} They cannot: a topic's dead letters have no topic to go to, or would
 *   be read again.
 */
export function checkProcessing<K, V>(
  { deadLetters }: ProcessingSettings<K, V>,
  { topics, group }: Pick<ConsumerSettings, 'topics' | 'group'>,
): void {
  if (deadLetters === undefined || typeof deadLetters.topic === 'function') return;
  const { topic: name } = deadLetters;
  if (name !== undefined && group !== undefined) checkNotReadAgain(name, 'all topics', group);
  for (const { topic } of topics) {
    checkDeadLetterTopic(name ?? `${topic}${DEAD_LETTER_SUFFIX}`, topic);
  }
}

/**
 * Runs a consumer's handler over what it fetches.
 *
 * Life: once, by `run`, which takes the session's records over; `abandon` ends it although handlers
 * are at work.
 */
export class ConsumerProcessing<K, V> {
  private readonly deadLetters: DeadLetterSender<K, V> | undefined;
  private abandoned = false;
  private readonly scheduler: {
    run: () => Promise<void>;
    abandon: () => void;
  };

  constructor(
    private readonly consumer: ProcessedConsumer<K, V>,
    private readonly processing: ProcessingSettings<K, V>,
    handlers: Handlers<K, V>,
  ) {
    const { settings } = consumer;
    if (processing.deadLetters !== undefined) {
      this.deadLetters = new DeadLetterSender({
        deadLetters: processing.deadLetters,
        connection: settings.connection,
        reader: settings.reader,
        group: settings.group,
      });
    }
    const { eachRecord, eachBatch } = handlers;
    this.scheduler =
      eachRecord === undefined
        ? this.schedule<RecordBatch<K, V>>(
            (feed, accepts) => feed.takeBatch(accepts),
            (batch, context) => eachBatch?.(batch, context),
            { check: undefined, judge: () => 'fail', bury: () => Promise.resolve() },
          )
        : this.schedule<ConsumerRecord<K, V>>(
            (feed, accepts) => feed.takeRecord(accepts),
            eachRecord,
            this.policy(),
          );
  }

  /**
   * Hands over until the consumer is closed or has failed; then no handler is at work.
   *
   * @throws What a handler or the dead letters failed with.
   */
  async run(): Promise<void> {
    try {
      await this.scheduler.run();
    } finally {
      await this.deadLetters?.close(this.abandoned ? 0 : this.consumer.settings.startTimeoutMs);
    }
  }

  /** Waits for no handler any more; what is at work stays unfinished. */
  abandon(): void {
    this.abandoned = true;
    this.scheduler.abandon();
  }

  private schedule<T>(
    take: (feed: PartitionedFeed<K, V>, accepts: Accepts) => TakenWork<T> | undefined,
    handle: (work: T, context: HandlerContext) => unknown,
    policy: FailurePolicy<T>,
  ): WorkScheduler<T> {
    const { session, settings, news, state, onFailed } = this.consumer;
    const { per, max, windowRecords } = this.processing;
    const { prefetchBytes } = settings;
    const lanePerKey = per === 'key';
    const feed = new PartitionedFeed<K, V>({
      buffer: session.buffer,
      decoding: settings.decoding,
      lanePerKey,
      admits: (run) => {
        this.deadLetters?.checkOrigin(run.partition.topic);
        return session.handOver.admits(run);
      },
      onPassedOver: (partition, endOffset) => scheduler.passedOver(partition, endOffset),
    });
    const scheduler: WorkScheduler<T> = new WorkScheduler<T>({
      take: (accepts) => session.pick(() => take(feed, accepts)),
      isYielding: () => session.isYielding,
      handle,
      policy,
      max,
      window: { records: windowRecords, bytes: prefetchBytes },
      total: {
        // In the order of partitions each has one at most, so that they bound it themselves.
        records: lanePerKey ? WINDOWS_MAX * windowRecords : Infinity,
        bytes: WINDOWS_MAX * prefetchBytes,
      },
      stuck: new StuckPartitions<T>({
        clock: SYSTEM_CLOCK,
        partitions: () => [...session.partitions],
        isBufferFull: () => session.buffer.bufferedBytes * 2 >= prefetchBytes,
        hold: ({ topic, partition }) => session.change(topic, partition, (each) => each.hold()),
        unhold: ({ topic, partition }) => session.change(topic, partition, (each) => each.unhold()),
      }),
      clock: SYSTEM_CLOCK,
      news,
      // One whose handlers are all at work asks for nothing.
      wait: (isAsking) => (isAsking ? session.wait(news) : news.wait()),
      state,
      onFinished: () => session.handOver.finished(true),
      onReleased: () => session.workEnded(),
      onFailed,
    });
    // A loop before this may have left records behind that it took.
    session.feed.retire();
    session.refetch();
    session.work = scheduler;
    return scheduler;
  }

  private policy(): FailurePolicy<ConsumerRecord<K, V>> {
    const { attempts, backoff, isRetriable } = this.processing;
    const { deadLetters } = this;
    const { onRetry } = this.consumer.settings.connection;
    const judge = (error: unknown, attempt: number): Verdict => {
      // Without an attempt it could not be read, and never will be.
      if (attempt > 0 && attempt < attempts && isRetriable(error)) {
        const delayMs = retryDelayMs(backoff, attempt, Math.random());
        onRetry?.({ error: asWalrusError(error), activity: 'handle', attempt, delayMs });
        return { retryInMs: delayMs };
      }
      return deadLetters === undefined ? 'fail' : 'bury';
    };
    return {
      check: deadLetters === undefined ? undefined : readWhole,
      judge,
      bury: async (record, failure) => deadLetters?.send(record, failure),
    };
  }
}

/** Decodes key and value, so that those that cannot be never come to a handler. */
function readWhole<K, V>(record: ConsumerRecord<K, V>): void {
  record.decode();
}
