import { createHash } from 'node:crypto';
import type { ConsumerMember } from './group-member';
import type { GroupEnvironment, Outbox } from './group-step';
import { STATIC_LEAVE_EPOCH } from './group-requests';
import type { GroupTopic, TopicView } from './group-topics';
import { assignPartitions, type AssignableMember, type AssignorName } from './server-assignors';

/**
 * A group whose assignment the broker makes (KIP-848). Never changed once a command is over.
 *
 * Every change of members, subscriptions or topics gives the group the next epoch and a new target
 * assignment; members reach that one by one, each at its own heartbeats.
 *
 * Invariants:
 *  1. A partition is in `assigned` or `revoking` of at most one member.
 *  2. `target` of all members together has each subscribed partition once.
 *  3. `assignmentEpoch` is `epoch`: the target is made anew with every epoch.
 */
export interface ConsumerGroup {
  readonly kind: 'consumer';
  readonly groupId: string;
  readonly epoch: number;
  readonly assignmentEpoch: number;
  /** Of the subscribed topics and their partition counts that the target was made for. */
  readonly topicsDigest: string;
  readonly changedAtMs: number;
  readonly members: ReadonlyMap<string, ConsumerMember>;
}

/** A consumer group while a command works on it. */
export interface ConsumerDraft {
  kind: 'consumer';
  groupId: string;
  epoch: number;
  assignmentEpoch: number;
  topicsDigest: string;
  changedAtMs: number;
  members: Map<string, ConsumerMember>;
}

/** One command at work on a consumer group. */
export interface ConsumerStep {
  readonly group: ConsumerDraft;
  readonly env: GroupEnvironment;
  readonly out: Outbox;
}

/** A group without members. `epoch` is where a group of that name stood before. */
export function newConsumerGroup(groupId: string, nowMs: number, epoch = 0): ConsumerGroup {
  return {
    kind: 'consumer',
    groupId,
    epoch,
    assignmentEpoch: epoch,
    topicsDigest: '',
    changedAtMs: nowMs,
    members: new Map(),
  };
}

/** A copy to work on. */
export function consumerDraftOf(group: ConsumerGroup): ConsumerDraft {
  return { ...group, members: new Map(group.members) };
}

/** The member that has an instance id, if one has. */
export function staticConsumer(
  group: ConsumerGroup,
  instanceId: string,
): ConsumerMember | undefined {
  for (const member of group.members.values()) {
    if (member.instanceId === instanceId) return member;
  }
  return undefined;
}

/** The topics that a member subscribes to, by name and by pattern, which exist. */
export function topicsOf(
  member: Pick<ConsumerMember, 'topicNames' | 'topicPattern'>,
  topics: TopicView,
): GroupTopic[] {
  const names = new Set(member.topicNames);
  if (member.topicPattern !== null) {
    for (const name of topics.matching(member.topicPattern)) names.add(name);
  }
  return [...names].flatMap((name) => topics.find(name) ?? []);
}

/** The names of all topics that the group's members subscribe to, there or not. */
export function subscribedTopics(group: ConsumerGroup, topics: TopicView): ReadonlySet<string> {
  const names = new Set<string>();
  const patterns = new Set<string>();
  for (const { topicNames, topicPattern } of group.members.values()) {
    for (const name of topicNames) names.add(name);
    if (topicPattern !== null) patterns.add(topicPattern);
  }
  for (const pattern of patterns) for (const name of topics.matching(pattern)) names.add(name);
  return names;
}

/** Gives the group its next epoch, with a target assignment for the members it has now. */
export function nextEpoch({ group, env }: ConsumerStep): void {
  const subscribed = subscriptions(group, env.topics);
  group.epoch += 1;
  group.assignmentEpoch = group.epoch;
  group.topicsDigest = digestOf(subscribed.topics);
  group.changedAtMs = env.nowMs;
  const assignor = preferredAssignor(group.members.values());
  const targets = assignPartitions(assignor, subscribed.members, subscribed.topics);
  for (const [memberId, target] of targets) {
    const member = group.members.get(memberId);
    if (member === undefined || isSameSet(member.target, target)) continue;
    group.members.set(memberId, { ...member, target });
  }
}

/** Whether the target was made for other topics, or other partition counts, than there are now. */
export function hasOtherTopics(group: ConsumerGroup, topics: TopicView): boolean {
  return digestOf(subscriptions(group, topics).topics) !== group.topicsDigest;
}

/** Takes a member out and gives what it had to the others. */
export function removeConsumer(step: ConsumerStep, memberId: string): void {
  const { group, out } = step;
  group.members.delete(memberId);
  out.stop(`session:${memberId}`);
  out.stop(`revoke:${memberId}`);
  nextEpoch(step);
}

/** Kafka's word for what the group is doing. */
export function consumerState(group: ConsumerGroup): 'Empty' | 'Reconciling' | 'Stable' {
  if (group.members.size === 0) return 'Empty';
  for (const { phase, epoch } of group.members.values()) {
    if (epoch === STATIC_LEAVE_EPOCH) continue;
    if (phase !== 'stable' || epoch !== group.epoch) return 'Reconciling';
  }
  return 'Stable';
}

/** The assignor that most members ask for; `uniform` where nobody does. */
export function preferredAssignor(members: Iterable<ConsumerMember>): AssignorName {
  const votes = { uniform: 0, range: 0 };
  for (const { serverAssignor } of members) {
    if (serverAssignor === 'uniform' || serverAssignor === 'range') votes[serverAssignor] += 1;
  }
  return votes.range > votes.uniform ? 'range' : 'uniform';
}

/** Whether both sets have the same elements. */
export function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  if (one === other) return true;
  if (one.size !== other.size) return false;
  for (const element of one) if (!other.has(element)) return false;
  return true;
}

function subscriptions(
  group: ConsumerGroup,
  view: TopicView,
): { members: AssignableMember[]; topics: Map<string, number> } {
  const topics = new Map<string, number>();
  const members: AssignableMember[] = [];
  for (const member of group.members.values()) {
    const own = topicsOf(member, view);
    for (const { id, partitionCount } of own) topics.set(id, partitionCount);
    members.push({
      memberId: member.memberId,
      instanceId: member.instanceId,
      topicIds: new Set(own.map(({ id }) => id)),
      current: member.target,
    });
  }
  return { members, topics };
}

function digestOf(topics: ReadonlyMap<string, number>): string {
  const lines = [...topics].map(([id, count]) => `${id}:${count}`).sort();
  return createHash('sha1').update(lines.join('\n')).digest('base64');
}
