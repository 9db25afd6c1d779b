// node-rdkafka, the binding of librdkafka, driven by the suites.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type {
  ClientCommands,
  ClientUnderTest,
  Header,
  ProduceRequest,
  ReceivedRecord,
  TopicPartition,
} from '../client-under-test';
import { MemberInbox, Members } from './member-inbox';
import type {
  Callback,
  Rdkafka,
  RdkafkaAdmin,
  RdkafkaConsumer,
  RdkafkaMessage,
  RdkafkaMetadata,
  RdkafkaProducer,
} from './rdkafka-module';

type Request<Name extends keyof ClientCommands> = Parameters<ClientCommands[Name]>[0];

const CALL_MS = 20_000;
const POLL_MS = 100;
const POLLED_MAX = 200;
const BYTES_MAX = 32 * 1024 * 1024;

/** Delivery reports have no number, but librdkafka's words for it in lower case. */
const REPORTED: Readonly<Record<string, number>> = { 'message size too large': 10 };

/** Runs one call that has a callback. */
function settled<Result>(call: (callback: Callback<Result>) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    call((error, result) => {
      if (error === null || (error as unknown) === undefined) resolve(result);
      else {
        const code = REPORTED[error.message] ?? error.code;
        reject(Object.assign(new Error(error.message), { code }));
      }
    });
  });
}

const bytesOf = (value: Buffer | string | null): Buffer | null =>
  typeof value === 'string' ? Buffer.from(value) : value;

function headersOf(headers: RdkafkaMessage['headers'] = []): Header[] {
  return headers.flatMap((each) =>
    Object.entries(each).map(([name, value]) => ({ name, value: bytesOf(value) })),
  );
}

function received(message: RdkafkaMessage): ReceivedRecord {
  return {
    topic: message.topic,
    partition: message.partition,
    offset: message.offset,
    key: bytesOf(message.key),
    value: message.value,
    headers: headersOf(message.headers),
    timestampMs: message.timestamp,
  };
}

export function startRdkafka(folder: string, address: string): Promise<ClientUnderTest> {
  const load = createRequire(join(folder, 'package.json'));
  const { version } = load('node-rdkafka/package.json') as { readonly version: string };
  const rdkafka = load('node-rdkafka') as Rdkafka;
  return Promise.resolve(new RdkafkaClient(rdkafka, version, address));
}

/** A consumer that is polled from the join on, so that it takes part in rebalances. */
class RdkafkaMember {
  readonly inbox = new MemberInbox();
  private readonly polling: Promise<void>;

  private constructor(readonly consumer: RdkafkaConsumer) {
    consumer.setDefaultConsumeTimeout(POLL_MS);
    this.polling = this.poll();
    this.polling.catch((error: unknown) => this.inbox.fail(error as Error));
  }

  static async join(consumer: RdkafkaConsumer, topics: readonly string[]): Promise<RdkafkaMember> {
    await settled<unknown>((done) => consumer.connect({}, done));
    consumer.subscribe(topics);
    return new RdkafkaMember(consumer);
  }

  async leave(): Promise<void> {
    this.inbox.end();
    await this.polling;
    await settled<unknown>((done) => this.consumer.disconnect(done));
  }

  private async poll(): Promise<void> {
    while (!this.inbox.hasEnded) {
      if (!this.inbox.hasRoom) {
        await this.inbox.change(POLL_MS);
        continue;
      }
      const messages = await settled<readonly RdkafkaMessage[]>((done) =>
        this.consumer.consume(POLLED_MAX, done),
      );
      for (const message of messages) this.inbox.put(received(message));
    }
  }
}

class RdkafkaClient implements ClientUnderTest {
  readonly version: string;
  private readonly admin: RdkafkaAdmin;
  private readonly producers = new Map<string, RdkafkaProducer>();
  private readonly members = new Members<RdkafkaMember>();

