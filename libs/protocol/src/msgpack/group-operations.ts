// The operations of the members of consumer groups, and of committed offsets. docs/protocol.md
// explains them; group-operation-parsers.ts checks them where they arrive. What operators ask is in
// group-admin-operations.ts.
import type {
  PartitionError,
  TopicIdList,
  TopicIds,
  TopicPartition,
  TopicPartitionOffset,
} from './operations';

/** Most committed offsets in one reply of `offsetFetch` and of `describeGroup`. */
export const GROUP_OFFSETS_MAX = 10_000;
/** Most assignors that a member of the classic protocol offers. */
export const MEMBER_PROTOCOLS_MAX = 100;
/** How long a member may take to give up partitions, where it does not say. */
export const DEFAULT_REBALANCE_TIMEOUT_MS = 300_000;
/** How long a member of the classic protocol may be silent, where it does not say. */
export const DEFAULT_SESSION_TIMEOUT_MS = 45_000;
/** The epochs of a member that joins, leaves, and leaves but keeps its place. */
export const MEMBER_JOINS = 0;
export const MEMBER_LEAVES = -1;
export const STATIC_MEMBER_LEAVES = -2;

type Optional<T> = T | null | undefined;

/** Partitions of a topic that a member has, or shall have. */
export interface AssignedPartitions {
  readonly topic: string;
  readonly id: string;
  /** In ascending order. */
  readonly partitions: readonly number[];
}

export interface ConsumerGroupHeartbeatRequest {
  readonly group: string;
  /** Made by the client, a UUID; absent on joining: the broker makes one. */
  readonly member?: Optional<string>;
  /** 0: join; -1: leave; -2: a static member goes and keeps its place; else what was answered. */
  readonly epoch: number;
  readonly instanceId?: Optional<string>;
  readonly rackId?: Optional<string>;
  readonly rebalanceTimeoutMs?: Optional<number>;
  /** All topics that the member subscribes to by name. Absent: as before. */
  readonly topics?: Optional<readonly string[]>;
  /** RE2 syntax, for whole names; an empty text takes it back. Absent: as before. */
  readonly pattern?: Optional<string>;
  /** `uniform` or `range`. Absent: as before, or the broker's choice. */
  readonly assignor?: Optional<string>;
  /** What the member owns now. Absent: it has given up nothing since the last answer. */
  readonly owned?: Optional<readonly AssignedPartitions[]>;
}
export interface ParsedConsumerGroupHeartbeat {
  readonly group: string;
  readonly member: string | undefined;
  readonly epoch: number;
  readonly instanceId: string | undefined;
  readonly rackId: string | undefined;
  readonly rebalanceTimeoutMs: number | undefined;
  readonly topics: readonly string[] | undefined;
  readonly pattern: string | undefined;
  readonly assignor: string | undefined;
  readonly owned:
    readonly { readonly id: string; readonly partitions: readonly number[] }[] | undefined;
}
export interface ConsumerGroupHeartbeatResponse {
  readonly member: string;
  readonly epoch: number;
  readonly heartbeatIntervalMs: number;
  /** All that the member may own; absent while that has not changed. */
  readonly assignment?: readonly AssignedPartitions[];
}

/** An assignor that a member offers, with its subscription in that assignor's form. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Uint8Array;
}
export interface JoinGroupRequest {
  readonly group: string;
  /** Absent: the client has none yet, and is given one with MEMBER_ID_REQUIRED. */
  readonly member?: Optional<string>;
  readonly instanceId?: Optional<string>;
  readonly sessionTimeoutMs?: Optional<number>;
  readonly rebalanceTimeoutMs?: Optional<number>;
  /** Default `consumer`. */
  readonly protocolType?: Optional<string>;
  /** In order of preference. */
  readonly protocols: readonly MemberProtocol[];
}
export interface ParsedJoinGroup {
  readonly group: string;
  readonly member: string | undefined;
  readonly instanceId: string | undefined;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly { readonly name: string; readonly metadata: Buffer }[];
}
export interface JoinedMember {
  readonly member: string;
  readonly instanceId: string | null;
  readonly metadata: Buffer;
}
export interface JoinGroupResponse {
  readonly member: string;
  readonly generation: number;
  readonly protocolType: string;
  /** The assignor that all members offer and most prefer. */
  readonly protocol: string;
  readonly leader: string;
  /** All members for the leader, none for others. */
  readonly members: readonly JoinedMember[];
  /** The leader is to leave the assignment as it is, and sends none. */
  readonly skipAssignment: boolean;
}

export interface SyncGroupRequest {
  readonly group: string;
  readonly member: string;
  readonly generation: number;
  readonly instanceId?: Optional<string>;
  /** Checked where they are given. */
  readonly protocolType?: Optional<string>;
  readonly protocol?: Optional<string>;
  /** Of the leader: what each member gets. */
  readonly assignments?: Optional<
    readonly { readonly member: string; readonly assignment: Uint8Array }[]
  >;
}
export interface ParsedSyncGroup {
  readonly group: string;
  readonly member: string;
  readonly generation: number;
  readonly instanceId: string | undefined;
  readonly protocolType: string | undefined;
  readonly protocol: string | undefined;
  readonly assignments: readonly { readonly member: string; readonly assignment: Buffer }[];
}
export interface SyncGroupResponse {
  readonly protocolType: string;
  readonly protocol: string;
  readonly assignment: Buffer;
}

