// Consumer groups of the SDK against a broker process: members that join, leave, are killed and
// frozen, and a broker that is killed.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin, Consumer, Producer, type ConsumerOptions } from '@walrusmq/client';
import { BrokerProcess, fixedPort } from '../crash/broker-process';
import { eventually, GroupMonitor, MemberProcess } from './group-processes';

const PARTITIONS = 6;
const backoff = { initialMs: 10, maxMs: 100 };
const SEED = Number(process.env.WALRUSMQ_TEST_SEED ?? Date.now() % 1_000_000);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Numbers in [0, 1) that follow from the seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What a test that fails leaves running. */
const running = new Set<{ stop(): Promise<unknown> }>();

function started<One extends { stop(): Promise<unknown> }>(one: One): One {
  running.add(one);
  return one;
}

/** Sends numbers to a topic until it is stopped. */
class Sending {
  sent = 0;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly producer: Producer,
    private readonly topic: string,
  ) {
    this.running = this.run();
  }

  async stop(): Promise<number> {
    running.delete(this);
    this.stopped = true;
    await this.running;
    await this.producer.close();
    return this.sent;
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const first = this.sent;
      const records = Array.from({ length: 20 }, (_, i) => ({
        topic: this.topic,
        partition: (first + i) % PARTITIONS,
        value: String(first + i),
      }));
      this.sent += records.length;
      await this.producer.sendMany(records);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Timeouts that suit a test; in a classic group the members bring them. */
const CLASSIC: Partial<ConsumerOptions> = {
  groupProtocol: 'classic',
  sessionTimeoutMs: 2_000,
  heartbeatIntervalMs: 100,
  rebalanceTimeoutMs: 10_000,
  metadataMaxAgeMs: 200,
};

describe.each([
  ['consumer groups of the SDK', {}],
  ['classic groups of the SDK', CLASSIC],
  [
    'classic groups of the SDK whose members stop for a rebalance',
    { ...CLASSIC, assignors: ['range'] },
  ],
] as [string, Partial<ConsumerOptions>][])('%s', (_title, protocol) => {
  let dataDir: string;
  let port: number;
  let broker: BrokerProcess;
  let address: string;
  const members: MemberProcess[] = [];
  const values = new Set<string>();
  let admin: Admin;

  async function start(sessionTimeoutMs = 2_000): Promise<void> {
    const groups = ['--group-consumer-session-timeout-ms', String(sessionTimeoutMs)];
    groups.push('--group-consumer-heartbeat-interval-ms', '100');
    groups.push('--group-session-timeout-min-ms', '1000');
    const flags = [...fixedPort(port), ...groups];
    broker = new BrokerProcess({ dataDir, flags });
    address = await broker.ready;
  }

  function joinGroup(options: Partial<ConsumerOptions> = {}): MemberProcess {
    const saving = { autoCommit: { intervalMs: 50 } };
    const common = { broker: address, group: 'g', topics: ['t'], ...saving, ...protocol };
    const name = `m${members.length}`;
    const member = new MemberProcess(name, { ...common, ...options }, (_, __, value) =>
      values.add(value),
    );
    members.push(member);
    return member;
  }

  /** Whether these members, and no others, own everything between them, each its share. */
  const share = (monitor: GroupMonitor, those: readonly MemberProcess[]): boolean => {
    const all = those.flatMap(({ name }) => monitor.owners.get(name) ?? []);
    const told = those.flatMap(({ owned }) => [...owned]);
    const isWhole = (keys: readonly string[]): boolean =>
      keys.length === PARTITIONS && new Set(keys).size === PARTITIONS;
    const least = Math.floor(PARTITIONS / those.length);
    const isFair = those.every(({ owned }) => owned.size >= least);
    return monitor.owners.size === those.length && isWhole(all) && isWhole(told) && isFair;
  };

  /** Lets the others take over from a member that is frozen; it is told once it goes on. */
  async function freezeUntilFenced(
    monitor: GroupMonitor,
    frozen: MemberProcess,
    others: readonly MemberProcess[],
  ): Promise<void> {
    const owned = (): string[] => others.flatMap(({ name }) => monitor.owners.get(name) ?? []);
    frozen.freeze();
    await eventually(
      () => owned().length === PARTITIONS,
      'the others having all of one that is frozen',
    );
    // Nothing where it was about to join a rebalance, with everything given up.
    const had = [...frozen.owned];
    const before = frozen.events.length;
    const isTold = (): boolean => had.every((key) => frozen.lostSince(before).has(key));
    frozen.thaw();
    await eventually(isTold, `the loss of ${had.join()}`, 30_000, [frozen]);
  }

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-groups-'));
    port = await freePort();
    await start();
    values.clear();
    admin = new Admin({ broker: address, backoff });
    await admin.createTopic('t', { partitions: PARTITIONS });
  });

  afterEach(async () => {
    for (const member of members) member.thaw();
    await Promise.all([...running].map((one) => one.stop()));
    running.clear();
    await Promise.all(members.splice(0).map((member) => member.kill()));
    await admin.close();
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('processes every record while members join, leave, are killed and frozen', async () => {
    process.stderr.write(`seed ${SEED} (WALRUSMQ_TEST_SEED)\n`);
    const random = randomFrom(SEED);
    const monitor = started(new GroupMonitor(address, 'g'));
    const sending = started(new Sending(new Producer({ broker: address, backoff }), 't'));
    let alive = [joinGroup(), joinGroup()];
    await eventually(() => share(monitor, alive), 'both members sharing');
    const take = (): MemberProcess => alive[Math.floor(random() * alive.length)]!;
    const without = (gone: MemberProcess): MemberProcess[] => alive.filter((one) => one !== gone);
    const actions: Record<string, () => Promise<void>> = {
      join: async () => {
        alive = [...alive, joinGroup()];
        await eventually(() => share(monitor, alive), 'the new member sharing');
      },
      leave: async () => {
        const gone = take();
        alive = without(gone);
        await gone.stop();
        expect(gone.events.at(-1)).toBe('closed');
        await eventually(() => share(monitor, alive), 'the others having all after one left');
      },
      kill: async () => {
        const gone = take();
        alive = without(gone);
        await gone.kill();
        await eventually(() => share(monitor, alive), 'the others having all after a kill');
      },
      freeze: async () => {
        const frozen = take();
        await freezeUntilFenced(monitor, frozen, without(frozen));
        await eventually(() => share(monitor, alive), 'it sharing again', 30_000, alive);
      },
      broker: async () => {
        await broker.kill();
        await start();
        // By what the broker says now, and not by what it said before.
        const { looks } = monitor;
        const what = 'all sharing after the broker came back';
        await eventually(() => monitor.looks > looks && share(monitor, alive), what, 30_000, alive);
      },
    };
    // Each once, in an order of the seed's, with enough members for those that take one away.
    const order = ['leave', 'kill', 'freeze', 'broker'].sort(() => random() - 0.5);
    for (const name of order) {
      const before = values.size;
      if (alive.length < 3) await actions.join?.();
      await actions[name]?.();
      await eventually(() => values.size > before, `records going on after ${name}`);
    }
    const count = await sending.stop();
    await eventually(() => values.size === count, `all ${count} records processed`);
    const ends = await admin.listOffsets('t');
    await eventually(
      () =>
        ends.every(({ partition, offset }) => monitor.committed.get(`t/${partition}`) === offset),
      'the committed offsets reaching the ends',
      30_000,
      alive,
    );
    await Promise.all(alive.map((member) => member.stop()));
    expect(alive.map(({ events }) => events.at(-1))).toEqual(alive.map(() => 'closed'));
    await monitor.stop();
    expect(monitor.violations).toEqual([]);
    expect(monitor.looks).toBeGreaterThan(10);
    // Values are distinct: what was stored twice would show as more offsets than values.
    expect(ends.reduce((sum, { offset }) => sum + offset, 0)).toBe(count);
    expect(members.map(({ stderr }) => stderr).join('')).toBe('');
  }, 120_000);

  it('lets a static member restart without a rebalance', async () => {
    // Longer than a process needs to start.
    await broker.kill();
    await start(60_000);
    const monitor = started(new GroupMonitor(address, 'g'));
    const isClassic = protocol.groupProtocol === 'classic';
    const options = isClassic ? { sessionTimeoutMs: 60_000 } : {};
    const one = joinGroup({ ...options, instanceId: 'one' });
    const two = joinGroup({ ...options, instanceId: 'two' });
    await eventually(() => share(monitor, [one, two]), 'both members sharing');
    const owned = [...one.owned].sort();
    const told = two.events.length;
    await one.stop();
    const again = joinGroup({ ...options, instanceId: 'one' });
    await eventually(() => again.owned.size === PARTITIONS / 2, 'it having its share');
    await eventually(() => share(monitor, [again, two]), 'both members sharing');
    await monitor.stop();
    expect([...again.owned].sort()).toEqual(owned);
    expect(two.events).toHaveLength(told);
    expect(monitor.violations).toEqual([]);
  }, 60_000);

  it('goes on without a repetition when members leave in peace', async () => {
    const producer = new Producer({ broker: address, backoff });
    const sending = started(new Sending(producer, 't'));
    const one = joinGroup();
    await eventually(() => one.owned.size === PARTITIONS, 'the first having all');
    const two = joinGroup();
    await eventually(() => two.owned.size === PARTITIONS / 2, 'both sharing');
    await eventually(() => two.records.length > 50, 'the second at work');
    await one.stop();
    await eventually(() => two.owned.size === PARTITIONS, 'the second having all');
    const count = await sending.stop();
    await eventually(() => values.size === count, `all ${count} records processed`);
    expect(one.records.length + two.records.length).toBe(count);
  }, 60_000);

  it('picks up new partitions, and new topics by a pattern', async () => {
    const producer = new Producer({ broker: address, backoff });
    const seen: string[] = [];
    const consumer = new Consumer({
      broker: address,
      group: 'p',
      topicPattern: /^(t|new-.*)$/,
      backoff,
      ...protocol,
    });
    const running = consumer.run({
      eachRecord: ({ topic, partition }) => void seen.push(`${topic}/${partition}`),
    });
    await eventually(() => consumer.assignment().length === PARTITIONS, 'the first topic');
    await admin.alterTopic('t', { partitions: PARTITIONS + 1 });
    await eventually(() => consumer.assignment().length === PARTITIONS + 1, 'the new partition');
    await admin.createTopic('new-one');
    await eventually(() => consumer.assignment().length === PARTITIONS + 2, 'the new topic');
    await producer.send({ topic: 't', partition: PARTITIONS, value: 'x' });
    await producer.send({ topic: 'new-one', value: 'x' });
    await eventually(() => seen.length === 2, 'their records');
    expect(seen.sort()).toEqual(['new-one/0', `t/${PARTITIONS}`]);
    await admin.deleteTopic('new-one');
    await eventually(() => consumer.assignment().length === PARTITIONS + 1, 'the topic going');
    await producer.send({ topic: 't', partition: 0, value: 'x' });
    await eventually(() => seen.length === 3, 'the next record');
    await producer.close();
    await consumer.close();
    await running;
  }, 60_000);
});
