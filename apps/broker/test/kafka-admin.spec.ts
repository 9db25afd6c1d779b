// The admin client of kafkajs against a broker in this process, on both storages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigResourceTypes,
  ConfigSource,
  Kafka,
  logLevel,
  Partitioners,
  type Admin,
  type Message,
} from 'kafkajs';
import { STORAGES, TestBroker } from './test-broker';

interface TestedClient {
  readonly client: string;
  readonly apis: readonly string[];
}

const TESTED_CLIENTS = join(__dirname, '../src/kafka/tested-clients.json');

jest.setTimeout(60_000);

describe.each(STORAGES)("kafkajs's admin on %s", (_, openStorage) => {
  let broker: TestBroker;
  let kafka: Kafka;
  let admin: Admin;
  const sent = new Set<string>();

  beforeAll(async () => {
    const settings = { kafkaPort: 0, defaultPartitions: 3 } as const;
    broker = await TestBroker.start(settings, openStorage);
    const { kafka: address } = broker.broker.addresses;
    if (address === undefined) throw new Error('there is no Kafka listener');
    kafka = new Kafka({
      clientId: 'test',
      brokers: [address],
      logLevel: logLevel.NOTHING,
      retry: { retries: 0 },
    });
    admin = kafka.admin();
    admin.on(admin.events.REQUEST, ({ payload }) => sent.add(payload.apiName));
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
    await broker.stop();
  });

  const produce = async (topic: string, messages: Message[]): Promise<void> => {
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  };
  const partitionsOf = async (topic: string): Promise<number | undefined> => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length;
  };

  it('creates topics, once', async () => {
    const topics = [
      { topic: 'created' },
      { topic: 'two', numPartitions: 2, replicationFactor: 1 },
      { topic: 'assigned', replicaAssignment: [{ partition: 0, replicas: [1] }] },
    ];
    expect(await admin.createTopics({ topics, waitForLeaders: true })).toBe(true);
    expect(await admin.createTopics({ topics: [{ topic: 'two' }] })).toBe(false);
    const counts = ['created', 'two', 'assigned'].map(partitionsOf);
    expect(await Promise.all(counts)).toEqual([3, 2, 1]);
    const { topics: described } = await admin.fetchTopicMetadata({ topics: ['two'] });
    expect(described[0]?.partitions[1]).toMatchObject({
      partitionErrorCode: 0,
      partitionId: 1,
      leader: 1,
      replicas: [1],
      isr: [1],
    });
  });

  it('creates nothing with validateOnly', async () => {
    const topics = [{ topic: 'checked' }];
    const checked = { topics, validateOnly: true, waitForLeaders: false };
    expect(await admin.createTopics(checked)).toBe(true);
    expect(await admin.listTopics()).not.toContain('checked');
  });

  it.each([
    [{ topic: 'no spaces here' }, /invalid topic/],
    [{ topic: 'three', replicationFactor: 3 }, /Replication-factor is invalid/],
    [
      { topic: 'three', configEntries: [{ name: 'no.such.config', value: '1' }] },
      /Configuration is invalid/,
    ],
  ])('is told why %j is refused', async (topic, words) => {
    const creation = admin.createTopics({ topics: [topic] });
    await expect(creation).rejects.toMatchObject({
      errors: [expect.objectContaining({ message: expect.stringMatching(words) as string })],
    });
  });

  it('deletes topics, and is told that one is not there', async () => {
    await admin.createTopics({ topics: [{ topic: 'doomed' }, { topic: 'kept' }] });
    await admin.deleteTopics({ topics: ['doomed'] });
    const left = await admin.listTopics();
    expect(left).toContain('kept');
    expect(left).not.toContain('doomed');
    const again = admin.deleteTopics({ topics: ['doomed'] });
    await expect(again).rejects.toThrow('This server does not host this topic-partition');
  });

  it('gives a topic more partitions, never fewer', async () => {
    await admin.createTopics({ topics: [{ topic: 'growing', numPartitions: 1 }] });
    await admin.createPartitions({ topicPartitions: [{ topic: 'growing', count: 4 }] });
    expect(await partitionsOf('growing')).toBe(4);
    const fewer = admin.createPartitions({ topicPartitions: [{ topic: 'growing', count: 2 }] });
    await expect(fewer).rejects.toThrow();
    expect(await partitionsOf('growing')).toBe(4);
  });

  it('describes and alters configs', async () => {
    const name = 'configured';
    const type = ConfigResourceTypes.TOPIC;
    const entry = { name: 'retention.ms', value: '60000' };
    await admin.createTopics({ topics: [{ topic: name, configEntries: [entry] }] });
    const described = async () => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: true,
        resources: [{ type, name }],
      });
      return new Map(resources[0]?.configEntries.map((each) => [each.configName, each]));
    };
    const before = await described();
    expect(before.get('retention.ms')).toMatchObject({
      configValue: '60000',
      configSource: ConfigSource.TOPIC_CONFIG,
      readOnly: false,
      isSensitive: false,
    });
    expect(before.get('cleanup.policy')).toMatchObject({
      configValue: 'delete',
      configSource: ConfigSource.DEFAULT_CONFIG,
    });
    expect(before.get('retention.ms')?.configSynonyms.map(({ configName }) => configName)).toEqual([
      'retention.ms',
      'log.retention.ms',
    ]);
    const configEntries = [{ name: 'max.message.bytes', value: '2000' }];
    const resources = [{ type, name, configEntries }];
    await admin.alterConfigs({ validateOnly: true, resources });
    expect((await described()).get('max.message.bytes')?.configValue).toBe('1048588');
    await admin.alterConfigs({ validateOnly: false, resources });
    const after = await described();
    expect(after.get('max.message.bytes')?.configValue).toBe('2000');
    expect(after.get('retention.ms')?.configSource).toBe(ConfigSource.DEFAULT_CONFIG);
    const bad = [{ type, name, configEntries: [{ name: 'retention.ms', value: 'x' }] }];
    const refused = admin.alterConfigs({ validateOnly: false, resources: bad });
    await expect(refused).rejects.toMatchObject({ type: 'INVALID_CONFIG' });
  });

  it('describes the settings of the broker', async () => {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.BROKER, name: '1', configNames: ['num.partitions'] }],
    });
    expect(resources[0]?.configEntries).toMatchObject([
      { configName: 'num.partitions', configValue: '3', readOnly: true },
    ]);
  });

  it('describes the cluster as Metadata has it', async () => {
    const { brokers, controller, clusterId } = await admin.describeCluster();
    expect(brokers).toEqual([{ nodeId: 1, host: '127.0.0.1', port: expect.any(Number) as number }]);
    expect([controller, typeof clusterId]).toEqual([1, 'string']);
  });

  it('finds offsets by their places and by time, and deletes the records before one', async () => {
    const topic = 'recorded';
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const messages = [1, 2, 3, 4].map((each) => ({
      value: `v${each}`,
      timestamp: String(1_700_000_000_000 + each * 1_000),
    }));
    await produce(topic, messages);
    const range = async () => (await admin.fetchTopicOffsets(topic))[0];
    expect(await range()).toEqual({ partition: 0, offset: '4', high: '4', low: '0' });
    const at = async (timestamp: number) =>
      (await admin.fetchTopicOffsetsByTimestamp(topic, timestamp))[0]?.offset;
    expect(await at(1_700_000_002_500)).toBe('2');
    expect(await at(1_700_000_009_000)).toBe('4');
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '3' }] });
    expect(await range()).toEqual({ partition: 0, offset: '4', high: '4', low: '3' });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '-1' }] });
    expect(await range()).toEqual({ partition: 0, offset: '4', high: '4', low: '4' });
    const beyond = admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '9' }] });
    await expect(beyond).rejects.toThrow();
  });

  it('reassigns partitions to the broker where they are, and nowhere else', async () => {
    await admin.createTopics({ topics: [{ topic: 'moved', numPartitions: 1 }] });
    const move = async (...replicas: number[]): Promise<void> => {
      const partitionAssignment = [{ partition: 0, replicas }];
      await admin.alterPartitionReassignments({
        topics: [{ topic: 'moved', partitionAssignment }],
      });
    };
    await move(1);
    await expect(move(2)).rejects.toThrow();
    const listed = await admin.listPartitionReassignments({
      topics: [{ topic: 'moved', partitions: [0] }],
    });
    expect(listed.topics).toEqual([]);
  });

  it('used no API that docs/kafka-compatibility.md does not name it for', () => {
    const clients = JSON.parse(readFileSync(TESTED_CLIENTS, 'utf8')) as TestedClient[];
    const apis = clients.find(({ client }) => client === 'kafkajs')?.apis ?? [];
    expect(sent.size).toBeGreaterThan(8);
    for (const api of sent) expect(apis).toContain(api);
  });
});
