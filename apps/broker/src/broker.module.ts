import { resolve } from 'node:path';
import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { BrokerLifecycle } from './broker-lifecycle';
import type { BrokerSettings } from './config/settings-table';
import { DEFAULT_INSTANCE, type OpenStorage } from './instance/broker-instance';
import type { InstanceFiles } from './instance/instance-files';
import type { InstanceEntry } from './instance/instance-entry';
import { Instances } from './instance/instances';
import { InstanceServices } from './instance-services';
import { AlterInstanceHandler } from './msgpack/alter-instance.handler';
import { CreateInstanceHandler } from './msgpack/create-instance.handler';
import { DeleteInstanceHandler } from './msgpack/delete-instance.handler';
import { DescribeInstanceHandler } from './msgpack/describe-instance.handler';
import { HelloHandler } from './msgpack/hello.handler';
import type { AdministeredInstances } from './msgpack/instance-description';
import { ListInstancesHandler } from './msgpack/list-instances.handler';
import { OpTable } from './msgpack/op-table';
import type { OperationHandler } from './msgpack/operation-handler';
import { ConnectionSet } from './network/connection-set';
import { KafkaListeners } from './network/kafka-listeners';
import { MemoryBudget } from './network/memory-budget';
import { MsgpackProtocol } from './network/msgpack-wire';
import { TcpServer } from './network/tcp-server';
import { WebSocketServer } from './network/websocket-server';
import type { Logger } from './observability/broker-log';
import { Counters, readProcessDiagnostics } from './observability/counters';
import { Health } from './observability/health';
import { instanceMetricsText, type MeasuredInstance } from './observability/instance-metrics';
import { metricsText } from './observability/metrics-text';
import { machineClocks, type Clocks } from './partition/retention-clock';
import { instanceSettings } from './topic/instance-settings';

/** What the module cannot make itself. */
export interface BrokerModuleOptions {
  readonly settings: BrokerSettings;
  readonly logger: Logger;
  readonly openStorage: OpenStorage;
  /** What ages are judged by; the machine's clocks unless a test says otherwise. */
  readonly clocks?: Clocks;
  /** Where instances are kept; on the machine's file system unless a test says otherwise. */
  readonly files?: InstanceFiles;
}

/** The instances of this broker. */
export class BrokerInstances extends Instances<InstanceServices> {}

/**
 * Wires what exists once; everything that exists many times (instances, connections, partitions,
 * waits) is made by what is wired here. No request passes Nest.
 */
@Module({})
export class BrokerModule {
  /** The module of one broker; several may exist in one process. */
  static forBroker(options: BrokerModuleOptions): DynamicModule {
    const { settings, logger } = options;
    return {
      module: BrokerModule,
      providers: [
        { provide: Counters, useFactory: () => new Counters() },
        { provide: MemoryBudget, useFactory: () => new MemoryBudget(settings.requestBytesMax) },
        instancesProvider(options),
        {
          provide: Health,
          inject: [BrokerInstances],
          useFactory: (instances: BrokerInstances) =>
            new Health(() => whyNotReady(instances.default)),
        },
        {
          provide: MsgpackProtocol,
          inject: [BrokerInstances],
          useFactory: (instances: BrokerInstances) => {
            const table = new OpTable(handlers(instances, settings));
            return new MsgpackProtocol(settings, (frame, session) =>
              table.dispatch(frame, session),
            );
          },
        },
        connectionsProvider(settings, logger),
        {
          provide: TcpServer,
          inject: [MsgpackProtocol, ConnectionSet],
          useFactory: (protocol: MsgpackProtocol, connections: ConnectionSet) =>
            new TcpServer({ ...settings, flag: '--port' }, protocol, connections, logger),
        },
        kafkaListenersProvider(settings, logger),
        webSocketServerProvider(settings, logger),
        lifecycleProvider(settings, logger),
      ],
    };
  }
}

