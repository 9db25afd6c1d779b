// A run of the model: clients of both protocols, a broker, and what is done to them.
import type { GroupCommand } from '../../src/group/group-command';
import { consumerState } from '../../src/group/consumer-group';
import type { GroupState } from '../../src/group/group-state-types';
import { GROUP, MODEL_SETTINGS, ModelBroker, violation } from './model-broker';
import { ClassicClient, Plans } from './model-classic-client';
import { ConsumerClient } from './model-consumer-client';
import { REBALANCE_MS, checkState, checkStep } from './model-invariants';
import { ModelRecords, type Committer } from './model-records';
import { CLASSIC_SETUPS, CONSUMER_SETUPS, quietHeartbeat } from './model-setups';

/** What can be done, as often as it stands here. */
const KINDS = [
  ...['act', 'act', 'act', 'act', 'actAll', 'actAll', 'actAll', 'produce', 'process', 'process'],
  ...['commit', 'commit', 'wait', 'wait', 'waitLong', 'crash', 'leave', 'slowHeartbeat'],
  ...['zombie', 'zombie', 'simpleCommit', 'loseNext', 'failNext', 'restart', 'grow', 'topic'],
  ...['expire', 'deleteOffsets', 'deleteGroup', 'join', 'operatorLeave'],
] as const;

/** One command of a run: what, to whom, and how much. */
export type ModelCommand = readonly [kind: number, slot: number, amount: number];

/** A command in words. */
export function describeCommand([kind, slot, amount]: ModelCommand): string {
  return `${KINDS[kind % KINDS.length]} ${slot} ${amount}`;
}

export type Protocols = 'classic' | 'consumer' | 'both';
type Client = ClassicClient | ConsumerClient;

export class GroupWorld {
  readonly broker: ModelBroker;
  readonly records: ModelRecords;
  readonly clients: Client[];
  private readonly plans = new Plans();
  private readonly zombies: Committer[] = [];
  private topicCount = 0;
  private lastChangeMs = 0;
  private lastChecked: GroupState | undefined;

  constructor(protocols: Protocols) {
    this.broker = new ModelBroker((before, after, command) => this.onStep(before, after, command));
    this.records = new ModelRecords(this.broker);
    const { broker, records, plans } = this;
    const classic = CLASSIC_SETUPS.map(
      (setup, slot) => new ClassicClient({ ...setup, slot }, broker, records, plans),
    );
    const consumer = CONSUMER_SETUPS.map(
      (setup, slot) => new ConsumerClient({ ...setup, slot }, broker, records),
    );
    if (protocols === 'classic') this.clients = classic;
    else if (protocols === 'consumer') this.clients = consumer;
    else this.clients = [...classic.slice(0, 4), ...consumer.slice(0, 4)];
    this.createTopic('t0', 4);
    this.createTopic('t1', 2);
  }

  /** Does one thing, and checks everything. */
  step([kind, slot, amount]: ModelCommand): void {
    const name = KINDS[kind % KINDS.length] ?? 'act';
    const client = this.clients[slot % this.clients.length] as Client;
    this.perform(name, client, amount);
    this.check();
  }

  /** Lets everybody do what they should: the group has to become stable and the lag zero. */
  drain(): void {
    const { broker, records } = this;
    broker.failsNext = false;
    for (const client of this.clients) client.losesNext = false;
    // Until now clients were slow or asked for rebalances; from here on only who comes and goes
    // counts as a change.
    this.lastChangeMs = broker.nowMs;
    let stableMs: number | undefined;
    // Until nobody who is gone is waited for, and then for some heartbeats more.
    for (let second = 0, calm = 0; second < 120 && calm < 3; second += 1) {
      for (const client of this.clients) client.act();
      broker.wait(1_000);
      this.check();
      const isStable = this.isStable();
      if (!isStable) stableMs = undefined;
      else stableMs ??= broker.nowMs;
      const isCalm = isStable && this.present().length === (broker.state?.members.size ?? 0);
      calm = isCalm ? calm + 1 : 0;
    }
    if (stableMs === undefined) violation('G6: the group does not become stable');
    // The wait for more members comes before the first rebalance.
    const allowedMs = REBALANCE_MS + MODEL_SETTINGS.initialRebalanceDelayMs + 2_000;
    if (stableMs - this.lastChangeMs > allowedMs) {
      violation(`G6: stable ${stableMs - this.lastChangeMs} ms after the last change`);
    }
    this.processAll();
    for (const [key, end] of records.ends) {
      const isSubscribed = [...this.clients].some((each) => each.isIn && each.positions.has(key));
      if (isSubscribed && records.processed.get(key) !== end) violation(`G5: ${key} has a lag`);
    }
    this.checkOwners();
  }

  /** Everything that has to hold between two commands. */
  check(): void {
    const { state } = this.broker;
    // The clock turns in between, which matters while a rebalance is under way.
    if (state !== this.lastChecked || state?.kind === 'classic') {
      checkState(state, this.broker, this.plans);
    }
    this.lastChecked = state;
    for (const client of this.clients) client.check();
    this.records.check();
  }

