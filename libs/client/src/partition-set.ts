import type { ConsumedPartition } from './consumed-partition';

/**
 * The partitions that a consumer has at the moment.
 *
 * Place: whoever assigns partitions adds and removes them; all others look them up here each time,
 * as a partition that was taken away and came back is another object.
 */
export class PartitionSet {
  private readonly byKey = new Map<string, ConsumedPartition>();

  /** How many there are. */
  get size(): number {
    return this.byKey.size;
  }

  /** All of them, in the order in which they were added. */
  [Symbol.iterator](): IterableIterator<ConsumedPartition> {
    return this.byKey.values();
  }

  /** The partition called `topic/number`, if the consumer has it. */
  get(key: string): ConsumedPartition | undefined {
    return this.byKey.get(key);
  }

  /** Whether this very object is in it, not one of the same name that came later. */
  has(partition: ConsumedPartition): boolean {
    return this.byKey.get(partition.key) === partition;
  }

  /** Those for which `test` holds, in the order in which they were added. */
  filter(test: (partition: ConsumedPartition) => boolean): ConsumedPartition[] {
    return [...this.byKey.values()].filter(test);
  }

  /** Adds partitions that it does not have. */
  add(partitions: readonly ConsumedPartition[]): void {
    for (const partition of partitions) this.byKey.set(partition.key, partition);
  }

  /** Removes these objects, as far as they are in it. */
  remove(partitions: readonly ConsumedPartition[]): void {
    for (const partition of partitions) {
      if (this.has(partition)) this.byKey.delete(partition.key);
    }
  }
}