  constructor(
    private readonly rdkafka: Rdkafka,
    version: string,
    private readonly address: string,
  ) {
    this.version = `${version} on librdkafka ${rdkafka.librdkafkaVersion}`;
    this.admin = rdkafka.AdminClient.create(this.common);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.takeAll().map((member) => member.leave()));
    for (const producer of this.producers.values()) {
      await settled<unknown>((done) => producer.disconnect(done));
    }
    this.admin.disconnect();
  }

  async produce(request: ProduceRequest): Promise<readonly number[] | null> {
    const { topic, acks, records } = request;
    const producer = await this.producer(request);
    const offsets = await Promise.all(
      records.map(({ partition, key, value, headers, timestampMs }) =>
        settled<number | null>((done) =>
          producer.produce(
            topic,
            partition,
            value,
            key,
            timestampMs,
            headers.map((each) => ({ [each.name]: each.value ?? Buffer.alloc(0) })),
            done,
          ),
        ),
      ),
    );
    return acks === 0 ? null : offsets.map((offset) => offset ?? -1);
  }

  async produceTransaction(request: Request<'produceTransaction'>): Promise<void> {
    const { topic, transactionalId } = request;
    const config = { ...this.common, 'transactional.id': transactionalId };
    const producer = new this.rdkafka.HighLevelProducer(config, {});
    await settled<unknown>((done) => producer.connect({}, done));
    try {
      await settled<unknown>((done) => producer.initTransactions(CALL_MS, done));
      await settled<unknown>((done) => producer.beginTransaction(done));
      const value = Buffer.from('in a transaction');
      await settled((done) => producer.produce(topic, null, value, null, null, [], done));
      await settled<unknown>((done) => producer.commitTransaction(CALL_MS, done));
    } finally {
      await settled<unknown>((done) => producer.disconnect(done));
    }
  }

  async read(request: Request<'read'>): Promise<readonly ReceivedRecord[]> {
    const { topic, partition, offset, count, withinMs } = request;
    const consumer = this.consumer(`read-${randomUUID()}`, {});
    await settled<unknown>((done) => consumer.connect({}, done));
    consumer.setDefaultConsumeTimeout(POLL_MS);
    consumer.assign([{ topic, partition, offset }]);
    const found: ReceivedRecord[] = [];
    const deadline = performance.now() + withinMs;
    while (found.length < count && performance.now() < deadline) {
      const wanted = count - found.length;
      const messages = await settled<readonly RdkafkaMessage[]>((done) =>
        consumer.consume(wanted, done),
      );
      found.push(...messages.map(received));
    }
    await settled<unknown>((done) => consumer.disconnect(done));
    if (found.length < count) throw new Error(`only ${found.length} of ${count} records came`);
    return found;
  }

  async join(request: Request<'join'>): Promise<void> {
    const { member, group, topics, assignor, instanceId } = request;
    const consumer = this.consumer(group, {
      'partition.assignment.strategy': assignor,
      ...(instanceId === null ? {} : { 'group.instance.id': instanceId }),
    });
    this.members.add(member, await RdkafkaMember.join(consumer, topics));
  }

  poll({ member, recordsMax, withinMs }: Request<'poll'>): Promise<readonly ReceivedRecord[]> {
    return this.members.get(member).inbox.poll(recordsMax, withinMs);
  }

  assignment({ member }: Request<'assignment'>): Promise<readonly TopicPartition[]> {
    const { consumer } = this.members.get(member);
    return Promise.resolve(
      consumer.assignments().map(({ topic, partition }) => ({ topic, partition })),
    );
  }

  async commit({ member, offsets }: Request<'commit'>): Promise<void> {
    this.members.get(member).consumer.commitSync(offsets);
    await Promise.resolve();
  }

  async seek({ member, ...place }: Request<'seek'>): Promise<void> {
    const { inbox, consumer } = this.members.get(member);
    inbox.seek(place);
    await settled<unknown>((done) => consumer.seek(place, CALL_MS, done));
  }

  leave({ member }: Request<'leave'>): Promise<void> {
    return this.members.take(member).leave();
  }

  async createTopic({ topic, partitions, configs }: Request<'createTopic'>): Promise<void> {
    const wanted = {
      ...{ topic, num_partitions: partitions, replication_factor: 1, config: configs },
    };
    await settled((done) => this.admin.createTopic(wanted, CALL_MS, done));
  }

  async deleteTopic({ topic }: Request<'deleteTopic'>): Promise<void> {
    await settled((done) => this.admin.deleteTopic(topic, CALL_MS, done));
  }

  async createPartitions({ topic, partitions }: Request<'createPartitions'>): Promise<void> {
    await settled((done) => this.admin.createPartitions(topic, partitions, CALL_MS, done));
  }

  async listTopics(): Promise<readonly string[]> {
    return (await this.metadata()).topics.map(({ name }) => name);
  }

  async describeTopic({ topic }: Request<'describeTopic'>): Promise<number> {
    // It answers with every topic that it has heard of.
    const { topics } = await this.metadata(topic);
    return topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  }

  async listOffset({ topic, partition, at }: Request<'listOffset'>): Promise<number> {
    return this.asking(async (consumer) => {
      if (typeof at === 'number') {
        const found = await settled<readonly { readonly offset?: number }[]>((done) =>
          consumer.offsetsForTimes([{ topic, partition, offset: at }], CALL_MS, done),
        );
        return found[0]?.offset ?? -1;
      }
      const { lowOffset, highOffset } = await settled<{
        readonly lowOffset: number;
        readonly highOffset: number;
      }>((done) => consumer.queryWatermarkOffsets(topic, partition, CALL_MS, done));
      return at === 'earliest' ? lowOffset : highOffset;
    });
  }

  async describeCluster(): ReturnType<ClientCommands['describeCluster']> {
    const { brokers } = await this.metadata();
    return { brokers, controllerId: null, clusterId: null };
  }

  async committed({ group, topic, partition }: Request<'committed'>): Promise<number | null> {
    return this.asking(async (consumer) => {
      const found = await settled<readonly { readonly offset?: number }[]>((done) =>
        consumer.committed([{ topic, partition }], CALL_MS, done),
      );
      return found[0]?.offset ?? null;
    }, group);
  }

  async alterCommitted(request: Request<'alterCommitted'>): Promise<void> {
    const { group, topic, partition, offset } = request;
    await this.asking(async (consumer) => {
      consumer.commitSync([{ topic, partition, offset }]);
      await Promise.resolve();
    }, group);
  }

  private readonly refused = (): Promise<never> =>
    Promise.reject(new Error('node-rdkafka has no such call'));
  readonly describeConfigs = this.refused;
  readonly alterConfigs = this.refused;
  readonly deleteRecords = this.refused;
  readonly listGroups = this.refused;
  readonly describeGroup = this.refused;
  readonly deleteGroup = this.refused;

  private get common(): object {
    return { 'bootstrap.servers': this.address, 'client.id': 'walrusmq-test' };
  }

  /** A consumer that joins nothing, for a while. */
  private async asking<Result>(
    ask: (consumer: RdkafkaConsumer) => Promise<Result>,
    group = `ask-${randomUUID()}`,
  ): Promise<Result> {
    const consumer = this.consumer(group, {});
    await settled<unknown>((done) => consumer.connect({}, done));
    try {
      return await ask(consumer);
    } finally {
      await settled<unknown>((done) => consumer.disconnect(done));
    }
  }

  private metadata(topic?: string): Promise<RdkafkaMetadata> {
    return this.asking((consumer) =>
      settled<RdkafkaMetadata>((done) =>
        consumer.getMetadata({ timeout: CALL_MS, ...(topic === undefined ? {} : { topic }) }, done),
      ),
    );
  }

  private consumer(group: string, more: object): RdkafkaConsumer {
    const config = {
      ...this.common,
      'group.id': group,
      'enable.auto.commit': false,
      'session.timeout.ms': 30_000,
      'heartbeat.interval.ms': 200,
      'fetch.message.max.bytes': BYTES_MAX,
      'receive.message.max.bytes': 2 * BYTES_MAX,
      'fetch.max.bytes': BYTES_MAX,
      rebalance_cb: true,
      ...more,
    };
    return new this.rdkafka.KafkaConsumer(config, { 'auto.offset.reset': 'earliest' });
  }

  private async producer({ acks, codec, idempotent }: ProduceRequest): Promise<RdkafkaProducer> {
    const key = JSON.stringify([acks, codec, idempotent]);
    const known = this.producers.get(key);
    if (known !== undefined) return known;
    const producer = new this.rdkafka.HighLevelProducer(
      {
        ...this.common,
        'compression.codec': codec,
        'enable.idempotence': idempotent,
        'message.max.bytes': BYTES_MAX,
        'queue.buffering.max.ms': 5,
      },
      { 'request.required.acks': acks },
    );
    await settled<unknown>((done) => producer.connect({}, done));
    this.producers.set(key, producer);
    return producer;
  }
}
