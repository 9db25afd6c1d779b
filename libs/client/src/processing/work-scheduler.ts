import type { ConsumedPartition } from '../consumed-partition';
import type { HandlerContext } from '../consumer-options';
import type { Signal } from '../signal';
import type { Clock } from './clock';
import type { FailurePolicy, Verdict } from './failure-policy';
import { PartitionWindow, type WindowLimits } from './partition-window';
import type { Accepts } from './partitioned-feed';
import type { StuckPartitions } from './stuck-partitions';
import type { WorkInFlight } from './work-in-flight';
import { WorkItem, type TakenWork } from './work-item';

/**
 * How its owner is: 'open'; 'draining', when nothing new may begin; 'ending', when nothing more
 * will be fetched and what is fetched is still to be worked on.
 */
export type OwnerState = 'open' | 'draining' | 'ending';

/** What a scheduler is built with. */
export interface SchedulerOptions<T> {
  /** The next of what is fetched, of a partition that it accepts. May throw. */
  readonly take: (accepts: Accepts) => TakenWork<T> | undefined;
  /** Whether `take` finds nothing only until others had their turn. */
  readonly isYielding: () => boolean;
  readonly handle: (work: T, context: HandlerContext) => unknown;
  readonly policy: FailurePolicy<T>;
  /** Handlers at work at once. */
  readonly max: number;
  readonly window: WindowLimits;
  /** Of all windows together. */
  readonly total: WindowLimits;
  readonly stuck: StuckPartitions<T>;
  readonly clock: Clock;
  /** Notified by its owner when something was fetched or the owner's state has changed. */
  readonly news: Signal;
  /** Waits for `news`; `isAsking` when no handler is at work, or one is free and finds nothing. */
  readonly wait: (isAsking: boolean) => Promise<void>;
  readonly state: () => OwnerState;
  /** A partition's `finished` has moved. */
  readonly onFinished: () => void;
  /** A handler's work has ended, in whatever way. */
  readonly onReleased: () => void;
  /** An error that ends the consumer; handlers at work go on. */
  readonly onFailed: (error: unknown) => void;
}

/**
 * Hands records over to several handlers at once, in order where order is to be kept.
 *
 * Place: takes from a `PartitionedFeed`; a `PartitionWindow` for each partition knows what is not
 * finished and who waits behind whom.
 *
 * Life: `run` until its owner drains or ends, or until an error; then no handler is at work and
 * nothing begins any more. `abandon` ends it although handlers are at work.
 *
 * Order: items of one lane of a partition one after another, over retries and seeks. Nothing is
 * taken from the feed while no handler is free, so what waits here waits for its lane or for its
 * next attempt.
 *
 * Invariants:
 *  (1) At most `max` items are at work: their handler, or the sending of their dead letter.
 *  (2) What is not finished is within `window` for each partition and within `total` for all, but
 *      for one item that alone is more.
 *  (3) `finished` of a partition never passes an item that is neither handled nor buried.
 */
export class WorkScheduler<T> implements WorkInFlight {
  private readonly windows = new Map<ConsumedPartition, PartitionWindow<T>>();
  private readonly dropped = new Set<PartitionWindow<T>>();
  /** Those whose turn it is, oldest first. */
  private ready: WorkItem<T>[] = [];
  /** As `ready`, of partitions that the program has paused. */
  private parked: WorkItem<T>[] = [];
  private readonly backingOff = new Set<WorkItem<T>>();
  private atWork = 0;
  private records = 0;
  private bytes = 0;
  private failure: { readonly error: unknown } | undefined;
  private feedFailure: { readonly error: unknown } | undefined;
  private abandoned = false;
  private idleWaiters: (() => void)[] = [];
  private readonly accepts: Accepts = (partition) => this.windowOf(partition).hasRoom;

  constructor(private readonly options: SchedulerOptions<T>) {}

  /**
   * Hands over until its owner drains or ends.
   *
   * @throws What a handler or the dead letters failed with, or what the feed threw once all before
   *   it is done.
   */
  async run(): Promise<void> {
    const { wait, stuck } = this.options;
    for (;;) {
      const isStarved = this.advance();
      if (this.isOver()) break;
      stuck.look(this.windows, isStarved);
      await wait(this.atWork === 0 || isStarved);
    }
    stuck.forget();
    for (const item of this.backingOff) this.options.clock.clearTimer(item.timer);
    this.backingOff.clear();
    const failure = this.failure ?? (this.isStopping() ? undefined : this.feedFailure);
    if (failure !== undefined) throw failure.error;
  }

