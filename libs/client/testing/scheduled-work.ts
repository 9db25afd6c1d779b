// A scheduler over partitions in memory whose handlers end when a test says so. For tests only.
import { ConsumedPartition } from '../src/consumed-partition';
import type { HandlerContext } from '../src/consumer-options';
import type { FailurePolicy, FinalFailure, Verdict } from '../src/processing/failure-policy';
import { StuckPartitions } from '../src/processing/stuck-partitions';
import type { TakenWork } from '../src/processing/work-item';
import { WorkScheduler, type OwnerState } from '../src/processing/work-scheduler';
import { Signal } from '../src/signal';
import { VirtualClock } from './virtual-clock';

export interface Item {
  readonly partition: ConsumedPartition;
  readonly offset: number;
  readonly key: string | undefined;
}

export interface Call {
  readonly item: Item;
  readonly context: HandlerContext;
  readonly attempt: number;
  readonly moves: number;
  succeed(): void;
  fail(error: Error): void;
}

export interface WorkSettings {
  readonly max: number;
  readonly windowRecords?: number;
  readonly totalRecords?: number;
  /** Each item counts as one byte. */
  readonly totalBytes?: number;
  readonly judge?: (error: unknown, attempt: number) => Verdict;
  readonly bury?: (item: Item, failure: FinalFailure) => Promise<void>;
  readonly check?: (item: Item) => void;
}

/** Lets everything that waits for settled promises go on. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

export class ScheduledWork {
  readonly clock = new VirtualClock();
  readonly news = new Signal();
  readonly partitions: ConsumedPartition[];
  readonly scheduler: WorkScheduler<Item>;
  /** Handlers at work. */
  readonly calls: Call[] = [];
  readonly begun: Call[] = [];
  readonly taken: Item[] = [];
  state: OwnerState = 'open';
  finishedCount = 0;
  releasedCount = 0;
  failedWith: unknown;
  /** What `take` throws, once. */
  feedError: Error | undefined;
  /** The windows that the scheduler keeps. */
  windows: ReadonlyMap<ConsumedPartition, unknown> = new Map();
  /** What a handler gives back instead of waiting for the test. */
  instantly: ((item: Item) => void) | undefined;
  private next = 0;

  /** @param records Keys by partition; undefined: no key. */
  constructor(
    readonly records: readonly (readonly (string | undefined)[])[],
    {
      max,
      windowRecords = 1_000,
      totalRecords = 10_000,
      totalBytes = 1e9,
      judge,
      bury,
      check,
    }: WorkSettings,
  ) {
    this.partitions = records.map((_, number) => {
      const partition = new ConsumedPartition('t', number, { offset: 0 });
      partition.moveTo(0);
      return partition;
    });
    const policy: FailurePolicy<Item> = {
      check,
      judge: judge ?? (() => 'fail'),
      bury: bury ?? (() => Promise.reject(new Error('nobody buries here'))),
    };
    const stuck = new StuckPartitions<Item>({
      clock: this.clock,
      partitions: () => this.partitions,
      isBufferFull: () => false,
      hold: () => undefined,
      unhold: () => undefined,
    });
    const look = stuck.look.bind(stuck);
    stuck.look = (windows, isStarved) => {
      this.windows = windows;
      look(windows, isStarved);
    };
    this.scheduler = new WorkScheduler<Item>({
      take: (accepts) => this.take(accepts),
      isYielding: () => false,
      handle: (item, context) => this.handle(item, context),
      policy,
      max,
      window: { records: windowRecords, bytes: 1e9 },
      total: { records: totalRecords, bytes: totalBytes },
      stuck,
      clock: this.clock,
      news: this.news,
      wait: () => this.news.wait(),
      state: () => this.state,
      onFinished: () => (this.finishedCount += 1),
      onFailed: (error) => (this.failedWith = error),
      onReleased: () => (this.releasedCount += 1),
    });
  }

  get finished(): number[] {
    return this.partitions.map(({ finished }) => finished);
  }

  /** Offsets at work, as `partition:offset`. */
  get atWork(): string[] {
    return this.calls.map(({ item }) => `${item.partition.partition}:${item.offset}`);
  }

  call(name: string): Call {
    const found = this.calls.find(
      ({ item }) => `${item.partition.partition}:${item.offset}` === name,
    );
    if (found === undefined) throw new Error(`${name} is not at work: ${this.atWork.join(' ')}`);
    return found;
  }

  async succeed(...names: string[]): Promise<void> {
    for (const name of names) this.call(name).succeed();
    await settle();
  }

  async fail(name: string, error = new Error('no')): Promise<void> {
    this.call(name).fail(error);
    await settle();
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settle();
  }

  async become(state: OwnerState): Promise<void> {
    this.state = state;
    this.news.notify();
    await settle();
  }

  private take(accepts: (partition: ConsumedPartition) => boolean): TakenWork<Item> | undefined {
    const { feedError } = this;
    this.feedError = undefined;
    if (feedError !== undefined) throw feedError;
    for (let tried = 0; tried < this.partitions.length; tried++) {
      const number = this.next++ % this.partitions.length;
      const partition = this.partitions[number]!;
      const keys = this.records[number]!;
      const { position: offset } = partition;
      if (offset >= keys.length || !partition.isRead || !accepts(partition)) continue;
      const item = { partition, offset, key: keys[offset] };
      partition.position = offset + 1;
      this.taken.push(item);
      return {
        work: item,
        partition,
        offset,
        endOffset: offset + 1,
        sizeBytes: 1,
        lane: item.key,
      };
    }
    return undefined;
  }

  private handle(item: Item, context: HandlerContext): unknown {
    const { attempt } = context;
    const { moves } = item.partition;
    if (this.instantly !== undefined) {
      this.instantly(item);
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      const end = (): void => void this.calls.splice(this.calls.indexOf(call), 1);
      const call: Call = {
        item,
        context,
        attempt,
        moves,
        succeed: () => {
          end();
          resolve();
        },
        fail: (error) => {
          end();
          reject(error);
        },
      };
      this.calls.push(call);
      this.begun.push(call);
    });
  }
}
