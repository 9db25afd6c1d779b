// How a classic group gets from one generation to the next (Kafka's PreparingRebalance and
// CompletingRebalance), and what happens when a member goes.
import {
  metadataFor,
  rebalanceTimeoutMs,
  selectProtocol,
  type ClassicDraft,
  type ClassicPhase,
  type ClassicStep,
} from './classic-group';
import type { GroupError, JoinReply, JoinedMember, SyncReply } from './group-requests';

/** A join that failed. */
export function failedJoin(error: GroupError, memberId = ''): JoinReply {
  return {
    error,
    memberId,
    generation: -1,
    protocolType: null,
    protocolName: null,
    leaderId: '',
    members: [],
    skipAssignment: false,
  };
}

/** A sync that failed. */
export function failedSync(error: GroupError): SyncReply {
  return { error, protocolType: null, protocolName: null, assignment: Buffer.alloc(0) };
}

/** What a member of the present generation is told. */
export function joinReply(group: ClassicDraft, memberId: string): JoinReply {
  return {
    error: 'NONE',
    memberId,
    generation: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    leaderId: group.leaderId ?? '',
    members: memberId === group.leaderId ? joinedMembers(group) : [],
    skipAssignment: false,
  };
}

/** All members, as the leader is told of them. */
export function joinedMembers(group: ClassicDraft): JoinedMember[] {
  return [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    metadata: metadataFor(member, group.protocolName),
  }));
}

/** Starts a rebalance, or goes on with the one that is under way. */
export function rebalance(step: ClassicStep): void {
  if (step.group.phase === 'preparing') completeJoinIfAllCame(step);
  else prepareRebalance(step);
}

/** Has all members join anew: those that wait for an assignment are sent back to join. */
export function prepareRebalance(step: ClassicStep): void {
  const { group, env, out } = step;
  const wasEmpty = group.phase === 'empty';
  for (const [memberId, requestId] of group.syncing) {
    out.reply(requestId, failedSync('REBALANCE_IN_PROGRESS'));
    startSession(step, memberId);
  }
  group.syncing.clear();
  group.unsynced.clear();
  out.stop('sync');
  enterPhase(step, 'preparing');
  if (!wasEmpty) {
    out.start('join', rebalanceTimeoutMs(group));
    completeJoinIfAllCame(step);
    return;
  }
  const delayMs = env.settings.initialRebalanceDelayMs;
  const remainingMs = Math.max(rebalanceTimeoutMs(group) - delayMs, 0);
  group.initial = { delayMs, remainingMs, hasNewMember: false };
  out.start('join', delayMs);
}

/** Ends the wait for members when nobody is missing; a group that was empty waits its time out. */
export function completeJoinIfAllCame(step: ClassicStep): void {
  const { group } = step;
  const allCame = group.joining.size === group.members.size && group.pending.size === 0;
  if (group.phase === 'preparing' && group.initial === null && allCame) completeJoin(step);
}

/** The time that members had to join is over. */
export function onJoinTimer(step: ClassicStep): void {
  const { group, env, out } = step;
  if (group.phase !== 'preparing') return;
  const { initial } = group;
  if (initial === null || !initial.hasNewMember || initial.remainingMs === 0) {
    completeJoin(step);
    return;
  }
  const delayMs = Math.min(env.settings.initialRebalanceDelayMs, initial.remainingMs);
  const remainingMs = Math.max(initial.remainingMs - initial.delayMs, 0);
  group.initial = { delayMs, remainingMs, hasNewMember: false };
  out.start('join', delayMs);
}

/** The time that members had to ask for their assignment is over: those that did not go. */
export function onSyncTimer(step: ClassicStep): void {
  const { group } = step;
  const isSyncing = group.phase === 'completing' || group.phase === 'stable';
  if (!isSyncing || group.unsynced.size === 0) return;
  for (const memberId of [...group.unsynced]) dropMember(step, memberId);
  prepareRebalance(step);
}

/** A member was silent for its session timeout, or a client did not come back with its new id. */
export function onSessionTimer(step: ClassicStep, memberId: string): void {
  const { group } = step;
  if (group.pending.delete(memberId)) completeJoinIfAllCame(step);
  else if (group.members.has(memberId)) removeMember(step, memberId);
}

/** Takes a member out, and has the others share what it had. */
export function removeMember(step: ClassicStep, memberId: string): void {
  dropMember(step, memberId);
  rebalance(step);
}

/** Takes a member out; what it waits for is answered with UNKNOWN_MEMBER_ID. */
export function dropMember(step: ClassicStep, memberId: string): void {
  const { group, out } = step;
  const joining = group.joining.get(memberId);
  if (joining !== undefined) out.reply(joining, failedJoin('UNKNOWN_MEMBER_ID', memberId));
  const syncing = group.syncing.get(memberId);
  if (syncing !== undefined) out.reply(syncing, failedSync('UNKNOWN_MEMBER_ID'));
  group.joining.delete(memberId);
  group.syncing.delete(memberId);
  group.fresh.delete(memberId);
  group.unsynced.delete(memberId);
  group.members.delete(memberId);
  out.stop(`session:${memberId}`);
  if (group.leaderId === memberId) group.leaderId = group.members.keys().next().value ?? null;
}

/** Gives a member its session timeout anew. */
export function startSession({ group, out }: ClassicStep, memberId: string): void {
  const member = group.members.get(memberId);
  if (member !== undefined) out.start(`session:${memberId}`, member.sessionTimeoutMs);
}

/** Goes to another phase. */
export function enterPhase({ group, env }: ClassicStep, phase: ClassicPhase): void {
  group.phase = phase;
  group.changedAtMs = env.nowMs;
}

function completeJoin(step: ClassicStep): void {
  const { group, out } = step;
  for (const member of [...group.members.values()]) {
    // A static member may be away for a while; its session says when that is too long.
    const isMissed = !group.joining.has(member.memberId) && member.instanceId === null;
    if (isMissed) dropMember(step, member.memberId);
  }
  if (group.members.size > 0 && !electLeader(group)) {
    out.start('join', rebalanceTimeoutMs(group));
    return;
  }
  out.stop('join');
  group.initial = null;
  group.generation += 1;
  if (group.members.size === 0) {
    group.protocolName = null;
    group.leaderId = null;
    enterPhase(step, 'empty');
    return;
  }
  group.protocolName = selectProtocol(group.members.values());
  enterPhase(step, 'completing');
  for (const memberId of group.members.keys()) {
    const requestId = group.joining.get(memberId);
    if (requestId !== undefined) out.reply(requestId, joinReply(group, memberId));
    startSession(step, memberId);
    group.unsynced.add(memberId);
  }
  group.joining.clear();
  group.fresh.clear();
  out.start('sync', rebalanceTimeoutMs(group));
}

/** Sees to it that the leader is a member that waits for the answer; false when nobody waits. */
function electLeader(group: ClassicDraft): boolean {
  if (group.leaderId !== null && group.joining.has(group.leaderId)) return true;
  const next = [...group.members.keys()].find((memberId) => group.joining.has(memberId));
  if (next !== undefined) group.leaderId = next;
  return next !== undefined;
}
