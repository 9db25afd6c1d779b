// ConsumerGroupHeartbeat (KIP-848): join, stay, catch up with the assignment, leave.
import {
  isSameSet,
  nextEpoch,
  removeConsumer,
  staticConsumer,
  type ConsumerGroup,
  type ConsumerStep,
} from './consumer-group';
import { reconcile } from './consumer-reconciliation';
import { toPartitionKeys, toPartitionLists, type ConsumerMember } from './group-member';
import {
  JOIN_EPOCH,
  LEAVE_EPOCH,
  STATIC_LEAVE_EPOCH,
  type ConsumerHeartbeatReply,
  type ConsumerHeartbeatRequest,
  type GroupError,
} from './group-requests';

/** A heartbeat that failed; nothing changed. */
export function failedHeartbeat(error: GroupError, message: string): ConsumerHeartbeatReply {
  return {
    error,
    message,
    memberId: null,
    memberEpoch: 0,
    heartbeatIntervalMs: 0,
    assignment: null,
  };
}

/** Takes a heartbeat of a member, or of one that joins or leaves. */
export function heartbeatConsumer(
  step: ConsumerStep,
  request: ConsumerHeartbeatRequest,
  requestId: number,
): void {
  const { group, env, out } = step;
  const memberId = request.memberId === '' ? env.uniqueId : request.memberId;
  const refusal = refusalOf(group, { ...request, memberId }, env.settings.membersMax);
  if (refusal !== undefined) {
    out.reply(requestId, refusal);
    return;
  }
  if (request.memberEpoch < 0) {
    leave(step, memberId, request.memberEpoch);
    out.reply(requestId, { ...accepted(step, memberId), memberEpoch: request.memberEpoch });
    return;
  }
  const before = admit(step, request, memberId);
  const settled = catchUp(step, request, memberId);
  out.start(`session:${memberId}`, env.settings.consumerSessionTimeoutMs);
  // A member that comes with an epoch of before has missed the last answer.
  const wantsAll = isFullRequest(request) || request.memberEpoch !== before?.epoch;
  const hasChanged = before === undefined || !isSameSet(before.assigned, settled.assigned);
  out.reply(requestId, {
    ...accepted(step, memberId),
    memberEpoch: settled.epoch,
    assignment: wantsAll || hasChanged ? toPartitionLists(settled.assigned) : null,
  });
}

/**
 * Takes the heartbeat of a member for which nothing has changed: most of them.
 * @returns False, and nothing is done, when there is more to do.
 */
export function heartbeatQuietly(
  group: ConsumerGroup,
  request: ConsumerHeartbeatRequest,
  requestId: number,
  { env, out }: Pick<ConsumerStep, 'env' | 'out'>,
): boolean {
  const member = group.members.get(request.memberId);
  const saysNothing =
    request.topicNames === null &&
    request.topicPattern === null &&
    request.serverAssignor === null &&
    request.rackId === null &&
    request.rebalanceTimeoutMs === -1;
  const hasCaughtUp =
    member?.phase === 'stable' &&
    member.epoch === request.memberEpoch &&
    member.epoch === group.assignmentEpoch;
  const isSame =
    member?.clientId === request.clientId &&
    member.clientHost === request.clientHost &&
    (request.instanceId === null || request.instanceId === member.instanceId);
  if (!saysNothing || !hasCaughtUp || !isSame) return false;
  out.start(`session:${request.memberId}`, env.settings.consumerSessionTimeoutMs);
  const memberEpoch = request.memberEpoch;
  out.reply(requestId, { ...accepted({ env }, request.memberId), memberEpoch });
  return true;
}

/** The member did not give up its partitions in time. */
export function onRevokeTimer(step: ConsumerStep, memberId: string): void {
  const member = step.group.members.get(memberId);
  if (member?.phase === 'unrevoked') removeConsumer(step, memberId);
}

