// Ten thousand partitions on one broker, on the log: one topic of them, and as many topics of one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { Admin, Consumer, Producer } from '@walrusmq/client';
import { openWalStorage, type InstanceStorage, type StorageOptions } from '@walrusmq/storage';
import { ProtocolLink } from '../crash/protocol-link';

jest.setTimeout(300_000);

const COUNT = 10_000;
/** Each log with a record has a block; small ones keep the disk that the test needs small. */
const SETTINGS = { blockBytes: 4_096, fsync: { kind: 'no-fsync' }, port: 0 } as const;

describe('ten thousand partitions', () => {
  let dataDir: string;
  let broker: RunningBroker;
  let admin: Admin;
  let openedLogs = 0;

  /** The storage on the log, which counts what the broker opens. */
  const openCounting = async (options: StorageOptions): Promise<InstanceStorage> => {
    const storage = await openWalStorage(options);
    const open = storage.log.bind(storage);
    storage.log = (topicId, partition) => {
      openedLogs += 1;
      return open(topicId, partition);
    };
    return storage;
  };
  const start = async (): Promise<void> => {
    broker = await startBroker({ ...SETTINGS, dataDir, logLevel: 'silent' }, openCounting);
    admin = new Admin({ broker: broker.addresses.msgpack!, requestTimeoutMs: 120_000 });
    openedLogs = 0;
  };
  /** A heartbeat of the one member of a group. */
  const beat = async (said: { readonly epoch: number; readonly pattern?: string }) => {
    const link = await ProtocolLink.open(broker.addresses.msgpack!);
    const member = { group: 'all', member: 'only', ...said };
    const { fields } = await link.request('consumerGroupHeartbeat', member);
    link.close();
    return fields;
  };
  const stop = async (): Promise<void> => {
    await admin.close();
    await broker.stop();
  };
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'walrusmq-many-'));
    await start();
  });
  afterEach(async () => {
    await stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('of one topic are written to, described, read after a restart, and deleted', async () => {
    await admin.createTopic('wide', { partitions: COUNT });
    const producer = new Producer({ broker: broker.addresses.msgpack! });
    await producer.sendMany(
      Array.from({ length: COUNT }, (_, partition) => {
        return { topic: 'wide', partition, value: `${partition}` };
      }),
    );
    await producer.close();
    expect(openedLogs).toBe(COUNT);
    await stop();
    await start();

    // A description opens no log, and others are answered meanwhile.
    const described = admin.describeTopic('wide');
    await admin.describeConfigs();
    const { partitions } = await described;
    expect(partitions.filter(({ readableEnd }) => readableEnd === 1)).toHaveLength(COUNT);
    const offsets = await admin.listOffsets('wide');
    expect(offsets[9_999]).toMatchObject({ partition: 9_999, offset: 1 });
    expect(offsets).toHaveLength(COUNT);
    expect(openedLogs).toBe(0);

    const consumer = new Consumer({
      broker: broker.addresses.msgpack!,
      topics: ['wide'],
      from: 'earliest',
    });
    const read = new Set<number>();
    for await (const { partition, valueBytes } of consumer) {
      if (String(valueBytes) === `${partition}`) read.add(partition);
      if (read.size === COUNT) break;
    }
    await consumer.close();
    await expect(admin.alterTopic('wide', { partitions: COUNT + 1 })).rejects.toMatchObject({
      code: 'INVALID_PARTITIONS',
    });

    // The name is free with the answer; what was stored goes behind it.
    await admin.deleteTopic('wide');
    await admin.createTopic('wide', { partitions: COUNT });
    const fresh = await admin.describeTopic('wide');
    expect(fresh.partitions.every(({ readableEnd }) => readableEnd === 0)).toBe(true);
  });

  it('of as many topics are created, listed, described, and there after a restart', async () => {
    const names = Array.from({ length: COUNT }, (_, index) => `t${index}`);
    // In parts, so that none waits for thousands of others.
    for (let first = 0; first < COUNT; first += 500) {
      const some = names.slice(first, first + 500);
      await Promise.all(some.map((name) => admin.createTopic(name)));
    }
    await admin.alterTopic('t9999', { configs: { 'retention.ms': 5 } });
    // All are one member's, who has them after the restart.
    const joined = await beat({ epoch: 0, pattern: 't[0-9]+' });
    expect(joined).toMatchObject({ epoch: 1 });
    expect(joined.assignment).toHaveLength(COUNT);
    await stop();
    await start();
    expect(await beat({ epoch: 1 })).toMatchObject({ epoch: 1 });
    const { members } = await admin.describeGroup('all');
    expect(members[0]!.assignment).toHaveLength(COUNT);
    expect(await admin.listTopics()).toHaveLength(COUNT);
    const listed: string[] = [];
    for await (const { name } of admin.eachTopic(3_000)) listed.push(name);
    expect(listed).toEqual([...names].sort());
    const { configs } = await admin.describeTopic('t9999');
    expect(configs).toContainEqual({ name: 'retention.ms', value: '5', source: 'topic' });
    expect(openedLogs).toBe(0);
  });
});
