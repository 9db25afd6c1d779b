// What is wrong with a request whatever state its group is in.
import { MEMBER_PROTOCOLS_MAX } from '@walrusmq/protocol';
import { isAssignor } from './server-assignors';
import {
  JOIN_EPOCH,
  LEAVE_EPOCH,
  STATIC_LEAVE_EPOCH,
  type CommitRequest,
  type ConsumerHeartbeatRequest,
  type GroupError,
  type JoinRequest,
  type SyncRequest,
} from './group-requests';
import { protocolBytes } from './group-member';
import type { GroupSettings } from './group-settings';

/** An error with a text for people. */
export interface Refusal {
  readonly error: GroupError;
  readonly message: string;
}

/** Undefined for a group id that can be one. */
export function checkGroupId(groupId: string, settings: GroupSettings): Refusal | undefined {
  const bytes = Buffer.byteLength(groupId);
  if (bytes >= 1 && bytes <= settings.idBytesMax) return undefined;
  const message = `A group id has 1 to ${settings.idBytesMax} bytes, not ${bytes}.`;
  return { error: 'INVALID_GROUP_ID', message };
}

/** Undefined for a request that a group may take. */
export function checkJoin(request: JoinRequest, settings: GroupSettings): Refusal | undefined {
  const { sessionTimeoutMs, rebalanceTimeoutMs, protocolType, protocols } = request;
  const { sessionTimeoutMinMs, sessionTimeoutMaxMs, memberBytesMax } = settings;
  const isInRange =
    Number.isSafeInteger(sessionTimeoutMs) &&
    sessionTimeoutMs >= sessionTimeoutMinMs &&
    sessionTimeoutMs <= sessionTimeoutMaxMs;
  if (!isInRange) {
    const message = `The session timeout is ${sessionTimeoutMinMs} to ${sessionTimeoutMaxMs} ms.`;
    return { error: 'INVALID_SESSION_TIMEOUT', message };
  }
  const isDuration = Number.isSafeInteger(rebalanceTimeoutMs) && rebalanceTimeoutMs >= 0;
  if (!isDuration) return invalid('The rebalance timeout is a whole number of milliseconds.');
  if (protocols.length > MEMBER_PROTOCOLS_MAX) {
    return invalid(`A member has ${MEMBER_PROTOCOLS_MAX} protocols at most.`);
  }
  const bytes = protocolBytes(protocols);
  if (bytes > memberBytesMax) {
    return invalid(`The member's protocols take ${bytes} bytes, ${memberBytesMax} is the most.`);
  }
  const ids = [request.memberId, request.clientId, request.instanceId ?? '', protocolType];
  return checkIds(ids, settings);
}

/** Undefined for a request that a group may take. */
export function checkAssignments(
  { assignments }: SyncRequest,
  settings: GroupSettings,
): Refusal | undefined {
  const isTooMany = assignments.length > 2 * settings.membersMax;
  const isTooLarge = assignments.some(
    ({ assignment }) => assignment.length > settings.memberBytesMax,
  );
  if (!isTooMany && !isTooLarge) return undefined;
  return invalid(`An assignment takes ${settings.memberBytesMax} bytes at most.`);
}

/** Undefined for a request that a group may take. Its pattern is looked at when it is resolved. */
export function checkConsumerHeartbeat(
  request: ConsumerHeartbeatRequest,
  settings: GroupSettings,
): Refusal | undefined {
  const { memberId, memberEpoch, instanceId, serverAssignor } = request;
  if (!Number.isSafeInteger(memberEpoch) || memberEpoch < STATIC_LEAVE_EPOCH) {
    return invalid('The member epoch is 0 to join, -1 or -2 to leave, or what was last answered.');
  }
  if (memberId === '' && memberEpoch !== JOIN_EPOCH) return invalid('The member id is missing.');
  if (instanceId === '') return invalid('An instance id is not empty.');
  if (instanceId === null && memberEpoch === STATIC_LEAVE_EPOCH) {
    return invalid(`Only a member with an instance id leaves with epoch ${memberEpoch}.`);
  }
  if (serverAssignor !== null && !isAssignor(serverAssignor)) {
    const message = `There is no assignor '${serverAssignor}': use uniform or range.`;
    return { error: 'UNSUPPORTED_ASSIGNOR', message };
  }
  return (
    (memberEpoch === JOIN_EPOCH ? checkJoining(request) : undefined) ??
    checkSubscription(request, settings) ??
    checkIds([memberId, request.clientId, instanceId ?? '', request.rackId ?? ''], settings)
  );
}

/** Undefined for a request that a group may take. */
export function checkCommit(
  { memberId, instanceId, retentionMs }: CommitRequest,
  settings: GroupSettings,
): Refusal | undefined {
  const isDuration =
    retentionMs === null || (Number.isSafeInteger(retentionMs) && retentionMs >= 0);
  if (!isDuration) return invalid('The retention is a whole number of milliseconds.');
  return checkIds([memberId, instanceId ?? ''], settings);
}

function checkJoining(request: ConsumerHeartbeatRequest): Refusal | undefined {
  const { rebalanceTimeoutMs, topicNames, topicPattern, owned } = request;
  if (!Number.isSafeInteger(rebalanceTimeoutMs) || rebalanceTimeoutMs < 1) {
    return invalid('A member that joins says its rebalance timeout in milliseconds.');
  }
  if (owned === null || owned.length > 0) return invalid('A member that joins owns nothing.');
  const hasNames = topicNames !== null && topicNames.length > 0;
  const hasPattern = topicPattern !== null && topicPattern !== '';
  if (hasNames || hasPattern) return undefined;
  return invalid('A member that joins says what it subscribes to.');
}

function checkSubscription(
  { memberEpoch, topicNames, topicPattern, rebalanceTimeoutMs }: ConsumerHeartbeatRequest,
  settings: GroupSettings,
): Refusal | undefined {
  const { topicNamesMax, patternBytesMax, memberBytesMax } = settings;
  if (memberEpoch === LEAVE_EPOCH) return undefined;
  if (!Number.isSafeInteger(rebalanceTimeoutMs) || rebalanceTimeoutMs < -1) {
    return invalid('The rebalance timeout is a whole number of milliseconds, or -1.');
  }
  if (topicNames !== null && topicNames.length > topicNamesMax) {
    return invalid(`A member subscribes to ${topicNamesMax} topics at most.`);
  }
  const bytes = (topicNames ?? []).reduce((sum, name) => sum + Buffer.byteLength(name), 0);
  if (bytes > memberBytesMax) {
    return invalid(`The topic names take ${bytes} bytes, ${memberBytesMax} is the most.`);
  }
  if (topicPattern !== null && Buffer.byteLength(topicPattern) > patternBytesMax) {
    const message = `A pattern has ${patternBytesMax} bytes at most.`;
    return { error: 'INVALID_REGULAR_EXPRESSION', message };
  }
  return undefined;
}

function checkIds(ids: readonly string[], { idBytesMax }: GroupSettings): Refusal | undefined {
  // A member id that the broker made is longer than the client's name in it.
  const isTooLong = ids.some((id) => Buffer.byteLength(id) > 2 * idBytesMax);
  return isTooLong ? invalid(`An id has ${2 * idBytesMax} bytes at most.`) : undefined;
}

function invalid(message: string): Refusal {
  return { error: 'INVALID_REQUEST', message };
}
