// A client of the classic protocol as they are: it joins, syncs, heartbeats, and gives everything
// up before it joins again.
import type { JoinReply, JoinedMember } from '../../src/group/group-requests';
import { GROUP, violation, type ModelBroker } from './model-broker';
import type { Committer, ModelRecords } from './model-records';

/** What leaders were told and have assigned, by generation. A group made anew begins anew. */
export class Plans {
  readonly rosters = new Map<number, string>();
  readonly assigned = new Map<number, Map<string, readonly string[]>>();

  clear(): void {
    this.rosters.clear();
    this.assigned.clear();
  }
}

interface Setup {
  readonly slot: number;
  readonly instanceId: string | null;
  readonly protocols: readonly string[];
  readonly topics: readonly string[];
}

export class ClassicClient {
  readonly kind = 'classic';
  memberId = '';
  generation = -1;
  /** out: has to join; joined: has to sync; busy: waits for an answer. */
  phase: 'out' | 'busy' | 'joined' | 'stable' | 'fenced' = 'out';
  readonly positions = new Map<string, number>();
  losesNext = false;
  private roster: readonly JoinedMember[] = [];
  private attempt = 0;

  constructor(
    private readonly setup: Setup,
    private readonly broker: ModelBroker,
    private readonly records: ModelRecords,
    private readonly plans: Plans,
  ) {}

  get instanceId(): string | null {
    return this.setup.instanceId;
  }

  get isIn(): boolean {
    return this.phase === 'stable';
  }

  /** Does what such a client would do next. */
  act(): void {
    if (this.phase === 'out') this.join();
    else if (this.phase === 'joined') this.sync();
    else if (this.phase === 'stable') this.heartbeat();
  }

  join(): void {
    const { slot, instanceId, protocols, topics } = this.setup;
    this.positions.clear();
    this.phase = 'busy';
    const attempt = this.begin();
    const metadata = Buffer.from(JSON.stringify(topics));
    const request = {
      groupId: GROUP,
      memberId: this.memberId,
      instanceId,
      clientId: `client${slot}`,
      clientHost: 'host',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: slot === 0 ? 15_000 : 20_000,
      protocolType: 'consumer',
      protocols: protocols.map((name) => ({ name, metadata })),
      requiresKnownMemberId: slot % 3 !== 2,
      canSkipAssignment: slot === 1,
    };
    this.broker.request({ type: 'join', request }, (reply) => {
      if (!this.isCurrent(attempt)) return;
      if (reply === undefined) this.phase = 'out';
      else this.onJoin(reply);
    });
  }

  sync(): void {
    const { memberId, generation } = this;
    this.phase = 'busy';
    const attempt = this.begin();
    const plan = this.roster.length > 0 ? this.planned() : new Map<string, readonly string[]>();
    const request = {
      groupId: GROUP,
      memberId,
      instanceId: this.instanceId,
      generation,
      protocolType: 'consumer',
      protocolName: null,
      assignments: [...plan].map(([id, keys]) => ({
        memberId: id,
        assignment: Buffer.from(JSON.stringify(keys)),
      })),
    };
    this.broker.request({ type: 'sync', request }, (reply) => {
      if (!this.isCurrent(attempt)) return;
      if (reply === undefined) this.phase = 'joined';
      else if (reply.error !== 'NONE') this.onError(reply.error);
      else this.onAssignment(reply.assignment);
    });
  }

  heartbeat(): void {
    const { memberId, generation, instanceId } = this;
    if (memberId === '') return;
    const attempt = this.attempt;
    const request = { groupId: GROUP, memberId, instanceId, generation };
    this.broker.request({ type: 'heartbeat', request }, (reply) => {
      if (reply === undefined || attempt !== this.attempt || this.phase !== 'stable') return;
      if (reply.error !== 'NONE') this.onError(reply.error);
    });
  }

  leave(): void {
    if (this.memberId === '' || this.phase === 'busy') return;
    const members = [{ memberId: this.memberId, instanceId: this.instanceId }];
    this.broker.request({ type: 'leave', request: { groupId: GROUP, members } }, () => {
      this.crash();
    });
  }

