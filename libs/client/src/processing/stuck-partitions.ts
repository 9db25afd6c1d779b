import type { ConsumedPartition } from '../consumed-partition';
import type { Clock } from './clock';
import type { PartitionWindow } from './partition-window';

/** How long a full window may stand still while it keeps others waiting. */
const STUCK_AFTER_MS = 1_000;

/** What stuck partitions are looked for in, and what is done about them. */
export interface StuckOptions {
  readonly clock: Clock;
  /** Those the consumer reads. */
  readonly partitions: () => readonly ConsumedPartition[];
  /** Whether what is fetched and not handed over leaves no room for more. */
  readonly isBufferFull: () => boolean;
  /** What is fetched of the partition is dropped and no more fetched. */
  readonly hold: (partition: ConsumedPartition) => void;
  /** Its records are fetched again, from the first one not handed over. */
  readonly unhold: (partition: ConsumedPartition) => void;
}

/**
 * Keeps partitions that cannot go on from filling the buffer that others need.
 *
 * A record that waits long for its next attempt keeps its partition's window full, and what is
 * fetched of that partition stays in the buffer; in the end nothing is fetched of the others.
 * Dropping it costs fetching it again, so only a window is held that did not move for a second,
 * while the buffer is full, handlers are free, and another partition could be read.
 */
export class StuckPartitions<T> {
  private timer: unknown;
  private readonly seen = new Map<PartitionWindow<T>, number>();
  private readonly held = new Set<PartitionWindow<T>>();

  constructor(private readonly options: StuckOptions) {}

  /**
   * Looks at the windows after something has changed.
   *
   * @param isStarved Whether a handler is free and nothing could be taken.
   */
  look(windows: ReadonlyMap<ConsumedPartition, PartitionWindow<T>>, isStarved: boolean): void {
    for (const window of this.held) {
      if (!window.isHalfEmpty) continue;
      this.held.delete(window);
      this.options.unhold(window.partition);
    }
    if (!isStarved || !this.options.isBufferFull() || !this.othersCouldBeRead(windows)) {
      this.stop();
      return;
    }
    if (this.timer !== undefined) return;
    for (const window of windows.values()) {
      if (isFull(window)) this.seen.set(window, window.partition.finished);
    }
    if (this.seen.size === 0) return;
    this.timer = this.options.clock.setTimer(() => this.holdThoseThatStand(), STUCK_AFTER_MS);
  }

  /** Forgets a partition that is given up, or all. */
  forget(window?: PartitionWindow<T>): void {
    if (window === undefined) this.stop();
    else this.seen.delete(window);
    if (window === undefined) this.held.clear();
    else this.held.delete(window);
  }

  private holdThoseThatStand(): void {
    const seen = [...this.seen];
    this.stop();
    for (const [window, finished] of seen) {
      if (window.partition.finished !== finished || !isFull(window)) continue;
      this.held.add(window);
      this.options.hold(window.partition);
    }
  }

  private othersCouldBeRead(windows: ReadonlyMap<ConsumedPartition, PartitionWindow<T>>): boolean {
    return this.options
      .partitions()
      .some((partition) => partition.isRead && windows.get(partition)?.hasRoom !== false);
  }

  private stop(): void {
    this.options.clock.clearTimer(this.timer);
    this.timer = undefined;
    this.seen.clear();
  }
}

function isFull<T>(window: PartitionWindow<T>): boolean {
  return !window.hasRoom && window.partition.isRead;
}
