// Consumer groups as kafkajs uses them, against a broker with its log on disk.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Consumer,
  type ConsumerGroupJoinEvent,
} from 'kafkajs';
import { openWalStorage } from '@walrusmq/storage';
import { TestBroker } from './test-broker';

// A busy machine keeps members from heartbeating: only who is killed on purpose is to be missed.
const TIMES = {
  sessionTimeout: 12_000,
  heartbeatInterval: 500,
  rebalanceTimeout: 60_000,
  maxWaitTimeInMs: 100,
};
/** A member that is there until it is killed. */
const MEMBER = `
const { Kafka, logLevel } = require('kafkajs');
const [broker, groupId] = process.argv.slice(1);
const kafka = new Kafka({ clientId: 'doomed', brokers: [broker], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId, sessionTimeout: 3000, heartbeatInterval: 300 });
consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
  process.stdout.write(JSON.stringify(payload));
});
consumer.connect()
  .then(() => consumer.subscribe({ topics: ['orders'] }))
  .then(() => consumer.run({ eachMessage: async () => undefined }));
`;

describe('groups of kafkajs', () => {
  let broker: TestBroker;
  let kafka: Kafka;
  let admin: Admin;
  const consumers: Consumer[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    broker = await TestBroker.start(
      { kafkaPort: 0, groupSessionTimeoutMinMs: 1_000 },
      openWalStorage,
    );
    kafka = new Kafka({ clientId: 'test', brokers: [address()], logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    for (const [name, partitions] of [
      ['orders', 4],
      ['orders-eu', 1],
      ['orders-us', 2],
    ] as const) {
      await broker.withTopic(name, partitions);
    }
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await Promise.all(consumers.splice(0).map((consumer) => consumer.disconnect()));
  });
  afterAll(async () => {
    await admin.disconnect();
    await broker.stop();
  });

  function address(): string {
    const { kafka: at } = broker.broker.addresses;
    if (at === undefined) throw new Error('there is no Kafka listener');
    return at;
  }

  /** What a consumer is told when it has joined, each time; waits for what fits. */
  class Assignments {
    private readonly told: ConsumerGroupJoinEvent['payload'][] = [];
    private onTold: () => void = () => undefined;

    constructor(consumer: Consumer) {
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        this.told.push(payload);
        this.onTold();
      });
    }

    /** The next assignment of so many partitions, those that came before it left out. */
    async withCount(count: number): Promise<ConsumerGroupJoinEvent['payload']> {
      for (;;) {
        for (let next = this.told.shift(); next !== undefined; next = this.told.shift()) {
          const partitions = Object.values(next.memberAssignment).flat();
          if (partitions.length === count) return next;
        }
        await new Promise<void>((resolve) => (this.onTold = resolve));
      }
    }
  }

  /** A consumer of a group that hands each record on. */
  async function consume(
    groupId: string,
    topics: (string | RegExp)[],
    onRecord: (record: string) => void = () => undefined,
  ): Promise<{ readonly consumer: Consumer; readonly assignments: Assignments }> {
    const consumer = kafka.consumer({ groupId, ...TIMES });
    consumers.push(consumer);
    const assignments = new Assignments(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        onRecord(`${topic}/${partition}@${message.offset} ${String(message.value)}`);
        const offset = String(Number(message.offset) + 1);
        await consumer.commitOffsets([{ topic, partition, offset, metadata: 'seen' }]);
      },
    });
    return { consumer, assignments };
  }

  async function produce(topic: string, partition: number, ...values: string[]): Promise<void> {
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
    await producer.disconnect();
  }

  /** Resolves once so many records came. */
  function collector(count: number): {
    readonly take: (record: string) => void;
    readonly all: Promise<string[]>;
  } {
    const records: string[] = [];
    let resolve: (records: string[]) => void = () => undefined;
    const all = new Promise<string[]>((settle) => (resolve = settle));
    return {
      all,
      take: (record) => {
        records.push(record);
        if (records.length === count) resolve([...records].sort());
      },
    };
  }

  it('share partitions, and give those of a member that leaves to the other', async () => {
    const first = await consume('leaving', ['orders']);
    await first.assignments.withCount(4);
    const second = await consume('leaving', ['orders']);
    const [one, two] = await Promise.all([
      first.assignments.withCount(2),
      second.assignments.withCount(2),
    ]);
    const all = [
      ...(one.memberAssignment['orders'] ?? []),
      ...(two.memberAssignment['orders'] ?? []),
    ];
    expect(all.sort()).toEqual([0, 1, 2, 3]);
    expect([one.isLeader, two.isLeader].sort()).toEqual([false, true]);
    await second.consumer.disconnect();
    expect((await first.assignments.withCount(4)).isLeader).toBe(true);
  });

  it('give the partitions of a member that is killed to the other', async () => {
    const first = await consume('killing', ['orders']);
    await first.assignments.withCount(4);
    const child = spawn(process.execPath, ['-e', MEMBER, address(), 'killing'], {
      cwd: __dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const [joined] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(joined.toString())).toMatchObject({ groupId: 'killing' });
    await first.assignments.withCount(2);
    child.kill('SIGKILL');
    await first.assignments.withCount(4);
    const { groups } = await admin.describeGroups(['killing']);
    expect(groups[0]?.members.map(({ clientId }) => clientId)).toEqual(['test']);
  });

  it('go on behind what they have committed', async () => {
    await produce('orders', 0, 'a', 'b');
    await produce('orders', 1, 'c');
    const before = collector(3);
    const first = await consume('resuming', ['orders'], before.take);
    expect(await before.all).toEqual(['orders/0@0 a', 'orders/0@1 b', 'orders/1@0 c']);
    await first.consumer.disconnect();
    await produce('orders', 0, 'd');
    await produce('orders', 3, 'e');
    const after = collector(2);
    await consume('resuming', ['orders'], after.take);
    expect(await after.all).toEqual(['orders/0@2 d', 'orders/3@0 e']);
  });

  it('subscribe to topics by a pattern', async () => {
    await produce('orders-eu', 0, 'eu');
    await produce('orders-us', 1, 'us');
    const records = collector(2);
    const { assignments } = await consume('patterns', [/^orders-.+$/], records.take);
    const { memberAssignment } = await assignments.withCount(3);
    expect(Object.keys(memberAssignment).sort()).toEqual(['orders-eu', 'orders-us']);
    expect(await records.all).toEqual(['orders-eu/0@0 eu', 'orders-us/1@0 us']);
  });

  it('are described, listed and deleted by an administrator', async () => {
    const { assignments, consumer } = await consume('described', ['orders']);
    await assignments.withCount(4);
    const { groups } = await admin.describeGroups(['described', 'nothing']);
    expect(groups).toMatchObject([
      {
        errorCode: 0,
        groupId: 'described',
        protocolType: 'consumer',
        protocol: 'RoundRobinAssigner',
        members: [{ clientId: 'test', clientHost: '/127.0.0.1' }],
      },
      { errorCode: 0, groupId: 'nothing', state: 'Dead', members: [] },
    ]);
    const listed = (await admin.listGroups()).groups;
    expect(listed).toContainEqual({ groupId: 'described', protocolType: 'consumer' });
    await expect(admin.deleteGroups(['described'])).rejects.toThrow();
    await consumer.disconnect();
    const deleted = await admin.deleteGroups(['described']);
    expect(deleted).toMatchObject([{ groupId: 'described', errorCode: 0 }]);
    const left = (await admin.listGroups()).groups.map(({ groupId }) => groupId);
    expect(left).not.toContain('described');
  });

  it('have their offsets fetched, set and reset by an administrator', async () => {
    const topic = 'orders-eu';
    await produce(topic, 0, 'x', 'y');
    const [end] = await admin.fetchTopicOffsets(topic);
    const fetched = async (groupId: string, resolveOffsets = false): Promise<unknown> => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic], resolveOffsets });
      return found?.partitions.map(({ offset }) => offset);
    };
    expect(await fetched('none')).toEqual(['-1']);
    // Each of them joins the group and waits there for five seconds: side by side.
    await Promise.all([
      admin.setOffsets({ groupId: 'set', topic, partitions: [{ partition: 0, offset: '1' }] }),
      admin.resetOffsets({ groupId: 'earliest', topic, earliest: true }),
      admin.resetOffsets({ groupId: 'latest', topic, earliest: false }),
    ]);
    expect(await Promise.all(['set', 'earliest', 'latest'].map((each) => fetched(each)))).toEqual([
      ['1'],
      ['-2'],
      ['-1'],
    ]);
    const resolved = ['earliest', 'latest'].map((each) => fetched(each, true));
    expect(await Promise.all(resolved)).toEqual([['0'], [end?.high]]);
    const all = await admin.fetchOffsets({ groupId: 'set' });
    expect(all).toMatchObject([{ topic, partitions: [{ partition: 0, offset: '1' }] }]);
    const next = collector(1);
    await consume('set', [topic], next.take);
    expect((await next.all)[0]).toMatch(/^orders-eu\/0@1 /);
  });
});
