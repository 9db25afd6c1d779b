// The operations on named readers beyond commit, fetch and pin: their life, where they stand, the
// seed's own read, and attachments. Part of operations.ts; reader-operation-parsers.ts checks them.
import type {
  FetchedRecord,
  FetchFormat,
  OffsetMoment,
  PartitionError,
  TopicPartition,
  TopicPartitionOffset,
} from './operations';

type Optional<T> = T | null | undefined;

/** Most records of one `read`. */
export const READ_RECORDS_MAX = 2_000;
/** Named readers that have a position in one partition. */
export const READERS_PER_PARTITION_MAX = 1_000;
/** Topics of all readers that one connection has attached. */
export const ATTACHMENTS_MAX = 1_000;
/** Most readers in one reply of `listReaders`. */
export const LIST_READERS_MAX = 1_000;

/** Which partitions: one of the two. Every partition of `topics`, or only these. */
interface PartitionChoice {
  readonly topics?: Optional<readonly string[]>;
  readonly partitions?: Optional<readonly TopicPartition[]>;
}
/** The same, as parsed. */
export type ChosenPartitions =
  { readonly topics: readonly string[] } | { readonly partitions: readonly TopicPartition[] };

export interface ReaderCreateRequest extends PartitionChoice {
  readonly reader: string;
  /** With `topics` or `partitions`. A number is a timestamp in ms. */
  readonly at?: Optional<OffsetMoment>;
  /** In place of them all. */
  readonly offsets?: Optional<readonly TopicPartitionOffset[]>;
  /** What to do where the reader has a position: refuse it all, or let it stay there. */
  readonly ifExists?: Optional<'refuse' | 'keep'>;
}
export type ParsedReaderCreate = {
  readonly reader: string;
  readonly ifExists: 'refuse' | 'keep';
} & (
  | { readonly offsets: readonly TopicPartitionOffset[] }
  | { readonly chosen: ChosenPartitions; readonly at: OffsetMoment }
);
export interface ReaderCreateResponse {
  /** Where the reader stands now. */
  readonly offsets: readonly TopicPartitionOffset[];
}

export interface ReaderResetRequest extends PartitionChoice {
  readonly reader: string;
  /** With `topics` or `partitions`: this, `shiftBy` or `copyFrom`. */
  readonly at?: Optional<OffsetMoment>;
  /** Records forward, or back where negative, from where it stands. */
  readonly shiftBy?: Optional<number>;
  /** To where this other reader stands. */
  readonly copyFrom?: Optional<string>;
  /** In place of them all. */
  readonly offsets?: Optional<readonly TopicPartitionOffset[]>;
  /** Only answer what it would do. */
  readonly dryRun?: Optional<boolean>;
  /** Ends the attachment of another connection instead of refusing. */
  readonly takeOver?: Optional<boolean>;
}
/** Where a reset goes. */
export type ResetTarget =
  | { readonly offsets: readonly TopicPartitionOffset[] }
  | { readonly chosen: ChosenPartitions; readonly at: OffsetMoment }
  | { readonly chosen: ChosenPartitions; readonly shiftBy: number }
  | { readonly chosen: ChosenPartitions; readonly copyFrom: string };
export interface ParsedReaderReset {
  readonly reader: string;
  readonly target: ResetTarget;
  readonly dryRun: boolean;
  readonly takeOver: boolean;
}
export interface ReaderResetResponse {
  /** `before` is nil where the reader had no position. */
  readonly offsets: readonly (readonly [
    topic: string,
    partition: number,
    before: number | null,
    after: number,
  ])[];
}

export interface ReaderDeleteRequest {
  readonly reader: string;
  /** Absent: all topics. */
  readonly topics?: Optional<readonly string[]>;
  readonly takeOver?: Optional<boolean>;
}
export interface ParsedReaderDelete {
  readonly reader: string;
  readonly topics: readonly string[] | undefined;
  readonly takeOver: boolean;
}
export interface ReaderDeleteResponse {
  /** The topics in which the reader was. */
  readonly topics: readonly string[];
}

/** The connection that has a reader attached. */
export interface ReaderHolder {
  /** As it named itself in its hello. */
  readonly client: string;
  /** HOST:PORT. */
  readonly peer: string;
  /** How long it has had it. */
  readonly attachedMs: number;
}
/** The name of a reader and of a topic that it is in, in the order of `listReaders`. */
export type TopicReaderName = readonly [topic: string, reader: string];

