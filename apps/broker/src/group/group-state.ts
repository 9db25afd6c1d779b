// The state machine of one group: (state, command, environment) → (state, records, replies,
// timers). Nothing here waits, keeps anything, or changes what it was given.
import type { GroupChange } from '@walrusmq/storage';
import { draftOf, newClassicGroup, type ClassicDraft, type ClassicStep } from './classic-group';
import { joinClassic } from './classic-join';
import {
  failedJoin,
  failedSync,
  onJoinTimer,
  onSessionTimer,
  onSyncTimer,
} from './classic-rebalance';
import { heartbeatClassic, leaveClassic, syncClassic } from './classic-session';
import type { OffsetChange } from './committed-offset';
import {
  consumerDraftOf,
  hasOtherTopics,
  newConsumerGroup,
  nextEpoch,
  removeConsumer,
  type ConsumerDraft,
  type ConsumerStep,
} from './consumer-group';
import {
  failedHeartbeat,
  heartbeatConsumer,
  heartbeatQuietly,
  onRevokeTimer,
} from './consumer-heartbeat';
import type { GroupCommand } from './group-command';
import { commitOffsets, deleteOffsets, expireOffsets, fetchOffsets } from './group-offsets';
import { changesBetween, offsetChangesOf } from './group-records';
import {
  JOIN_EPOCH,
  type ConsumerHeartbeatRequest,
  type JoinRequest,
  type LeaveRequest,
} from './group-requests';
import type { GroupState } from './group-state-types';
import {
  Outbox,
  type AddressedReply,
  type GroupEnvironment,
  type GroupTimer,
  type TimerChange,
} from './group-step';

/** What a command makes of a group. All of it holds once `records` are durable, none before. */
export interface GroupOutcome {
  readonly state: GroupState | undefined;
  readonly records: readonly GroupChange[];
  readonly offsets: readonly OffsetChange[];
  readonly replies: readonly AddressedReply[];
  readonly timers: readonly TimerChange[];
}

/** Runs one command. Every request is answered at once, or by the outcome of a later command. */
export function runGroupCommand(
  groupId: string,
  state: GroupState | undefined,
  command: GroupCommand,
  env: GroupEnvironment,
): GroupOutcome {
  const out = new Outbox();
  const after = settled(apply(groupId, state, command, env, out));
  return {
    state: after,
    records: [...changesBetween(groupId, state, after), ...offsetChangesOf(groupId, out.offsets)],
    offsets: out.offsets,
    replies: out.replies,
    timers: out.timers,
  };
}

/** A group that never had a member leaves nothing behind. */
function settled(state: GroupState | undefined): GroupState | undefined {
  if (state === undefined || state.members.size > 0) return state;
  if (state.kind === 'consumer') return state.epoch === 0 ? undefined : state;
  const isUsed = state.generation > 0 || state.phase !== 'empty' || state.pending.size > 0;
  return isUsed ? state : undefined;
}

function apply(
  groupId: string,
  state: GroupState | undefined,
  command: GroupCommand,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  switch (command.type) {
    case 'join':
      return join(groupId, state, command.request, command.requestId, env, out);
    case 'sync':
      if (state?.kind === 'classic') {
        return classic(state, env, out, (step) =>
          syncClassic(step, command.request, command.requestId),
        );
      }
      out.reply(command.requestId, failedSync('UNKNOWN_MEMBER_ID'));
      return state;
    case 'heartbeat': {
      const isClassic = state?.kind === 'classic';
      const error = isClassic ? heartbeatClassic(state, command.request, out) : 'UNKNOWN_MEMBER_ID';
      out.reply(command.requestId, { error });
      return state;
    }
    case 'leave':
      return leave(state, command.request, command.requestId, env, out);
    case 'consumerHeartbeat':
      return consumerHeartbeat(groupId, state, command.request, command.requestId, env, out);
    case 'commit':
      commitOffsets(state, command.request, command.requestId, { env, out });
      return state;
    case 'fetchOffsets':
      out.reply(command.requestId, fetchOffsets(state, command.request, env));
      return state;
    case 'deleteOffsets':
      deleteOffsets(state, command.request, command.requestId, { env, out });
      return state;
    case 'deleteGroup':
      return deleteGroup(state, command.requestId, env, out);
    case 'timer':
      return state === undefined ? state : onTimer(state, command.timer, env, out);
    case 'topicsChanged':
      dropOffsetsOf(command.deletedTopicIds, env, out);
      return onTopicsChanged(state, env, out);
    case 'expireOffsets':
      return expire(state, env, out);
    case 'moveOffsets':
      for (const put of command.offsets) {
        if (env.offsets.get(put) !== undefined) out.offsets.push({ put });
      }
      out.reply(command.requestId, { error: 'NONE' });
      return state;
  }
}

function join(
  groupId: string,
  state: GroupState | undefined,
  request: JoinRequest,
  requestId: number,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  if (state?.kind === 'consumer' && state.members.size > 0) {
    out.reply(requestId, failedJoin('INCONSISTENT_GROUP_PROTOCOL', request.memberId));
    return state;
  }
  if (state?.kind !== 'classic' && request.memberId !== '') {
    out.reply(requestId, failedJoin('UNKNOWN_MEMBER_ID', request.memberId));
    return state;
  }
  // An empty group of the other kind makes way; its number goes on, so that none comes twice.
  const before =
    state?.kind === 'classic' ? state : newClassicGroup(groupId, env.nowMs, state?.epoch);
  const group = classic(before, env, out, (step) => joinClassic(step, request, requestId));
  const isIn = group.members.size > 0 || group.pending.size > 0;
  return isIn || state?.kind === 'classic' ? group : state;
}

