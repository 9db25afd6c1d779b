import type { ClassicMember } from './group-member';
import type { GroupError, MemberIdentity } from './group-requests';
import type { GroupEnvironment, Outbox } from './group-step';

/** Kafka's states of a classic group that exists. */
export type ClassicPhase = 'empty' | 'preparing' | 'completing' | 'stable';

/**
 * A group whose members assign partitions among themselves: one of them, the leader, is told of all
 * and answers for all. Never changed once a command is over.
 *
 * Invariants:
 *  1. `members` is empty in `empty`, and only there once a rebalance is complete.
 *  2. A member that waits (`joining`, `syncing`) has no session timer; every other has one.
 *  3. `joining` is empty outside `preparing`, `syncing` and `initial` outside their phases.
 */
export interface ClassicGroup {
  readonly kind: 'classic';
  readonly groupId: string;
  /** Grows by one with every complete rebalance, never otherwise. */
  readonly generation: number;
  readonly phase: ClassicPhase;
  /** When the phase was entered, by the wall clock. */
  readonly changedAtMs: number;
  readonly protocolType: string | null;
  readonly protocolName: string | null;
  readonly leaderId: string | null;
  readonly members: ReadonlyMap<string, ClassicMember>;

  // What follows does not survive the broker: clients ask again.

  /** Requests of members that wait for the rebalance, by member. */
  readonly joining: ReadonlyMap<string, number>;
  /** Requests of members that wait for the leader's assignment, by member. */
  readonly syncing: ReadonlyMap<string, number>;
  /** Ids that were handed out to clients that have not come back with them. */
  readonly pending: ReadonlySet<string>;
  /** Members that were never answered: they do not know their id and cannot heartbeat. */
  readonly fresh: ReadonlySet<string>;
  /** Members of this generation that have not asked for their assignment. */
  readonly unsynced: ReadonlySet<string>;
  /** The rebalance of a group that was empty waits for more members. */
  readonly initial: InitialDelay | null;
}

/** How long the wait for more members goes on. */
export interface InitialDelay {
  readonly delayMs: number;
  readonly remainingMs: number;
  /** A member came since the timer was started. */
  readonly hasNewMember: boolean;
}

/** A classic group while a command works on it: nobody else sees it yet. */
export interface ClassicDraft {
  kind: 'classic';
  groupId: string;
  generation: number;
  phase: ClassicPhase;
  changedAtMs: number;
  protocolType: string | null;
  protocolName: string | null;
  leaderId: string | null;
  members: Map<string, ClassicMember>;
  joining: Map<string, number>;
  syncing: Map<string, number>;
  pending: Set<string>;
  fresh: Set<string>;
  unsynced: Set<string>;
  initial: InitialDelay | null;
}

/** One command at work on a classic group. */
export interface ClassicStep {
  readonly group: ClassicDraft;
  readonly env: GroupEnvironment;
  readonly out: Outbox;
}

/** A group without members. `generation` is where a group of that name stood before. */
export function newClassicGroup(groupId: string, nowMs: number, generation = 0): ClassicGroup {
  return {
    kind: 'classic',
    groupId,
    generation,
    phase: 'empty',
    changedAtMs: nowMs,
    protocolType: null,
    protocolName: null,
    leaderId: null,
    members: new Map(),
    joining: new Map(),
    syncing: new Map(),
    pending: new Set(),
    fresh: new Set(),
    unsynced: new Set(),
    initial: null,
  };
}

/** A copy to work on. */
export function draftOf(group: ClassicGroup): ClassicDraft {
  return {
    ...group,
    members: new Map(group.members),
    joining: new Map(group.joining),
    syncing: new Map(group.syncing),
    pending: new Set(group.pending),
    fresh: new Set(group.fresh),
    unsynced: new Set(group.unsynced),
  };
}

/** The member that has an instance id, if one has. */
export function staticMember(group: ClassicGroup, instanceId: string): ClassicMember | undefined {
  for (const member of group.members.values()) {
    if (member.instanceId === instanceId) return member;
  }
  return undefined;
}

/** NONE when the group has this member under this instance id. */
export function checkMember(
  group: ClassicGroup,
  { memberId, instanceId }: MemberIdentity,
): Extract<GroupError, 'NONE' | 'UNKNOWN_MEMBER_ID' | 'FENCED_INSTANCE_ID'> {
  const member = group.members.get(memberId);
  if (instanceId === null) return member === undefined ? 'UNKNOWN_MEMBER_ID' : 'NONE';
  if (member?.instanceId === instanceId) return 'NONE';
  const holder = staticMember(group, instanceId);
  return holder === undefined ? 'UNKNOWN_MEMBER_ID' : 'FENCED_INSTANCE_ID';
}

/** As `checkMember`, and ILLEGAL_GENERATION for a member that is not of this generation. */
export function checkGeneration(
  group: ClassicGroup,
  request: MemberIdentity & { readonly generation: number },
): GroupError {
  const error = checkMember(group, request);
  if (error !== 'NONE') return error;
  return request.generation === group.generation ? 'NONE' : 'ILLEGAL_GENERATION';
}

/** Whether a member with these protocols can be in the group with those that are there. */
export function supportsProtocols(
  group: ClassicGroup,
  protocolType: string,
  names: readonly string[],
): boolean {
  if (protocolType === '' || names.length === 0) return false;
  if (group.members.size === 0) return true;
  if (group.protocolType !== protocolType) return false;
  const shared = sharedProtocols(group.members.values());
  return names.some((name) => shared.has(name));
}

/**
 * The protocol with the most votes: every member votes for the first of its own that all support.
 * Of equal ones the first that got a vote wins.
 *
 * REQUIRES: the members share one.
 */
export function selectProtocol(members: Iterable<ClassicMember>): string {
  const all = [...members];
  const shared = sharedProtocols(all);
  const votes = new Map<string, number>();
  for (const { protocols } of all) {
    const choice = protocols.find(({ name }) => shared.has(name));
    if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
  }
  let winner = '';
  let most = 0;
  for (const [name, count] of votes) {
    if (count > most) [winner, most] = [name, count];
  }
  return winner;
}

/** How long members have to come back in a rebalance: the most that any of them asks for. */
export function rebalanceTimeoutMs(group: ClassicGroup): number {
  let longest = 0;
  for (const member of group.members.values()) {
    longest = Math.max(longest, member.rebalanceTimeoutMs);
  }
  return longest;
}

/** The member's metadata for a protocol; empty when it does not have that. */
export function metadataFor(member: ClassicMember, protocolName: string | null): Buffer {
  const found = member.protocols.find(({ name }) => name === protocolName);
  return found?.metadata ?? Buffer.alloc(0);
}

function sharedProtocols(members: Iterable<ClassicMember>): Set<string> {
  let shared: Set<string> | undefined;
  for (const { protocols } of members) {
    const names = protocols.map(({ name }) => name);
    shared = new Set(shared === undefined ? names : names.filter((name) => shared?.has(name)));
  }
  return shared ?? new Set();
}
