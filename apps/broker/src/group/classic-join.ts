// JoinGroup (KIP-394 for MEMBER_ID_REQUIRED, KIP-345 for static members).
import {
  checkMember,
  selectProtocol,
  staticMember,
  supportsProtocols,
  type ClassicStep,
} from './classic-group';
import {
  completeJoinIfAllCame,
  dropMember,
  failedJoin,
  failedSync,
  joinReply,
  joinedMembers,
  prepareRebalance,
  removeMember,
  startSession,
} from './classic-rebalance';
import { hasSameProtocols, protocolBytes, type ClassicMember } from './group-member';
import type { GroupError, JoinRequest } from './group-requests';

/** Lets a client into the group; the answer may come when the rebalance is complete. */
export function joinClassic(step: ClassicStep, request: JoinRequest, requestId: number): void {
  const { group, out } = step;
  const { memberId } = request;
  const refuse = (error: GroupError): void => out.reply(requestId, failedJoin(error, memberId));
  if (!hasPlaceFor(step, request) || !hasBytesFor(step, request)) {
    refuse('GROUP_MAX_SIZE_REACHED');
    giveUpPlace(step, memberId);
    return;
  }
  const names = request.protocols.map(({ name }) => name);
  if (!supportsProtocols(group, request.protocolType, names)) {
    refuse('INCONSISTENT_GROUP_PROTOCOL');
    return;
  }
  if (memberId === '') joinAsNewMember(step, request, requestId);
  else if (group.pending.has(memberId)) addMember(step, request, requestId, memberId);
  else {
    const error = checkMember(group, request);
    if (error === 'NONE') rejoin(step, request, requestId);
    else refuse(error);
  }
}

/** Nobody waits any longer for a client that was refused; what it had, the others share. */
function giveUpPlace(step: ClassicStep, memberId: string): void {
  const { group, out } = step;
  if (group.pending.delete(memberId)) {
    out.stop(`session:${memberId}`);
    completeJoinIfAllCame(step);
  } else if (group.members.has(memberId)) removeMember(step, memberId);
}

function hasPlaceFor({ group, env }: ClassicStep, { memberId, instanceId }: JoinRequest): boolean {
  const { membersMax } = env.settings;
  const isStatic = instanceId !== null && staticMember(group, instanceId) !== undefined;
  if (group.phase !== 'preparing') {
    return isStatic || group.members.has(memberId) || group.members.size < membersMax;
  }
  if (isStatic || group.joining.has(memberId)) return true;
  // Clients that went away in the middle of a rebalance must not pile up until it ends.
  if (!group.members.has(memberId) && group.members.size >= 2 * membersMax) return false;
  // Members that have not come back may be dropped when the rebalance is complete; static ones
  // stay.
  let held = group.joining.size;
  for (const member of group.members.values()) {
    if (member.instanceId !== null && !group.joining.has(member.memberId)) held += 1;
  }
  return held < membersMax;
}

/** Whether the leader can be told what this client says beside what the others say. */
function hasBytesFor({ group, env }: ClassicStep, request: JoinRequest): boolean {
  const { groupBytesMax } = env.settings;
  let staying = protocolBytes(request.protocols);
  let all = staying;
  for (const member of group.members.values()) {
    if (isOf(member, request)) continue;
    const bytes = protocolBytes(member.protocols);
    all += bytes;
    // As for places: those that have not come back may be gone when the rebalance is complete.
    const hasCome = group.phase !== 'preparing' || group.joining.has(member.memberId);
    if (hasCome || member.instanceId !== null) staying += bytes;
  }
  return staying <= groupBytesMax && all <= 2 * groupBytesMax;
}

function isOf(member: ClassicMember, { memberId, instanceId }: JoinRequest): boolean {
  if (member.memberId === memberId) return true;
  return instanceId !== null && member.instanceId === instanceId;
}

function joinAsNewMember(step: ClassicStep, request: JoinRequest, requestId: number): void {
  const { group, env, out } = step;
  const { instanceId } = request;
  const memberId = `${instanceId ?? request.clientId}-${env.uniqueId}`;
  const holder = instanceId === null ? undefined : staticMember(group, instanceId);
  if (holder !== undefined) {
    replaceStaticMember(step, request, requestId, holder, memberId);
  } else if (instanceId !== null || !request.requiresKnownMemberId) {
    addMember(step, request, requestId, memberId);
  } else if (group.pending.size >= env.settings.membersMax) {
    out.reply(requestId, failedJoin('GROUP_MAX_SIZE_REACHED'));
  } else {
    group.pending.add(memberId);
    out.start(`session:${memberId}`, request.sessionTimeoutMs);
    out.reply(requestId, failedJoin('MEMBER_ID_REQUIRED', memberId));
  }
}