/** The operations of the whole broker; those of an instance are in instance-services.ts. */
function handlers(
  instances: BrokerInstances,
  settings: BrokerSettings,
): readonly OperationHandler[] {
  const administered: AdministeredInstances = { instances, settings };
  return [
    new HelloHandler(instances, settings),
    new CreateInstanceHandler(administered),
    new ListInstancesHandler(administered),
    new DescribeInstanceHandler(administered),
    new AlterInstanceHandler(administered),
    new DeleteInstanceHandler(instances),
  ];
}

function instancesProvider(options: BrokerModuleOptions): FactoryProvider<BrokerInstances> {
  const { settings, logger: log, openStorage, clocks = machineClocks, files } = options;
  return {
    provide: BrokerInstances,
    inject: [Counters],
    useFactory: (counters: Counters) =>
      new BrokerInstances({
        settings,
        dataDir: resolve(settings.dataDir),
        log,
        settingsOf: (own, directory) => instanceSettings(settings, own, directory),
        build: (key, own, set) =>
          new InstanceServices(key, own, set, { openStorage, clocks, counters, log }),
        ...(files === undefined ? {} : { files }),
      }),
  };
}

function connectionsProvider(
  settings: BrokerSettings,
  log: Logger,
): FactoryProvider<ConnectionSet> {
  return {
    provide: ConnectionSet,
    inject: [MemoryBudget, Counters],
    useFactory: (budget: MemoryBudget, counters: Counters) =>
      new ConnectionSet(settings, {
        limits: settings,
        budget,
        replyBudget: new MemoryBudget(settings.replyBytesMax),
        pushBudget: new MemoryBudget(settings.pushBytesMax),
        counters,
        log,
      }),
  };
}

function kafkaListenersProvider(
  settings: BrokerSettings,
  log: Logger,
): FactoryProvider<KafkaListeners> {
  return {
    provide: KafkaListeners,
    inject: [BrokerInstances, ConnectionSet, Counters],
    useFactory: (instances: BrokerInstances, connections: ConnectionSet, counters: Counters) =>
      new KafkaListeners({
        settings,
        hasInstance: (key) =>
          instances.list().some((entry) => entry.key === key && entry.state !== 'deleting'),
        instance: (key = DEFAULT_INSTANCE) => instances.bind(key),
        connections,
        counters,
        log,
      }),
  };
}

function webSocketServerProvider(
  settings: BrokerSettings,
  log: Logger,
): FactoryProvider<WebSocketServer> {
  return {
    provide: WebSocketServer,
    inject: [MsgpackProtocol, ConnectionSet, Counters, Health, BrokerInstances],
    useFactory: (
      protocol: MsgpackProtocol,
      connections: ConnectionSet,
      counters: Counters,
      health: Health,
      instances: BrokerInstances,
    ) =>
      new WebSocketServer(
        settings,
        protocol,
        connections,
        {
          metrics: () =>
            metricsText(counters, readProcessDiagnostics()) +
            instanceMetricsText(instances.list().map(measured)),
          notReady: () => health.notReady(),
        },
        log,
      ),
  };
}

/** The broker gets traffic while its default instance takes writes. */
function whyNotReady(entry: InstanceEntry<InstanceServices>): string | undefined {
  const { state, reason, services } = entry;
  if (state === 'failed') return `the default instance could not be opened: ${reason}`;
  return services?.storage.fenceReason;
}

function measured({ key, state, services }: InstanceEntry<InstanceServices>): MeasuredInstance {
  return {
    key,
    isOpen: state === 'open',
    isDiskFull: services?.storage.isDiskFull ?? false,
    connections: services?.sessions.countBeside() ?? 0,
    throttledMs: services?.quota.use.throttledMs ?? 0,
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
      BrokerInstances,
      ConnectionSet,
      TcpServer,
      WebSocketServer,
      KafkaListeners,
      Health,
    ],
    useFactory: (
      counters: Counters,
      instances: BrokerInstances,
      connections: ConnectionSet,
      server: TcpServer,
      webSocketServer: WebSocketServer,
      kafkaListeners: KafkaListeners,
      health: Health,
    ) =>
      new BrokerLifecycle({
        settings,
        log,
        counters,
        instances,
        connections,
        server,
        webSocketServer,
        kafkaListeners,
        health,
      }),
  };
}
