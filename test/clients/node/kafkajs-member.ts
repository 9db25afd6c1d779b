import type { Consumer, EachMessagePayload, IHeaders, Kafka } from 'kafkajs';
import type {
  Header,
  OffsetOfPartition,
  ReceivedRecord,
  TopicPartition,
} from '../client-under-test';
import { MemberInbox } from './member-inbox';

/** While records wait to be polled. */
const HEARTBEAT_MS = 200;

function headersOf(headers: IHeaders = {}): Header[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    [value ?? null].flat().map((each) => ({
      name,
      value: each === null ? null : Buffer.from(each),
    })),
  );
}

/**
 * A consumer of kafkajs as a member that is polled.
 *
 * Life: from `start` to `leave`. kafkajs reads its committed offsets again with each generation, so
 * what was handed over before one and not polled is dropped.
 */
export class KafkaJsMember {
  assignment: readonly TopicPartition[] = [];
  private readonly consumer: Consumer;
  private readonly inbox = new MemberInbox();
  private generation = 0;

  constructor(
    kafka: Kafka,
    groupId: string,
    private readonly topics: readonly string[],
  ) {
    this.consumer = kafka.consumer({
      groupId,
      heartbeatInterval: HEARTBEAT_MS,
      sessionTimeout: 30_000,
      maxWaitTimeInMs: 500,
      maxBytesPerPartition: 16 * 1024 * 1024,
    });
    const { GROUP_JOIN, REBALANCING, CRASH } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.generation += 1;
      this.inbox.clear();
      this.assignment = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      );
    });
    this.consumer.on(REBALANCING, () => (this.assignment = []));
    this.consumer.on(CRASH, ({ payload }) => this.inbox.fail(payload.error));
  }

  /** Resolves once it has joined. */
  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    const { GROUP_JOIN, CRASH } = this.consumer.events;
    const joined = new Promise<void>((resolve, reject) => {
      this.consumer.on(GROUP_JOIN, () => resolve());
      this.consumer.on(CRASH, ({ payload }) => reject(payload.error));
    });
    await this.consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 8,
      eachMessage: (payload) => this.take(payload),
    });
    await joined;
  }

  poll(recordsMax: number, withinMs: number): Promise<readonly ReceivedRecord[]> {
    return this.inbox.poll(recordsMax, withinMs);
  }

  async commit(offsets: readonly OffsetOfPartition[]): Promise<void> {
    await this.consumer.commitOffsets(
      offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset: String(offset) })),
    );
  }

  seek(place: OffsetOfPartition): void {
    this.inbox.seek(place);
    this.consumer.seek({ ...place, offset: String(place.offset) });
  }

  async leave(): Promise<void> {
    this.inbox.end();
    await this.consumer.disconnect();
  }

  private async take(payload: EachMessagePayload): Promise<void> {
    const { topic, partition, message } = payload;
    const { generation } = this;
    while (!this.inbox.hasRoom && !this.inbox.hasEnded) {
      await this.inbox.change(HEARTBEAT_MS);
      await payload.heartbeat();
    }
    if (generation !== this.generation) return;
    this.inbox.put({
      topic,
      partition,
      offset: Number(message.offset),
      key: message.key,
      value: message.value,
      headers: headersOf(message.headers),
      timestampMs: Number(message.timestamp),
    });
  }
}
