// The operations on topics beyond making and deleting them: configs, growth, records that go,
// lists, and who pins what. Part of operations.ts.
type Optional<T> = T | null | undefined;

/** Most topics in one reply of `listTopics`. */
export const LIST_TOPICS_MAX = 10_000;
/** Most configs that one request names. */
export const CONFIGS_MAX = 100;
/** Most bytes of a config's name, and of its value. */
export const CONFIG_BYTES_MAX = 1024;

/** Configs by name. Numbers and booleans stand for what they print as. */
export type ConfigValues = Readonly<Record<string, string | number | boolean>>;
/** As `ConfigValues`; nil takes back what was set. */
export type ConfigChanges = Readonly<Record<string, string | number | boolean | null>>;

export interface AlterTopicRequest {
  readonly name: string;
  /** How many there shall be; never fewer than there are. */
  readonly partitions?: Optional<number>;
  readonly configs?: Optional<ConfigChanges>;
  /** Only check. */
  readonly validateOnly?: Optional<boolean>;
}
export interface ParsedAlterTopic {
  readonly name: string;
  readonly partitions: number | undefined;
  /** null: take back. */
  readonly configs: Readonly<Record<string, string | null>>;
  readonly validateOnly: boolean;
}
export interface AlterTopicResponse {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  /** What is set for the topic. */
  readonly configs: Readonly<Record<string, string>>;
}

/** Where a config's value comes from: the topic, the broker's settings, or neither. */
export type ConfigSource = 'topic' | 'instance' | 'default';
export interface ConfigEntry {
  readonly name: string;
  readonly value: string;
  readonly source: ConfigSource;
}
/** A config and all there is to know of it. */
export interface ConfigDescription extends ConfigEntry {
  /** What holds where neither topic nor instance says anything. */
  readonly default: string;
  readonly type: 'integer' | 'number' | 'boolean' | 'choice' | 'list';
  readonly unit: 'ms' | 'bytes' | null;
  /** False for what Kafka's tools set: it is kept, or changes nothing, whatever it is set to. */
  readonly hasEffect: boolean;
  /** The values that are taken, in words. */
  readonly accepts: string;
  readonly meaning: string;
}

/** Who holds records of a topic back with `retention.consumed`. */
export interface PinDescription {
  readonly kind: 'reader' | 'group';
  readonly name: string;
  /** The pin goes once no position was saved for so long; nil: never. */
  readonly expireMs: number | null;
  /** Since the last position, the pin itself or the start of the broker, whichever came last. */
  readonly idleMs: number;
  /** Records that are readable and not passed, over all partitions. */
  readonly behindRecords: number;
}

export interface DescribeTopicRequest {
  readonly name: string;
}
export interface DescribeTopicResponse {
  readonly name: string;
  readonly id: string;
  readonly createdAtMs: number;
  readonly partitions: number;
  readonly configs: readonly ConfigEntry[];
  readonly pins: readonly PinDescription[];
  /** Sentences about what an operator should look at. */
  readonly warnings: readonly string[];
}

export interface DescribeConfigsRequest {
  /** Absent: what a topic without configs of its own has. */
  readonly topic?: Optional<string>;
}
export interface ParsedDescribeConfigs {
  readonly topic: string | undefined;
}
export interface DescribeConfigsResponse {
  readonly configs: readonly ConfigDescription[];
}

export interface ListTopicsRequest {
  /** Go on behind this name. */
  readonly after?: Optional<string>;
  readonly limit?: Optional<number>;
}
export interface ParsedListTopics {
  readonly after: string | undefined;
  readonly limit: number;
}
export interface ListTopicsResponse {
  /** Ordered by name. */
  readonly topics: readonly {
    readonly name: string;
    readonly id: string;
    readonly partitions: number;
  }[];
  /** The name to go on behind; nil at the end. */
  readonly next: string | null;
}

export interface DeleteRecordsRequest {
  readonly topic: string;
  /** What lies before these offsets goes. */
  readonly offsets?: Optional<readonly (readonly [partition: number, beforeOffset: number])[]>;
  /**
   * In place of `offsets`: all that is readable, or what lies before the first record not older.
   */
  readonly before?: Optional<'latest' | number>;
  /** With `before`; absent: all of them. */
  readonly partitions?: Optional<readonly number[]>;
}
export type ParsedDeleteRecords =
  | {
      readonly topic: string;
      readonly offsets: readonly (readonly [partition: number, beforeOffset: number])[];
    }
  | {
      readonly topic: string;
      readonly before: 'latest' | number;
      readonly partitions: readonly number[] | undefined;
    };
export interface DeleteRecordsResponse {
  /** Where the partitions begin now. */
  readonly offsets: readonly (readonly [partition: number, logStartOffset: number])[];
}

export interface ReaderPinRequest {
  readonly reader: string;
  readonly topic: string;
  readonly expireMs?: Optional<number>;
}
export interface ParsedReaderPin {
  readonly reader: string;
  readonly topic: string;
  readonly expireMs: number | undefined;
}
export type ReaderPinResponse = Readonly<Record<string, never>>;

export interface ReaderUnpinRequest {
  readonly reader: string;
  readonly topic: string;
}
export type ReaderUnpinResponse = Readonly<Record<string, never>>;

/** Request and response of these operations, by name. */
export interface TopicOperations {
  readonly alterTopic: {
    readonly request: AlterTopicRequest;
    readonly response: AlterTopicResponse;
  };
  readonly describeTopic: {
    readonly request: DescribeTopicRequest;
    readonly response: DescribeTopicResponse;
  };
  readonly describeConfigs: {
    readonly request: DescribeConfigsRequest;
    readonly response: DescribeConfigsResponse;
  };
  readonly listTopics: {
    readonly request: ListTopicsRequest;
    readonly response: ListTopicsResponse;
  };
  readonly deleteRecords: {
    readonly request: DeleteRecordsRequest;
    readonly response: DeleteRecordsResponse;
  };
  readonly readerPin: { readonly request: ReaderPinRequest; readonly response: ReaderPinResponse };
  readonly readerUnpin: {
    readonly request: ReaderUnpinRequest;
    readonly response: ReaderUnpinResponse;
  };
}
