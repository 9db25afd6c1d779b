import {
  ProtocolError,
  parseDescribeGroup,
  type DescribeGroupResponse,
  type GroupMember,
  type GroupOffset,
  type GroupPin,
  type IncomingFrame,
} from '@walrusmq/protocol';
import type { LogState } from '@walrusmq/storage';
import type { CommittedOffset } from '../group/committed-offset';
import type { GroupDescription } from '../group/group-description';
import type { InstanceGroups } from '../group/instance-groups';
import type { OffsetPlace } from '../group/offset-store';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import { describeMember, sizeOfMember } from './group-members';
import { offsetPage, placeOf } from './offset-pages';
import type { OperationHandler, Reply } from './operation-handler';

// Members of one page, but for the first of them; a reply's head may have 16 MiB.
const MEMBER_BYTES_MAX = 4 << 20;
// Offsets that are put together without yielding.
const STEP_OFFSETS = 100;
const MEMBERS = 'members:';
const OFFSETS = 'offsets:';

/**
 * Behaviour: what a group is: its state, its members with what they subscribe to, own and shall
 * own,
 * its committed offsets with how many readable records are behind them, and the topics that it
 * pins. A page at a time: members first, then offsets.
 *
 * Version notes: protocol 1. Members of classic groups are understood where their protocol type is
 * `consumer`.
 */
export class DescribeGroupHandler implements OperationHandler {
  readonly operation = 'describeGroup';

  constructor(
    private readonly groups: InstanceGroups,
    private readonly topics: Topics,
  ) {}

  /** Rejects with INVALID_REQUEST or GROUP_ID_NOT_FOUND. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { group, after } = parseDescribeGroup(frame.fields);
    const start = startOf(after);
    const described = this.groups.coordinator.describe(group);
    if (described.state === 'Dead') {
      throw new ProtocolError('GROUP_ID_NOT_FOUND', `No group '${group.slice(0, 60)}'.`);
    }
    const page = await this.pageOf(described, start);
    const { kind, protocolType, protocolName, generation, assignmentEpoch, leaderId } = described;
    const fields: DescribeGroupResponse = {
      group,
      state: described.state,
      type: kind,
      protocolType,
      protocol: protocolName,
      epoch: generation,
      assignmentEpoch,
      leader: leaderId,
      pins: after === undefined ? await this.pinsOf(group) : [],
      ...page,
    };
    return { fields };
  }

  private async pageOf(
    described: GroupDescription,
    start: PageStart,
  ): Promise<Pick<DescribeGroupResponse, 'members' | 'offsets' | 'next'>> {
    const { members, isLast } = start.isPastMembers
      ? { members: [], isLast: true }
      : this.membersOf(described, start.member);
    if (!isLast) return { members, offsets: [], next: `${MEMBERS}${members.at(-1)?.member ?? ''}` };
    const page = offsetPage(this.groups.coordinator.offsets, described.groupId, start.offset);
    const offsets = await this.withLag(page.offsets);
    return { members, offsets, next: page.next && `${OFFSETS}${page.next}` };
  }

  private membersOf(
    described: GroupDescription,
    after: string | undefined,
  ): { readonly members: readonly GroupMember[]; readonly isLast: boolean } {
    const members: GroupMember[] = [];
    let bytes = 0;
    for (const each of described.members) {
      if (after !== undefined && each.memberId <= after) continue;
      const member = describeMember(this.groups.topics, described.protocolType, each);
      bytes += sizeOfMember(member);
      if (members.length > 0 && bytes > MEMBER_BYTES_MAX) return { members, isLast: false };
      members.push(member);
    }
    return { members, isLast: true };
  }

  private async withLag(page: readonly CommittedOffset[]): Promise<GroupOffset[]> {
    const budget = new TickBudget();
    const offsets: GroupOffset[] = [];
    for (let first = 0; first < page.length; first += STEP_OFFSETS) {
      await budget.pause();
      for (const offset of page.slice(first, first + STEP_OFFSETS)) {
        const state = this.stateOf(offset);
        if (state !== undefined) offsets.push(describeOffset(offset, state));
      }
    }
    return offsets;
  }

  /** Undefined where the topic is gone, or another one has its name. */
  private stateOf({ topicId, topicName, partition }: CommittedOffset): LogState | undefined {
    const topic = this.topics.find(topicName);
    return topic?.id === topicId ? this.topics.states(topic, partition, 1)[0] : undefined;
  }

  private async pinsOf(group: string): Promise<GroupPin[]> {
    const budget = new TickBudget();
    const found: GroupPin[] = [];
    for (const topic of this.topics.list()) {
      const pause = budget.pause();
      if (pause !== undefined) await pause;
      const pin = topic.pins.find(({ kind, name }) => kind === 'group' && name === group);
      if (pin === undefined) continue;
      const idleMs = this.topics.pins.idleMs(topic, pin);
      found.push({ topic: topic.name, expireMs: pin.expireMs ?? null, idleMs });
    }
    return found.sort((one, other) => (one.topic < other.topic ? -1 : 1));
  }
}

/** Behind which member and which offset a page goes on. */
interface PageStart {
  readonly member: string | undefined;
  /** Whether all members have been told. */
  readonly isPastMembers: boolean;
  readonly offset: OffsetPlace | undefined;
}

function startOf(after: string | undefined): PageStart {
  if (after === undefined) return { member: undefined, isPastMembers: false, offset: undefined };
  if (after.startsWith(MEMBERS)) {
    return { member: after.slice(MEMBERS.length), isPastMembers: false, offset: undefined };
  }
  const text = after.startsWith(OFFSETS) ? after.slice(OFFSETS.length) : '';
  return { member: undefined, isPastMembers: true, offset: placeOf('describeGroup', text) };
}

function describeOffset(committed: CommittedOffset, state: LogState): GroupOffset {
  const { topicName, topicId, partition, offset, leaderEpoch, metadata, committedAtMs } = committed;
  const { logStartOffset, readableEnd } = state;
  const lag = Math.max(0, readableEnd - Math.max(offset, logStartOffset));
  const position = { offset, leaderEpoch, metadata, committedAtMs };
  return {
    topic: topicName,
    id: topicId,
    partition,
    ...position,
    logStartOffset,
    readableEnd,
    lag,
  };
}