function accepted({ env }: Pick<ConsumerStep, 'env'>, memberId: string): ConsumerHeartbeatReply {
  return {
    error: 'NONE',
    message: null,
    memberId,
    memberEpoch: 0,
    heartbeatIntervalMs: env.settings.consumerHeartbeatIntervalMs,
    assignment: null,
  };
}

function refusalOf(
  group: ConsumerGroup,
  request: ConsumerHeartbeatRequest,
  membersMax: number,
): ConsumerHeartbeatReply | undefined {
  const { memberId, memberEpoch, instanceId } = request;
  const member = group.members.get(memberId);
  const holder = instanceId === null ? undefined : staticConsumer(group, instanceId);
  if (memberEpoch === JOIN_EPOCH) {
    const isUnreleased = holder !== undefined && holder.epoch !== STATIC_LEAVE_EPOCH;
    if (isUnreleased && holder.memberId !== memberId) {
      const text = `Instance id ${String(instanceId)} is used by another member of the group.`;
      return failedHeartbeat('UNRELEASED_INSTANCE_ID', text);
    }
    if (member !== undefined || holder !== undefined || group.members.size < membersMax) return;
    const text = `The group has ${membersMax} members, which is the most.`;
    return failedHeartbeat('GROUP_MAX_SIZE_REACHED', text);
  }
  if (instanceId !== null && holder !== undefined && holder.memberId !== memberId) {
    const text = `Instance id ${instanceId} has been taken over by another member.`;
    return failedHeartbeat('FENCED_INSTANCE_ID', text);
  }
  const isOther = instanceId !== null && member?.instanceId !== instanceId;
  if (member === undefined || isOther) {
    return failedHeartbeat('UNKNOWN_MEMBER_ID', `Member ${memberId} is not in the group: join it.`);
  }
  return memberEpoch < 0 ? undefined : epochRefusal(member, request);
}

function epochRefusal(
  member: ConsumerMember,
  { memberEpoch, owned }: ConsumerHeartbeatRequest,
): ConsumerHeartbeatReply | undefined {
  if (memberEpoch === member.epoch) return undefined;
  const text = `The member is at epoch ${member.epoch}, not ${memberEpoch}: give up all, and join.`;
  if (memberEpoch > member.epoch) return failedHeartbeat('FENCED_MEMBER_EPOCH', text);
  // It has missed the last answer, and owns nothing that was taken from it since.
  const missedAnswer =
    memberEpoch === member.previousEpoch &&
    owned !== null &&
    isSubset(toPartitionKeys(owned), member.assigned);
  return missedAnswer ? undefined : failedHeartbeat('FENCED_MEMBER_EPOCH', text);
}

/** Makes the member what the request says it is; returns what it was. */
function admit(
  step: ConsumerStep,
  request: ConsumerHeartbeatRequest,
  memberId: string,
): ConsumerMember | undefined {
  const { group, env } = step;
  const { instanceId } = request;
  const holder = instanceId === null ? undefined : staticConsumer(group, instanceId);
  const isJoining = request.memberEpoch === JOIN_EPOCH;
  // A member that takes another's place leaves its own, and what it was to own there.
  const leavesPlace = isJoining && holder !== undefined && group.members.has(memberId);
  const hasLeft = leavesPlace && holder.memberId !== memberId;
  if (isJoining && holder !== undefined) takePlace(step, holder, memberId);
  const known = group.members.get(memberId);
  const before = known ?? newMember(memberId);
  const member: ConsumerMember = {
    ...before,
    instanceId: instanceId ?? before.instanceId,
    rackId: request.rackId ?? before.rackId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    rebalanceTimeoutMs:
      request.rebalanceTimeoutMs === -1
        ? before.rebalanceTimeoutMs
        : Math.min(request.rebalanceTimeoutMs, env.settings.rebalanceTimeoutMaxMs),
    topicNames: request.topicNames ?? before.topicNames,
    topicPattern:
      request.topicPattern === null ? before.topicPattern : request.topicPattern || null,
    serverAssignor: request.serverAssignor ?? before.serverAssignor,
  };
  // The same object where nothing changed: nothing is written then.
  if (known === undefined || !isSameMember(known, member)) group.members.set(memberId, member);
  if (known === undefined || hasLeft || hasOtherSubscription(known, member)) nextEpoch(step);
  return known;
}

