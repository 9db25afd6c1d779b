/** Partitions of one topic, in ascending order. */
export interface TopicPartitionList {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

/** A group of the classic protocol: what all of it shares. */
export interface ClassicGroupRecord {
  readonly type: 'classicGroup';
  readonly groupId: string;
  readonly generation: number;
  readonly phase: 'empty' | 'preparing' | 'completing' | 'stable';
  /** Null while nobody but committers of offsets has used the group. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  /** When the phase was entered. */
  readonly changedAtMs: number;
}

/** A group whose assignment the broker makes (KIP-848): what all of it shares. */
export interface ConsumerGroupRecord {
  readonly type: 'consumerGroup';
  readonly groupId: string;
  readonly epoch: number;
  readonly assignmentEpoch: number;
  /** The topics that the assignment was made for, as a digest. */
  readonly topicsDigest: string;
  readonly changedAtMs: number;
}

/** A member of a group of the classic protocol. */
export interface ClassicMemberRecord {
  readonly type: 'classicMember';
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** In the member's order of preference. */
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[];
  readonly assignment: Buffer;
}

/** A member of a group whose assignment the broker makes. */
export interface ConsumerMemberRecord {
  readonly type: 'consumerMember';
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly topicNames: readonly string[];
  readonly topicPattern: string | null;
  readonly serverAssignor: string | null;
  readonly epoch: number;
  readonly previousEpoch: number;
  readonly phase: 'stable' | 'unrevoked' | 'unreleased';
  readonly assigned: readonly TopicPartitionList[];
  readonly revoking: readonly TopicPartitionList[];
  readonly target: readonly TopicPartitionList[];
}

/** A group's position in one partition. */
export interface CommittedOffsetRecord {
  readonly type: 'offset';
  readonly groupId: string;
  readonly topicId: string;
  readonly topicName: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the last record that was consumed; -1 when the client did not say. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
  /** Only where the client chose it. */
  readonly expiresAtMs: number | null;
}

/** Everything that is kept about groups. */
export type GroupRecord =
  | ClassicGroupRecord
  | ConsumerGroupRecord
  | ClassicMemberRecord
  | ConsumerMemberRecord
  | CommittedOffsetRecord;

/**
 * Names a record. A group has one record of its own and one for each member and offset, whatever
 * its protocol: the classic form and the broker's form take each other's place.
 */
export type GroupRecordKey =
  | { readonly kind: 'group'; readonly groupId: string }
  | { readonly kind: 'member'; readonly groupId: string; readonly memberId: string }
  | {
      readonly kind: 'offset';
      readonly groupId: string;
      readonly topicId: string;
      readonly partition: number;
    };

/** Sets a record, or takes one away. */
export type GroupChange = { readonly put: GroupRecord } | { readonly remove: GroupRecordKey };

/**
 * Consumer groups, their members and committed offsets, as they have to survive.
 *
 * Place: the broker's group coordinator is its one user; it keeps the state, the store keeps it
 * safe.
 * Life: `open`, then `load`; ends with its instance.
 * Order: changes take effect in call order.
 *
 * Invariants:
 *  1. Changes of one `append` are all there after a crash, or none is.
 *  2. What the store holds on disk stays within a constant factor of what `load` gives.
 */
export interface GroupStore {
  /**
   * Reads what is stored, without making the event loop wait for the disk. Idempotent.
   *
   * Rejects with StorageError: CORRUPT a record cannot be read; other logs of the instance work.
   * IO, CLOSED. The next call tries again.
   */
  open(): Promise<void>;

  /**
   * All records that are durable, in the order in which they were last written. Records of types
   * that this version does not know are kept, and not among them.
   *
   * REQUIRES: `open` has resolved.
   * @throws {StorageError} CORRUPT: a known type has a form of a newer version, or none that makes
   *   sense; the error says which. CLOSED.
   */
  load(): readonly GroupRecord[];

  /**
   * Makes all of `changes`, or none; resolves once they are durable by the instance's schedule.
   *
   * Rejects with INVALID_INPUT when a record is too large (512 KiB) or holds what cannot be stored,
   * BUSY, NO_SPACE, CLOSED: nothing changed. FENCED, IO: not shown by `load`, and may be after a
   * restart. CORRUPT as `open`.
   */
  append(changes: readonly GroupChange[]): Promise<void>;
}
