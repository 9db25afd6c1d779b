import { setMaxListeners } from 'node:events';
import type { TopicPartition } from './admin';
import { asWalrusError, BrokerClient } from './broker-client';
import type { OffsetToCommit } from './commit-target';
import { checkHandlers, checkStart, consumerSettings } from './consumer-options';
import type {
  ConsumerOptions,
  ConsumerSettings,
  HandlerContext,
  Handlers,
  StartPosition,
} from './consumer-options';
import { ConsumerRecord } from './consumer-record';
import { ConsumerSession, type ConsumerLag, type ConsumerPosition } from './consumer-session';
import { ClosedError, InvalidOptionError, type WalrusError } from './errors';
import { wholeNumber } from './options';
import { checkProcessing, ConsumerProcessing } from './processing/consumer-processing';
import { processingSettings, type ProcessingSettings } from './processing/processing-options';
import type { OwnerState } from './processing/work-scheduler';
import { isPromise, nextBatch, nextRecord, type RecordFeed } from './record-feed';
import { asyncIterator } from './record-iterator';
import { Signal } from './signal';

/**
 * Reads records from partitions of one or more topics, alone or as a member of a group.
 *
 * Life: connects on first use. It goes on over lost connections and broker restarts from where it
 * is. It ends by `close`, by its signal, by an error of a handler, or by one that no retry helps
 * against; records fetched before such an error are handed over first. An ended consumer stays
 * ended.
 *
 * Order: records of one partition in the order of their offsets; partitions take turns.
 *
 * Delivery: at least once, unless `delivery` says otherwise. A record is finished when its handler
 * has returned, or when a loop asks for the next one; a loop left by `break` or by an error leaves
 * its last record unfinished. Automatic commits, the one of `close` included, save only what is
 * finished.
 *
 * Bounds: the broker sends ahead; at most `prefetchBytes` are on their way or not handed over, or
 * one batch that is larger.
 */
export class Consumer<K = Buffer, V = unknown> {
  private readonly settings: ConsumerSettings;
  private readonly pushes: BrokerClient;
  private readonly control: BrokerClient;
  private readonly news = new Signal();
  private readonly signal: AbortSignal | undefined;
  private session: ConsumerSession<K, V> | undefined;
  private opening: ConsumerSession<K, V> | undefined;
  private starting: Promise<ConsumerSession<K, V>> | undefined;
  private failure: WalrusError | undefined;
  private closing: Promise<void> | undefined;
  private inUse = false;
  private handling: Promise<unknown> | undefined;
  /** Ends the wait for the handler at work, whatever becomes of it. */
  private giveUp: (() => void) | undefined;
  private processing: ConsumerProcessing<K, V> | undefined;

  /** @throws {InvalidOptionError} An option that can never work. Nothing was started. */
  constructor(options: ConsumerOptions<K, V>) {
    this.settings = consumerSettings(options);
    this.pushes = new BrokerClient(this.settings.connection, 'the consumer');
    this.control = new BrokerClient(this.settings.connection, 'the consumer');
    this.signal = options.signal;
    if (this.signal === undefined) return;
    // One signal may end any number of consumers; each takes its listener back when it is closed.
    setMaxListeners(0, this.signal);
    this.signal.addEventListener('abort', this.onAbort, { once: true });
    if (this.signal.aborted) this.onAbort();
  }

  /** Bytes fetched and not handed over. */
  get bufferedBytes(): number {
    return this.session?.buffer.bufferedBytes ?? 0;
  }

  /**
   * The records, one after another; ends without an error when the consumer is closed. A second
   * loop goes on where the first was left, and so counts its last record as finished.
   *
   * @throws {WalrusError} What ended the consumer. From then on each loop throws it.
   * @throws {InvalidOptionError} Another loop or `run` is under way.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord<K, V>> {
    this.use();
    return asyncIterator({
      pick: () => this.pick(nextRecord<K, V>),
      take: () => this.take(nextRecord<K, V>),
      left: () => this.leave(),
    });
  }

  /**
   * Calls a handler for each record or batch, one at a time unless `concurrency` says otherwise;
   * resolves once the consumer is closed.
   *
   * @throws What the handler threw where no attempt is left, no dead letters are asked for and its
   *   outcome still counts. The consumer has then ended, after what else was at work: the record or
   *   batch and what is after it are not finished; what is was saved if automatic commits are on.
   * @throws {InvalidOptionError} Options that can never work. Nothing was begun.
   * @throws {WalrusError} What ended the consumer; a dead letter that could not be sent does.
   */
  async run(handlers: Handlers<K, V>): Promise<void> {
    const { eachRecord, eachBatch } = checkHandlers(handlers);
    const processing = processingSettings(handlers, eachBatch !== undefined);
    if (processing !== undefined) checkProcessing(processing, this.settings);
    this.use();
    try {
      if (processing !== undefined) await this.process(handlers, processing);
      else if (eachRecord !== undefined) await this.drive(nextRecord<K, V>, eachRecord);
      else if (eachBatch !== undefined) await this.drive(nextBatch<K, V>, eachBatch);
    } finally {
      this.leave();
    }
  }