/** A static member comes back, under another id or its own, to what it had. */
function takePlace({ group, out }: ConsumerStep, holder: ConsumerMember, memberId: string): void {
  group.members.delete(holder.memberId);
  out.stop(`session:${holder.memberId}`);
  out.stop(`revoke:${holder.memberId}`);
  out.stop(`revoke:${memberId}`);
  group.members.set(memberId, {
    ...holder,
    memberId,
    epoch: JOIN_EPOCH,
    previousEpoch: JOIN_EPOCH,
  });
}

/** Brings the member as near to the target as others let it. */
function catchUp(
  step: ConsumerStep,
  request: ConsumerHeartbeatRequest,
  memberId: string,
): ConsumerMember {
  const { group, out } = step;
  const member = group.members.get(memberId) ?? newMember(memberId);
  const owned = request.owned === null ? undefined : toPartitionKeys(request.owned);
  const settled = reconcile(group, member, owned);
  if (settled === member) return member;
  group.members.set(memberId, settled);
  if (settled.phase !== 'unrevoked') out.stop(`revoke:${memberId}`);
  else if (member.phase !== 'unrevoked' || !isSameSet(member.revoking, settled.revoking)) {
    out.start(`revoke:${memberId}`, settled.rebalanceTimeoutMs);
  }
  return settled;
}

function leave(step: ConsumerStep, memberId: string, epoch: number): void {
  const { group, out } = step;
  const member = group.members.get(memberId);
  if (member === undefined) return;
  if (epoch === LEAVE_EPOCH) {
    removeConsumer(step, memberId);
    return;
  }
  // It keeps its place for a session; what it was asked to give up it has given up by going.
  group.members.set(memberId, {
    ...member,
    epoch: STATIC_LEAVE_EPOCH,
    phase: 'stable',
    revoking: new Set(),
  });
  out.stop(`revoke:${memberId}`);
}

function newMember(memberId: string): ConsumerMember {
  return {
    memberId,
    instanceId: null,
    rackId: null,
    clientId: '',
    clientHost: '',
    rebalanceTimeoutMs: 0,
    topicNames: [],
    topicPattern: null,
    serverAssignor: null,
    epoch: JOIN_EPOCH,
    previousEpoch: JOIN_EPOCH,
    phase: 'stable',
    assigned: new Set(),
    revoking: new Set(),
    target: new Set(),
  };
}

function isFullRequest(request: ConsumerHeartbeatRequest): boolean {
  const hasSubscription = request.topicNames !== null || request.topicPattern !== null;
  const hasAll = request.rebalanceTimeoutMs !== -1 && hasSubscription && request.owned !== null;
  return request.memberEpoch === JOIN_EPOCH || hasAll;
}

function hasOtherSubscription(before: ConsumerMember, after: ConsumerMember): boolean {
  return (
    before.topicPattern !== after.topicPattern ||
    before.serverAssignor !== after.serverAssignor ||
    !isSameSet(new Set(before.topicNames), new Set(after.topicNames))
  );
}

function isSameMember(before: ConsumerMember, after: ConsumerMember): boolean {
  return (
    before.instanceId === after.instanceId &&
    before.rackId === after.rackId &&
    before.clientId === after.clientId &&
    before.clientHost === after.clientHost &&
    before.rebalanceTimeoutMs === after.rebalanceTimeoutMs &&
    !hasOtherSubscription(before, after)
  );
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  for (const element of part) if (!whole.has(element)) return false;
  return true;
}
