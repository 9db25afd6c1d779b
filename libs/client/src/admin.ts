import type {
  AlterTopicResponse,
  ConfigDescription,
  HelloResponse,
  OffsetMoment,
  TopicMetadata,
} from '@walrusmq/protocol';
import { ReaderAdmin } from './admin-readers';
import type {
  AlterTopicOptions,
  ListedTopic,
  RecordsToDelete,
  StartOffset,
  TopicConfigs,
  TopicOverview,
} from './admin-topics';
import { BrokerClient } from './broker-client';
import { BrokerError } from './errors';
import { checkNames, type OptionNames } from './option-names';
import {
  CONNECTION_NAMES,
  connectionSettings,
  wholeNumber,
  type ConnectionOptions,
} from './options';
import { describeTopics } from './topic-metadata';

export type { ReaderOffset, TopicPartition, TopicPartitionOffset } from './admin-topics';

/** Options of an `Admin`. */
export interface AdminOptions extends ConnectionOptions {
  /** How long a call is repeated while the broker is away or busy. Default 5000; 0: not at all. */
  readonly retryTimeoutMs?: number | undefined;
}

const ADMIN_NAMES: OptionNames<AdminOptions> = { ...CONNECTION_NAMES, retryTimeoutMs: true };

/** Options of `createTopic`. */
export interface CreateTopicOptions {
  /** Default: what the broker is set to, 1 unless it was told otherwise. */
  readonly partitions?: number | undefined;
  /** Topic configs by their names, as in docs/topics.md; default: those of the broker. */
  readonly configs?: TopicConfigs | undefined;
  /** Only check whether it could be created; `id` is empty then. Default false. */
  readonly validateOnly?: boolean | undefined;
  /** A topic of that name, with whatever partitions it has, is no error. Default false. */
  readonly ifNotExists?: boolean | undefined;
}

/** The topic after `createTopic`. */
export interface CreatedTopic {
  readonly name: string;
  readonly id: string;
  readonly partitions: number;
  /** False when it was there already. */
  readonly created: boolean;
}

/** Options of `describeTopics`. */
export interface DescribeTopicsOptions {
  /** Whether a broker that is set to may create those that are missing. Default false. */
  readonly autoCreate?: boolean | undefined;
}

/** Options of `listOffsets`. */
export interface ListOffsetsOptions {
  /** 'earliest', 'latest' (the readable end, default) or a timestamp in milliseconds. */
  readonly at?: OffsetMoment | undefined;
  /** Default: all. */
  readonly partitions?: readonly number[] | undefined;
}

/** An offset of a topic's partition. */
export interface PartitionOffset {
  readonly partition: number;
  readonly offset: number;
  /** Of the record there, when asked by timestamp; else -1. */
  readonly timestamp: number;
}

/**
 * Looks after topics, named readers, consumer groups and the broker's instances.
 *
 * Life: connects on first use and again after every loss; `close` ends it.
 *
 * Errors: every call throws `BrokerError` with the broker's code, or `ConnectionError` or
 * `TimeoutError` once `retryTimeoutMs` is over. A call that changes something and whose answer was
 * lost is not repeated: whether it was carried out is then unknown.
 */
export class Admin extends ReaderAdmin {
  /** @throws {InvalidOptionError} An option that can never work. Nothing was started. */
  constructor(options: AdminOptions = {}) {
    checkNames('an Admin', options, ADMIN_NAMES);
    const client = new BrokerClient(connectionSettings(options), 'the admin');
    super(client, wholeNumber('retryTimeoutMs', options.retryTimeoutMs, 5_000, 0));
  }

  /** What the broker says about itself: version, instance, limits. */
  async describeBroker(): Promise<HelloResponse> {
    await this.client.retrying('metadata', { topics: [] }, this.reading);
    const connection = await this.client.connection();
    return connection.greeting;
  }

  /**
   * Creates a topic; it can be written to and read when this resolves.
   *
   * @throws {BrokerError} `TOPIC_EXISTS` unless `ifNotExists`, `INVALID_TOPIC_NAME`,
   *   `INVALID_PARTITIONS`, `INVALID_CONFIG`, `LIMIT_EXCEEDED`. Nothing was created.
   */
  async createTopic(name: string, options: CreateTopicOptions = {}): Promise<CreatedTopic> {
    const { partitions, configs, validateOnly = false, ifNotExists = false } = options;
    try {
      // With ifNotExists a second attempt finds what the first one made.
      const retry = { ...this.writing, repeatable: ifNotExists };
      const request = { name, partitions, configs, validateOnly };
      const created = await this.client.retrying('createTopic', request, retry);
      return { ...created, created: !validateOnly };
    } catch (error) {
      if (!(error instanceof BrokerError && error.code === 'TOPIC_EXISTS' && ifNotExists)) {
        throw error;
      }
    }
    const [found] = await this.describeTopics([name]);
    if (found === undefined) throw new BrokerError('UNKNOWN_TOPIC', `no such topic: "${name}"`);
    return { name, id: found.id, partitions: found.partitions.length, created: false };
  }

