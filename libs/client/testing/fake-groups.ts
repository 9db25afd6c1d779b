// Consumer groups of the fake broker: the server-side protocol as a client sees it. A partition
// goes to a member only once no other owns it; members take turns unless a test says otherwise.
import type {
  AssignedPartitions,
  ConsumerGroupHeartbeatRequest,
  HeartbeatRequest,
  JoinGroupRequest,
  LeaveGroupRequest,
  OffsetCommitRequest,
  OffsetFetchRequest,
  SyncGroupRequest,
} from '@walrusmq/protocol';
import { FakeClassicGroup } from './fake-classic-groups';
import { Refusal } from './fake-producers';

interface FakeMember {
  readonly id: string;
  epoch: number;
  previousEpoch: number;
  instanceId: string | undefined;
  topics: readonly string[];
  pattern: string | undefined;
  /** What it was told that it may own. */
  assigned: Set<string>;
  /** What it said that it owns. */
  owned: Set<string>;
}

/** A group, for tests to look at and to disturb. */
export class FakeGroup {
  readonly members = new Map<string, FakeMember>();
  /** Its members that speak the classic protocol. */
  readonly classic = new FakeClassicGroup();
  readonly committed = new Map<string, number>();
  readonly metadata = new Map<string, string | null>();
  /** Every offset committed, `key@offset`, in order. */
  readonly commits: string[] = [];
  private readonly owners = new Map<string, string>();
  private epoch = 1;

  constructor(private readonly partitionsOf: (topics: readonly string[]) => string[]) {}

  /** Members as they joined. */
  get memberIds(): string[] {
    return [...this.members.keys()];
  }

  /** From now on the partition is to go to this member, who need not exist. */
  give(key: string, memberId: string): void {
    this.owners.set(key, memberId);
    this.epoch += 1;
  }

  /** Puts a member out, as if it had been silent for too long. */
  putOut(memberId: string): void {
    this.members.delete(memberId);
    this.epoch += 1;
  }

  /** Gives the group its next epoch without any other change. */
  nextEpoch(): void {
    this.epoch += 1;
  }

  heartbeat(request: ConsumerGroupHeartbeatRequest, topicNames: readonly string[]): object {
    const id = request.member ?? '';
    const { epoch } = request;
    if (this.classic.members.size > 0) throw new Refusal('GROUP_ID_NOT_FOUND');
    if (epoch === 0 && !this.members.has(id)) this.join(id, request.instanceId ?? undefined);
    const member = this.members.get(id);
    if (member === undefined) throw new Refusal('UNKNOWN_MEMBER_ID');
    if (epoch < 0) {
      this.members.delete(id);
      this.epoch += 1;
      return { member: id, epoch, heartbeatIntervalMs: 20 };
    }
    const missedAnswer = epoch === member.previousEpoch && request.owned != null;
    if (epoch !== 0 && epoch !== member.epoch && !missedAnswer) {
      throw new Refusal('FENCED_MEMBER_EPOCH');
    }
    if (request.topics != null) member.topics = request.topics;
    if (request.pattern != null) {
      member.pattern = request.pattern;
      // Enough of RE2 for what the tests ask.
      const text = request.pattern.replace(/^\(\?i\)/, '');
      const regex = new RegExp(`^(?:${text})$`, text === request.pattern ? '' : 'i');
      member.topics = topicNames.filter((name) => regex.test(name));
    }
    if (request.owned != null) member.owned = keysOf(request.owned);
    const isFull = epoch === 0 || request.rebalanceTimeoutMs != null;
    const hasChanged = this.advance(member);
    const assignment = isFull || hasChanged ? { assignment: listsOf(member.assigned) } : {};
    return { member: id, epoch: member.epoch, heartbeatIntervalMs: 20, ...assignment };
  }

  commit({ member: id, epoch, instanceId, offsets }: OffsetCommitRequest): object {
    if (this.classic.generation > 0) {
      this.classic.checkCommit(id ?? '', epoch ?? -1, instanceId ?? undefined);
    } else this.checkEpoch(id, epoch);
    const partitions = offsets.map(([topic, partition, offset, , metadata]) => {
      const key = `${topic}/${partition}`;
      if (!this.partitionsOf([topic]).includes(key)) {
        const error = { code: 'UNKNOWN_TOPIC', message: 'gone' };
        return [topic, partition, error];
      }
      this.committed.set(key, offset);
      this.metadata.set(key, metadata ?? null);
      this.commits.push(`${key}@${offset}`);
      return [topic, partition, null];
    });
    return { partitions };
  }

