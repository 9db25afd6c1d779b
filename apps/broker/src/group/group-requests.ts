// What may be asked of the coordinator, and what it answers: plain objects with Kafka's fields,
// which both protocols map to their own bytes. An empty memberId means that the client has none
// yet.
import type { TopicPartitionList } from '@walrusmq/storage';

/**
 * Kafka's error names; TOO_MANY_GROUPS and TOO_MANY_OFFSETS are limits that Kafka does not have.
 */
export type GroupError =
  | 'NONE'
  | 'COORDINATOR_NOT_AVAILABLE'
  | 'FENCED_INSTANCE_ID'
  | 'FENCED_MEMBER_EPOCH'
  | 'GROUP_ID_NOT_FOUND'
  | 'GROUP_MAX_SIZE_REACHED'
  | 'GROUP_SUBSCRIBED_TO_TOPIC'
  | 'ILLEGAL_GENERATION'
  | 'INCONSISTENT_GROUP_PROTOCOL'
  | 'INVALID_GROUP_ID'
  | 'INVALID_REGULAR_EXPRESSION'
  | 'INVALID_REQUEST'
  | 'INVALID_SESSION_TIMEOUT'
  | 'MEMBER_ID_REQUIRED'
  | 'NON_EMPTY_GROUP'
  | 'OFFSET_METADATA_TOO_LARGE'
  | 'REBALANCE_IN_PROGRESS'
  | 'STALE_MEMBER_EPOCH'
  | 'TOO_MANY_GROUPS'
  | 'TOO_MANY_OFFSETS'
  | 'UNKNOWN_MEMBER_ID'
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 'UNRELEASED_INSTANCE_ID'
  | 'UNSUPPORTED_ASSIGNOR';

/** An assignor that a classic member supports, with its subscription in that assignor's form. */
export interface MemberProtocol {
  readonly name: string;
  readonly metadata: Buffer;
}

/** JoinGroup. */
export interface JoinRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  /** In order of preference. */
  readonly protocols: readonly MemberProtocol[];
  /** Whether a member without an id is sent back with one (JoinGroup 4 and later). */
  readonly requiresKnownMemberId: boolean;
  /** Whether a returning static leader may be told to keep the assignment (JoinGroup 9). */
  readonly canSkipAssignment: boolean;
}

/** Answers a `JoinRequest` once the rebalance is complete. */
export interface JoinReply extends ErrorReply {
  readonly memberId: string;
  /** -1 with an error. */
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string;
  /** All members for the leader, none for others. */
  readonly members: readonly JoinedMember[];
  readonly skipAssignment: boolean;
}

/** What the leader is told about a member. */
export interface JoinedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly metadata: Buffer;
}

/** SyncGroup. */
export interface SyncRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
  /** Null where the client does not say; otherwise checked. */
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  /** From the leader; empty from others. */
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

/** Answers a `SyncRequest` once the leader's assignment is durable. */
export interface SyncReply extends ErrorReply {
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly assignment: Buffer;
}

/** Heartbeat of the classic protocol. */
export interface HeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

/** An answer that says only whether it worked. */
export interface ErrorReply {
  readonly error: GroupError;
  /** What is wrong, for people, where the error alone does not say it. */
  readonly message?: string | null;
}

/** A member by id, by instance id (with an empty member id), or by both. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly instanceId: string | null;
}

/** LeaveGroup. */
export interface LeaveRequest {
  readonly groupId: string;
  readonly members: readonly MemberIdentity[];
}

/** Answers a `LeaveRequest`, member by member. */
export interface LeaveReply extends ErrorReply {
  readonly members: readonly (MemberIdentity & ErrorReply)[];
}

/** `memberEpoch` of a member that joins. */
export const JOIN_EPOCH = 0;
/** `memberEpoch` of a member that leaves for good. */
export const LEAVE_EPOCH = -1;
/** `memberEpoch` of a static member that leaves and will come back. */
export const STATIC_LEAVE_EPOCH = -2;

/** ConsumerGroupHeartbeat (KIP-848). Null: as the member said before. */
export interface ConsumerHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** -1: as before. */
  readonly rebalanceTimeoutMs: number;
  readonly topicNames: readonly string[] | null;
  /** RE2 syntax, matched against whole names; an empty text takes the pattern back. */
  readonly topicPattern: string | null;
  readonly serverAssignor: string | null;
  /** What the member owns now. */
  readonly owned: readonly TopicPartitionList[] | null;
}

/** Answers a `ConsumerHeartbeatRequest`. */
export interface ConsumerHeartbeatReply extends ErrorReply {
  readonly memberId: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** What the member may own now; null when that has not changed. */
  readonly assignment: readonly TopicPartitionList[] | null;
}

/** Names a partition. */
export interface PartitionName {
  readonly topicId: string;
  readonly partition: number;
}

/** A position to commit. */
export interface OffsetCommit extends PartitionName {
  readonly topicName: string;
  /**
   * The record to read next. Clients of Kafka may put -1 and -2 in its place, which are kept and
   * mean no position: the client begins at its own default (kafkajs resets groups so).
   */
  readonly offset: number;
  /** -1: unknown. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** The least offset that can be committed. */
export const LEAST_COMMIT = -2;

/** OffsetCommit. */
export interface CommitRequest {
  readonly groupId: string;
  /** Empty for a client that is no member, as a rule; some have made themselves an id. */
  readonly memberId: string;
  readonly instanceId: string | null;
  /** Generation of a classic member, epoch of another; -1 for a client that is no member. */
  readonly generation: number;
  /** Null: as the broker is set up. */
  readonly retentionMs: number | null;
  readonly offsets: readonly OffsetCommit[];
}

/** Partitions that something was asked of, each with its outcome. */
export interface PartitionsReply extends ErrorReply {
  /** Empty when `error` is not NONE. */
  readonly partitions: readonly (PartitionName & ErrorReply)[];
}

/** OffsetFetch of one group. */
export interface FetchOffsetsRequest {
  readonly groupId: string;
  /** Null and -1 where the client is no member or does not say. */
  readonly memberId: string | null;
  readonly memberEpoch: number;
  /** Null: all that the group has committed. */
  readonly partitions: readonly PartitionName[] | null;
}

/** A committed offset; -1 where there is none. */
export interface FetchedOffset extends PartitionName {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

/** Answers a `FetchOffsetsRequest`, in the order of its partitions. */
export interface FetchOffsetsReply extends ErrorReply {
  readonly offsets: readonly FetchedOffset[];
}

/** OffsetDelete. */
export interface DeleteOffsetsRequest {
  readonly groupId: string;
  readonly partitions: readonly (PartitionName & { readonly topicName: string })[];
}

/** Any answer. */
export type GroupReply =
  | JoinReply
  | SyncReply
  | ErrorReply
  | LeaveReply
  | ConsumerHeartbeatReply
  | PartitionsReply
  | FetchOffsetsReply;
