// The operations of the msgpack protocol as types: what a client writes and what a broker answers.
// docs/protocol.md explains them; operation-parsers.ts checks them where they arrive.
import type { RecordInput } from '@walrusmq/record-batch';
import type { ConfigValues } from './topic-operations';

export const PROTOCOL_VERSION = 1;
export const DEFAULT_FRAME_BYTES_MAX = 64 * 1024 * 1024;
export const DEFAULT_FETCH_BYTES_MAX = 1024 * 1024;
export const PARTITION_COUNT_MAX = 10_000;
/** The last epoch of a producer id; the one after it is 0 of another id. */
export const PRODUCER_EPOCH_MAX = 0x7fff;
/** Elements of a list in one request; the records of a produce are bounded by the frame alone. */
export const LIST_ELEMENTS_MAX = 10_000;

/** 0: no reply; 1: once written; -1: once durable by the instance's schedule. */
export type Acks = 0 | 1 | -1;

/** `nil` and an absent field mean the same everywhere. */
type Optional<T> = T | null | undefined;

export interface HelloRequest {
  /** Lowest and highest version the client speaks. */
  readonly protocol: readonly [min: number, max: number];
  readonly client: string;
  readonly instance?: Optional<string>;
}
export interface ParsedHello {
  readonly protocol: readonly [min: number, max: number];
  readonly client: string;
  readonly instance: string | undefined;
}
export interface HelloResponse {
  readonly protocol: number;
  readonly broker: string;
  readonly instance: string;
  readonly instanceId: string;
  readonly limits: { readonly frameBytesMax: number; readonly batchBytesMax: number };
}

export interface MetadataRequest {
  readonly topics?: Optional<readonly string[]>;
  /** Whether the broker may create those that are missing, where it is set to. */
  readonly autoCreate?: Optional<boolean>;
}
export interface ParsedMetadata {
  /** `undefined` asks for every topic. */
  readonly topics: readonly string[] | undefined;
  readonly autoCreate: boolean;
}
export interface PartitionMetadata {
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly readableEnd: number;
  readonly storedBytes: number;
}
export interface TopicMetadata {
  readonly name: string;
  readonly id: string;
  readonly partitions: readonly PartitionMetadata[];
}
export interface MetadataResponse {
  readonly topics: readonly TopicMetadata[];
  /** Names that were asked for and do not exist. */
  readonly missing: readonly string[];
}

export interface CreateTopicRequest {
  readonly name: string;
  /** Absent: the broker's `--default-partitions`. */
  readonly partitions?: Optional<number>;
  readonly configs?: Optional<ConfigValues>;
  /** Only check. */
  readonly validateOnly?: Optional<boolean>;
}
export interface ParsedCreateTopic {
  readonly name: string;
  readonly partitions: number | undefined;
  readonly configs: Readonly<Record<string, string>>;
  readonly validateOnly: boolean;
}
export interface CreateTopicResponse {
  readonly name: string;
  /** Empty when it was only checked. */
  readonly id: string;
  readonly partitions: number;
}

export interface DeleteTopicRequest {
  readonly name: string;
}
export type DeleteTopicResponse = Readonly<Record<string, never>>;

/** Batches ride as the frame's last element; these are the fields beside them. */
export interface ProduceBatchesRequest {
  readonly topic: string;
  readonly partition: number;
  readonly acks?: Optional<Acks>;
}
export type PlainBytes = Uint8Array | string | null;
export type PlainHeaders = Readonly<Record<string, PlainBytes>>;
export type PlainRecord =
  | readonly [key: PlainBytes, value: PlainBytes]
  | readonly [key: PlainBytes, value: PlainBytes, headers: PlainHeaders | null]
  | readonly [
      key: PlainBytes,
      value: PlainBytes,
      headers: PlainHeaders | null,
      timestamp: number | null,
    ];
export interface ProduceRecordsRequest {
  readonly topic: string;
  readonly partition?: Optional<number>;
  readonly acks?: Optional<Acks>;
  readonly records: readonly PlainRecord[];
}
export type ProduceRequest = ProduceBatchesRequest | ProduceRecordsRequest;
export type ParsedProduce =
  | {
      readonly form: 'batches';
      readonly topic: string;
      readonly partition: number;
      readonly acks: Acks;
    }
  | {
      readonly form: 'records';
      readonly topic: string;
      /** `undefined`: the broker chooses, by key where there is one. */
      readonly partition: number | undefined;
      readonly acks: Acks;
      readonly records: readonly RecordInput[];
    };
export interface ProduceBatchesResponse {
  readonly partition: number;
  readonly baseOffset: number;
  readonly recordCount: number;
  /** Only with `message.timestamp.type=LogAppendTime`: the timestamp of all of them. */
  readonly appendTimeMs?: number;
}
export interface ProduceRecordsResponse {
  readonly results: readonly (readonly [
    partition: number,
    baseOffset: number,
    recordCount: number,
  ])[];
}
export type ProduceResponse = ProduceBatchesResponse | ProduceRecordsResponse;