  fetch({ member: id, epoch, partitions }: OffsetFetchRequest): object {
    if (this.classic.generation === 0) this.checkEpoch(id, epoch);
    const offsets = (partitions ?? []).map(([topic, partition]) => {
      const offset = this.committed.get(`${topic}/${partition}`) ?? null;
      return [topic, partition, offset, -1, ''];
    });
    return { offsets, next: null };
  }

  private checkEpoch(id: string | null | undefined, epoch: number | null | undefined): void {
    const member = this.members.get(id ?? '');
    if (member === undefined) throw new Refusal('UNKNOWN_MEMBER_ID');
    if (member.epoch !== epoch) throw new Refusal('STALE_MEMBER_EPOCH');
  }

  private join(id: string, instanceId: string | undefined): void {
    this.epoch += 1;
    this.members.set(id, {
      id,
      epoch: 0,
      previousEpoch: 0,
      instanceId,
      topics: [],
      pattern: undefined,
      assigned: new Set(),
      owned: new Set(),
    });
  }

  /** Brings the member as near to what it shall have as others let it. */
  private advance(member: FakeMember): boolean {
    const before = [...member.assigned].sort().join();
    const target = this.targetOf(member);
    const others = [...this.members.values()].filter((other) => other !== member);
    const isOwned = (key: string): boolean =>
      others.some(({ assigned, owned }) => assigned.has(key) || owned.has(key));
    const keeps = [...member.assigned].filter((key) => target.has(key));
    const isRevoking = [...member.owned].some((key) => !target.has(key));
    const free = isRevoking ? [] : [...target].filter((key) => !isOwned(key));
    member.assigned = new Set([...keeps, ...free]);
    if (!isRevoking && member.epoch !== this.epoch) {
      member.previousEpoch = member.epoch;
      member.epoch = this.epoch;
    }
    return [...member.assigned].sort().join() !== before;
  }

  private targetOf(member: FakeMember): Set<string> {
    const ids = this.memberIds;
    const keys = this.partitionsOf(member.topics);
    return new Set(
      keys.filter((key, index) => (this.owners.get(key) ?? ids[index % ids.length]) === member.id),
    );
  }
}

/** All groups of the fake broker, made on first use. */
export class FakeGroups {
  private readonly groups = new Map<string, FakeGroup>();

  constructor(private readonly topics: ReadonlyMap<string, readonly unknown[]>) {}

  get(name: string): FakeGroup {
    const group = this.groups.get(name) ?? new FakeGroup((topics) => this.partitionsOf(topics));
    this.groups.set(name, group);
    return group;
  }

  /** The reply to a request; undefined when it is none of groups. */
  handle(
    kind: string,
    fields: Readonly<Record<string, unknown>>,
  ): object | Promise<object> | undefined {
    const group = this.get(String(fields.group));
    const { classic } = group;
    if (kind === 'joinGroup') {
      if (group.members.size > 0) throw new Refusal('INCONSISTENT_GROUP_PROTOCOL');
      return classic.join(fields as unknown as JoinGroupRequest);
    }
    if (kind === 'syncGroup') return classic.sync(fields as unknown as SyncGroupRequest);
    if (kind === 'heartbeat') return classic.heartbeat(fields as unknown as HeartbeatRequest);
    if (kind === 'leaveGroup') return classic.leave(fields as unknown as LeaveGroupRequest);
    if (kind === 'consumerGroupHeartbeat') {
      const names = [...this.topics.keys()];
      return group.heartbeat(fields as unknown as ConsumerGroupHeartbeatRequest, names);
    }
    if (kind === 'offsetCommit') return group.commit(fields as unknown as OffsetCommitRequest);
    if (kind === 'offsetFetch') return group.fetch(fields as unknown as OffsetFetchRequest);
    return undefined;
  }

  private partitionsOf(topics: readonly string[]): string[] {
    return topics.flatMap((topic) =>
      (this.topics.get(topic) ?? []).map((_, index) => `${topic}/${index}`),
    );
  }
}

function keysOf(lists: readonly AssignedPartitions[]): Set<string> {
  return new Set(
    lists.flatMap(({ topic, partitions }) => partitions.map((each) => `${topic}/${each}`)),
  );
}

function listsOf(keys: ReadonlySet<string>): AssignedPartitions[] {
  const lists = new Map<string, number[]>();
  for (const key of [...keys].sort()) {
    const [topic = '', partition] = key.split('/');
    lists.set(topic, [...(lists.get(topic) ?? []), Number(partition)]);
  }
  return [...lists].map(([topic, partitions]) => ({ topic, id: `id-${topic}`, partitions }));
}
