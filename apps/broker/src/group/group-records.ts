// What of a group is stored, and a group made from what was.
import type {
  ClassicGroupRecord,
  ClassicMemberRecord,
  ConsumerGroupRecord,
  ConsumerMemberRecord,
  GroupChange,
  GroupRecord,
} from '@walrusmq/storage';
import { draftOf, newClassicGroup, rebalanceTimeoutMs, type ClassicDraft } from './classic-group';
import type { CommittedOffset, OffsetChange } from './committed-offset';
import { consumerDraftOf, newConsumerGroup, type ConsumerDraft } from './consumer-group';
import {
  toPartitionKeys,
  toPartitionLists,
  type ClassicMember,
  type ConsumerMember,
} from './group-member';
import type { GroupSettings } from './group-settings';
import type { GroupState } from './group-state-types';
import type { TimerChange } from './group-step';

/**
 * The records that lead from one state of a group to another; none where nothing lasting changed.
 */
export function changesBetween(
  groupId: string,
  before: GroupState | undefined,
  after: GroupState | undefined,
): GroupChange[] {
  if (before === after) return [];
  const changes: GroupChange[] = [];
  const stored = before === undefined ? undefined : groupRecord(before);
  const wanted = after === undefined ? undefined : groupRecord(after);
  if (wanted === undefined) {
    if (stored !== undefined) changes.push({ remove: { kind: 'group', groupId } });
  } else if (stored === undefined || !isSameRecord(stored, wanted)) changes.push({ put: wanted });
  const known = membersOf(before);
  const present = membersOf(after);
  const isOtherKind = before?.kind !== after?.kind;
  for (const [memberId, member] of present) {
    if (isOtherKind || known.get(memberId) !== member) {
      changes.push({ put: memberRecord(groupId, member) });
    }
  }
  for (const memberId of known.keys()) {
    if (!present.has(memberId)) changes.push({ remove: { kind: 'member', groupId, memberId } });
  }
  return changes;
}

/** The changes of committed offsets as records. */
export function offsetChangesOf(groupId: string, offsets: readonly OffsetChange[]): GroupChange[] {
  return offsets.map((change) =>
    'put' in change
      ? { put: { type: 'offset', groupId, ...change.put } }
      : { remove: { kind: 'offset', groupId, ...change.remove } },
  );
}

/** A group as it was stored. */
export interface RestoredGroup {
  state: ClassicDraft | ConsumerDraft | undefined;
  readonly offsets: CommittedOffset[];
}

/**
 * The groups that the records make. Members that waited for an answer ask again; timeouts begin
 * anew (`timersAfterRestart`).
 *
 * @throws {GroupRecordsError} A member without its group, or of another kind.
 */
export function restoreGroups(records: readonly GroupRecord[]): Map<string, RestoredGroup> {
  const groups = new Map<string, RestoredGroup>();
  const groupOf = (groupId: string): RestoredGroup => {
    const group = groups.get(groupId) ?? { state: undefined, offsets: [] };
    groups.set(groupId, group);
    return group;
  };
  // A group's record may have been written after those of its members.
  for (const record of records) {
    if (record.type === 'classicGroup') groupOf(record.groupId).state = classicFrom(record);
    if (record.type === 'consumerGroup') groupOf(record.groupId).state = consumerFrom(record);
  }
  for (const record of records) {
    if (record.type === 'offset') {
      const { type: _type, groupId, ...offset } = record;
      groupOf(groupId).offsets.push(offset);
    } else if (record.type === 'classicMember' || record.type === 'consumerMember') {
      addMember(groupOf(record.groupId).state, record);
    }
  }
  return groups;
}

