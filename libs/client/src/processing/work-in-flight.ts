import type { ConsumedPartition } from '../consumed-partition';

/**
 * What was handed over to the program and is not finished, by partition. A group that gives a
 * partition up pauses it, waits for `idle`, commits, and drops it; one that has lost it drops it.
 */
export interface WorkInFlight {
  /** The offset that a commit without arguments saves. */
  committable(partition: ConsumedPartition): number;

  /** The offset that a commit up to and including the record at `offset` saves. */
  committableWith(partition: ConsumedPartition, offset: number): number;

  /** Partitions were sought, paused or resumed. */
  changed(): void;

  /** Whether a handler works on the partition. */
  isAtWork(partition: ConsumedPartition): boolean;

  /**
   * Resolves once no handler works on the partition. Nothing new begins there meanwhile only if it
   * is paused.
   */
  idle(partition: ConsumedPartition): Promise<void>;

  /**
   * Forgets the partition: what was handed over of it never counts as finished, handlers at work
   * have their signal aborted, and nothing of it begins any more.
   */
  drop(partition: ConsumedPartition): void;
}
