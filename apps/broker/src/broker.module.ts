import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { EVENT_BYTES_MAX } from '@walrusmq/protocol';
import { BrokerLifecycle } from './broker-lifecycle';
import type { BrokerSettings } from './config/settings-table';
import { BrokerInstance, type OpenStorage } from './instance/broker-instance';
import { AlterTopicHandler } from './msgpack/alter-topic.handler';
import { ChangeSubscriptionHandler } from './msgpack/change-subscription.handler';
import { CreateTopicHandler } from './msgpack/create-topic.handler';
import { CreditHandler } from './msgpack/credit.handler';
import { DeleteRecordsHandler } from './msgpack/delete-records.handler';
import { DeleteTopicHandler } from './msgpack/delete-topic.handler';
import { DescribeConfigsHandler } from './msgpack/describe-configs.handler';
import { DescribeTopicHandler } from './msgpack/describe-topic.handler';
import { FetchHandler } from './msgpack/fetch.handler';
import { HelloHandler } from './msgpack/hello.handler';
import { InitProducerIdHandler } from './msgpack/init-producer-id.handler';
import { ListOffsetsHandler } from './msgpack/list-offsets.handler';
import { ListTopicsHandler } from './msgpack/list-topics.handler';
import { MetadataHandler } from './msgpack/metadata.handler';
import { OpTable } from './msgpack/op-table';
import { ProduceHandler } from './msgpack/produce.handler';
import { ListReadersHandler } from './msgpack/list-readers.handler';
import { ReadHandler } from './msgpack/read.handler';
import { ReaderAttachHandler } from './msgpack/reader-attach.handler';
import { ReaderCommitHandler } from './msgpack/reader-commit.handler';
import { ReaderCreateHandler } from './msgpack/reader-create.handler';
import { ReaderDeleteHandler } from './msgpack/reader-delete.handler';
import { ReaderDescribeHandler } from './msgpack/reader-describe.handler';
import { ReaderDetachHandler } from './msgpack/reader-detach.handler';
import { ReaderFetchHandler } from './msgpack/reader-fetch.handler';
import { ReaderResetHandler } from './msgpack/reader-reset.handler';
import { ReaderPinHandler } from './msgpack/reader-pin.handler';
import { ReaderUnpinHandler } from './msgpack/reader-unpin.handler';
import { SubscribeHandler } from './msgpack/subscribe.handler';
import type { SubscriptionContext } from './msgpack/subscription';
import { UnsubscribeHandler } from './msgpack/unsubscribe.handler';
import { ConnectionSet } from './network/connection-set';
import { MemoryBudget } from './network/memory-budget';
import { TcpServer } from './network/tcp-server';
import { WebSocketServer } from './network/websocket-server';
import type { Logger } from './observability/broker-log';
import { Counters, readProcessDiagnostics } from './observability/counters';
import { Health } from './observability/health';
import { metricsText } from './observability/metrics-text';
import { FetchWaiters } from './partition/fetch-waiters';
import { Pins, readerPositions } from './partition/pins';
import { ProducerIds } from './partition/producer-ids';
import { Retention } from './partition/retention';
import { machineClocks, type Clocks } from './partition/retention-clock';
import { SharedReads } from './partition/shared-reads';
import { yieldTurn } from './partition/tick-budget';
import { Readers } from './reader/readers';
import { Topics } from './topic/topics';

/** What the module cannot make itself. */
export interface BrokerModuleOptions {
  readonly settings: BrokerSettings;
  readonly logger: Logger;
  readonly openStorage: OpenStorage;
  /** What ages are judged by; the machine's clocks unless a test says otherwise. */
  readonly clocks?: Clocks;
}

/**
 * Wires what exists once; everything that exists many times (connections, partitions, waits) is
 * made by what is wired here. No request passes Nest.
 */
@Module({})
export class BrokerModule {
  /** The module of one broker; several may exist in one process. */
  static forBroker(options: BrokerModuleOptions): DynamicModule {
    const { settings, logger, openStorage, clocks = machineClocks } = options;
    return {
      module: BrokerModule,
      providers: [
        { provide: Counters, useFactory: () => new Counters() },
        { provide: FetchWaiters, useFactory: () => new FetchWaiters() },
        { provide: MemoryBudget, useFactory: () => new MemoryBudget(settings.requestBytesMax) },
        {
          provide: BrokerInstance,
          useFactory: () => new BrokerInstance(settings, openStorage, logger),
        },
        {
          provide: Topics,
          inject: [BrokerInstance],
          useFactory: (instance: BrokerInstance) => openTopics(instance, settings, logger),
        },
        {
          provide: Retention,
          inject: [BrokerInstance, Topics, Counters],
          useFactory: (store: BrokerInstance, topics: Topics, counters: Counters) =>
            new Retention({ store, topics, counters, log: logger, clocks, yieldTurn }),
        },
        {
          provide: Health,
          inject: [BrokerInstance],
          useFactory: (instance: BrokerInstance) => new Health(() => instance.fenceReason),
        },
        opTableProvider(settings, logger),
        connectionsProvider(settings, logger),
        {
          provide: TcpServer,
          inject: [ConnectionSet],
          useFactory: (set: ConnectionSet) => new TcpServer(settings, set, logger),
        },
        webSocketServerProvider(settings, logger),
        lifecycleProvider(settings, logger),
      ],
    };
  }
}