/** The timers of a restored group: everybody gets the time that it would have from now on. */
export function timersAfterRestart(state: GroupState, settings: GroupSettings): TimerChange[] {
  const timers: TimerChange[] = [];
  if (state.kind === 'consumer') {
    for (const { memberId, phase, rebalanceTimeoutMs: afterMs } of state.members.values()) {
      timers.push({ timer: `session:${memberId}`, afterMs: settings.consumerSessionTimeoutMs });
      if (phase === 'unrevoked') timers.push({ timer: `revoke:${memberId}`, afterMs });
    }
    return timers;
  }
  for (const { memberId, sessionTimeoutMs: afterMs } of state.members.values()) {
    timers.push({ timer: `session:${memberId}`, afterMs });
  }
  const afterMs = rebalanceTimeoutMs(state);
  if (state.phase === 'preparing') timers.push({ timer: 'join', afterMs });
  if (state.unsynced.size > 0) timers.push({ timer: 'sync', afterMs });
  return timers;
}

/** The stored groups do not fit together; nothing was changed. */
export class GroupRecordsError extends Error {
  override readonly name = 'GroupRecordsError';
  readonly code = 'CORRUPT';
}

function groupRecord(state: GroupState): ClassicGroupRecord | ConsumerGroupRecord | undefined {
  const { groupId, changedAtMs } = state;
  if (state.kind === 'consumer') {
    const { epoch, assignmentEpoch, topicsDigest } = state;
    return { type: 'consumerGroup', groupId, epoch, assignmentEpoch, topicsDigest, changedAtMs };
  }
  const { generation, phase, protocolType, protocolName, leaderId } = state;
  // Nobody was ever told of it.
  if (generation === 0 && state.members.size === 0) return undefined;
  return {
    type: 'classicGroup',
    groupId,
    generation,
    phase,
    protocolType,
    protocolName,
    leaderId,
    changedAtMs,
  };
}

function isSameRecord(one: object, other: object): boolean {
  const theirs = other as Record<string, unknown>;
  return Object.entries(one).every(([name, value]) => theirs[name] === value);
}

function membersOf(
  state: GroupState | undefined,
): ReadonlyMap<string, ClassicMember | ConsumerMember> {
  return state?.members ?? new Map<string, ClassicMember | ConsumerMember>();
}

function memberRecord(
  groupId: string,
  member: ClassicMember | ConsumerMember,
): ClassicMemberRecord | ConsumerMemberRecord {
  if ('protocols' in member) return { type: 'classicMember', groupId, ...member };
  const { assigned, revoking, target } = member;
  return {
    type: 'consumerMember',
    groupId,
    ...member,
    assigned: toPartitionLists(assigned),
    revoking: toPartitionLists(revoking),
    target: toPartitionLists(target),
  };
}

function classicFrom(record: ClassicGroupRecord): ClassicDraft {
  const { type: _type, ...stored } = record;
  return { ...draftOf(newClassicGroup(record.groupId, record.changedAtMs)), ...stored };
}

function consumerFrom(record: ConsumerGroupRecord): ConsumerDraft {
  const { type: _type, ...stored } = record;
  return { ...consumerDraftOf(newConsumerGroup(record.groupId, record.changedAtMs)), ...stored };
}

function addMember(
  state: ClassicDraft | ConsumerDraft | undefined,
  record: ClassicMemberRecord | ConsumerMemberRecord,
): void {
  if (record.type === 'classicMember' && state?.kind === 'classic') {
    const { type: _type, groupId: _groupId, ...member } = record;
    state.members.set(record.memberId, member);
    // Nobody is known to have its assignment of a generation that is not complete.
    if (state.phase === 'completing') state.unsynced.add(record.memberId);
    return;
  }
  if (record.type === 'consumerMember' && state?.kind === 'consumer') {
    const { type: _type, groupId: _groupId, assigned, revoking, target, ...member } = record;
    state.members.set(record.memberId, {
      ...member,
      assigned: toPartitionKeys(assigned),
      revoking: toPartitionKeys(revoking),
      target: toPartitionKeys(target),
    });
    return;
  }
  const home = state === undefined ? 'has no group record' : `is not of a ${state.kind} group`;
  const text = `${record.type} ${record.memberId} of group ${record.groupId} ${home}`;
  throw new GroupRecordsError(text);
}