export interface InitProducerIdRequest {
  /** With the epoch: the id whose epoch is to go up. Without: a new id. */
  readonly producerId?: Optional<number>;
  readonly producerEpoch?: Optional<number>;
}
export interface ParsedInitProducerId {
  /** `undefined` asks for a new id. */
  readonly present: { readonly producerId: number; readonly producerEpoch: number } | undefined;
}
export interface InitProducerIdResponse {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export type TopicPartition = readonly [topic: string, partition: number];
/** Which topics are meant by their names: those of these ids, and none that has the name by now. */
export type TopicIdList = readonly (readonly [topic: string, id: string])[];
/** A `TopicIdList` by name. */
export type TopicIds = ReadonlyMap<string, string>;
export type TopicPartitionOffset = readonly [topic: string, partition: number, offset: number];
export type FetchFormat = 'batches' | 'records';
export interface FetchRequest {
  readonly partitions: readonly TopicPartitionOffset[];
  /** Soft bound on the whole reply; the first batch is always sent. */
  readonly maxBytes?: Optional<number>;
  readonly partitionMaxBytes?: Optional<number>;
  readonly minBytes?: Optional<number>;
  readonly maxWaitMs?: Optional<number>;
  readonly format?: Optional<FetchFormat>;
  readonly topicIds?: Optional<TopicIdList>;
}
export interface ParsedFetch {
  readonly partitions: readonly TopicPartitionOffset[];
  readonly topicIds: TopicIds;
  readonly maxBytes: number;
  /** Equals `maxBytes` where the client did not say. */
  readonly partitionMaxBytes: number;
  readonly minBytes: number;
  readonly maxWaitMs: number;
  readonly format: FetchFormat;
}
export interface PartitionError {
  readonly code: string;
  readonly message: string;
}
/** A header name that repeats keeps its last value here; the batch form keeps them all. */
export type FetchedRecord = readonly [
  offset: number,
  timestamp: number,
  key: Buffer | null,
  value: Buffer | null,
  headers: Readonly<Record<string, Buffer | null>>,
];
export type FetchedPartition =
  | readonly [
      topic: string,
      partition: number,
      error: PartitionError | null,
      logStartOffset: number,
      readableEnd: number,
      byteLength: number,
    ]
  | readonly [
      topic: string,
      partition: number,
      error: PartitionError | null,
      logStartOffset: number,
      readableEnd: number,
      byteLength: number,
      records: readonly FetchedRecord[],
    ];
export interface FetchResponse {
  readonly partitions: readonly FetchedPartition[];
}

export type OffsetMoment = 'earliest' | 'latest' | number;
export interface ListOffsetsRequest {
  readonly topic: string;
  readonly partitions?: Optional<readonly number[]>;
  /** A number is a timestamp in ms: the first record that is not older. */
  readonly at: OffsetMoment;
}
export interface ParsedListOffsets {
  readonly topic: string;
  readonly partitions: readonly number[] | undefined;
  readonly at: OffsetMoment;
}
export interface ListOffsetsResponse {
  readonly offsets: readonly (readonly [partition: number, offset: number, timestamp: number])[];
}

export interface ReaderCommitRequest {
  readonly reader: string;
  readonly offsets: readonly TopicPartitionOffset[];
  readonly topicIds?: Optional<TopicIdList>;
}
export interface ParsedReaderCommit {
  readonly reader: string;
  readonly offsets: readonly TopicPartitionOffset[];
  readonly topicIds: TopicIds;
}
export type ReaderCommitResponse = Readonly<Record<string, never>>;

export interface ReaderFetchRequest {
  readonly reader: string;
  readonly partitions: readonly TopicPartition[];
}
export interface ReaderFetchResponse {
  readonly offsets: readonly (readonly [topic: string, partition: number, offset: number | null])[];
}

/** Request and response of these operations, by their names on the wire. */
export interface Operations {
  readonly hello: { readonly request: HelloRequest; readonly response: HelloResponse };
  readonly metadata: { readonly request: MetadataRequest; readonly response: MetadataResponse };
  readonly createTopic: {
    readonly request: CreateTopicRequest;
    readonly response: CreateTopicResponse;
  };
  readonly deleteTopic: {
    readonly request: DeleteTopicRequest;
    readonly response: DeleteTopicResponse;
  };
  readonly produce: { readonly request: ProduceRequest; readonly response: ProduceResponse };
  readonly initProducerId: {
    readonly request: InitProducerIdRequest;
    readonly response: InitProducerIdResponse;
  };
  readonly fetch: { readonly request: FetchRequest; readonly response: FetchResponse };
  readonly listOffsets: {
    readonly request: ListOffsetsRequest;
    readonly response: ListOffsetsResponse;
  };
  readonly readerCommit: {
    readonly request: ReaderCommitRequest;
    readonly response: ReaderCommitResponse;
  };
  readonly readerFetch: {
    readonly request: ReaderFetchRequest;
    readonly response: ReaderFetchResponse;
  };
}
