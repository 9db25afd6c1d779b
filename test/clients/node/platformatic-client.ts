// @platformatic/kafka, driven by the suites.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as Platformatic from '@platformatic/kafka';
import type {
  ClientCommands,
  ClientUnderTest,
  OffsetOfPartition,
  ProduceRequest,
  ReceivedRecord,
  TopicPartition,
} from '../client-under-test';
import { MemberInbox, Members } from './member-inbox';

type Request<Name extends keyof ClientCommands> = Parameters<ClientCommands[Name]>[0];
type Package = typeof Platformatic;
/** It says undefined and null where its types have neither. */
type Message = Omit<Platformatic.Message, 'key' | 'value'> & {
  readonly key: Buffer | null | undefined;
  readonly value: Buffer | null | undefined;
};
type Stream = Platformatic.MessagesStream<Buffer, Buffer, Buffer, Buffer>;

const HEARTBEAT_MS = 200;
const TOPIC_RESOURCE = 2;
const BYTES_MAX = 32 * 1024 * 1024;

interface Manifest {
  readonly version: string;
  readonly exports: string;
}

/** @param folder Has the node_modules with the package, which is an ES module. */
export async function startPlatformatic(folder: string, address: string): Promise<ClientUnderTest> {
  const home = join(folder, 'node_modules/@platformatic/kafka');
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as Manifest;
  const kafka = (await import(pathToFileURL(join(home, manifest.exports)).href)) as Package;
  return new PlatformaticClient(kafka, manifest.version, address);
}

function received(message: Message): ReceivedRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: Number(message.offset),
    key: message.key ?? null,
    value: message.value ?? null,
    headers: [...message.headers].map(([name, value]) => ({ name: name.toString(), value })),
    timestampMs: Number(message.timestamp),
  };
}

/** A consumer with its stream as a member that is polled. */
class PlatformaticMember {
  assignment: readonly TopicPartition[] = [];
  readonly inbox = new MemberInbox();
  private stream: Stream | undefined;

  constructor(private readonly consumer: Platformatic.Consumer) {
    consumer.on('consumer:group:join', ({ assignments }) => {
      this.inbox.clear();
      this.assignment = (assignments ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      );
    });
    consumer.on('consumer:group:rebalance', () => (this.assignment = []));
  }

  async start(options: Parameters<typeof this.consumer.consume>[0]): Promise<void> {
    this.stream = await this.consumer.consume(options);
    this.stream.on('data', (message) => {
      this.inbox.put(received(message));
      if (!this.inbox.hasRoom) void this.hold();
    });
    this.stream.on('error', (error) => this.inbox.fail(error));
  }

  async commit(offsets: readonly OffsetOfPartition[]): Promise<void> {
    await this.consumer.commit({
      offsets: offsets.map(({ topic, partition, offset }) => ({
        ...{ topic, partition, offset: BigInt(offset), leaderEpoch: 0 },
      })),
    });
  }