  /** All that is handed over and done, without a gap. */
  committable({ finished }: ConsumedPartition): number {
    return finished;
  }

  /** As `committable`, with the record itself taken as done. */
  committableWith(partition: ConsumedPartition, offset: number): number {
    return this.windows.get(partition)?.endWith(offset) ?? offset + 1;
  }

  /** Whether a handler works on the partition, or still on something of before a seek. */
  isAtWork(partition: ConsumedPartition): boolean {
    return !this.abandoned && (this.windows.get(partition)?.atWork ?? 0) > 0;
  }

  /** Resolves once `isAtWork` is false. */
  async idle(partition: ConsumedPartition): Promise<void> {
    while (this.isAtWork(partition)) {
      await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
    }
  }

  /** What lies before `endOffset`, behind all that was taken, holds nothing for the program. */
  passedOver(partition: ConsumedPartition, endOffset: number): void {
    if (this.windowOf(partition).passOver(endOffset)) this.options.onFinished();
  }

  /** Lets go of the partition; see `WorkInFlight`. */
  drop(partition: ConsumedPartition): void {
    const window = this.windows.get(partition);
    if (window === undefined) return;
    this.clear(window);
    const isOthers = (item: WorkItem<T>): boolean => {
      if (item.taken.partition !== partition) return true;
      window.next(item);
      return false;
    };
    this.ready = this.ready.filter(isOthers);
    this.parked = this.parked.filter(isOthers);
    this.options.stuck.forget(window);
    // Handlers at work end in it; the next owner of the partition's order is behind them.
    if (window.isIdle) this.windows.delete(partition);
    else this.dropped.add(window);
  }

  /** Partitions were sought, paused or resumed. */
  changed(): void {
    for (const window of this.windows.values()) if (window.isStale) this.clear(window);
    this.ready.push(...this.parked.splice(0));
    this.options.news.notify();
  }

  /** Waits for nobody any more: whatever is at work does not count. */
  abandon(): void {
    this.abandoned = true;
    for (const window of this.windows.values()) this.clear(window);
    this.wakeIdle();
    this.options.news.notify();
  }

  /** Begins what can begin; whether a handler is free and nothing could be taken. */
  private advance(): boolean {
    while (!this.isStopping() && this.atWork < this.options.max) {
      const item = this.ready.shift() ?? this.admit();
      if (item === undefined) return this.hasRoom() && !this.options.isYielding();
      if (item === 'waits') continue;
      if (this.windowOf(item.taken.partition).isStale || item.isVoid) this.passOn(item);
      else if (!item.taken.partition.isWorkedOn) this.parked.push(item);
      else this.begin(item);
    }
    return false;
  }

  /** Takes the next from the feed; 'waits' when it is behind another of its lane. */
  private admit(): WorkItem<T> | 'waits' | undefined {
    if (this.feedFailure !== undefined || !this.hasRoom()) return undefined;
    let taken: TakenWork<T> | undefined;
    try {
      taken = this.options.take(this.accepts);
    } catch (error) {
      this.feedFailure = { error };
    }
    if (taken === undefined) return undefined;
    const item = new WorkItem(taken);
    const window = this.windowOf(taken.partition);
    this.dropped.delete(window);
    this.records += 1;
    this.bytes += taken.sizeBytes;
    return window.add(item) ? item : 'waits';
  }

  private hasRoom(): boolean {
    const { records, bytes } = this.options.total;
    return this.records < records && this.bytes < bytes;
  }

  private begin(item: WorkItem<T>): void {
    const { policy, handle } = this.options;
    this.windowOf(item.taken.partition).atWork += 1;
    this.atWork += 1;
    if (item.attempt === 0 && policy.check !== undefined) {
      try {
        policy.check(item.work);
      } catch (error) {
        this.handlerFailed(item, error);
        return;
      }
    }
    item.attempt += 1;
    try {
      const result = handle(item.work, item);
      // A handler that does not wait costs no promise.
      if (!isPromise(result)) this.succeeded(item);
      else {
        Promise.resolve(result).then(
          () => this.succeeded(item),
          (error: unknown) => this.handlerFailed(item, error),
        );
      }
    } catch (error) {
      this.handlerFailed(item, error);
    }
  }