function addMember(
  step: ClassicStep,
  request: JoinRequest,
  requestId: number,
  memberId: string,
): void {
  const { group, env, out } = step;
  group.pending.delete(memberId);
  if (group.members.size === 0) group.protocolType = request.protocolType;
  group.leaderId ??= memberId;
  group.members.set(memberId, memberFrom(request, memberId));
  if (group.initial !== null) group.initial = { ...group.initial, hasNewMember: true };
  const timeoutMs = env.settings.newMemberJoinTimeoutMs;
  rebalanceWith(step, memberId, requestId);
  if (!group.joining.has(memberId)) return;
  // It does not know its id before it is answered, so it cannot heartbeat; nor may a client that
  // went away hold its place for as long as the rebalance takes.
  group.fresh.add(memberId);
  out.start(`session:${memberId}`, timeoutMs);
}

function rejoin(step: ClassicStep, request: JoinRequest, requestId: number): void {
  const { group, out } = step;
  const { memberId } = request;
  const known = group.members.get(memberId);
  if (known === undefined) return;
  const isSame = hasSameProtocols(known.protocols, request.protocols);
  // The answer to its last join may have been lost on the way.
  const missedAnswer = group.phase === 'completing' && isSame;
  const isFollower = group.phase === 'stable' && isSame && group.leaderId !== memberId;
  if (missedAnswer || isFollower) {
    if (!group.syncing.has(memberId)) startSession(step, memberId);
    out.reply(requestId, joinReply(group, memberId));
    return;
  }
  group.members.set(memberId, memberFrom(request, memberId, known.assignment));
  rebalanceWith(step, memberId, requestId);
}

/** A client with the instance id of a member that is there takes its place under a new id. */
function replaceStaticMember(
  step: ClassicStep,
  request: JoinRequest,
  requestId: number,
  old: ClassicMember,
  memberId: string,
): void {
  const { group, out } = step;
  const joining = group.joining.get(old.memberId);
  if (joining !== undefined) out.reply(joining, failedJoin('FENCED_INSTANCE_ID', old.memberId));
  const syncing = group.syncing.get(old.memberId);
  if (syncing !== undefined) out.reply(syncing, failedSync('FENCED_INSTANCE_ID'));
  const wasLeader = group.leaderId === old.memberId;
  const wasUnsynced = group.unsynced.has(old.memberId);
  const member = memberFrom(request, memberId, old.assignment);
  // They are answered already.
  group.joining.delete(old.memberId);
  group.syncing.delete(old.memberId);
  dropMember(step, old.memberId);
  group.members.set(memberId, member);
  if (wasLeader) group.leaderId = memberId;
  if (wasUnsynced) group.unsynced.add(memberId);
  const keepsGeneration =
    group.phase === 'stable' && selectProtocol(group.members.values()) === group.protocolName;
  if (!keepsGeneration) {
    rebalanceWith(step, memberId, requestId);
    return;
  }
  startSession(step, memberId);
  const canSkip = wasLeader && request.canSkipAssignment;
  out.reply(requestId, {
    ...joinReply(group, memberId),
    // A leader that cannot be told to leave the assignment alone has to think that it is none.
    leaderId: wasLeader && !canSkip ? old.memberId : (group.leaderId ?? ''),
    members: canSkip ? joinedMembers(group) : [],
    skipAssignment: canSkip,
  });
}

/** Has the member wait for the rebalance, and starts that where none is under way. */
function rebalanceWith(step: ClassicStep, memberId: string, requestId: number): void {
  const { group, out } = step;
  const earlier = group.joining.get(memberId);
  // The client has asked again: nobody reads the first answer, or whoever does joins anew.
  if (earlier !== undefined) out.reply(earlier, failedJoin('REBALANCE_IN_PROGRESS', memberId));
  if (group.phase !== 'preparing') {
    leaveSync(step, memberId);
    group.joining.set(memberId, requestId);
    stopSession(step, memberId);
    prepareRebalance(step);
    return;
  }
  group.joining.set(memberId, requestId);
  stopSession(step, memberId);
  completeJoinIfAllCame(step);
}

function leaveSync({ group, out }: ClassicStep, memberId: string): void {
  const syncing = group.syncing.get(memberId);
  if (syncing !== undefined) out.reply(syncing, failedSync('REBALANCE_IN_PROGRESS'));
  group.syncing.delete(memberId);
}

/** While it waits it need not heartbeat; one that was never answered keeps its longer timer. */
function stopSession({ group, out }: ClassicStep, memberId: string): void {
  if (!group.fresh.has(memberId)) out.stop(`session:${memberId}`);
}

function memberFrom(
  request: JoinRequest,
  memberId: string,
  assignment: Buffer = Buffer.alloc(0),
): ClassicMember {
  return {
    memberId,
    instanceId: request.instanceId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    sessionTimeoutMs: request.sessionTimeoutMs,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    protocols: request.protocols,
    assignment,
  };
}
