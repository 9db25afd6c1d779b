// A consumer group of the fake broker in the classic protocol, as its clients see it. It has no
// timers: a member that does not come back holds a rebalance up until a test puts it out.
import type {
  HeartbeatRequest,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  MemberProtocol,
  SyncGroupRequest,
} from '@walrusmq/protocol';
import { Refusal } from './fake-producers';

interface Waiting {
  readonly resolve: (reply: object) => void;
  readonly reject: (refusal: Refusal) => void;
}

interface FakeClassicMember {
  id: string;
  readonly instanceId: string | undefined;
  protocols: readonly MemberProtocol[];
  assignment: Buffer;
  joining: Waiting | undefined;
  syncing: Waiting | undefined;
}

/** A group, for tests to look at and to disturb. */
export class FakeClassicGroup {
  readonly members = new Map<string, FakeClassicMember>();
  /** Complete rebalances so far. */
  generation = 0;
  phase: 'empty' | 'preparing' | 'completing' | 'stable' = 'empty';
  leader = '';
  private protocol = '';
  private readonly pending = new Set<string>();
  private ids = 0;

  /** Members as they joined. */
  get memberIds(): string[] {
    return [...this.members.keys()];
  }

  /** Puts a member out, as if it had been silent for too long. */
  putOut(id: string): void {
    const member = this.members.get(id);
    this.members.delete(id);
    for (const waiting of [member?.joining, member?.syncing]) {
      waiting?.reject(new Refusal('UNKNOWN_MEMBER_ID'));
    }
    if (this.leader === id) this.leader = this.memberIds[0] ?? '';
    this.rebalance();
  }

  /** Has all members join anew. */
  rebalance(): void {
    for (const member of this.members.values()) {
      member.syncing?.reject(new Refusal('REBALANCE_IN_PROGRESS'));
      member.syncing = undefined;
    }
    this.phase = this.members.size === 0 ? 'empty' : 'preparing';
    this.completeJoin();
  }

  join(request: JoinGroupRequest): Promise<object> {
    const { instanceId } = request;
    const holder = [...this.members.values()].find(
      (each) => instanceId != null && each.instanceId === instanceId,
    );
    const id = request.member ?? `member-${++this.ids}`;
    const names = request.protocols.map(({ name }) => name);
    const shared = this.shared().filter((name) => names.includes(name));
    if (this.members.size > 0 && shared.length === 0) {
      throw new Refusal('INCONSISTENT_GROUP_PROTOCOL');
    }
    if (request.member == null && instanceId == null) {
      this.pending.add(id);
      throw new Refusal('MEMBER_ID_REQUIRED', { member: id });
    }
    const known = this.members.get(id);
    if (request.member != null && known === undefined && !this.pending.delete(id)) {
      throw new Refusal(holder === undefined ? 'UNKNOWN_MEMBER_ID' : 'FENCED_INSTANCE_ID');
    }
    if (request.member == null && holder !== undefined) return this.replace(holder, id, request);
    return this.rejoin(known ?? this.add(id, request), request);
  }

  sync(request: SyncGroupRequest): Promise<object> {
    const member = this.check(request);
    if (this.phase === 'preparing') throw new Refusal('REBALANCE_IN_PROGRESS');
    if (this.phase === 'stable') return Promise.resolve(this.syncReply(member));
    if (member.id === this.leader) {
      for (const { member: id, assignment } of request.assignments ?? []) {
        const given = this.members.get(id);
        if (given !== undefined) given.assignment = Buffer.from(assignment);
      }
      this.phase = 'stable';
      for (const each of this.members.values()) {
        each.syncing?.resolve(this.syncReply(each));
        each.syncing = undefined;
      }
      return Promise.resolve(this.syncReply(member));
    }
    return new Promise((resolve, reject) => (member.syncing = { resolve, reject }));
  }

  heartbeat(request: HeartbeatRequest): object {
    this.check(request);
    if (this.phase === 'preparing') throw new Refusal('REBALANCE_IN_PROGRESS');
    return {};
  }

  leave({ members }: LeaveGroupRequest): object {
    const outcomes = members.map(({ member }) => {
      const id = member ?? '';
      const isThere = this.pending.delete(id) || this.members.has(id);
      if (this.members.has(id)) this.putOut(id);
      const error = isThere ? null : { code: 'UNKNOWN_MEMBER_ID', message: 'no such member' };
      return { member: id, instanceId: null, error };
    });
    return { members: outcomes };
  }

