import type { TopicPartitionList } from '@walrusmq/storage';
import { partitionKey, partitionOfKey } from './committed-offset';
import type { MemberProtocol } from './group-requests';

/** A member of a classic group. Never changed: another object takes its place. */
export interface ClassicMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly MemberProtocol[];
  /** What the leader of the last complete rebalance gave it. */
  readonly assignment: Buffer;
}

/**
 * A member of a group whose assignment the broker makes. Never changed: another object takes its
 * place. Partitions are named by `partitionKey`.
 */
export interface ConsumerMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly topicNames: readonly string[];
  readonly topicPattern: string | null;
  readonly serverAssignor: string | null;
  /** The epoch it has caught up with; STATIC_LEAVE_EPOCH while a static member is away. */
  readonly epoch: number;
  /** The epoch before: a member that missed the last answer comes with it. */
  readonly previousEpoch: number;
  /**
   * `unrevoked`: asked to give up `revoking` and has not said that it did; `unreleased`: waits for
   * partitions that others have not given up; `stable`: has all that its epoch gives it.
   */
  readonly phase: 'stable' | 'unrevoked' | 'unreleased';
  readonly assigned: ReadonlySet<string>;
  readonly revoking: ReadonlySet<string>;
  /** What the group's assignment wants it to own. */
  readonly target: ReadonlySet<string>;
}

/** Whether both lists name the same protocols with the same metadata, in the same order. */
export function hasSameProtocols(
  one: readonly MemberProtocol[],
  other: readonly MemberProtocol[],
): boolean {
  return (
    one.length === other.length &&
    one.every(({ name, metadata }, index) => {
      const twin = other[index];
      return twin?.name === name && twin.metadata.equals(metadata);
    })
  );
}

/** What a member says of itself takes: the names of its protocols and their metadata. */
export function protocolBytes(protocols: readonly MemberProtocol[]): number {
  let bytes = 0;
  for (const { name, metadata } of protocols) bytes += Buffer.byteLength(name) + metadata.length;
  return bytes;
}

/** The partitions by topic, topics and partitions in ascending order. */
export function toPartitionLists(keys: ReadonlySet<string>): TopicPartitionList[] {
  const topics = new Map<string, number[]>();
  for (const key of keys) {
    const { topicId, partition } = partitionOfKey(key);
    const partitions = topics.get(topicId);
    if (partitions === undefined) topics.set(topicId, [partition]);
    else partitions.push(partition);
  }
  return [...topics]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([topicId, partitions]) => ({ topicId, partitions: partitions.sort((a, b) => a - b) }));
}

/** The reverse of `toPartitionLists`. */
export function toPartitionKeys(lists: readonly TopicPartitionList[]): Set<string> {
  const keys = new Set<string>();
  for (const { topicId, partitions } of lists) {
    for (const partition of partitions) keys.add(partitionKey({ topicId, partition }));
  }
  return keys;
}
