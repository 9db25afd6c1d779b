// Which partition a record goes to when its sender does not say.
import { partitionForKey } from '@walrusmq/record-batch';
import type { ProducerRecord } from './record';

/**
 * Chooses the partition of a record, from 0 to `partitionCount - 1`, or undefined to leave it to
 * the default. Called once per record that names no partition; must not throw.
 */
export type Partitioner<K = string | Uint8Array, V = unknown> = (
  record: ProducerRecord<K, V>,
  partitionCount: number,
) => number | undefined;

/**
 * Where records without a key go: they stick to one partition until its batch is closed and then
 * move to the next, so that batches fill instead of every partition getting a thin one.
 */
export class StickyPartition {
  private position: number;

  /** @param random Decides where the first batch goes, in [0, 1). */
  constructor(random: () => number = Math.random) {
    this.position = Math.floor(random() * 2 ** 30);
  }

  /** The partition records stick to now. */
  partition(partitionCount: number): number {
    return this.position % partitionCount;
  }

  /** A batch of this partition was closed; records move on if they were sticking to it. */
  batchClosed(partition: number, partitionCount: number): void {
    if (this.partition(partitionCount) === partition) this.position += 1;
  }
}

/**
 * The partition a record is sent to: the one it names, or what `partitioner` answers, or by the
 * murmur2 hash of its key's bytes, as Java's client does, so that producers of every language
 * agree.
 *
 * @returns Undefined for a record without a key: it goes where such records stick.
 * @throws {RangeError} The partition does not exist.
 */
export function choosePartition(
  record: ProducerRecord,
  key: Uint8Array | null,
  partitionCount: number,
  partitioner: Partitioner | undefined,
): number | undefined {
  const chosen = record.partition ?? partitioner?.(record, partitionCount);
  if (chosen === undefined) return key === null ? undefined : partitionForKey(key, partitionCount);
  if (Number.isInteger(chosen) && chosen >= 0 && chosen < partitionCount) return chosen;
  throw new RangeError(
    `topic "${record.topic}" has partitions 0 to ${partitionCount - 1}, not ${chosen}`,
  );
}