  async leave(): Promise<void> {
    this.inbox.end();
    await this.stream?.close();
    // By a callback: of its overloads the one that returns a promise comes last.
    await new Promise<void>((resolve, reject) => {
      this.consumer.close(true, (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  private async hold(): Promise<void> {
    this.stream?.pause();
    while (!this.inbox.hasRoom && !this.inbox.hasEnded) await this.inbox.change(1_000);
    this.stream?.resume();
  }
}

class PlatformaticClient implements ClientUnderTest {
  private readonly admin: Platformatic.Admin;
  private readonly producers = new Map<boolean, Platformatic.Producer>();
  private readonly members = new Members<PlatformaticMember>();
  private readonly common: { clientId: string; bootstrapBrokers: string[]; retries: number };

  constructor(
    private readonly kafka: Package,
    readonly version: string,
    address: string,
  ) {
    this.common = { clientId: 'walrusmq-test', bootstrapBrokers: [address], retries: 3 };
    this.admin = new kafka.Admin(this.common);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.takeAll().map((member) => member.leave()));
    await Promise.all([...this.producers.values()].map((producer) => producer.close()));
    await this.admin.close();
  }

  async produce(request: ProduceRequest): Promise<readonly number[] | null> {
    const { topic, acks, codec, idempotent, records } = request;
    const { offsets = [] } = await this.producer(idempotent).send({
      acks,
      compression: codec,
      messages: records.map(({ partition, key, value, headers, timestampMs }) => ({
        topic,
        key: key ?? undefined,
        value: value ?? undefined,
        headers: new Map(
          headers.map((each) => [Buffer.from(each.name), each.value ?? Buffer.alloc(0)]),
        ),
        ...(partition === null ? {} : { partition }),
        ...(timestampMs === null ? {} : { timestamp: BigInt(timestampMs) }),
      })),
    });
    if (acks === 0 || records.some(({ partition }) => partition === null)) return null;
    const next = new Map(offsets.map((each) => [each.partition, Number(each.offset)]));
    return records.map(({ partition }) => {
      const offset = next.get(partition ?? -1) ?? -1;
      next.set(partition ?? -1, offset + 1);
      return offset;
    });
  }

  async produceTransaction(request: Request<'produceTransaction'>): Promise<void> {
    const { topic, transactionalId } = request;
    const options = { ...this.common, idempotent: true, transactionalId };
    const producer = new this.kafka.Producer(options);
    try {
      const transaction = await producer.beginTransaction();
      const value = Buffer.from('in a transaction');
      await transaction.send({ acks: -1, messages: [{ topic, value }] });
      await transaction.commit();
    } finally {
      await producer.close();
    }
  }

  async read(request: Request<'read'>): Promise<readonly ReceivedRecord[]> {
    const { topic, partition, offset, count, withinMs } = request;
    const partitions = await this.describeTopic({ topic });
    const member = new PlatformaticMember(this.consumer(`read-${randomUUID()}`));
    await member.start({
      topics: [topic],
      mode: this.kafka.MessagesStreamModes.MANUAL,
      offsets: Array.from({ length: partitions }, (_, each) => ({
        ...{ topic, partition: each, offset: BigInt(each === partition ? offset : 0) },
      })),
    });
    const found: ReceivedRecord[] = [];
    const deadline = performance.now() + withinMs;
    while (found.length < count && performance.now() < deadline) {
      const records = await member.inbox.poll(1_000, deadline - performance.now());
      found.push(...records.filter((each) => each.partition === partition));
    }
    await member.leave();
    if (found.length < count) throw new Error(`only ${found.length} of ${count} records came`);
    return found.slice(0, count);
  }

  async join({ member, group, topics }: Request<'join'>): Promise<void> {
    const joined = new PlatformaticMember(this.consumer(group));
    this.members.add(member, joined);
    await joined.start({
      topics: [...topics],
      mode: this.kafka.MessagesStreamModes.COMMITTED,
      fallbackMode: this.kafka.MessagesStreamFallbackModes.EARLIEST,
    });
  }

  poll({ member, recordsMax, withinMs }: Request<'poll'>): Promise<readonly ReceivedRecord[]> {
    return this.members.get(member).inbox.poll(recordsMax, withinMs);
  }

  assignment({ member }: Request<'assignment'>): Promise<readonly TopicPartition[]> {
    return Promise.resolve(this.members.get(member).assignment);
  }

  commit({ member, offsets }: Request<'commit'>): Promise<void> {
    return this.members.get(member).commit(offsets);
  }

  seek(): Promise<never> {
    return Promise.reject(new Error('@platformatic/kafka seeks by a new stream only'));
  }

  leave({ member }: Request<'leave'>): Promise<void> {
    return this.members.take(member).leave();
  }

  async createTopic({ topic, partitions, configs }: Request<'createTopic'>): Promise<void> {
    const list = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: list });
  }

  async deleteTopic({ topic }: Request<'deleteTopic'>): Promise<void> {
    await this.admin.deleteTopics({ topics: [topic] });
  }

  async createPartitions({ topic, partitions }: Request<'createPartitions'>): Promise<void> {
    // It has no way to leave the assignments to the broker.
    const { brokers, topics: known } = await this.admin.metadata({ topics: [topic] });
    const added = Math.max(0, partitions - (known.get(topic)?.partitionsCount ?? 0));
    const assignments = Array.from({ length: added }, () => ({ brokerIds: [...brokers.keys()] }));
    const topics = [{ name: topic, count: partitions, assignments }];
    await this.admin.createPartitions({ topics });
  }

  listTopics(): Promise<readonly string[]> {
    return this.admin.listTopics();
  }

  async describeTopic({ topic }: Request<'describeTopic'>): Promise<number> {
    const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
    return topics.get(topic)?.partitionsCount ?? 0;
  }

  async describeConfigs({
    topic,
  }: Request<'describeConfigs'>): Promise<Readonly<Record<string, string>>> {
    const resource = { resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: null };
    const [found] = await this.admin.describeConfigs({ resources: [resource] } as never);
    return Object.fromEntries((found?.configs ?? []).map(({ name, value }) => [name, value ?? '']));
  }

  async alterConfigs({ topic, configs }: Request<'alterConfigs'>): Promise<void> {
    const list = Object.entries(configs).map(([name, value]) => ({
      ...{ name, value, configOperation: 0 },
    }));
    const resource = { resourceType: TOPIC_RESOURCE, resourceName: topic, configs: list };
    await this.admin.incrementalAlterConfigs({ resources: [resource] } as never);
  }

  async deleteRecords({ topic, partition, offset }: Request<'deleteRecords'>): Promise<void> {
    const partitions = [{ partition, offset: BigInt(offset) }];
    await this.admin.deleteRecords({ topics: [{ name: topic, partitions }] });
  }

  async listOffset({ topic, partition, at }: Request<'listOffset'>): Promise<number> {
    const consumer = this.consumer(`ask-${randomUUID()}`);
    const timestamp = at === 'latest' ? -1n : at === 'earliest' ? -2n : BigInt(at);
    const offsets = await consumer.listOffsets({ topics: [topic], timestamp });
    await consumer.close();
    return Number(offsets.get(topic)?.[partition] ?? -1n);
  }

  async describeCluster(): ReturnType<ClientCommands['describeCluster']> {
    const { brokers, id, controllerId } = await this.admin.metadata({ topics: [] });
    return {
      brokers: [...brokers].map(([nodeId, { host, port }]) => ({ id: nodeId, host, port })),
      controllerId,
      clusterId: id,
    };
  }

  async listGroups(): Promise<readonly string[]> {
    const groups = await this.admin.listGroups({ types: ['classic', 'consumer'] });
    return [...groups.keys()];
  }

  async describeGroup({
    group,
  }: Request<'describeGroup'>): ReturnType<ClientCommands['describeGroup']> {
    const found = (await this.admin.describeGroups({ groups: [group] })).get(group);
    const state = (found?.state ?? 'missing').toLowerCase();
    return { group, state, members: found?.members.size ?? null };
  }

  async deleteGroup({ group }: Request<'deleteGroup'>): Promise<void> {
    await this.admin.deleteGroups({ groups: [group] });
  }

  async committed({ group, topic, partition }: Request<'committed'>): Promise<number | null> {
    const groups = [{ groupId: group, topics: [{ name: topic, partitionIndexes: [partition] }] }];
    const [found] = await this.admin.listConsumerGroupOffsets({ groups });
    const offset = found?.topics[0]?.partitions[0]?.committedOffset;
    return offset === undefined || offset < 0n ? null : Number(offset);
  }

  async alterCommitted(request: Request<'alterCommitted'>): Promise<void> {
    const { group, topic, partition, offset } = request;
    const partitionOffsets = [{ partition, offset: BigInt(offset) }];
    const topics = [{ name: topic, partitionOffsets }];
    await this.admin.alterConsumerGroupOffsets({ groupId: group, topics });
  }

  private consumer(groupId: string): Platformatic.Consumer {
    return new this.kafka.Consumer({
      ...this.common,
      groupId,
      autocommit: false,
      heartbeatInterval: HEARTBEAT_MS,
      sessionTimeout: 30_000,
      rebalanceTimeout: 30_000,
      maxWaitTime: 500,
      maxBytes: BYTES_MAX,
    });
  }

  private producer(idempotent: boolean): Platformatic.Producer {
    const known = this.producers.get(idempotent);
    if (known !== undefined) return known;
    const producer = new this.kafka.Producer({ ...this.common, idempotent });
    this.producers.set(idempotent, producer);
    return producer;
  }
}
