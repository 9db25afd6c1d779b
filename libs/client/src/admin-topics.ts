// What `Admin` takes and gives about topics.
import type {
  ConfigChanges,
  ConfigEntry,
  ConfigValues,
  PinDescription,
  TopicMetadata,
} from '@walrusmq/protocol';

/** Topic configs by name; numbers and booleans stand for what they print as. */
export type TopicConfigs = ConfigValues;

/** Options of `alterTopic`; what is left out stays. */
export interface AlterTopicOptions {
  /** How many there shall be; never fewer than there are. */
  readonly partitions?: number | undefined;
  /** null takes back what was set. */
  readonly configs?: ConfigChanges | undefined;
  /** Only check, and answer what would be. Default false. */
  readonly validateOnly?: boolean | undefined;
}

/** A topic as `eachTopic` lists it. */
export interface ListedTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
}

/** All there is to know of a topic. */
export interface TopicOverview extends TopicMetadata {
  readonly createdAtMs: number;
  /**
   * The configs, and where each value comes from; of those without an effect the ones that the
   * topic sets.
   */
  readonly configs: readonly ConfigEntry[];
  /** Who holds records back with `retention.consumed`. */
  readonly pins: readonly PinDescription[];
  /** Sentences about what an operator should look at. */
  readonly warnings: readonly string[];
}

/** Which records `deleteRecords` lets go of. */
export type RecordsToDelete =
  | { readonly offsets: readonly { readonly partition: number; readonly beforeOffset: number }[] }
  | {
      /**
       * All that are readable, or those before the first record that is not older (ms since 1970).
       */
      readonly before: 'latest' | number;
      /** Default: all. */
      readonly partitions?: readonly number[] | undefined;
    };

/** Where a partition begins. */
export interface StartOffset {
  readonly partition: number;
  readonly logStartOffset: number;
}

/** Options of `pinReader`. */
export interface PinReaderOptions {
  /** The pin goes once the reader has saved no position for so long. Default: never. */
  readonly expireMs?: number | undefined;
}

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition and the offset to read next there. */
export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** A partition and where a named reader is in it; null where it has committed nothing. */
export interface ReaderOffset extends TopicPartition {
  readonly offset: number | null;
}
