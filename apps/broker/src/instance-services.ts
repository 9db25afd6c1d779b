import { EVENT_BYTES_MAX, type IncomingFrame } from '@walrusmq/protocol';
import type { InstanceStorage } from '@walrusmq/storage';
import type { BrokerSettings } from './config/settings-table';
import { InstanceGroups } from './group/instance-groups';
import { BoundSessions } from './instance/bound-sessions';
import { BrokerInstance, DEFAULT_INSTANCE, type OpenStorage } from './instance/broker-instance';
import type { InstanceLife } from './instance/instance-entry';
import { InstanceQuota } from './instance/instance-quota';
import { quotasOf, type OwnSettings } from './instance/own-settings';
import type { ApiTable, KafkaInstance } from './kafka/api-table';
import { AlterTopicHandler } from './msgpack/alter-topic.handler';
import { ChangeSubscriptionHandler } from './msgpack/change-subscription.handler';
import { CreateTopicHandler } from './msgpack/create-topic.handler';
import { CreditHandler } from './msgpack/credit.handler';
import { DeleteRecordsHandler } from './msgpack/delete-records.handler';
import { DeleteTopicHandler } from './msgpack/delete-topic.handler';
import { DescribeConfigsHandler } from './msgpack/describe-configs.handler';
import { DescribeTopicHandler } from './msgpack/describe-topic.handler';
import { FetchHandler } from './msgpack/fetch.handler';
import { groupHandlers } from './msgpack/group-handlers';
import { InitProducerIdHandler } from './msgpack/init-producer-id.handler';
import { ListOffsetsHandler } from './msgpack/list-offsets.handler';
import { ListReadersHandler } from './msgpack/list-readers.handler';
import { ListTopicsHandler } from './msgpack/list-topics.handler';
import { MetadataHandler } from './msgpack/metadata.handler';
import { OpTable } from './msgpack/op-table';
import type { OperationHandler, Outcome } from './msgpack/operation-handler';
import { ProduceHandler } from './msgpack/produce.handler';
import { ReadHandler } from './msgpack/read.handler';
import { ReaderAttachHandler } from './msgpack/reader-attach.handler';
import { ReaderCommitHandler } from './msgpack/reader-commit.handler';
import { ReaderCreateHandler } from './msgpack/reader-create.handler';
import { ReaderDeleteHandler } from './msgpack/reader-delete.handler';
import { ReaderDescribeHandler } from './msgpack/reader-describe.handler';
import { ReaderDetachHandler } from './msgpack/reader-detach.handler';
import { ReaderFetchHandler } from './msgpack/reader-fetch.handler';
import { ReaderPinHandler } from './msgpack/reader-pin.handler';
import { ReaderResetHandler } from './msgpack/reader-reset.handler';
import { ReaderUnpinHandler } from './msgpack/reader-unpin.handler';
import type { BoundInstance, Session } from './msgpack/session';
import { SubscribeHandler } from './msgpack/subscribe.handler';
import type { SubscriptionContext } from './msgpack/subscription';
import { UnsubscribeHandler } from './msgpack/unsubscribe.handler';
import type { Logger } from './observability/broker-log';
import type { Counters } from './observability/counters';
import { FetchWaiters } from './partition/fetch-waiters';
import { Pins, readerPositions } from './partition/pins';
import { ProducerIds } from './partition/producer-ids';
import { Retention } from './partition/retention';
import type { Clocks } from './partition/retention-clock';
import { SharedReads } from './partition/shared-reads';
import { yieldTurn } from './partition/tick-budget';
import { Readers } from './reader/readers';
import { TopicIds } from './topic/topic-ids';
import { Topics } from './topic/topics';

/** Names in one line of the log. */
const LOGGED_TOPICS_MAX = 10;

/** What all instances of a broker share. */
export interface BrokerWide {
  readonly openStorage: OpenStorage;
  readonly clocks: Clocks;
  readonly counters: Counters;
  readonly log: Logger;
}

/**
 * Everything that belongs to one instance: its storage, its topics and what serves them, and the
 * operations of the clients that are bound to it. Nothing in here knows another instance.
 *
 * Place: made by the composition root for the registry, which opens and closes it; a hello binds a
 * session to it.
 * Life: `open`; `endWaits` before the connections are drained; `close`.
 */
export class InstanceServices implements InstanceLife, BoundInstance, KafkaInstance {
  readonly storage: BrokerInstance;
  readonly topics: Topics;
  readonly sessions = new BoundSessions();
  readonly quota: InstanceQuota;
  readonly groups: InstanceGroups;
  private readonly log: Logger;
  private kafkaTable: ApiTable | undefined;
  private readonly producerIds: ProducerIds;
  private readonly retention: Retention;
  private readonly waiters = new FetchWaiters();
  private readonly operations: OpTable;

  /**
   * @param settings Those of the instance; `dataDir` is its own directory.
   * @param own What of it was set for the instance itself.
   */
  constructor(
    readonly key: string,
    private settings: BrokerSettings,
    own: OwnSettings,
    private readonly wide: BrokerWide,
  ) {
    this.quota = new InstanceQuota(quotasOf(own));
    const { openStorage, clocks, counters } = wide;
    const log = key === DEFAULT_INSTANCE ? wide.log : wide.log.child({ instance: key });
    this.log = log;
    this.storage = new BrokerInstance(settings, openStorage, log);
    this.topics = this.openTopics();
    const { storage: store, topics } = this;
    this.groups = new InstanceGroups({ store, topics, settings, log });
    this.retention = new Retention({ store, topics, counters, log, clocks, yieldTurn });
    this.producerIds = new ProducerIds(this.storage);
    this.operations = new OpTable(this.handlers());
  }

