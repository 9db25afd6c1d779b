import type { CommittedOffsetRecord } from '@walrusmq/storage';
import type { PartitionName } from './group-requests';

/** A group's position in one partition, as it is stored. */
export type CommittedOffset = Omit<CommittedOffsetRecord, 'type' | 'groupId'>;

/** Sets a position, or takes one away. */
export type OffsetChange = { readonly put: CommittedOffset } | { readonly remove: PartitionName };

/** The committed offsets of one group, for reading. */
export interface OffsetView {
  readonly size: number;

  /** The position in a partition, if there is one. */
  get(partition: PartitionName): CommittedOffset | undefined;

  /** All positions of the group. */
  all(): Iterable<CommittedOffset>;
}

/** One text for each partition, and another for each other one. */
export function partitionKey({ topicId, partition }: PartitionName): string {
  return `${topicId}/${partition}`;
}

/** The partition that a key stands for. */
export function partitionOfKey(key: string): PartitionName {
  const slash = key.lastIndexOf('/');
  return { topicId: key.slice(0, slash), partition: Number(key.slice(slash + 1)) };
}