  private perform(name: (typeof KINDS)[number], client: Client, amount: number): void {
    switch (name) {
      case 'act':
        client.act();
        break;
      case 'actAll':
        this.clients.forEach((each) => each.act());
        break;
      case 'join':
        if (client.kind === 'classic' && client.phase !== 'fenced') client.join();
        break;
      case 'slowHeartbeat':
        if (client.kind === 'consumer') client.heartbeat(false);
        else client.heartbeat();
        break;
      case 'process':
        for (const [key, at] of client.positions) {
          client.positions.set(key, this.records.process(key, at, amount % 7));
        }
        break;
      case 'commit':
        this.commit(client);
        break;
      case 'crash':
        this.zombies.push(client.crash());
        break;
      case 'leave':
        this.zombies.push(client.identity());
        if (client.kind === 'consumer') client.leave(amount % 2 === 0);
        else client.leave();
        break;
      case 'loseNext':
        client.losesNext = true;
        break;
      default:
        this.happen(name, amount);
    }
  }

  private happen(name: (typeof KINDS)[number], amount: number): void {
    const { broker } = this;
    switch (name) {
      case 'produce':
        this.produce(amount);
        break;
      case 'wait':
        broker.wait([100, 500, 1_000, 3_000][amount % 4] ?? 0);
        break;
      case 'waitLong':
        broker.wait([5_000, 9_900, 11_000, 21_000][amount % 4] ?? 0);
        break;
      case 'zombie':
        this.awaken(this.zombies[amount % Math.max(this.zombies.length, 1)]);
        break;
      case 'failNext':
        broker.failsNext = true;
        break;
      case 'restart':
        broker.restart();
        break;
      default:
        this.administer(name, amount);
    }
  }

  private administer(name: (typeof KINDS)[number], amount: number): void {
    const { broker } = this;
    switch (name) {
      case 'simpleCommit':
        this.commitAsNobody(amount);
        break;
      case 'grow':
        this.grow(amount % 2 === 0 ? 't0' : 't1');
        break;
      case 'topic':
        if (amount % 3 === 0) this.deleteTopic('t1');
        else this.createTopic('t1', 1 + (amount % 3));
        break;
      case 'expire':
        this.expire();
        break;
      case 'deleteOffsets':
        this.deleteOffsets(amount);
        break;
      case 'deleteGroup':
        broker.request({ type: 'deleteGroup' }, (reply) => {
          if (reply?.error === 'NONE') this.records.expected.clear();
        });
        break;
      case 'operatorLeave': {
        const members = [{ memberId: '', instanceId: `i${1 + (amount % 2)}` }];
        broker.request({ type: 'leave', request: { groupId: GROUP, members } }, () => undefined);
        break;
      }
      default:
        violation(`${name} is not done`);
    }
  }

  private commitAsNobody(amount: number): void {
    const [key] = this.somePartition(amount);
    const offset = Math.min(amount, this.records.processed.get(key) ?? 0);
    const nobody = { memberId: '', instanceId: null, generation: -1 };
    this.records.commit(nobody, new Map([[key, offset]]));
  }

  private onStep(
    before: GroupState | undefined,
    after: GroupState | undefined,
    _command: GroupCommand,
  ): void {
    checkStep(before, after);
    if (after === undefined) this.plans.clear();
    let hasChanged = false;
    for (const memberId of before?.members.keys() ?? []) {
      if (after?.members.has(memberId) === true) continue;
      this.records.removed.add(memberId);
      hasChanged = true;
    }
    for (const memberId of after?.members.keys() ?? []) {
      if (before?.members.has(memberId) === true) continue;
      this.records.removed.delete(memberId);
      hasChanged = true;
    }
    if (hasChanged) this.lastChangeMs = this.broker.nowMs;
  }

  private commit(client: Client): void {
    if (client.isIn) this.records.commit(client.identity(), new Map(client.positions));
  }

  /** A client that was stopped for long goes on as if nothing had happened. */
  private awaken(who: Committer | undefined): void {
    if (who === undefined || who.memberId === '') return;
    const [key] = this.somePartition(0);
    const { state } = this.broker;
    const isPresent = state?.members.has(who.memberId) === true;
    // As a member it would commit what it has processed; what it may not, it tries.
    const offset = isPresent ? (this.records.expected.get(key) ?? 0) : 0;
    const { memberId, instanceId, generation } = who;
    // Without a generation it counts as nobody, who may commit anything while there is no member.
    const isNobody = generation < 0 && (state?.members.size ?? 0) === 0;
    if (!isNobody) this.records.commit(who, new Map([[key, offset]]));
    const request = { groupId: GROUP, memberId, instanceId, generation };
    this.broker.request({ type: 'heartbeat', request }, (reply) => {
      if (reply?.error === 'NONE' && !isPresent) violation(`${memberId} is kept in the group`);
    });
    const member = state?.kind === 'consumer' ? state.members.get(memberId) : undefined;
    if (generation <= 0 || state?.kind !== 'consumer') return;
    this.broker.request({ type: 'consumerHeartbeat', request: quietHeartbeat(who) }, (reply) => {
      const isKept = reply?.error === 'NONE';
      if (isKept && member?.epoch !== generation) violation(`${memberId} is kept in the group`);
    });
  }