export interface HeartbeatRequest {
  readonly group: string;
  readonly member: string;
  readonly generation: number;
  readonly instanceId?: Optional<string>;
}
export interface ParsedHeartbeat {
  readonly group: string;
  readonly member: string;
  readonly generation: number;
  readonly instanceId: string | undefined;
}
export type HeartbeatResponse = Readonly<Record<string, never>>;

export interface LeaveGroupRequest {
  readonly group: string;
  /** Each by member id, by instance id, or by both. */
  readonly members: readonly {
    readonly member?: Optional<string>;
    readonly instanceId?: Optional<string>;
  }[];
}
export interface ParsedLeaveGroup {
  readonly group: string;
  readonly members: readonly {
    readonly member: string | undefined;
    readonly instanceId: string | undefined;
  }[];
}
export interface LeaveGroupResponse {
  /** In the order of the request. */
  readonly members: readonly {
    readonly member: string | null;
    readonly instanceId: string | null;
    readonly error: PartitionError | null;
  }[];
}

/** `offset` is what to read next; -1 stands for a leader epoch that is not known. */
export type OffsetToCommit =
  | TopicPartitionOffset
  | readonly [topic: string, partition: number, offset: number, leaderEpoch: number | null]
  | readonly [
      topic: string,
      partition: number,
      offset: number,
      leaderEpoch: number | null,
      metadata: string | null,
    ];
export interface OffsetCommitRequest {
  readonly group: string;
  /** With `epoch`; absent for a client that is no member. */
  readonly member?: Optional<string>;
  /** The member's epoch, or the generation of a member of the classic protocol. */
  readonly epoch?: Optional<number>;
  readonly instanceId?: Optional<string>;
  readonly offsets: readonly OffsetToCommit[];
  readonly topicIds?: Optional<TopicIdList>;
}
export interface ParsedOffsetCommit {
  readonly group: string;
  readonly member: string | undefined;
  readonly epoch: number | undefined;
  readonly instanceId: string | undefined;
  readonly topicIds: TopicIds;
  readonly offsets: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    /** -1: not known. */
    readonly leaderEpoch: number;
    readonly metadata: string;
  }[];
}
export type PartitionOutcome = readonly [
  topic: string,
  partition: number,
  error: PartitionError | null,
];
export interface PartitionOutcomes {
  /** In the order of the request. */
  readonly partitions: readonly PartitionOutcome[];
}
export type OffsetCommitResponse = PartitionOutcomes;

export interface OffsetFetchRequest {
  readonly group: string;
  /** With `epoch`: answered only while they are those of a member. */
  readonly member?: Optional<string>;
  readonly epoch?: Optional<number>;
  /** Absent: all that the group has committed, a page at a time. */
  readonly partitions?: Optional<readonly TopicPartition[]>;
  /** The `next` of the page before. */
  readonly after?: Optional<string>;
}
export interface ParsedOffsetFetch {
  readonly group: string;
  readonly member: string | undefined;
  readonly epoch: number | undefined;
  readonly partitions: readonly TopicPartition[] | undefined;
  readonly after: string | undefined;
}
/** `offset` is nil where the group has committed none, or there is no such partition. */
export type FetchedOffset = readonly [
  topic: string,
  partition: number,
  offset: number | null,
  leaderEpoch: number,
  metadata: string,
];
export interface OffsetFetchResponse {
  readonly offsets: readonly FetchedOffset[];
  /** Where the next page begins; nil at the end. */
  readonly next: string | null;
}

export interface OffsetDeleteRequest {
  readonly group: string;
  readonly partitions: readonly TopicPartition[];
}
export type OffsetDeleteResponse = PartitionOutcomes;

interface Operation<Request, Response> {
  readonly request: Request;
  readonly response: Response;
}

/** Request and response of these operations, by name. */
export interface GroupOperations {
  readonly consumerGroupHeartbeat: Operation<
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse
  >;
  readonly joinGroup: Operation<JoinGroupRequest, JoinGroupResponse>;
  readonly syncGroup: Operation<SyncGroupRequest, SyncGroupResponse>;
  readonly heartbeat: Operation<HeartbeatRequest, HeartbeatResponse>;
  readonly leaveGroup: Operation<LeaveGroupRequest, LeaveGroupResponse>;
  readonly offsetCommit: Operation<OffsetCommitRequest, OffsetCommitResponse>;
  readonly offsetFetch: Operation<OffsetFetchRequest, OffsetFetchResponse>;
  readonly offsetDelete: Operation<OffsetDeleteRequest, OffsetDeleteResponse>;
}
