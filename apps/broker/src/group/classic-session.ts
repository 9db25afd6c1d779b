// SyncGroup, Heartbeat and LeaveGroup of a classic group.
import {
  checkGeneration,
  checkMember,
  staticMember,
  type ClassicGroup,
  type ClassicStep,
} from './classic-group';
import {
  completeJoinIfAllCame,
  dropMember,
  enterPhase,
  failedSync,
  rebalance,
  startSession,
} from './classic-rebalance';
import type {
  GroupError,
  HeartbeatRequest,
  LeaveRequest,
  MemberIdentity,
  SyncReply,
  SyncRequest,
} from './group-requests';

/** Takes the leader's assignment, or has a member wait for it. */
export function syncClassic(step: ClassicStep, request: SyncRequest, requestId: number): void {
  const { group, out } = step;
  const { memberId } = request;
  const error = checkSync(group, request);
  if (error !== 'NONE') {
    out.reply(requestId, failedSync(error));
    return;
  }
  group.unsynced.delete(memberId);
  if (group.phase === 'stable') {
    if (group.unsynced.size === 0) out.stop('sync');
    out.reply(requestId, syncReply(group, memberId));
    return;
  }
  const earlier = group.syncing.get(memberId);
  if (earlier !== undefined) out.reply(earlier, failedSync('REBALANCE_IN_PROGRESS'));
  group.syncing.set(memberId, requestId);
  out.stop(`session:${memberId}`);
  if (memberId === group.leaderId) completeSync(step, request);
}

/**
 * Keeps a member in the group.
 * @returns What it is told; a member that is told REBALANCE_IN_PROGRESS is kept too.
 */
export function heartbeatClassic(
  group: ClassicGroup,
  request: HeartbeatRequest,
  out: ClassicStep['out'],
): GroupError {
  const error = checkGeneration(group, request);
  if (error !== 'NONE') return error;
  keepSession(group, request.memberId, out);
  return group.phase === 'preparing' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
}

/** Gives a member its session timeout anew, unless it waits for an answer. */
export function keepSession(group: ClassicGroup, memberId: string, out: ClassicStep['out']): void {
  if (group.joining.has(memberId) || group.syncing.has(memberId)) return;
  const member = group.members.get(memberId);
  if (member !== undefined) out.start(`session:${memberId}`, member.sessionTimeoutMs);
}

/** Takes members out; those that stay share what they had. */
export function leaveClassic(step: ClassicStep, request: LeaveRequest, requestId: number): void {
  const { group, out } = step;
  const sizeBefore = group.members.size;
  const members = request.members.map((identity) => ({
    ...identity,
    error: leave(step, identity),
  }));
  if (group.phase === 'preparing') completeJoinIfAllCame(step);
  // An id that was handed out and is given back leaves the others as they are.
  else if (group.members.size < sizeBefore) rebalance(step);
  out.reply(requestId, { error: 'NONE', members });
}

function leave(step: ClassicStep, { memberId, instanceId }: MemberIdentity): GroupError {
  const { group, out } = step;
  if (group.pending.delete(memberId)) {
    out.stop(`session:${memberId}`);
    return 'NONE';
  }
  const holder = instanceId === null ? undefined : staticMember(group, instanceId);
  // An operator may name an instance without knowing its member id.
  const leaving = instanceId !== null && memberId === '' ? (holder?.memberId ?? '') : memberId;
  const error = checkMember(group, { memberId: leaving, instanceId });
  if (error === 'NONE') dropMember(step, leaving);
  return error;
}

function checkSync(group: ClassicGroup, request: SyncRequest): GroupError {
  const error = checkGeneration(group, request);
  if (error !== 'NONE') return error;
  const { protocolType, protocolName } = request;
  const isOtherType = protocolType !== null && protocolType !== group.protocolType;
  const isOtherName = protocolName !== null && protocolName !== group.protocolName;
  if (group.phase === 'preparing') return 'REBALANCE_IN_PROGRESS';
  return isOtherType || isOtherName ? 'INCONSISTENT_GROUP_PROTOCOL' : 'NONE';
}

function completeSync(step: ClassicStep, request: SyncRequest): void {
  const { group, out } = step;
  const given = new Map(request.assignments.map((each) => [each.memberId, each.assignment]));
  for (const member of group.members.values()) {
    const assignment = given.get(member.memberId) ?? Buffer.alloc(0);
    group.members.set(member.memberId, { ...member, assignment });
  }
  enterPhase(step, 'stable');
  for (const [memberId, requestId] of group.syncing) {
    out.reply(requestId, syncReply(group, memberId));
    startSession(step, memberId);
  }
  group.syncing.clear();
  if (group.unsynced.size === 0) out.stop('sync');
}

function syncReply(group: ClassicGroup, memberId: string): SyncReply {
  return {
    error: 'NONE',
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: group.members.get(memberId)?.assignment ?? Buffer.alloc(0),
  };
}
