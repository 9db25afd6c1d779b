import type { CommittedOffset } from './committed-offset';
import type {
  CommitRequest,
  ConsumerHeartbeatRequest,
  DeleteOffsetsRequest,
  FetchOffsetsRequest,
  HeartbeatRequest,
  JoinRequest,
  LeaveRequest,
  SyncRequest,
} from './group-requests';
import type { GroupTimer } from './group-step';

/** A request of a client; `requestId` is what its answer is addressed to. */
export type GroupRequest =
  | { readonly type: 'join'; readonly request: JoinRequest }
  | { readonly type: 'sync'; readonly request: SyncRequest }
  | { readonly type: 'heartbeat'; readonly request: HeartbeatRequest }
  | { readonly type: 'leave'; readonly request: LeaveRequest }
  | { readonly type: 'consumerHeartbeat'; readonly request: ConsumerHeartbeatRequest }
  | { readonly type: 'commit'; readonly request: CommitRequest }
  | { readonly type: 'fetchOffsets'; readonly request: FetchOffsetsRequest }
  | { readonly type: 'deleteOffsets'; readonly request: DeleteOffsetsRequest }
  | { readonly type: 'deleteGroup' }
  /** Positions that stand above the end of their partitions, at where they may stand. */
  | { readonly type: 'moveOffsets'; readonly offsets: readonly CommittedOffset[] };

/** Something that happened, which nobody waits for. */
export type GroupEvent =
  | { readonly type: 'timer'; readonly timer: GroupTimer }
  /** Topics came, went or grew; offsets in the deleted ones are dropped. */
  | { readonly type: 'topicsChanged'; readonly deletedTopicIds: ReadonlySet<string> }
  | { readonly type: 'expireOffsets' };

/** What can be done to a group. */
export type GroupCommand = (GroupRequest & { readonly requestId: number }) | GroupEvent;