  private succeeded(item: WorkItem<T>): void {
    const window = this.leave(item);
    if (!item.isVoid) {
      const { size, bytes } = window;
      const hasMoved = window.finish(item);
      this.account(size - window.size, bytes - window.bytes);
      if (hasMoved) this.options.onFinished();
    }
    this.passOn(item);
    this.settled(window);
  }

  private handlerFailed(item: WorkItem<T>, error: unknown): void {
    const { policy, clock } = this.options;
    const nowMs = clock.nowMs();
    item.firstFailureMs ??= nowMs;
    if (this.windowOf(item.taken.partition).isStale || item.isVoid) {
      this.succeeded(item);
      return;
    }
    let verdict: Verdict;
    try {
      verdict = policy.judge(error, item.attempt);
    } catch (thrown) {
      // The program's own `isRetriable` and `onRetry` are asked there.
      this.endWith(item, thrown);
      return;
    }
    if (verdict === 'fail') this.endWith(item, error);
    else if (verdict === 'bury') {
      const { attempt: attempts, firstFailureMs } = item;
      const failure = { error, attempts, firstFailureMs, lastFailureMs: nowMs };
      policy.bury(item.work, failure).then(
        () => this.succeeded(item),
        (thrown: unknown) => this.endWith(item, thrown),
      );
    } else this.tryLater(item, verdict.retryInMs);
  }

  private tryLater(item: WorkItem<T>, delayMs: number): void {
    const window = this.leave(item);
    // While its owner drains there is no next attempt: the record stays unfinished.
    if (!this.isStopping()) {
      this.backingOff.add(item);
      item.timer = this.options.clock.setTimer(() => {
        this.backingOff.delete(item);
        this.ready.push(item);
        this.options.news.notify();
      }, delayMs);
    }
    this.settled(window);
  }

  private endWith(item: WorkItem<T>, error: unknown): void {
    const window = this.leave(item);
    // The record is one that no longer counts.
    if (item.isVoid) this.passOn(item);
    else {
      this.failure ??= { error };
      this.options.onFailed(error);
    }
    this.settled(window);
  }

  private leave(item: WorkItem<T>): PartitionWindow<T> {
    const window = this.windowOf(item.taken.partition);
    window.atWork -= 1;
    this.atWork -= 1;
    return window;
  }

  private settled(window: PartitionWindow<T>): void {
    if (window.isIdle && this.dropped.delete(window)) this.windows.delete(window.partition);
    this.wakeIdle();
    this.options.onReleased();
    this.options.news.notify();
  }

  /** An item is out of the way of those behind it in its lane. */
  private passOn(item: WorkItem<T>): void {
    const next = this.windowOf(item.taken.partition).next(item);
    if (next !== undefined) this.ready.push(next);
  }

  /** The partition's window, emptied if it was sought since. */
  private windowOf(partition: ConsumedPartition): PartitionWindow<T> {
    let window = this.windows.get(partition);
    if (window === undefined) {
      window = new PartitionWindow(partition, this.options.window);
      this.windows.set(partition, window);
    } else if (window.isStale) this.clear(window);
    return window;
  }

  private clear(window: PartitionWindow<T>): void {
    this.account(window.size, window.bytes);
    for (const item of window.clear()) {
      if (!this.backingOff.delete(item)) continue;
      this.options.clock.clearTimer(item.timer);
      // Nothing of its lane counts any more, either.
      window.next(item);
    }
  }

  private account(records: number, bytes: number): void {
    this.records -= records;
    this.bytes -= bytes;
  }

  private isStopping(): boolean {
    return this.abandoned || this.failure !== undefined || this.options.state() === 'draining';
  }

  private isOver(): boolean {
    if (this.abandoned) return true;
    if (this.atWork > 0) return false;
    if (this.isStopping()) return true;
    if (this.options.isYielding()) return false;
    const mayCome = this.options.state() === 'open' && this.feedFailure === undefined;
    return !mayCome && this.backingOff.size === 0 && this.ready.length === 0;
  }

  private wakeIdle(): void {
    for (const wake of this.idleWaiters.splice(0)) wake();
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value;
}