  private processAll(): void {
    for (const client of this.clients) {
      if (!client.isIn) continue;
      for (const [key, at] of client.positions) {
        client.positions.set(key, this.records.process(key, at, Infinity));
      }
      this.commit(client);
    }
  }

  private isStable(): boolean {
    const { state } = this.broker;
    if (state === undefined) return true;
    if (state.kind === 'consumer') return consumerState(state) !== 'Reconciling';
    return state.phase === 'stable' || state.phase === 'empty';
  }

  /** In a stable group every subscribed partition is worked on by exactly one client. */
  private checkOwners(): void {
    const owners = new Map<string, number>();
    const present = this.present();
    for (const { positions } of present) {
      for (const key of positions.keys()) owners.set(key, (owners.get(key) ?? 0) + 1);
    }
    for (const [key, count] of owners) if (count > 1) violation(`G1: ${count} work on ${key}`);
    const size = this.broker.state?.members.size ?? 0;
    if (present.length !== size) violation(`G6: ${size} members, ${present.length} know of it`);
    if (size > 0 && this.broker.state?.kind === 'consumer') {
      const subscribed = [...this.broker.state.members.values()].flatMap(({ target }) => [
        ...target,
      ]);
      for (const key of subscribed) if (!owners.has(key)) violation(`G1: nobody works on ${key}`);
    }
  }

  /** Clients that are in the group and know it. */
  private present(): Client[] {
    const { state } = this.broker;
    return this.clients.filter((each) => each.isIn && state?.members.has(each.memberId) === true);
  }

  private produce(amount: number): void {
    const [key] = this.somePartition(amount);
    this.records.ends.set(key, (this.records.ends.get(key) ?? 0) + 1 + (amount % 5));
  }

  private somePartition(amount: number): [key: string] {
    const keys = [...this.broker.topics.values()].flatMap(({ id, partitionCount }) =>
      Array.from({ length: partitionCount }, (_, partition) => `${id}/${partition}`),
    );
    return [keys[amount % keys.length] ?? ''];
  }

  private createTopic(name: string, partitionCount: number): void {
    if (this.broker.topics.has(name)) return;
    this.topicCount += 1;
    this.broker.topics.set(name, { name, id: `${name}#${this.topicCount}`, partitionCount });
    this.broker.run({ type: 'topicsChanged', deletedTopicIds: new Set() });
  }

  private grow(name: string): void {
    const topic = this.broker.topics.get(name);
    if (topic === undefined || topic.partitionCount >= 6) return;
    this.broker.topics.set(name, { ...topic, partitionCount: topic.partitionCount + 1 });
    this.broker.run({ type: 'topicsChanged', deletedTopicIds: new Set() });
  }

  private deleteTopic(name: string): void {
    const topic = this.broker.topics.get(name);
    if (topic === undefined) return;
    this.broker.topics.delete(name);
    this.broker.run({ type: 'topicsChanged', deletedTopicIds: new Set([topic.id]) });
    for (const key of [...this.records.expected.keys()]) {
      if (key.startsWith(`${topic.id}/`)) this.records.expected.delete(key);
    }
  }

  /** Offsets may go when they are old and nobody needs them, and then they have to. */
  private expire(): void {
    const { broker, records } = this;
    const before = [...broker.offsets.all(GROUP)];
    const { failsNext } = broker;
    broker.run({ type: 'expireOffsets' });
    if (failsNext && !broker.failsNext) return;
    for (const offset of before) {
      const key = `${offset.topicId}/${offset.partition}`;
      const isGone = broker.offsets.get(GROUP, offset) === undefined;
      const isOld = broker.nowMs - offset.committedAtMs >= MODEL_SETTINGS.offsetsRetentionMs;
      if (isGone && !isOld) violation(`${key} expired before its time`);
      if (isGone) records.expected.delete(key);
      else if (isOld && broker.state === undefined) violation(`${key} does not expire`);
      if (isGone && this.isWorkedOn(offset.topicName)) violation(`${key} expired in use`);
    }
  }

  private deleteOffsets(amount: number): void {
    const [key] = this.somePartition(amount);
    const topic = [...this.broker.topics.values()].find(({ id }) => key.startsWith(`${id}/`));
    if (topic === undefined) return;
    const partition = Number(key.slice(key.lastIndexOf('/') + 1));
    const partitions = [{ topicId: topic.id, topicName: topic.name, partition }];
    const hasMembers = (this.broker.state?.members.size ?? 0) > 0;
    this.broker.request(
      { type: 'deleteOffsets', request: { groupId: GROUP, partitions } },
      (reply) => {
        if (reply?.partitions[0]?.error !== 'NONE') return;
        if (hasMembers && this.isWorkedOn(topic.name))
          violation(`${key} was deleted under its owner`);
        this.records.expected.delete(key);
      },
    );
  }

  private isWorkedOn(topicName: string): boolean {
    const { state } = this.broker;
    if (state?.kind !== 'consumer') return state !== undefined && topicName === 't0';
    return [...state.members.values()].some(({ topicNames }) => topicNames.includes(topicName));
  }
}