  /**
   * Stops handing over records of a partition, of a topic, or of all; what was fetched of them is
   * dropped and fetched again after `resume`. A loop over nothing but paused partitions waits.
   *
   * @throws {InvalidOptionError} The consumer does not read it.
   */
  async pause(topic?: string, partition?: number): Promise<void> {
    const session = this.session ?? (await this.start());
    session.change(topic, partition, (each) => each.pause());
  }

  /** Goes on after `pause`; errors as there. */
  async resume(topic?: string, partition?: number): Promise<void> {
    const session = this.session ?? (await this.start());
    session.change(topic, partition, (each) => each.resume());
  }

  /**
   * Goes on elsewhere in a partition. When this resolves no record fetched before is handed over
   * any more; if the partitions are known already that holds from the call on. A commit saves the
   * new place.
   *
   * @param position A number is an offset.
   * @throws {InvalidOptionError} The consumer does not read the partition, or no such position.
   */
  async seek(topic: string, partition: number, position: StartPosition | number): Promise<void> {
    const start = checkStart('position', position);
    const session = this.session ?? (await this.start());
    session.change(topic, partition, (each) => each.seek(start));
  }

  /**
   * Saves the progress of the group or reader: without an argument all records handed over, the one
   * a loop or `eachRecord` is working on included, but nothing of a batch that `eachBatch` is
   * working on; with a record all up to and including it; with offsets just those, each the next
   * one to read. While `run` works with concurrency, retries or dead letters, nothing that is
   * handed over and not finished is saved but for the record given, which counts as finished here.
   * In a group only what this consumer has been assigned can be saved.
   *
   * @throws {InvalidOptionError} The consumer has no `group` and no `reader`, or saves all by
   *   itself as `delivery` says.
   * @throws {BrokerError} Refused; nothing of this call was saved. `NOT_ASSIGNED`: a partition is
   *   not this consumer's any more, or the record was handed over before it went and came back.
   *   `UNKNOWN_MEMBER_ID`, `FENCED_MEMBER_EPOCH`: the group went on without this consumer, which
   *   joins again by itself.
   */
  async commit(what?: ConsumerRecord<K, V> | readonly OffsetToCommit[]): Promise<void> {
    const { reader, group, commitMode } = this.settings;
    if (reader === undefined && group === undefined) {
      throw new InvalidOptionError('commit needs a group or a reader: give the consumer one');
    }
    if (commitMode === 'ahead') {
      throw new InvalidOptionError("with delivery 'at-most-once' progress is saved already");
    }
    const session = this.session ?? (await this.start());
    await session.commit(what);
  }

  /** The partitions that the consumer has; in a group they come and go. */
  assignment(): readonly TopicPartition[] {
    return this.session?.assignment() ?? [];
  }

  /** The next offset to be handed over, for each partition whose place is known by now. */
  position(): readonly ConsumerPosition[] {
    return this.session?.positions() ?? [];
  }

  /**
   * How far the consumer is behind, by the ends the broker tells at this moment.
   *
   * @throws {BrokerError} A topic is gone.
   */
  async lag(): Promise<readonly ConsumerLag[]> {
    const session = this.session ?? (await this.start());
    return session.lag();
  }

  /**
   * Ends the consumer: no record is handed over from the call on, a handler at work is waited for,
   * what is finished is saved if automatic commits are on, and the connections are closed. Handlers
   * and `onPartitions…` callbacks must not wait for it, as it waits for them; the `signal` option
   * is the way out of one.
   *
   * @param options.timeoutMs How long to wait for handlers and then `onPartitions…` callbacks, all
   *   in all, default 30 000; what the handlers work on is not finished then. The last save takes
   *   up to `requestTimeoutMs` behind that.
   * @throws {WalrusError} The last progress could not be saved. The consumer is closed all the
   *   same.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const timeoutMs = wholeNumber('timeoutMs', options.timeoutMs, 30_000, 0);
    this.closing ??= this.shutDown(timeoutMs);
    return this.closing;
  }

  // Whoever loops over the consumer, or closes it as well, is told of the error by that.
  private readonly onAbort = (): void => void this.close().catch(() => undefined);

  private use(): void {
    if (this.inUse) throw new InvalidOptionError('the consumer is being read by another loop');
    this.inUse = true;
  }

  private leave(): void {
    this.inUse = false;
    this.session?.workEnded();
  }

  private start(): Promise<ConsumerSession<K, V>> {
    if (this.closing !== undefined) return Promise.reject(new ClosedError('the consumer'));
    this.starting ??= this.open();
    return this.starting;
  }

  private async open(): Promise<ConsumerSession<K, V>> {
    const { settings, pushes, control } = this;
    try {
      const session = new ConsumerSession<K, V>({
        settings,
        pushes,
        control,
        isInUse: () => this.inUse,
        onFetched: () => this.news.notify(),
        onFailed: (error) => this.fail(error),
      });
      this.opening = session;
      await session.open();
      this.session = session;
      return session;
    } catch (error) {
      if (this.closing === undefined) this.fail(asWalrusError(error));
      throw error;
    }
  }

  /** What is fetched already; undefined when there is nothing or the consumer is closed. */
  private pick<T>(next: (feed: RecordFeed<K, V>) => T | undefined): T | undefined {
    if (this.closing !== undefined) return undefined;
    try {
      return this.session?.pick(next);
    } catch (error) {
      this.fail(asWalrusError(error));
      return undefined;
    }
  }

