// Committed offsets of a group: who may commit, what may be deleted, what expires.
import { consumerState, subscribedTopics } from './consumer-group';
import { checkGeneration, type ClassicGroup } from './classic-group';
import { keepSession } from './classic-session';
import { partitionKey, type CommittedOffset } from './committed-offset';
import {
  LEAST_COMMIT,
  type CommitRequest,
  type DeleteOffsetsRequest,
  type FetchOffsetsReply,
  type FetchOffsetsRequest,
  type GroupError,
  type OffsetCommit,
  type PartitionName,
} from './group-requests';
import type { GroupState } from './group-state-types';
import type { GroupEnvironment, Outbox } from './group-step';

/** The protocol type of clients that share partitions among consumers. */
const CONSUMER_PROTOCOL = 'consumer';

/**
 * Takes the positions that the client may commit; the others are answered with their errors.
 *
 * A position of a member counts only with the group's present generation or the member's epoch. A
 * client that says no generation is no member, and may commit while the group has none.
 */
export function commitOffsets(
  state: GroupState | undefined,
  request: CommitRequest,
  requestId: number,
  { env, out }: { readonly env: GroupEnvironment; readonly out: Outbox },
): void {
  const error = checkCommitter(state, request);
  if (error !== 'NONE') {
    out.reply(requestId, { error, partitions: [] });
    return;
  }
  if (state?.kind === 'classic') keepSession(state, request.memberId, out);
  let { offsetsLeft } = env;
  const mayCommit = ownedBy(state, request);
  const partitions = request.offsets.map((commit) => {
    const { topicId, partition } = commit;
    if (!mayCommit(commit)) {
      return { topicId, partition, error: 'UNKNOWN_TOPIC_OR_PARTITION' as const };
    }
    const isNew = env.offsets.get(commit) === undefined;
    const refusal = refusalOf(commit, env, isNew ? offsetsLeft : Infinity);
    if (refusal !== 'NONE') return { topicId, partition, error: refusal };
    if (isNew) offsetsLeft -= 1;
    out.offsets.push({ put: committed(commit, request.retentionMs, env.nowMs) });
    return { topicId, partition, error: refusal };
  });
  out.reply(requestId, { error: 'NONE', partitions });
}

/** What the group has committed; -1 for partitions in which it has committed nothing. */
export function fetchOffsets(
  state: GroupState | undefined,
  { memberId, memberEpoch, partitions }: FetchOffsetsRequest,
  { offsets }: GroupEnvironment,
): FetchOffsetsReply {
  if (state?.kind === 'consumer' && memberId !== null && memberEpoch >= 0) {
    const member = state.members.get(memberId);
    if (member === undefined) return { error: 'UNKNOWN_MEMBER_ID', offsets: [] };
    if (member.epoch !== memberEpoch) return { error: 'STALE_MEMBER_EPOCH', offsets: [] };
  }
  const found = (partitions ?? [...offsets.all()]).map(({ topicId, partition }) => {
    const known = offsets.get({ topicId, partition });
    return {
      topicId,
      partition,
      offset: known?.offset ?? -1,
      leaderEpoch: known?.leaderEpoch ?? -1,
      metadata: known?.metadata ?? '',
    };
  });
  return { error: 'NONE', offsets: found };
}

/** Deletes positions, except in topics that members are subscribed to (KIP-496). */
export function deleteOffsets(
  state: GroupState | undefined,
  request: DeleteOffsetsRequest,
  requestId: number,
  { env, out }: { readonly env: GroupEnvironment; readonly out: Outbox },
): void {
  const error = checkDeletion(state, env);
  if (error !== 'NONE') {
    out.reply(requestId, { error, partitions: [] });
    return;
  }
  const isInUse = topicsInUse(state, env);
  const partitions = request.partitions.map(({ topicId, topicName, partition }) => {
    if (isInUse(topicName)) {
      return { topicId, partition, error: 'GROUP_SUBSCRIBED_TO_TOPIC' as const };
    }
    const isThere = env.offsets.get({ topicId, partition }) !== undefined;
    if (isThere) out.offsets.push({ remove: { topicId, partition } });
    return { topicId, partition, error: 'NONE' as const };
  });
  out.reply(requestId, { error: 'NONE', partitions });
}

/**
 * Drops positions that nobody needs any more: their own time is over, or they are older than the
 * retention and the group has no member that could use them. Those in topics that keep records for
 * the group stay: without its position such a pin would keep everything, and the group, once it is
 * back, would not begin where the pin has kept the records from.
 */
export function expireOffsets(
  state: GroupState | undefined,
  { env, out }: { readonly env: GroupEnvironment; readonly out: Outbox },
): void {
  const bornAtMs = birthOf(state, env);
  for (const offset of env.offsets.all()) {
    const { topicId, topicName, partition, expiresAtMs } = offset;
    const bornMs = bornAtMs(offset);
    if (bornMs === undefined) continue;
    const expiryMs = expiresAtMs ?? bornMs + env.settings.offsetsRetentionMs;
    if (env.nowMs < expiryMs || env.isPinned(topicName)) continue;
    out.offsets.push({ remove: { topicId, partition } });
  }
}

