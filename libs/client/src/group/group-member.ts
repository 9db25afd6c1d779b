// What a member of a group tells the broker and is told (KIP-848), without sending anything.
import { randomUUID } from 'node:crypto';
import {
  MEMBER_JOINS,
  MEMBER_LEAVES,
  STATIC_MEMBER_LEAVES,
  type AssignedPartitions,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
} from '@walrusmq/protocol';
import type { ConsumedPartition } from '../consumed-partition';
import type { GroupSettings } from './group-options';

/** A partition that the member may own. */
export interface TargetPartition {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
}

/** What a member may own, by `topic/partition`. */
export type Target = ReadonlyMap<string, TargetPartition>;

/**
 * One member's side of the server-side protocol.
 *
 * Invariants:
 *  (1) A request says everything when the member joins, and after one whose answer did not come:
 *      the broker may have moved on meanwhile. Else it says what has changed since the last answer.
 *  (2) `target` is another object whenever, and only when, it says something else.
 */
export class GroupMember {
  /** The same for life, also when the broker has put the member out and it joins again. */
  readonly id = randomUUID();
  /** What requests and commits of the member carry; 0 while it is not in the group. */
  epoch = MEMBER_JOINS;
  /** What it may own by the last answer. */
  target: Target = new Map();
  /** Whether the broker may know the member. */
  mayBeIn = false;
  private needsAll = true;
  private ownedTold = '';

  constructor(
    private readonly settings: GroupSettings,
    private readonly topics: readonly string[],
  ) {}

  /** Whether it is in the group, as far as it knows. */
  get isIn(): boolean {
    return this.epoch > MEMBER_JOINS;
  }

  /** The next heartbeat of a member that owns these partitions. */
  heartbeat(owned: readonly ConsumedPartition[]): ConsumerGroupHeartbeatRequest {
    const { group, instanceId, rebalanceTimeoutMs, pattern, assignor } = this.settings;
    this.mayBeIn = true;
    const heartbeat = { group, member: this.id, epoch: this.epoch, instanceId };
    const lists = byTopic(owned);
    if (this.needsAll) {
      const subscription = pattern === undefined ? { topics: this.topics } : { pattern };
      return { ...heartbeat, ...subscription, rebalanceTimeoutMs, assignor, owned: lists };
    }
    return textOf(lists) === this.ownedTold ? heartbeat : { ...heartbeat, owned: lists };
  }

  /** The request that ends the membership; a static member keeps its place for its next life. */
  leaving(): ConsumerGroupHeartbeatRequest {
    const { group, instanceId } = this.settings;
    const epoch = instanceId === undefined ? MEMBER_LEAVES : STATIC_MEMBER_LEAVES;
    return { group, member: this.id, epoch, instanceId };
  }

  /** Takes the answer to a heartbeat. */
  answered(request: ConsumerGroupHeartbeatRequest, reply: ConsumerGroupHeartbeatResponse): void {
    this.needsAll = false;
    this.epoch = reply.epoch;
    if (request.owned != null) this.ownedTold = textOf(request.owned);
    const { assignment } = reply;
    if (assignment == null) return;
    const target = new Map<string, TargetPartition>();
    for (const { topic, id: topicId, partitions } of assignment) {
      for (const partition of partitions) {
        target.set(`${topic}/${partition}`, { topic, topicId, partition });
      }
    }
    if (!isSame(target, this.target)) this.target = target;
  }

  /** No answer came, or none that says how the member stands. */
  unanswered(): void {
    this.needsAll = true;
  }

  /** The member is in the group no longer and owns nothing; its next heartbeat joins. */
  putOut(): void {
    this.epoch = MEMBER_JOINS;
    this.needsAll = true;
    this.target = new Map();
  }
}

function byTopic(owned: readonly ConsumedPartition[]): AssignedPartitions[] {
  const lists = new Map<string, { topic: string; id: string; partitions: number[] }>();
  for (const { topic, topicId: id, partition } of owned) {
    const list = lists.get(id) ?? { topic, id, partitions: [] };
    list.partitions.push(partition);
    lists.set(id, list);
  }
  const sorted = [...lists.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  for (const { partitions } of sorted) partitions.sort((one, other) => one - other);
  return sorted;
}

function textOf(lists: readonly AssignedPartitions[]): string {
  return lists.map(({ id, partitions }) => `${id}:${partitions.join()}`).join(';');
}

function isSame(one: Target, other: Target): boolean {
  if (one.size !== other.size) return false;
  for (const [key, { topicId }] of one) if (other.get(key)?.topicId !== topicId) return false;
  return true;
}
