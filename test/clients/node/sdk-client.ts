// The SDK, driven by the suites of Kafka's clients: over msgpack, against the same broker.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Admin,
  Consumer,
  Producer,
  WalrusError,
  type AssignorName,
  type ConsumerRecord,
} from '@walrusmq/client';
import {
  ClientError,
  type Acks,
  type ClientCommands,
  type ClientDefinition,
  type ClientUnderTest,
  type Codec,
  type ReceivedRecord,
  type TopicPartition,
} from '../client-under-test';
import { MemberInbox, Members } from './member-inbox';

type Request<Name extends keyof ClientCommands> = Parameters<ClientCommands[Name]>[0];

const MIB = 1024 * 1024;

/** What the suites ask Kafka's clients for by number. */
const KAFKA_CODES: Readonly<Record<string, number>> = {
  UNKNOWN_TOPIC: 3,
  RECORD_TOO_LARGE: 10,
  INVALID_TOPIC_NAME: 17,
  TOPIC_EXISTS: 36,
  INVALID_PARTITIONS: 37,
  INVALID_CONFIG: 40,
  NON_EMPTY_GROUP: 68,
  GROUP_ID_NOT_FOUND: 69,
};

export const SDK: ClientDefinition = {
  name: 'the SDK',
  capabilities: {
    commands: [
      ...(['produce', 'read', 'join', 'poll', 'assignment', 'commit', 'seek', 'leave'] as const),
      ...(['createTopic', 'deleteTopic', 'createPartitions', 'listTopics'] as const),
      ...(['describeTopic', 'describeConfigs', 'alterConfigs', 'deleteRecords'] as const),
      ...(['listOffset', 'listGroups', 'describeGroup', 'deleteGroup', 'committed'] as const),
      'alterCommitted',
    ],
    codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    acks: [-1, 1, 0],
    idempotence: 'optional',
    partitioner: 'murmur2',
    timestamps: true,
    nulls: true,
    headers: 'all',
    valueBytesMax: 8 * MIB,
    binary: true,
    // The first is of the broker's own groups (KIP-848), the others are of classic ones.
    assignors: ['uniform', 'range', 'round-robin', 'cooperative-sticky'],
    staticMembers: true,
  },
  start: ({ msgpack }) => Promise.resolve(new SdkClient(msgpack)),
};

/** @throws {ClientError} In place of the SDK's own. */
async function reported<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    if (!(error instanceof WalrusError)) throw error;
    const inner = error.cause instanceof WalrusError ? error.cause.code : '';
    throw new ClientError(error.message, KAFKA_CODES[error.code] ?? KAFKA_CODES[inner] ?? null);
  }
}

function received(record: ConsumerRecord): ReceivedRecord {
  return {
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: record.keyBytes,
    value: record.valueBytes,
    headers: record.headerList.map(({ key, value }) => ({ name: key, value })),
    timestampMs: record.timestamp,
  };
}

/** A consumer of the SDK as a member that is polled. */
class SdkMember {
  readonly inbox = new MemberInbox();
  readonly consumer: Consumer;
  private readonly running: Promise<void>;

  constructor(address: string, { group, topics, assignor, instanceId }: Request<'join'>) {
    this.consumer = new Consumer({
      broker: address,
      group,
      topics,
      raw: true,
      autoCommit: false,
      from: 'earliest',
      ...(assignor === 'uniform'
        ? { groupProtocol: 'consumer', assignor }
        : {
            groupProtocol: 'classic',
            assignors: [assignor as AssignorName],
            heartbeatIntervalMs: 200,
          }),
      ...(instanceId === null ? {} : { instanceId }),
      onPartitionsRevoked: (partitions) => this.inbox.revoke(partitions),
      onPartitionsLost: (partitions) => this.inbox.revoke(partitions),
    });
    this.running = this.consumer.run({
      eachRecord: async (record) => {
        while (!this.inbox.hasRoom && !this.inbox.hasEnded) await this.inbox.change(1_000);
        this.inbox.put(received(record));
      },
    });
    this.running.catch((error: unknown) => this.inbox.fail(error as Error));
  }

  async leave(): Promise<void> {
    this.inbox.end();
    await this.consumer.close();
    await this.running;
  }
}

class SdkClient implements ClientUnderTest {
  readonly version: string;
  private readonly admin: Admin;
  private readonly producers = new Map<string, Producer>();
  private readonly members = new Members<SdkMember>();

  constructor(private readonly address: string) {
    const manifest = join(__dirname, '../../../libs/client/package.json');
    this.version = (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
    this.admin = new Admin({ broker: address });
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.takeAll().map((member) => member.leave()));
    await Promise.all([...this.producers.values()].map((producer) => producer.close()));
    await this.admin.close();
  }

  async produce(request: Request<'produce'>): Promise<readonly number[] | null> {
    const { topic, acks, codec, idempotent, records } = request;
    const producer = this.producer(acks, codec, idempotent);
    const receipts = await reported(
      Promise.all(
        records.map(({ partition, key, value, headers, timestampMs }) =>
          producer.send({
            topic,
            key,
            value,
            headers: headers.map(({ name, value: bytes }) => ({ key: name, value: bytes })),
            ...(partition === null ? {} : { partition }),
            ...(timestampMs === null ? {} : { timestamp: timestampMs }),
          }),
        ),
      ),
    );
    return acks === 0 ? null : receipts.map(({ offset }) => offset);
  }