  /** What Kafka clients are answered; its code is loaded for the first of them. */
  get kafka(): ApiTable {
    return (this.kafkaTable ??= this.openKafkaTable());
  }

  /** 32 hex digits. REQUIRES: it is open. */
  get instanceId(): string {
    return this.storage.storage.instanceId;
  }

  /** The largest batch that topics take which say nothing themselves. */
  get batchBytesMax(): number {
    return this.settings.batchBytesMax;
  }

  /** Follows other quotas and other defaults of topics from now on. */
  configure(settings: BrokerSettings, own: OwnSettings): void {
    this.settings = settings;
    this.topics.configure(settings);
    this.quota.configure(quotasOf(own));
  }

  /** @inheritdoc */
  handle(frame: IncomingFrame, session: Session): Outcome | Promise<Outcome> | undefined {
    return this.operations.handle(frame, session);
  }

  /** Rejects with the BrokerStartError of the storage; nothing is left open. */
  async open(): Promise<void> {
    await this.storage.open();
    try {
      this.warnOfUnkept(await this.topics.open());
      await this.groups.open();
    } catch (error) {
      await this.close();
      throw error;
    }
    this.retention.start(this.settings.retentionIntervalMs);
  }

  /** Ends the requests that wait, and lets none wait any more. */
  endWaits(): void {
    this.waiters.close();
  }

  /**
   * Saves where readers stand, syncs and closes. Idempotent. Rejects with the StorageError of a
   * sync that failed, or the ProtocolError of a position that was not saved; it is closed all the
   * same.
   */
  async close(): Promise<void> {
    await this.retention.stop();
    this.groups.close();
    try {
      await this.topics.saveReaders();
    } finally {
      await this.storage.close();
    }
  }

  private warnOfUnkept(topics: readonly string[]): void {
    if (topics.length === 0) return;
    const shown = { topics: topics.slice(0, LOGGED_TOPICS_MAX), count: topics.length };
    const text = 'topics set flush.messages or flush.ms to what the fsync schedule does not keep';
    this.log.warn(shown, text);
  }

  private readerHandlers(): readonly OperationHandler[] {
    const { topics, waiters } = this;
    const { counters, log } = this.wide;
    const { fetchBytesMax, batchBytesMax } = this.settings;
    const readers = new Readers(topics, ({ topic, reader }, error) => {
      const fields = { err: error, topic: topic.name, reader };
      log.warn(fields, 'where a reader stands could not be saved when its connection ended');
    });
    return [
      new ReaderCommitHandler(readers),
      new ReaderCreateHandler(readers),
      new ReaderResetHandler(readers),
      new ReaderDeleteHandler(readers),
      new ListReadersHandler(readers),
      new ReaderDescribeHandler(readers),
      new ReaderAttachHandler(readers),
      new ReaderDetachHandler(readers),
      new ReadHandler({ topics, readers, waiters, counters, fetchBytesMax, batchBytesMax }),
    ];
  }

  private openKafkaTable(): ApiTable {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded late on purpose */
    const { ApiTable: Table } = require('./kafka/api-table') as typeof import('./kafka/api-table');
    const { kafkaHandlers } =
      require('./kafka/kafka-handlers') as typeof import('./kafka/kafka-handlers');
    /* eslint-enable @typescript-eslint/no-require-imports */
    const { topics, groups, producerIds, waiters, settings } = this;
    const { counters } = this.wide;
    const topicIds = new TopicIds(topics);
    const instanceId = (): string => this.instanceId;
    const services = {
      topics,
      topicIds,
      groups,
      producerIds,
      waiters,
      counters,
      settings,
      currentSettings: (): BrokerSettings => this.settings,
      storage: (): InstanceStorage => this.storage.storage,
      instanceId,
    };
    return new Table(kafkaHandlers(services, () => this.kafka.advertised));
  }

  private openTopics(): Topics {
    const pins = new Pins({ reader: readerPositions }, () => performance.now());
    return new Topics(this.storage, this.settings, pins, ({ name, id }, error) => {
      const fields = { err: error, topic: name, id };
      this.log.error(fields, 'the records of a deleted topic stay until the next start');
    });
  }

  private handlers(): readonly OperationHandler[] {
    const { topics, waiters } = this;
    const { counters } = this.wide;
    const { fetchBytesMax, batchBytesMax } = this.settings;
    const push: SubscriptionContext = {
      topics,
      reads: new SharedReads(EVENT_BYTES_MAX),
      counters,
      recordBytesMax: Math.max(fetchBytesMax, batchBytesMax),
    };
    return [
      new MetadataHandler(topics),
      new CreateTopicHandler(topics),
      new DeleteTopicHandler(topics),
      new AlterTopicHandler(topics),
      new DescribeTopicHandler(topics),
      new DescribeConfigsHandler(topics),
      new ListTopicsHandler(topics),
      new DeleteRecordsHandler(topics),
      new ProduceHandler(topics, counters),
      new InitProducerIdHandler(this.producerIds),
      new FetchHandler(topics, waiters, fetchBytesMax, batchBytesMax, counters),
      new ListOffsetsHandler(topics),
      new ReaderFetchHandler(topics),
      new ReaderPinHandler(topics),
      new ReaderUnpinHandler(topics),
      ...this.readerHandlers(),
      new SubscribeHandler(push),
      new ChangeSubscriptionHandler(push),
      new CreditHandler(push),
      new UnsubscribeHandler(push),
      ...groupHandlers(this.groups, topics),
    ];
  }
}
