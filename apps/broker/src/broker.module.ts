import { Module, type DynamicModule, type FactoryProvider } from '@nestjs/common';
import { BrokerLifecycle } from './broker-lifecycle';
import type { BrokerSettings } from './config/settings-table';
import type { OpenStorage } from './instance/broker-instance';
import { Instances } from './instance/instances';
import { InstanceServices } from './instance-services';
import { HelloHandler } from './msgpack/hello.handler';
import { OpTable } from './msgpack/op-table';
import { ConnectionSet } from './network/connection-set';
import { MemoryBudget } from './network/memory-budget';
import { TcpServer } from './network/tcp-server';
import { WebSocketServer } from './network/websocket-server';
import type { Logger } from './observability/broker-log';
import { Counters, readProcessDiagnostics } from './observability/counters';
import { Health } from './observability/health';
import { metricsText } from './observability/metrics-text';
import { machineClocks, type Clocks } from './partition/retention-clock';

/** What the module cannot make itself. */
export interface BrokerModuleOptions {
  readonly settings: BrokerSettings;
  readonly logger: Logger;
  readonly openStorage: OpenStorage;
  /** What ages are judged by; the machine's clocks unless a test says otherwise. */
  readonly clocks?: Clocks;
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
            new Health(() => instances.default.storage.fenceReason),
        },
        {
          provide: OpTable,
          inject: [BrokerInstances],
          useFactory: (instances: BrokerInstances) =>
            new OpTable([new HelloHandler(instances, settings)]),
        },
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

function instancesProvider(options: BrokerModuleOptions): FactoryProvider<BrokerInstances> {
  const { settings, logger: log, openStorage, clocks = machineClocks } = options;
  return {
    provide: BrokerInstances,
    inject: [Counters],
    useFactory: (counters: Counters) =>
      new BrokerInstances(
        (key) => new InstanceServices(key, settings, { openStorage, clocks, counters, log }),
      ),
  };
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
        replyBudget: new MemoryBudget(settings.replyBytesMax),
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
    inject: [Counters, BrokerInstances, ConnectionSet, TcpServer, WebSocketServer, Health],
    useFactory: (
      counters: Counters,
      instances: BrokerInstances,
      connections: ConnectionSet,
      server: TcpServer,
      webSocketServer: WebSocketServer,
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
        health,
      }),
  };
}