  async read(request: Request<'read'>): Promise<readonly ReceivedRecord[]> {
    const { topic, partition, offset, count, withinMs } = request;
    const consumer = new Consumer({
      broker: this.address,
      topics: [{ topic, partitions: [partition] }],
      from: { offset },
      raw: true,
      signal: AbortSignal.timeout(withinMs),
    });
    const records: ReceivedRecord[] = [];
    for await (const record of consumer) {
      records.push(received(record));
      if (records.length === count) break;
    }
    await consumer.close();
    if (records.length < count) {
      throw new ClientError(`only ${records.length} of ${count} records came`, null);
    }
    return records;
  }

  join(request: Request<'join'>): Promise<void> {
    this.members.add(request.member, new SdkMember(this.address, request));
    return Promise.resolve();
  }

  poll({ member, recordsMax, withinMs }: Request<'poll'>): Promise<readonly ReceivedRecord[]> {
    return reported(this.members.get(member).inbox.poll(recordsMax, withinMs));
  }

  assignment({ member }: Request<'assignment'>): Promise<readonly TopicPartition[]> {
    return Promise.resolve(this.members.get(member).consumer.assignment());
  }

  commit({ member, offsets }: Request<'commit'>): Promise<void> {
    return reported(this.members.get(member).consumer.commit(offsets));
  }

  async seek({ member, ...place }: Request<'seek'>): Promise<void> {
    const { inbox, consumer } = this.members.get(member);
    inbox.seek(place);
    await reported(consumer.seek(place.topic, place.partition, place.offset));
  }

  leave({ member }: Request<'leave'>): Promise<void> {
    return reported(this.members.take(member).leave());
  }

  async createTopic({ topic, partitions, configs }: Request<'createTopic'>): Promise<void> {
    await reported(this.admin.createTopic(topic, { partitions, configs }));
  }

  deleteTopic({ topic }: Request<'deleteTopic'>): Promise<void> {
    return reported(this.admin.deleteTopic(topic));
  }

  async createPartitions({ topic, partitions }: Request<'createPartitions'>): Promise<void> {
    await reported(this.admin.alterTopic(topic, { partitions }));
  }

  async listTopics(): Promise<readonly string[]> {
    return (await reported(this.admin.listTopics())).map(({ name }) => name);
  }

  async describeTopic({ topic }: Request<'describeTopic'>): Promise<number> {
    return (await reported(this.admin.describeTopic(topic))).partitions.length;
  }

  async describeConfigs({
    topic,
  }: Request<'describeConfigs'>): Promise<Readonly<Record<string, string>>> {
    const configs = await reported(this.admin.describeConfigs(topic));
    return Object.fromEntries(configs.map(({ name, value }) => [name, value]));
  }

  async alterConfigs({ topic, configs }: Request<'alterConfigs'>): Promise<void> {
    await reported(this.admin.alterTopic(topic, { configs }));
  }

  async deleteRecords({ topic, partition, offset }: Request<'deleteRecords'>): Promise<void> {
    const offsets = [{ partition, beforeOffset: offset }];
    await reported(this.admin.deleteRecords(topic, { offsets }));
  }

  async listOffset({ topic, partition, at }: Request<'listOffset'>): Promise<number> {
    const found = await reported(this.admin.listOffsets(topic, { at }));
    return found.find((each) => each.partition === partition)?.offset ?? -1;
  }

  produceTransaction(): Promise<never> {
    return Promise.reject(new ClientError('the SDK has no transactions', null));
  }

  describeCluster(): Promise<never> {
    return Promise.reject(new ClientError('the SDK sees no cluster', null));
  }

  async listGroups(): Promise<readonly string[]> {
    return (await reported(this.admin.listGroups())).map(({ group }) => group);
  }

  async describeGroup({
    group,
  }: Request<'describeGroup'>): ReturnType<ClientCommands['describeGroup']> {
    const { state, members } = await reported(this.admin.describeGroup(group));
    return { group, state: state.toLowerCase(), members: members.length };
  }

  deleteGroup({ group }: Request<'deleteGroup'>): Promise<void> {
    return reported(this.admin.deleteGroup(group));
  }

  async committed({ group, topic, partition }: Request<'committed'>): Promise<number | null> {
    const groups = await this.listGroups();
    if (!groups.includes(group)) return null;
    const { offsets } = await reported(this.admin.describeGroup(group));
    const found = offsets.find((each) => each.topic === topic && each.partition === partition);
    return found?.offset ?? null;
  }

  async alterCommitted(request: Request<'alterCommitted'>): Promise<void> {
    const { group, topic, partition, offset } = request;
    const offsets = [{ topic, partition, offset }];
    await reported(this.admin.resetGroupOffsets(group, { offsets }));
  }

  private producer(acks: Acks, codec: Codec, idempotence: boolean): Producer {
    const key = JSON.stringify([acks, codec, idempotence]);
    const known = this.producers.get(key);
    if (known !== undefined) return known;
    const producer = new Producer({
      broker: this.address,
      acks: acks === -1 ? 'all' : acks,
      compression: codec,
      idempotence: idempotence && acks === -1,
      batchBytes: 16 * MIB,
    });
    this.producers.set(key, producer);
    return producer;
  }
}