  /**
   * Gives a topic more partitions, sets configs or takes them back (null), as one change. It holds
   * for every request when this resolves; resolves with what the topic is then.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `INVALID_PARTITIONS`, `INVALID_CONFIG`,
   *   `LIMIT_EXCEEDED`. Nothing changed.
   */
  async alterTopic(name: string, options: AlterTopicOptions): Promise<AlterTopicResponse> {
    // A second attempt finds what the first one made.
    const retry = { ...this.writing, repeatable: true };
    return this.client.retrying('alterTopic', { name, ...options }, retry);
  }

  /**
   * Every config with its value, where that comes from and what can be set: of a topic, or of one
   * that sets nothing.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`.
   */
  async describeConfigs(topic?: string): Promise<readonly ConfigDescription[]> {
    const { configs } = await this.client.retrying('describeConfigs', { topic }, this.reading);
    return configs;
  }

  /**
   * Lets go of records: those before an offset of a partition, those before the first record that
   * is not older than a time, or all that are readable. Durable when this resolves, with where each
   * partition begins then.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`, `OFFSET_OUT_OF_RANGE`: no record
   *   went.
   */
  async deleteRecords(topic: string, records: RecordsToDelete): Promise<readonly StartOffset[]> {
    const request =
      'offsets' in records
        ? {
            topic,
            offsets: records.offsets.map(
              ({ partition, beforeOffset }) => [partition, beforeOffset] as const,
            ),
          }
        : { topic, ...records };
    const retry = { ...this.writing, repeatable: true };
    const { offsets } = await this.client.retrying('deleteRecords', request, retry);
    return offsets.map(([partition, logStartOffset]) => ({ partition, logStartOffset }));
  }

  /**
   * Deletes a topic with its records.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`.
   */
  async deleteTopic(name: string): Promise<void> {
    await this.client.retrying('deleteTopic', { name }, this.writing);
  }

  /** Every topic of the instance, by name. */
  async listTopics(): Promise<readonly TopicMetadata[]> {
    const { topics } = await this.client.retrying('metadata', {}, this.reading);
    return [...topics].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * The topics of the instance by name, a page of requests at a time: for many of them, of which
   * `listTopics` would answer with every partition.
   */
  async *eachTopic(pageSize = 1_000): AsyncGenerator<ListedTopic, void, void> {
    let after: string | null = null;
    do {
      const request: { after: string | null; limit: number } = { after, limit: pageSize };
      const page = await this.client.retrying('listTopics', request, this.reading);
      yield* page.topics;
      after = page.next;
    } while (after !== null);
  }

  /**
   * One topic: its partitions with their ends and sizes, its configs in force, and who pins it.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`.
   */
  async describeTopic(name: string): Promise<TopicOverview> {
    const overview = await this.client.retrying('describeTopic', { name }, this.reading);
    const [topic] = await this.describeTopics([name]);
    if (topic === undefined) throw new BrokerError('UNKNOWN_TOPIC', `no such topic: "${name}"`);
    const { createdAtMs, configs, pins, warnings } = overview;
    return { ...topic, createdAtMs, configs, pins, warnings };
  }

  /**
   * The partitions of several topics, in the order asked for.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, naming those that do not exist.
   */
  describeTopics(
    names: readonly string[],
    options: DescribeTopicsOptions = {},
  ): Promise<readonly TopicMetadata[]> {
    return describeTopics(this.client, names, this.retryForMs, options.autoCreate);
  }

  /**
   * The first and last offsets of a topic's partitions, or those of a moment: the first record that
   * is not older, or the readable end when there is none.
   *
   * @throws {BrokerError} `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`.
   */
  async listOffsets(
    topic: string,
    options: ListOffsetsOptions = {},
  ): Promise<readonly PartitionOffset[]> {
    const { at = 'latest', partitions } = options;
    const request = { topic, partitions, at };
    const { offsets } = await this.client.retrying('listOffsets', request, this.reading);
    return offsets.map(([partition, offset, timestamp]) => ({ partition, offset, timestamp }));
  }

  /** Disconnects; calls under way reject with `ClosedError`. */
  close(): Promise<void> {
    this.client.close();
    return Promise.resolve();
  }
}