function leave(
  state: GroupState | undefined,
  request: LeaveRequest,
  requestId: number,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  if (state?.kind === 'classic') {
    return classic(state, env, out, (step) => leaveClassic(step, request, requestId));
  }
  const group = state === undefined ? undefined : consumerDraftOf(state);
  const members = request.members.map((identity) => {
    // An operator removes members of either kind with the same request.
    const byInstance = [...(group?.members.values() ?? [])].find(
      ({ instanceId }) => instanceId !== null && instanceId === identity.instanceId,
    );
    const memberId = identity.memberId === '' ? byInstance?.memberId : identity.memberId;
    const member = memberId === undefined ? undefined : group?.members.get(memberId);
    if (group === undefined || member === undefined) {
      return { ...identity, error: 'UNKNOWN_MEMBER_ID' as const };
    }
    if (identity.instanceId !== null && byInstance !== member) {
      return { ...identity, error: 'FENCED_INSTANCE_ID' as const };
    }
    removeConsumer({ group, env, out }, member.memberId);
    return { ...identity, error: 'NONE' as const };
  });
  out.reply(requestId, { error: 'NONE', members });
  return group;
}

function consumerHeartbeat(
  groupId: string,
  state: GroupState | undefined,
  request: ConsumerHeartbeatRequest,
  requestId: number,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  const refuse = (text: string): GroupState | undefined => {
    out.reply(requestId, failedHeartbeat('GROUP_ID_NOT_FOUND', text));
    return state;
  };
  const isQuiet =
    state?.kind === 'consumer' && heartbeatQuietly(state, request, requestId, { env, out });
  if (isQuiet) return state;
  const isClassic = state?.kind === 'classic';
  if (isClassic && (state.members.size > 0 || state.pending.size > 0)) {
    return refuse('The group has members of the classic protocol.');
  }
  if (state?.kind !== 'consumer' && request.memberEpoch !== JOIN_EPOCH) {
    return refuse('There is no such group of the consumer protocol.');
  }
  const before =
    state?.kind === 'consumer' ? state : newConsumerGroup(groupId, env.nowMs, state?.generation);
  if (isClassic) for (const timer of ['join', 'sync'] as const) out.stop(timer);
  const group = consumer(before, env, out, (step) => heartbeatConsumer(step, request, requestId));
  return group.members.size > 0 || state?.kind === 'consumer' ? group : state;
}

function deleteGroup(
  state: GroupState | undefined,
  requestId: number,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  const isUsed = state !== undefined && !isIdle(state);
  const isThere = state !== undefined || env.offsets.size > 0;
  if (isUsed || !isThere) {
    out.reply(requestId, { error: isUsed ? 'NON_EMPTY_GROUP' : 'GROUP_ID_NOT_FOUND' });
    return state;
  }
  for (const { topicId, partition } of env.offsets.all()) {
    out.offsets.push({ remove: { topicId, partition } });
  }
  out.reply(requestId, { error: 'NONE' });
  return undefined;
}

function onTimer(
  state: GroupState,
  timer: GroupTimer,
  env: GroupEnvironment,
  out: Outbox,
): GroupState {
  const memberId = timer.slice(timer.indexOf(':') + 1);
  if (state.kind === 'classic') {
    return classic(state, env, out, (step) => {
      if (timer === 'join') onJoinTimer(step);
      else if (timer === 'sync') onSyncTimer(step);
      else if (timer.startsWith('session:')) onSessionTimer(step, memberId);
    });
  }
  return consumer(state, env, out, (step) => {
    if (timer.startsWith('revoke:')) onRevokeTimer(step, memberId);
    else if (step.group.members.has(memberId)) removeConsumer(step, memberId);
  });
}

function onTopicsChanged(
  state: GroupState | undefined,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  const isDue = state?.kind === 'consumer' && state.members.size > 0;
  if (!isDue || !hasOtherTopics(state, env.topics)) return state;
  return consumer(state, env, out, nextEpoch);
}

function dropOffsetsOf(
  topicIds: ReadonlySet<string>,
  { offsets }: GroupEnvironment,
  out: Outbox,
): void {
  if (topicIds.size === 0) return;
  for (const { topicId, partition } of offsets.all()) {
    if (topicIds.has(topicId)) out.offsets.push({ remove: { topicId, partition } });
  }
}

/** Drops what is old, and the group itself when nothing is left of it. */
function expire(
  state: GroupState | undefined,
  env: GroupEnvironment,
  out: Outbox,
): GroupState | undefined {
  expireOffsets(state, { env, out });
  const hasOffsets = env.offsets.size > out.offsets.length;
  return state === undefined || hasOffsets || !isIdle(state) ? state : undefined;
}

function isIdle(state: GroupState): boolean {
  if (state.members.size > 0) return false;
  return state.kind === 'consumer' || (state.phase === 'empty' && state.pending.size === 0);
}

function classic(
  state: Extract<GroupState, { kind: 'classic' }>,
  env: GroupEnvironment,
  out: Outbox,
  work: (step: ClassicStep) => void,
): ClassicDraft {
  const group = draftOf(state);
  work({ group, env, out });
  return group;
}

function consumer(
  state: Extract<GroupState, { kind: 'consumer' }>,
  env: GroupEnvironment,
  out: Outbox,
  work: (step: ConsumerStep) => void,
): ConsumerDraft {
  const group = consumerDraftOf(state);
  work({ group, env, out });
  return group;
}
