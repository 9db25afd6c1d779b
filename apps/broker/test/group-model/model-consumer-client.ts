// A client of the server-side protocol as they are: one heartbeat at a time, gives up what it is no
// longer assigned before it says so, takes what it is newly assigned at once.
import { toPartitionKeys, toPartitionLists } from '../../src/group/group-member';
import type { ConsumerHeartbeatReply } from '../../src/group/group-requests';
import { GROUP, violation, type ModelBroker } from './model-broker';
import type { Committer, ModelRecords } from './model-records';

interface Setup {
  readonly slot: number;
  readonly instanceId: string | null;
  readonly topicNames: readonly string[];
  readonly topicPattern: string | null;
  readonly serverAssignor: string | null;
}

export class ConsumerClient {
  readonly kind = 'consumer';
  memberId: string;
  epoch = 0;
  isIn = false;
  /** Positions of what it owns. */
  readonly positions = new Map<string, number>();
  losesNext = false;
  private assigned = new Set<string>();
  private needsAll = true;
  private lives = 0;

  constructor(
    private readonly setup: Setup,
    private readonly broker: ModelBroker,
    private readonly records: ModelRecords,
  ) {
    this.memberId = this.nextId();
  }

  get instanceId(): string | null {
    return this.setup.instanceId;
  }

  /** Does what such a client would do next. */
  act(): void {
    this.heartbeat(true);
  }

  /** @param givesUp Whether it has stopped working on what is no longer assigned to it. */
  heartbeat(givesUp: boolean): void {
    if (givesUp) {
      for (const key of [...this.positions.keys()]) {
        if (!this.assigned.has(key)) this.positions.delete(key);
      }
    }
    const { memberId } = this;
    const sendsAll = this.needsAll || !this.isIn;
    const owned = new Set(this.isIn ? this.positions.keys() : []);
    const { instanceId, slot, topicNames, topicPattern, serverAssignor } = this.setup;
    const request = {
      groupId: GROUP,
      memberId,
      memberEpoch: this.isIn ? this.epoch : 0,
      instanceId,
      rackId: null,
      clientId: `client${slot}`,
      clientHost: 'host',
      rebalanceTimeoutMs: sendsAll ? 20_000 : -1,
      topicNames: sendsAll ? topicNames : null,
      topicPattern: sendsAll ? topicPattern : null,
      serverAssignor: sendsAll ? serverAssignor : null,
      owned: sendsAll || givesUp ? toPartitionLists(owned) : null,
    };
    this.broker.request({ type: 'consumerHeartbeat', request }, (reply) => {
      if (memberId !== this.memberId) return;
      if (reply === undefined || this.losesNext) {
        this.losesNext = false;
        this.needsAll = true;
        return;
      }
      this.onReply(reply);
    });
  }

  leave(isForGood: boolean): void {
    if (!this.isIn) return;
    const isStatic = this.instanceId !== null;
    const request = {
      groupId: GROUP,
      memberId: this.memberId,
      memberEpoch: isForGood || !isStatic ? -1 : -2,
      instanceId: this.instanceId,
      rackId: null,
      clientId: '',
      clientHost: '',
      rebalanceTimeoutMs: -1,
      topicNames: null,
      topicPattern: null,
      serverAssignor: null,
      owned: null,
    };
    // It has stopped before it says so.
    this.positions.clear();
    this.broker.request({ type: 'consumerHeartbeat', request }, () => {
      this.crash();
    });
  }

  /** Begins anew without having left; returns who it was. */
  crash(): Committer {
    const was = this.identity();
    this.reset();
    this.memberId = this.nextId();
    return was;
  }

  identity(): Committer {
    return { memberId: this.memberId, instanceId: this.instanceId, generation: this.epoch };
  }

  /** What the broker's state has to say of a client that thinks it is in the group. */
  check(): void {
    const { state } = this.broker;
    if (!this.isIn || state?.kind !== 'consumer') return;
    const member = state.members.get(this.memberId);
    if (member === undefined || member.epoch < 0) return;
    for (const key of this.positions.keys()) {
      if (!member.assigned.has(key) && !member.revoking.has(key)) {
        violation(`G1: ${this.memberId} works on ${key}, which the broker thinks it gave up`);
      }
    }
  }

  private onReply(reply: ConsumerHeartbeatReply): void {
    if (reply.error !== 'NONE') {
      const isOut = /FENCED|UNKNOWN_MEMBER_ID|GROUP_ID_NOT_FOUND/.test(reply.error);
      if (isOut || !this.isIn) this.crash();
      return;
    }
    if (reply.memberEpoch < this.epoch)
      violation(`G2: epoch ${reply.memberEpoch} after ${this.epoch}`);
    const wasIn = this.isIn;
    this.isIn = true;
    this.needsAll = false;
    this.epoch = reply.memberEpoch;
    if (!wasIn && reply.assignment === null) violation('a member that joins is told nothing');
    if (reply.assignment === null) return;
    this.assigned = toPartitionKeys(reply.assignment);
    for (const key of this.assigned) {
      if (!this.positions.has(key)) this.positions.set(key, this.records.startOf(key));
    }
  }

  private reset(): void {
    this.epoch = 0;
    this.isIn = false;
    this.needsAll = true;
    this.assigned = new Set();
    this.positions.clear();
  }

  private nextId(): string {
    this.lives += 1;
    return `c${this.setup.slot}.${this.lives}`;
  }
}
