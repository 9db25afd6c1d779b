// What operators ask about consumer groups. docs/protocol.md explains it;
// group-operation-parsers.ts checks it where it arrives.
import type { AssignedPartitions } from './group-operations';

/** Most groups in one reply of `listGroups`. */
export const LIST_GROUPS_MAX = 10_000;
/** What a group is doing. */
export const GROUP_STATES = Object.freeze([
  'Empty',
  'PreparingRebalance',
  'CompletingRebalance',
  'Reconciling',
  'Stable',
] as const);
export type GroupState = (typeof GROUP_STATES)[number];
/** Who makes the assignment: a member (`classic`) or the broker (`consumer`). */
export const GROUP_TYPES = Object.freeze(['classic', 'consumer'] as const);
export type GroupType = (typeof GROUP_TYPES)[number];

type Optional<T> = T | null | undefined;

export interface ListGroupsRequest {
  /** Go on behind this group. */
  readonly after?: Optional<string>;
  readonly limit?: Optional<number>;
  /** Only groups in one of these states. */
  readonly states?: Optional<readonly GroupState[]>;
  /** Only groups of one of these types. */
  readonly types?: Optional<readonly GroupType[]>;
}
export interface ParsedListGroups {
  readonly after: string | undefined;
  readonly limit: number;
  readonly states: readonly GroupState[] | undefined;
  readonly types: readonly GroupType[] | undefined;
}
export interface ListedGroup {
  readonly group: string;
  readonly state: GroupState;
  readonly type: GroupType;
  /** `consumer` for groups that share partitions among consumers; may be empty. */
  readonly protocolType: string;
  /** How many there are. */
  readonly members: number;
}
export interface ListGroupsResponse {
  /** Ordered by name. */
  readonly groups: readonly ListedGroup[];
  /** The group to go on behind; nil at the end. */
  readonly next: string | null;
}

export interface DescribeGroupRequest {
  readonly group: string;
  /** The `next` of the page before. */
  readonly after?: Optional<string>;
}
export interface ParsedDescribeGroup {
  readonly group: string;
  readonly after: string | undefined;
}
export interface GroupMember {
  readonly member: string;
  readonly instanceId: string | null;
  readonly rackId: string | null;
  /** What the client called itself in its hello. */
  readonly client: string;
  /** The address it came from. */
  readonly host: string;
  /** nil in a classic group. */
  readonly epoch: number | null;
  /** nil where the member's metadata does not tell. */
  readonly topics: readonly string[] | null;
  readonly pattern: string | null;
  /** What it owns, with what it still has to give up; nil where that cannot be told. */
  readonly assignment: readonly AssignedPartitions[] | null;
  /** What it shall own; nil in a classic group. */
  readonly target: readonly AssignedPartitions[] | null;
}
export interface GroupOffset {
  readonly topic: string;
  readonly id: string;
  readonly partition: number;
  readonly offset: number;
  /** -1: not known. */
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
  readonly logStartOffset: number;
  readonly readableEnd: number;
  /** Records that are readable and not consumed: those that retention took do not count. */
  readonly lag: number;
}
export interface GroupPin {
  readonly topic: string;
  /** nil: never. */
  readonly expireMs: number | null;
  readonly idleMs: number;
}
export interface DescribeGroupResponse {
  readonly group: string;
  readonly state: GroupState;
  readonly type: GroupType;
  readonly protocolType: string;
  /** What the members of a classic group agreed on, or the broker's assignor; may be empty. */
  readonly protocol: string;
  /** The generation of a classic group. */
  readonly epoch: number;
  /** nil in a classic group. */
  readonly assignmentEpoch: number | null;
  /** The member that assigns; nil where the broker does. */
  readonly leader: string | null;
  /** Of all pages together: ordered by member id. */
  readonly members: readonly GroupMember[];
  /** Of all pages together, behind the members: ordered by topic and partition. */
  readonly offsets: readonly GroupOffset[];
  /** The topics that the group holds back with `retention.consumed`; on the first page. */
  readonly pins: readonly GroupPin[];
  /** Where the next page begins; nil at the end. */
  readonly next: string | null;
}

export interface DeleteGroupRequest {
  readonly group: string;
}
export type DeleteGroupResponse = Readonly<Record<string, never>>;

export interface GroupPinRequest {
  readonly group: string;
  readonly topic: string;
  readonly expireMs?: Optional<number>;
}
export interface ParsedGroupPin {
  readonly group: string;
  readonly topic: string;
  readonly expireMs: number | undefined;
}
export type GroupPinResponse = Readonly<Record<string, never>>;

export interface GroupUnpinRequest {
  readonly group: string;
  readonly topic: string;
}
export type GroupUnpinResponse = Readonly<Record<string, never>>;

interface Operation<Request, Response> {
  readonly request: Request;
  readonly response: Response;
}

/** Request and response of these operations, by name. */
export interface GroupAdminOperations {
  readonly listGroups: Operation<ListGroupsRequest, ListGroupsResponse>;
  readonly describeGroup: Operation<DescribeGroupRequest, DescribeGroupResponse>;
  readonly deleteGroup: Operation<DeleteGroupRequest, DeleteGroupResponse>;
  readonly groupPin: Operation<GroupPinRequest, GroupPinResponse>;
  readonly groupUnpin: Operation<GroupUnpinRequest, GroupUnpinResponse>;
}