export interface ListReadersRequest {
  /** Absent: all topics. */
  readonly topic?: Optional<string>;
  /** Go on behind this one. */
  readonly after?: Optional<TopicReaderName>;
  readonly limit?: Optional<number>;
}
export interface ParsedListReaders {
  readonly topic: string | undefined;
  readonly after: TopicReaderName | undefined;
  readonly limit: number;
}
export interface ListedReader {
  readonly topic: string;
  readonly reader: string;
  /** In how many partitions it has a position. */
  readonly partitions: number;
  /** Records it has not read, over all partitions. */
  readonly lag: number;
  readonly isPinned: boolean;
  readonly holder: ReaderHolder | null;
}
export interface ListReadersResponse {
  /** Ordered by topic, then by reader. */
  readonly readers: readonly ListedReader[];
  /** The one to go on behind; nil at the end. */
  readonly next: TopicReaderName | null;
}

export interface ReaderDescribeRequest {
  readonly reader: string;
  /** Absent: all topics in which it has a position. */
  readonly topics?: Optional<readonly string[]>;
}
export interface ParsedReaderDescribe {
  readonly reader: string;
  readonly topics: readonly string[] | undefined;
}
/** A partition as one reader sees it. */
export interface ReaderPartition {
  readonly partition: number;
  /** What it reads next; nil: it has no position and reads from the log start. */
  readonly position: number | null;
  /** What a crash of the broker would have it read next; nil: the log start. */
  readonly saved: number | null;
  readonly logStartOffset: number;
  readonly readableEnd: number;
  /** Records it has not read. */
  readonly lag: number;
  /** Bytes of them, estimated by the average of the partition. */
  readonly lagBytes: number;
  /** Records that went before it read them. */
  readonly missed: number;
}
export interface ReaderTopic {
  readonly topic: string;
  readonly lag: number;
  readonly pin: { readonly expireMs: number | null; readonly idleMs: number } | null;
  readonly holder: ReaderHolder | null;
  readonly partitions: readonly ReaderPartition[];
}
export interface ReaderDescribeResponse {
  readonly topics: readonly ReaderTopic[];
}

export interface ReaderAttachRequest {
  readonly reader: string;
  readonly topics: readonly string[];
  /** Ends the attachments of another connection instead of refusing. */
  readonly takeOver?: Optional<boolean>;
}
export interface ParsedReaderAttach {
  readonly reader: string;
  readonly topics: readonly string[];
  readonly takeOver: boolean;
}
export type ReaderAttachResponse = Readonly<Record<string, never>>;

export interface ReaderDetachRequest {
  readonly reader: string;
  /** Absent: all that this connection has attached under that name. */
  readonly topics?: Optional<readonly string[]>;
}
export interface ParsedReaderDetach {
  readonly reader: string;
  readonly topics: readonly string[] | undefined;
}
export type ReaderDetachResponse = Readonly<Record<string, never>>;

export interface ReadRequest {
  readonly reader: string;
  readonly topic: string;
  /** Absent: all partitions, which take turns. */
  readonly partition?: Optional<number>;
  /** Soft: the first batch always comes. */
  readonly maxBytes?: Optional<number>;
  readonly maxRecords?: Optional<number>;
  /** Whether the reader moves past what it gets. */
  readonly checkpoint?: Optional<boolean>;
  /** How long to wait for a record where there is none. */
  readonly maxWaitMs?: Optional<number>;
  readonly format?: Optional<FetchFormat>;
}
export interface ParsedRead {
  readonly reader: string;
  readonly topic: string;
  readonly partition: number | undefined;
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly checkpoint: boolean;
  readonly maxWaitMs: number;
  readonly format: FetchFormat;
}
/** What a read got of one partition: the records of [offset, nextOffset). */
export type ReadPartition =
  | readonly [
      partition: number,
      error: PartitionError | null,
      offset: number,
      nextOffset: number,
      readableEnd: number,
      byteLength: number,
    ]
  | readonly [
      partition: number,
      error: PartitionError | null,
      offset: number,
      nextOffset: number,
      readableEnd: number,
      byteLength: number,
      records: readonly FetchedRecord[],
    ];
export interface ReadResponse {
  readonly partitions: readonly ReadPartition[];
}

/** Request and response of these operations, by their names on the wire. */
export interface ReaderOperations {
  readonly readerCreate: {
    readonly request: ReaderCreateRequest;
    readonly response: ReaderCreateResponse;
  };
  readonly readerReset: {
    readonly request: ReaderResetRequest;
    readonly response: ReaderResetResponse;
  };
  readonly readerDelete: {
    readonly request: ReaderDeleteRequest;
    readonly response: ReaderDeleteResponse;
  };
  readonly listReaders: {
    readonly request: ListReadersRequest;
    readonly response: ListReadersResponse;
  };
  readonly readerDescribe: {
    readonly request: ReaderDescribeRequest;
    readonly response: ReaderDescribeResponse;
  };
  readonly readerAttach: {
    readonly request: ReaderAttachRequest;
    readonly response: ReaderAttachResponse;
  };
  readonly readerDetach: {
    readonly request: ReaderDetachRequest;
    readonly response: ReaderDetachResponse;
  };
  readonly read: { readonly request: ReadRequest; readonly response: ReadResponse };
}
