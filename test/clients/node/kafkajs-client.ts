// kafkajs, driven by the suites.
import { randomUUID } from 'node:crypto';
import {
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  type Admin,
  type IHeaders,
  type Producer,
} from 'kafkajs';
import { version } from 'kafkajs/package.json';
import type {
  ClientCommands,
  ClientDefinition,
  ClientUnderTest,
  Codec,
  Header,
  ProduceRequest,
  ReceivedRecord,
  TopicPartition,
} from '../client-under-test';
import { plugCodecs } from './kafkajs-codecs';
import { clientErrorOf, reporting } from './client-errors';
import { KafkaJsMember } from './kafkajs-member';
import { Members } from './member-inbox';

type Request<Name extends keyof ClientCommands> = Parameters<ClientCommands[Name]>[0];

const COMPRESSION: Readonly<Record<Codec, CompressionTypes>> = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

export const KAFKAJS: ClientDefinition = {
  name: 'kafkajs',
  capabilities: {
    commands: [
      ...(['produce', 'read', 'join', 'poll', 'assignment', 'commit', 'seek', 'leave'] as const),
      'produceTransaction',
      ...(['createTopic', 'deleteTopic', 'createPartitions', 'listTopics'] as const),
      ...(['describeTopic', 'describeConfigs', 'alterConfigs', 'deleteRecords'] as const),
      ...(['listOffset', 'describeCluster', 'listGroups', 'describeGroup'] as const),
      ...(['deleteGroup', 'committed', 'alterCommitted'] as const),
    ],
    codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    writesBareSnappy: true,
    acks: [-1, 1, 0],
    idempotence: 'optional',
    partitioner: 'murmur2',
    timestamps: true,
    nulls: true,
    headers: 'bytes',
    valueBytesMax: 8 * 1024 * 1024,
    binary: true,
    assignors: ['RoundRobinAssigner'],
    staticMembers: false,
  },
  start: async ({ kafka }) => reporting(await KafkaJsClient.start(kafka)),
};

/** Values of one name in a list, which is how kafkajs has names that repeat. */
function headersOf(headers: readonly Header[]): IHeaders {
  const found: Record<string, Buffer[]> = {};
  for (const { name, value } of headers) (found[name] ??= []).push(value ?? Buffer.alloc(0));
  return found;
}

class KafkaJsClient implements ClientUnderTest {
  readonly version = version;
  private readonly members = new Members<KafkaJsMember>();
  private readonly producers = new Map<boolean, Producer>();

  private constructor(
    private readonly kafka: Kafka,
    private readonly admin: Admin,
  ) {}