/** NONE when the client may commit for the group. */
function checkCommitter(state: GroupState | undefined, request: CommitRequest): GroupError {
  const { memberId, instanceId, generation } = request;
  const isEmpty = state === undefined || state.members.size === 0;
  // Whoever takes its partitions without the group says no generation, whatever id it has.
  if (generation < 0 && isEmpty) return 'NONE';
  const isMember = memberId !== '' || instanceId !== null || generation >= 0;
  if (!isMember) return 'UNKNOWN_MEMBER_ID';
  if (state === undefined) return 'ILLEGAL_GENERATION';
  if (state.kind === 'classic') {
    const error = checkGeneration(state, request);
    if (error !== 'NONE') return error;
    // Its assignment is of the generation before, and others may have what it had.
    return state.phase === 'completing' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
  }
  const member = state.members.get(memberId);
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  return generation >= 0 && member.epoch === generation ? 'NONE' : 'STALE_MEMBER_EPOCH';
}

/**
 * Whether a member can have consumed of a partition. One that has not heard of the newest
 * assignment knows only what it was given before: a topic that was deleted and made anew would get
 * the position of the one before, as clients say names.
 */
function ownedBy(
  state: GroupState | undefined,
  { memberId }: CommitRequest,
): (partition: PartitionName) => boolean {
  if (state?.kind !== 'consumer') return () => true;
  const member = state.members.get(memberId);
  if (member === undefined || member.epoch === state.epoch) return () => true;
  return (partition) => {
    const key = partitionKey(partition);
    return member.assigned.has(key) || member.revoking.has(key);
  };
}

function refusalOf(
  { topicId, topicName, partition, offset, leaderEpoch, metadata }: OffsetCommit,
  { settings, topics }: GroupEnvironment,
  offsetsLeft: number,
): GroupError {
  // Deleted meanwhile, or deleted and made anew: nobody would ever drop its offsets.
  const topic = topics.find(topicName);
  const isThere = topic?.id === topicId && partition >= 0 && partition < topic.partitionCount;
  if (!isThere || !Number.isInteger(partition)) return 'UNKNOWN_TOPIC_OR_PARTITION';
  if (!Number.isSafeInteger(offset) || offset < LEAST_COMMIT) return 'INVALID_REQUEST';
  if (!Number.isSafeInteger(leaderEpoch) || leaderEpoch < -1) return 'INVALID_REQUEST';
  const isTooLarge = Buffer.byteLength(metadata) > settings.offsetMetadataBytesMax;
  if (isTooLarge) return 'OFFSET_METADATA_TOO_LARGE';
  return offsetsLeft > 0 ? 'NONE' : 'TOO_MANY_OFFSETS';
}

function committed(
  commit: OffsetCommit,
  retentionMs: number | null,
  nowMs: number,
): CommittedOffset {
  const { topicId, topicName, partition, offset, leaderEpoch, metadata } = commit;
  const expiresAtMs = retentionMs === null ? null : nowMs + retentionMs;
  const position = { topicId, topicName, partition, offset, leaderEpoch, metadata };
  return { ...position, committedAtMs: nowMs, expiresAtMs };
}

function checkDeletion(state: GroupState | undefined, { offsets }: GroupEnvironment): GroupError {
  if (state === undefined) return offsets.size > 0 ? 'NONE' : 'GROUP_ID_NOT_FOUND';
  const isForeign = state.kind === 'classic' && state.protocolType !== CONSUMER_PROTOCOL;
  return isForeign && state.members.size > 0 ? 'NON_EMPTY_GROUP' : 'NONE';
}

/** Whether members are subscribed to a topic, by its name; asked once for all of them. */
function topicsInUse(
  state: GroupState | undefined,
  env: GroupEnvironment,
): (topicName: string) => boolean {
  if (state === undefined || state.members.size === 0) return () => false;
  const isConsumer = state.kind === 'consumer';
  const names = isConsumer ? subscribedTopics(state, env.topics) : subscribedNames(state, env);
  // What cannot be told may be in use.
  return (topicName) => names?.has(topicName) ?? true;
}

/** From when the age of a position counts; undefined for one that is in use. */
function birthOf(
  state: GroupState | undefined,
  env: GroupEnvironment,
): (offset: CommittedOffset) => number | undefined {
  if (state === undefined) return ({ committedAtMs }) => committedAtMs;
  if (state.kind === 'consumer') {
    if (consumerState(state) === 'Empty') {
      return ({ committedAtMs }) => Math.max(committedAtMs, state.changedAtMs);
    }
    const names = subscribedTopics(state, env.topics);
    return ({ topicName, committedAtMs }) => (names.has(topicName) ? undefined : committedAtMs);
  }
  if (state.phase === 'empty') {
    return ({ committedAtMs }) => Math.max(committedAtMs, state.changedAtMs);
  }
  const names = state.phase === 'stable' ? subscribedNames(state, env) : undefined;
  return ({ topicName, committedAtMs }) =>
    names === undefined || names.has(topicName) ? undefined : committedAtMs;
}

/** What the members subscribe to; undefined where one of them cannot be read. */
function subscribedNames(group: ClassicGroup, env: GroupEnvironment): Set<string> | undefined {
  const names = new Set<string>();
  for (const member of group.members.values()) {
    const protocol = member.protocols.find(({ name }) => name === group.protocolName);
    const topics = protocol && env.subscribedTopics(group.protocolType ?? '', protocol.metadata);
    if (topics === undefined) return undefined;
    for (const topic of topics) names.add(topic);
  }
  return names;
}
