// A group as operators see it.
import type { TopicPartitionList } from '@walrusmq/storage';
import { consumerState, preferredAssignor } from './consumer-group';
import { metadataFor, type ClassicGroup } from './classic-group';
import { toPartitionLists } from './group-member';
import type { GroupState } from './group-state-types';

/** Kafka's words for what a group is doing. */
export type GroupStateName =
  'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Reconciling' | 'Stable' | 'Dead';

/** One line of a list of groups. */
export interface GroupListing {
  readonly groupId: string;
  /** `classic` for a group that only has committed offsets, too. */
  readonly kind: 'classic' | 'consumer';
  readonly state: GroupStateName;
  readonly protocolType: string;
  readonly memberCount: number;
}

/** A member in a description; what its protocol does not have is null. */
export interface MemberDescription {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rackId: string | null;
  /** Bytes in the form of the group's protocol; only of a classic group that is stable. */
  readonly metadata: Buffer | null;
  readonly assignment: Buffer | null;
  readonly epoch: number | null;
  readonly topicNames: readonly string[] | null;
  readonly topicPattern: string | null;
  /** What the member may own now, with what it still has to give up. */
  readonly owned: readonly TopicPartitionList[] | null;
  readonly target: readonly TopicPartitionList[] | null;
}

/** All about a group. */
export interface GroupDescription extends GroupListing {
  /** Generation of a classic group, epoch of the other kind. */
  readonly generation: number;
  readonly assignmentEpoch: number | null;
  /** The protocol that a classic group agreed on, or the broker's assignor; may be empty. */
  readonly protocolName: string;
  readonly leaderId: string | null;
  /** By member id. */
  readonly members: readonly MemberDescription[];
}

const CLASSIC_NAMES = {
  empty: 'Empty',
  preparing: 'PreparingRebalance',
  completing: 'CompletingRebalance',
  stable: 'Stable',
} as const;

/** What a group is, in short; Dead for one that has neither state nor offsets. */
export function listingOf(
  groupId: string,
  state: GroupState | undefined,
  hasOffsets: boolean,
): GroupListing {
  if (state === undefined) {
    const name = hasOffsets ? 'Empty' : 'Dead';
    return { groupId, kind: 'classic', state: name, protocolType: '', memberCount: 0 };
  }
  const memberCount = state.members.size;
  if (state.kind === 'consumer') {
    const name = consumerState(state);
    return { groupId, kind: 'consumer', state: name, protocolType: 'consumer', memberCount };
  }
  const protocolType = state.protocolType ?? '';
  return { groupId, kind: 'classic', state: CLASSIC_NAMES[state.phase], protocolType, memberCount };
}

/** What a group is, in full. */
export function describeGroup(
  groupId: string,
  state: GroupState | undefined,
  hasOffsets: boolean,
): GroupDescription {
  const listing = listingOf(groupId, state, hasOffsets);
  const none = { generation: 0, assignmentEpoch: null, protocolName: '', leaderId: null };
  if (state === undefined) return { ...listing, ...none, members: [] };
  if (state.kind === 'classic') {
    const { generation, leaderId, protocolName } = state;
    return {
      ...listing,
      ...none,
      generation,
      leaderId,
      protocolName: protocolName ?? '',
      members: classicMembers(state),
    };
  }
  const members = byId(state.members).map((member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rackId: member.rackId,
    metadata: null,
    assignment: null,
    epoch: member.epoch,
    topicNames: member.topicNames,
    topicPattern: member.topicPattern,
    owned: toPartitionLists(new Set([...member.assigned, ...member.revoking])),
    target: toPartitionLists(member.target),
  }));
  const { epoch: generation, assignmentEpoch } = state;
  const protocolName = preferredAssignor(state.members.values());
  return { ...listing, generation, assignmentEpoch, protocolName, leaderId: null, members };
}

/** In an order that does not depend on who came when, or on a restart. */
function byId<Member>(members: ReadonlyMap<string, Member>): Member[] {
  const entries = [...members].sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([, member]) => member);
}

function classicMembers(group: ClassicGroup): MemberDescription[] {
  const isStable = group.phase === 'stable';
  return byId(group.members).map((member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: member.clientHost,
    rackId: null,
    metadata: isStable ? metadataFor(member, group.protocolName) : null,
    assignment: isStable ? member.assignment : null,
    epoch: null,
    topicNames: null,
    topicPattern: null,
    owned: null,
    target: null,
  }));
}