  static async start(address: string): Promise<KafkaJsClient> {
    await plugCodecs();
    const kafka = new Kafka({
      clientId: 'walrusmq-test',
      brokers: [address],
      logLevel: logLevel.NOTHING,
      retry: { retries: 4, initialRetryTime: 50 },
    });
    const admin = kafka.admin();
    await admin.connect();
    return new KafkaJsClient(kafka, admin);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.takeAll().map((member) => member.leave()));
    await Promise.all([...this.producers.values()].map((producer) => producer.disconnect()));
    await this.admin.disconnect();
  }

  async produce(request: ProduceRequest): Promise<readonly number[] | null> {
    const { topic, acks, codec, idempotent, records } = request;
    const producer = await this.producer(idempotent);
    const receipts = await producer.send({
      topic,
      acks,
      compression: COMPRESSION[codec],
      messages: records.map(({ partition, key, value, headers, timestampMs }) => ({
        ...(partition === null ? {} : { partition }),
        key,
        value,
        headers: headersOf(headers),
        ...(timestampMs === null ? {} : { timestamp: String(timestampMs) }),
      })),
    });
    // It tells the first offset per partition; where one was chosen by its partitioner it does not
    // tell which record went there.
    if (acks === 0 || records.some(({ partition }) => partition === null)) return null;
    const next = new Map(receipts.map((each) => [each.partition, Number(each.baseOffset)]));
    return records.map(({ partition }) => {
      const offset = next.get(partition ?? -1) ?? -1;
      next.set(partition ?? -1, offset + 1);
      return offset;
    });
  }

  async produceTransaction(request: Request<'produceTransaction'>): Promise<void> {
    const { topic, transactionalId } = request;
    const options = { transactionalId, idempotent: true, maxInFlightRequests: 1 };
    const producer = this.kafka.producer(options);
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value: 'in a transaction' }] });
      await transaction.commit();
    } finally {
      await producer.disconnect();
    }
  }

  async read(request: Request<'read'>): Promise<readonly ReceivedRecord[]> {
    const { topic, partition, offset, count, withinMs } = request;
    const member = new KafkaJsMember(this.kafka, `read-${randomUUID()}`, [topic]);
    await member.start();
    try {
      member.seek({ topic, partition, offset });
      const found: ReceivedRecord[] = [];
      const deadline = performance.now() + withinMs;
      while (found.length < count) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) throw new Error(`only ${found.length} of ${count} records came`);
        const records = await member.poll(count, leftMs);
        found.push(...records.filter((record) => record.partition === partition));
      }
      return found.slice(0, count);
    } finally {
      await member.leave();
    }
  }

  async join({ member, group, topics }: Request<'join'>): Promise<void> {
    const joined = new KafkaJsMember(this.kafka, group, topics);
    this.members.add(member, joined);
    await joined.start();
  }

  poll({ member, recordsMax, withinMs }: Request<'poll'>): Promise<readonly ReceivedRecord[]> {
    return this.members.get(member).poll(recordsMax, withinMs);
  }

  assignment({ member }: Request<'assignment'>): Promise<readonly TopicPartition[]> {
    return Promise.resolve(this.members.get(member).assignment);
  }

  commit({ member, offsets }: Request<'commit'>): Promise<void> {
    return this.members.get(member).commit(offsets);
  }

  async seek({ member, ...place }: Request<'seek'>): Promise<void> {
    this.members.get(member).seek(place);
    await Promise.resolve();
  }

  leave({ member }: Request<'leave'>): Promise<void> {
    return this.members.take(member).leave();
  }

  async createTopic({ topic, partitions, configs }: Request<'createTopic'>): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const isNew = await this.admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries }],
    });
    // It swallows this one error and says false.
    if (!isNew) throw clientErrorOf({ code: 36, message: `there is a topic ${topic} already` });
  }

  async deleteTopic({ topic }: Request<'deleteTopic'>): Promise<void> {
    await this.admin.deleteTopics({ topics: [topic] });
  }

  async createPartitions({ topic, partitions }: Request<'createPartitions'>): Promise<void> {
    await this.admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
  }

  listTopics(): Promise<readonly string[]> {
    return this.admin.listTopics();
  }

  async describeTopic({ topic }: Request<'describeTopic'>): Promise<number> {
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  }

  async describeConfigs({
    topic,
  }: Request<'describeConfigs'>): Promise<Readonly<Record<string, string>>> {
    const { resources } = await this.admin.describeConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
      includeSynonyms: false,
    });
    const entries = resources[0]?.configEntries ?? [];
    return Object.fromEntries(entries.map((entry) => [entry.configName, entry.configValue]));
  }

  async alterConfigs({ topic, configs }: Request<'alterConfigs'>): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await this.admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
    });
  }

  async deleteRecords({ topic, partition, offset }: Request<'deleteRecords'>): Promise<void> {
    // It knows leaders of those topics only that it has asked about.
    await this.admin.fetchTopicOffsets(topic);
    const partitions = [{ partition, offset: String(offset) }];
    await this.admin.deleteTopicRecords({ topic, partitions });
  }

  async listOffset({ topic, partition, at }: Request<'listOffset'>): Promise<number> {
    if (typeof at === 'number') {
      const found = await this.admin.fetchTopicOffsetsByTimestamp(topic, at);
      return Number(found.find((each) => each.partition === partition)?.offset);
    }
    const found = await this.admin.fetchTopicOffsets(topic);
    const offsets = found.find((each) => each.partition === partition);
    return Number(at === 'earliest' ? offsets?.low : offsets?.high);
  }

  async describeCluster(): ReturnType<ClientCommands['describeCluster']> {
    const { brokers, controller, clusterId } = await this.admin.describeCluster();
    return {
      brokers: brokers.map(({ nodeId, host, port }) => ({ id: nodeId, host, port })),
      controllerId: controller,
      clusterId,
    };
  }

  async listGroups(): Promise<readonly string[]> {
    const { groups } = await this.admin.listGroups();
    return groups.map(({ groupId }) => groupId);
  }

  async describeGroup({
    group,
  }: Request<'describeGroup'>): ReturnType<ClientCommands['describeGroup']> {
    const { groups } = await this.admin.describeGroups([group]);
    const state = groups[0]?.state ?? 'missing';
    return { group, state: state.toLowerCase(), members: groups[0]?.members.length ?? null };
  }

  async deleteGroup({ group }: Request<'deleteGroup'>): Promise<void> {
    await this.admin.deleteGroups([group]);
  }

  async committed({ group, topic, partition }: Request<'committed'>): Promise<number | null> {
    const found = await this.admin.fetchOffsets({ groupId: group, topics: [topic] });
    const offset = found[0]?.partitions.find((each) => each.partition === partition)?.offset;
    return offset === undefined || offset === '-1' ? null : Number(offset);
  }

  async alterCommitted(request: Request<'alterCommitted'>): Promise<void> {
    const { group, topic, partition, offset } = request;
    const partitions = [{ partition, offset: String(offset) }];
    await this.admin.setOffsets({ groupId: group, topic, partitions });
  }

  private async producer(idempotent: boolean): Promise<Producer> {
    const known = this.producers.get(idempotent);
    if (known !== undefined) return known;
    const producer = this.kafka.producer({ idempotent, maxInFlightRequests: 1 });
    await producer.connect();
    this.producers.set(idempotent, producer);
    return producer;
  }
}