  /** As `pick`, waiting until there is something; undefined when the consumer is closed. */
  private async take<T>(next: (feed: RecordFeed<K, V>) => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = this.pick(next);
      if (found !== undefined) return found;
      // What is there comes before what has ended the consumer.
      const isYielding = this.session?.isYielding === true && this.closing === undefined;
      if (this.failure !== undefined && !isYielding) {
        // That its progress could not be saved either says less than what ended it.
        await this.close().catch(() => undefined);
        throw this.failure;
      }
      if (this.closing !== undefined) {
        await this.closing;
        return undefined;
      }
      // An error of the start is kept in `failure`, which the next round throws.
      if (this.session === undefined) await this.start().catch(() => undefined);
      else await this.session.wait(this.news);
    }
  }

  private async drive<T>(
    next: (feed: RecordFeed<K, V>) => T | undefined,
    handler: (item: T, context: HandlerContext) => unknown,
  ): Promise<void> {
    for (;;) {
      const item = this.pick(next) ?? (await this.take(next));
      if (item === undefined) return;
      const { feed } = this.session as ConsumerSession<K, V>;
      const { context } = feed;
      try {
        const result = handler(item, context);
        // A handler that does not wait costs no promise; asking for the next one finishes its item.
        if (isPromise(result)) await this.settle(result);
        // Nobody asks for the next one.
        else if (this.closing !== undefined) feed.finish();
      } catch (error) {
        // What does not count any more fails nothing, such as a handler that its signal has ended.
        if (!context.isVoid) throw await this.handlerFailed(error);
        feed.abandon();
      }
    }
  }

  private async process(
    handlers: Handlers<K, V>,
    processing: ProcessingSettings<K, V>,
  ): Promise<void> {
    // An error of the start is kept in `failure`, which `take` throws.
    const session = this.session ?? (await this.start().catch(() => undefined));
    if (session !== undefined) {
      const { settings, news } = this;
      const state = (): OwnerState =>
        this.closing !== undefined ? 'draining' : this.failure !== undefined ? 'ending' : 'open';
      const onFailed = (error: unknown): void => void this.handlerFailed(error);
      const consumer = { settings, session, news, state, onFailed };
      this.processing = new ConsumerProcessing<K, V>(consumer, processing, handlers);
      const running = this.processing.run();
      // `close` only waits for its end; the caller of `run` is told how it ended.
      this.handling = running.catch(() => undefined);
      try {
        await running;
      } catch (error) {
        throw await this.handlerFailed(error);
      }
    }
    // What ended it is told, or its end waited for.
    await this.take(() => undefined);
  }

  private async settle(result: PromiseLike<unknown>): Promise<void> {
    const { feed } = this.session ?? {};
    const ended = Promise.resolve(result).then(
      () => feed?.finish(),
      () => feed?.abandon(),
    );
    const isOver = new Promise<boolean>((resolve) => {
      this.giveUp = (): void => resolve(false);
      void ended.then(() => resolve(true));
    });
    this.handling = isOver;
    try {
      // What it ends with after it was given up counts for nothing.
      if (await isOver) await result;
    } finally {
      this.handling = undefined;
    }
  }

  /** Ends the consumer; resolves with the error once it has. */
  private async handlerFailed(error: unknown): Promise<unknown> {
    this.session?.feed.abandon();
    this.fail(asWalrusError(error));
    // What the handler threw says more than that the progress before it could not be saved.
    await this.close().catch(() => undefined);
    return error;
  }

  private fail(error: WalrusError): void {
    this.failure ??= error;
    this.opening?.stop();
    this.pushes.close();
    this.news.notify();
  }

  private async shutDown(timeoutMs: number): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    this.signal?.removeEventListener('abort', this.onAbort);
    this.opening?.stop();
    this.pushes.close();
    this.news.notify();
    try {
      // A handler that called this returns first: only then it is known whether it waits.
      await Promise.resolve();
      await this.handlerDone(timeoutMs);
      await this.opening?.close(deadlineMs);
    } finally {
      this.control.close();
    }
  }

  private async handlerDone(timeoutMs: number): Promise<void> {
    if (this.handling === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    const isDone = await Promise.race([this.handling.then(() => true), timeout]);
    clearTimeout(timer);
    if (isDone === true) return;
    this.session?.feed.giveUp();
    this.giveUp?.();
    this.processing?.abandon();
    if (this.processing !== undefined) await this.handling;
  }
}