  /** Begins anew without having left; returns who it was. */
  crash(): Committer {
    const was = this.identity();
    this.begin();
    this.reset();
    return was;
  }

  identity(): Committer {
    return {
      memberId: this.memberId,
      instanceId: this.instanceId,
      generation: this.generation,
    };
  }

  /** What the broker's state has to say of a client that thinks it is in the group. */
  check(): void {
    const { state } = this.broker;
    if (this.phase !== 'stable' || state?.kind !== 'classic' || state.phase !== 'stable') return;
    const member = state.members.get(this.memberId);
    if (member === undefined || state.generation !== this.generation) return;
    const keys = keysOf(member.assignment);
    if (keys.length !== this.positions.size || keys.some((key) => !this.positions.has(key))) {
      violation(`G1: ${this.memberId} was told another assignment than is stored`);
    }
  }

  private onJoin(reply: JoinReply): void {
    if (reply.error === 'MEMBER_ID_REQUIRED') {
      this.memberId = reply.memberId;
      this.phase = 'out';
      return;
    }
    if (reply.error !== 'NONE') {
      this.onError(reply.error);
      return;
    }
    if (reply.memberId === this.memberId && reply.generation < this.generation) {
      violation(`G2: generation ${reply.generation} after ${this.generation}`);
    }
    this.memberId = reply.memberId;
    this.generation = reply.generation;
    this.roster = reply.skipAssignment ? [] : reply.members;
    this.phase = 'joined';
    if (reply.members.length > 0) this.checkRoster(reply);
  }

  private onAssignment(assignment: Buffer): void {
    this.positions.clear();
    for (const key of keysOf(assignment)) this.positions.set(key, this.records.startOf(key));
    this.phase = 'stable';
  }

  private onError(error: string): void {
    this.positions.clear();
    if (error === 'REBALANCE_IN_PROGRESS') this.phase = 'out';
    else if (error === 'FENCED_INSTANCE_ID') {
      this.reset();
      this.phase = 'fenced';
    } else this.reset();
  }

  /** One leader is told of one set of members in a generation. */
  private checkRoster(reply: JoinReply): void {
    const text = `${reply.leaderId}: ${reply.members.map(({ memberId }) => memberId).join()}`;
    const { rosters } = this.plans;
    const known = rosters.get(reply.generation);
    if (!reply.skipAssignment && known !== undefined && known !== text) {
      violation(`G2: generation ${reply.generation} is ${known} and ${text}`);
    }
    rosters.set(reply.generation, text);
  }

  /** Every partition of every topic to one of the members that subscribe to it. */
  private planned(): Map<string, readonly string[]> {
    const plan = new Map<string, string[]>(this.roster.map(({ memberId }) => [memberId, []]));
    for (const { name, id, partitionCount } of this.broker.topics.values()) {
      const subscribers = this.roster.filter(({ metadata }) =>
        (JSON.parse(metadata.toString()) as string[]).includes(name),
      );
      for (
        let partition = 0;
        partition < partitionCount && subscribers.length > 0;
        partition += 1
      ) {
        const taker = subscribers[partition % subscribers.length]?.memberId ?? '';
        plan.get(taker)?.push(`${id}/${partition}`);
      }
    }
    this.plans.assigned.set(this.generation, plan);
    return plan;
  }

  private begin(): number {
    this.attempt += 1;
    return this.attempt;
  }

  /** Whether the answer is to what the client asked last, and arrives. */
  private isCurrent(attempt: number): boolean {
    if (attempt !== this.attempt) return false;
    if (!this.losesNext) return true;
    this.losesNext = false;
    this.phase = 'out';
    return false;
  }

  private reset(): void {
    this.memberId = '';
    this.generation = -1;
    this.phase = 'out';
    this.roster = [];
    this.positions.clear();
  }
}

/** The partitions in an assignment of the model's form. */
export function keysOf(assignment: Buffer): string[] {
  return assignment.length === 0 ? [] : (JSON.parse(assignment.toString()) as string[]);
}