  /** Refuses a commit that is not of the present generation. */
  checkCommit(member: string, generation: number, instanceId: string | undefined): void {
    this.check({ group: '', member, generation, instanceId });
    if (this.phase === 'completing') throw new Refusal('REBALANCE_IN_PROGRESS');
  }

  private check({ member: id, generation, instanceId }: HeartbeatRequest): FakeClassicMember {
    const member = this.members.get(id);
    if (member === undefined) {
      const isTaken = [...this.members.values()].some(
        (each) => instanceId != null && each.instanceId === instanceId,
      );
      throw new Refusal(isTaken ? 'FENCED_INSTANCE_ID' : 'UNKNOWN_MEMBER_ID');
    }
    if (generation !== this.generation) throw new Refusal('ILLEGAL_GENERATION');
    return member;
  }

  private add(id: string, { instanceId, protocols }: JoinGroupRequest): FakeClassicMember {
    const member = {
      id,
      instanceId: instanceId ?? undefined,
      protocols,
      assignment: Buffer.alloc(0),
      joining: undefined,
      syncing: undefined,
    };
    this.members.set(id, member);
    if (this.leader === '' || !this.members.has(this.leader)) this.leader = id;
    this.phase = 'preparing';
    for (const each of this.members.values()) {
      each.syncing?.reject(new Refusal('REBALANCE_IN_PROGRESS'));
      each.syncing = undefined;
    }
    return member;
  }

  private rejoin(member: FakeClassicMember, { protocols }: JoinGroupRequest): Promise<object> {
    const isSame =
      protocols.length === member.protocols.length &&
      protocols.every(({ name, metadata }, index) => {
        const before = member.protocols[index];
        return before?.name === name && Buffer.compare(before.metadata, metadata) === 0;
      });
    const isAsBefore =
      isSame &&
      (this.phase === 'completing' || (this.phase === 'stable' && this.leader !== member.id));
    if (isAsBefore) return Promise.resolve(this.joinReply(member));
    member.protocols = protocols;
    member.joining?.reject(new Refusal('REBALANCE_IN_PROGRESS'));
    return new Promise((resolve, reject) => {
      member.joining = { resolve, reject };
      if (this.phase === 'preparing') this.completeJoin();
      else this.rebalance();
    });
  }

  private replace(
    holder: FakeClassicMember,
    id: string,
    { protocols }: JoinGroupRequest,
  ): Promise<object> {
    this.members.delete(holder.id);
    const wasLeader = this.leader === holder.id;
    if (wasLeader) this.leader = id;
    const member = { ...holder, id, protocols, joining: undefined, syncing: undefined };
    this.members.set(id, member);
    for (const waiting of [holder.joining, holder.syncing]) {
      waiting?.reject(new Refusal('FENCED_INSTANCE_ID'));
    }
    if (this.phase === 'stable') {
      return Promise.resolve({ ...this.joinReply(member), skipAssignment: wasLeader });
    }
    return this.rejoin(member, { group: '', protocols });
  }

  private completeJoin(): void {
    const all = [...this.members.values()];
    if (this.phase !== 'preparing' || all.some(({ joining }) => joining === undefined)) return;
    this.generation += 1;
    this.phase = 'completing';
    this.protocol = this.shared()[0] ?? '';
    for (const member of all) {
      member.joining?.resolve(this.joinReply(member));
      member.joining = undefined;
    }
  }

  private joinReply(member: FakeClassicMember): JoinGroupResponse {
    const { generation, protocol, leader } = this;
    const metadataOf = ({ protocols }: FakeClassicMember): Buffer => {
      const found = protocols.find(({ name }) => name === protocol);
      return Buffer.from(found?.metadata ?? []);
    };
    const members = [...this.members.values()].map((each) => ({
      member: each.id,
      instanceId: each.instanceId ?? null,
      metadata: metadataOf(each),
    }));
    return {
      member: member.id,
      generation,
      protocolType: 'consumer',
      protocol,
      leader,
      members: leader === member.id ? members : [],
      skipAssignment: false,
    };
  }

  private syncReply({ assignment }: FakeClassicMember): object {
    return { protocolType: 'consumer', protocol: this.protocol, assignment };
  }

  /** Protocols that all members have, as the first of them prefers. */
  private shared(): string[] {
    const [first, ...rest] = [...this.members.values()];
    const names = first?.protocols.map(({ name }) => name) ?? [];
    return names.filter((name) =>
      rest.every(({ protocols }) => protocols.some((each) => each.name === name)),
    );
  }
}
