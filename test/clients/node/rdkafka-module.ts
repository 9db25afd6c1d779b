// What the suites use of node-rdkafka. It is not installed with the other packages, as it compiles
// librdkafka's binding, so its own types are not there either.
export interface RdkafkaError {
  readonly message: string;
  readonly code: number;
}

export type Callback<Result = void> = (error: RdkafkaError | null, result: Result) => void;

export interface TopicPartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number;
}

export interface RdkafkaMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly timestamp: number;
  readonly headers?: readonly Readonly<Record<string, Buffer | string | null>>[];
}

interface RdkafkaClient {
  connect(options: object, callback: Callback<unknown>): void;
  disconnect(callback: Callback<unknown>): void;
  getMetadata(
    options: { readonly topic?: string; readonly timeout: number },
    callback: Callback<RdkafkaMetadata>,
  ): void;
  on(event: 'event.error', listener: (error: RdkafkaError) => void): void;
}

export interface RdkafkaMetadata {
  readonly orig_broker_id: number;
  readonly brokers: readonly {
    readonly id: number;
    readonly host: string;
    readonly port: number;
  }[];
  readonly topics: readonly { readonly name: string; readonly partitions: readonly unknown[] }[];
}

export interface RdkafkaProducer extends RdkafkaClient {
  produce(
    topic: string,
    partition: number | null,
    value: Buffer | null,
    key: Buffer | null,
    timestamp: number | null,
    headers: readonly Readonly<Record<string, Buffer>>[],
    callback: Callback<number | null>,
  ): void;
  flush(timeoutMs: number, callback: Callback<unknown>): void;
  initTransactions(timeoutMs: number, callback: Callback<unknown>): void;
  beginTransaction(callback: Callback<unknown>): void;
  commitTransaction(timeoutMs: number, callback: Callback<unknown>): void;
}

export interface RdkafkaConsumer extends RdkafkaClient {
  subscribe(topics: readonly string[]): void;
  assign(partitions: readonly TopicPartitionOffset[]): void;
  assignments(): readonly TopicPartitionOffset[];
  consume(count: number, callback: Callback<readonly RdkafkaMessage[]>): void;
  setDefaultConsumeTimeout(timeoutMs: number): void;
  commitSync(offsets: readonly TopicPartitionOffset[]): void;
  seek(place: TopicPartitionOffset, timeoutMs: number, callback: Callback): void;
  committed(
    partitions: readonly TopicPartitionOffset[],
    timeoutMs: number,
    callback: Callback<readonly TopicPartitionOffset[]>,
  ): void;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeoutMs: number,
    callback: Callback<{ readonly lowOffset: number; readonly highOffset: number }>,
  ): void;
  offsetsForTimes(
    times: readonly TopicPartitionOffset[],
    timeoutMs: number,
    callback: Callback<readonly TopicPartitionOffset[]>,
  ): void;
}

export interface RdkafkaAdmin {
  createTopic(
    topic: {
      readonly topic: string;
      readonly num_partitions: number;
      readonly replication_factor: number;
      readonly config: Readonly<Record<string, string>>;
    },
    timeoutMs: number,
    callback: Callback,
  ): void;
  deleteTopic(topic: string, timeoutMs: number, callback: Callback): void;
  createPartitions(topic: string, count: number, timeoutMs: number, callback: Callback): void;
  disconnect(): void;
}

export interface Rdkafka {
  readonly librdkafkaVersion: string;
  readonly HighLevelProducer: new (config: object, topicConfig: object) => RdkafkaProducer;
  readonly KafkaConsumer: new (config: object, topicConfig: object) => RdkafkaConsumer;
  readonly AdminClient: { create(config: object): RdkafkaAdmin };
}