function opTableProvider(settings: BrokerSettings, log: Logger): FactoryProvider<OpTable> {
  const { fetchBytesMax, batchBytesMax } = settings;
  return {
    provide: OpTable,
    inject: [BrokerInstance, Topics, FetchWaiters, Counters],
    useFactory: (
      instance: BrokerInstance,
      topics: Topics,
      waiters: FetchWaiters,
      counters: Counters,
    ) => {
      const reads = new SharedReads(EVENT_BYTES_MAX);
      const push: SubscriptionContext = {
        topics,
        reads,
        counters,
        recordBytesMax: Math.max(fetchBytesMax, batchBytesMax),
      };
      const readers = openReaders(topics, log);
      return new OpTable([
        new HelloHandler(instance, settings),
        new MetadataHandler(topics),
        new CreateTopicHandler(topics),
        new DeleteTopicHandler(topics),
        new AlterTopicHandler(topics),
        new DescribeTopicHandler(topics),
        new DescribeConfigsHandler(topics),
        new ListTopicsHandler(topics),
        new DeleteRecordsHandler(topics),
        new ProduceHandler(topics, counters),
        new InitProducerIdHandler(new ProducerIds(instance)),
        new FetchHandler(topics, waiters, fetchBytesMax, batchBytesMax, counters),
        new ListOffsetsHandler(topics),
        new ReaderCommitHandler(readers),
        new ReaderFetchHandler(topics),
        new ReaderCreateHandler(readers),
        new ReaderResetHandler(readers),
        new ReaderDeleteHandler(readers),
        new ListReadersHandler(readers),
        new ReaderDescribeHandler(readers),
        new ReaderAttachHandler(readers),
        new ReaderDetachHandler(readers),
        new ReadHandler({ topics, readers, waiters, counters, fetchBytesMax, batchBytesMax }),
        new ReaderPinHandler(topics),
        new ReaderUnpinHandler(topics),
        new SubscribeHandler(push),
        new ChangeSubscriptionHandler(push),
        new CreditHandler(push),
        new UnsubscribeHandler(push),
      ]);
    },
  };
}

function openTopics(store: BrokerInstance, settings: BrokerSettings, log: Logger): Topics {
  const pins = new Pins({ reader: readerPositions }, () => performance.now());
  return new Topics(store, settings, pins, ({ name, id }, error) => {
    const fields = { err: error, topic: name, id };
    log.error(fields, 'the records of a deleted topic stay until the next start');
  });
}

function openReaders(topics: Topics, log: Logger): Readers {
  return new Readers(topics, ({ topic, reader }, error) => {
    const fields = { err: error, topic: topic.name, reader };
    log.warn(fields, 'where a reader stands could not be saved when its connection ended');
  });
}

function connectionsProvider(
  settings: BrokerSettings,
  log: Logger,
): FactoryProvider<ConnectionSet> {
  return {
    provide: ConnectionSet,
    inject: [OpTable, MemoryBudget, Counters],
    useFactory: (table: OpTable, budget: MemoryBudget, counters: Counters) =>
      new ConnectionSet(settings, {
        limits: settings,
        budget,
        pushBudget: new MemoryBudget(settings.pushBytesMax),
        counters,
        log,
        dispatch: (frame, session) => table.dispatch(frame, session),
      }),
  };
}

function webSocketServerProvider(
  settings: BrokerSettings,
  log: Logger,
): FactoryProvider<WebSocketServer> {
  return {
    provide: WebSocketServer,
    inject: [ConnectionSet, Counters, Health],
    useFactory: (connections: ConnectionSet, counters: Counters, health: Health) =>
      new WebSocketServer(
        settings,
        connections,
        {
          metrics: () => metricsText(counters, readProcessDiagnostics()),
          notReady: () => health.notReady(),
        },
        log,
      ),
  };
}

function lifecycleProvider(
  settings: BrokerSettings,
  log: Logger,
): FactoryProvider<BrokerLifecycle> {
  return {
    provide: BrokerLifecycle,
    inject: [
      Counters,
      BrokerInstance,
      Topics,
      Retention,
      FetchWaiters,
      ConnectionSet,
      TcpServer,
      WebSocketServer,
      Health,
    ],
    useFactory: (
      counters: Counters,
      instance: BrokerInstance,
      topics: Topics,
      retention: Retention,
      waiters: FetchWaiters,
      connections: ConnectionSet,
      server: TcpServer,
      webSocketServer: WebSocketServer,
      health: Health,
    ) =>
      new BrokerLifecycle({
        settings,
        log,
        counters,
        instance,
        topics,
        retention,
        waiters,
        connections,
        server,
        webSocketServer,
        health,
      }),
  };
}
