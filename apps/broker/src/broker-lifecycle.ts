import type { BrokerSettings } from './config/settings-table';
import type { InstanceLife } from './instance/instance-entry';
import type { Instances } from './instance/instances';
import type { ConnectionSet } from './network/connection-set';
import type { KafkaAddresses, KafkaListeners } from './network/kafka-listeners';
import type { TcpServer } from './network/tcp-server';
import type { WebSocketServer } from './network/websocket-server';
import type { Logger } from './observability/broker-log';
import { readProcessDiagnostics, type Counters } from './observability/counters';
import type { Health } from './observability/health';

/** Where a broker listens, as HOST:PORT; what is off is absent. */
export interface BrokerAddresses extends KafkaAddresses {
  readonly msgpack?: string;
  readonly websocket?: string;
}

/** The parts that start and stop. */
export interface BrokerParts {
  readonly settings: BrokerSettings;
  readonly log: Logger;
  readonly counters: Counters;
  readonly instances: Instances<InstanceLife>;
  readonly connections: ConnectionSet;
  readonly server: TcpServer;
  readonly webSocketServer: WebSocketServer;
  readonly kafkaListeners: KafkaListeners;
  readonly health: Health;
}

interface Step {
  readonly name: string;
  readonly start?: () => void | Promise<void>;
  readonly stop?: () => void | Promise<void>;
}

const SWEEP_MS = 1_000;

/**
 * Starts and stops the parts of the broker, in one order that is written down once.
 *
 * Life: `start` once, `stop` once; a start that fails stops what had started.
 */
export class BrokerLifecycle {
  /** Where the broker listens; empty before `start` has resolved. */
  addresses: BrokerAddresses = {};
  private started: Step[] = [];
  private sweepTimer: NodeJS.Timeout | undefined;
  private stopping: Promise<void> | undefined;

  constructor(private readonly parts: BrokerParts) {}

  /** Rejects with the BrokerStartError of the step that failed; nothing is left open. */
  async start(): Promise<void> {
    for (const step of this.steps()) {
      try {
        await step.start?.();
        this.started.push(step);
      } catch (error) {
        await this.stop();
        throw error;
      }
    }
  }

  /**
   * Stops what was started, last first. Idempotent. Every step is tried; rejects with the first
   * error of one, such as a last sync that failed.
   */
  stop(): Promise<void> {
    this.stopping ??= this.stopSteps();
    return this.stopping;
  }

  /** Top to bottom is the order of the start, bottom to top that of the stop. */
  private steps(): readonly Step[] {
    const { instances, server, webSocketServer, kafkaListeners, health } = this.parts;
    return [
      { name: 'instances', start: () => instances.open(), stop: () => instances.close() },
      { name: 'connections', stop: () => this.drain() },
      { name: 'waits', stop: () => instances.endWaits() },
      { name: 'sweep', start: () => this.startSweep(), stop: () => clearInterval(this.sweepTimer) },
      {
        name: 'listener',
        start: async () => this.listening({ msgpack: await server.listen() }),
        stop: () => server.stopAccepting(),
      },
      {
        name: 'websocket listener',
        start: async () => this.listening({ websocket: await webSocketServer.listen() }),
        stop: () => webSocketServer.stopAccepting(),
      },
      {
        name: 'Kafka listeners',
        start: async () => this.listening(await kafkaListeners.listen()),
        stop: () => kafkaListeners.stopAccepting(),
      },
      { name: 'other instances', start: () => instances.openOthers() },
      { name: 'health', start: () => this.ready(), stop: () => health.stopping() },
    ];
  }

  private listening(where: { readonly [Name in keyof BrokerAddresses]: unknown }): void {
    const open = Object.entries(where).filter(([, address]) => address !== undefined);
    this.addresses = { ...this.addresses, ...Object.fromEntries(open) };
  }

  private ready(): void {
    const { health, log, settings } = this.parts;
    health.started();
    log.info({ ...this.addresses, fsync: settings.fsync }, 'broker ready');
  }

  private async stopSteps(): Promise<void> {
    const errors: unknown[] = [];
    for (const step of this.started.reverse()) {
      try {
        await step.stop?.();
      } catch (error) {
        this.parts.log.error({ err: error, step: step.name }, 'a step of the stop failed');
        errors.push(error);
      }
    }
    this.started = [];
    if (errors.length > 0) throw errors[0];
  }

  private async drain(): Promise<void> {
    const { counters, log, connections, settings } = this.parts;
    const cutOff = await connections.drain(settings.stopTimeoutMs);
    if (cutOff > 0) log.warn({ connections: cutOff }, 'requests were cut off by the stop timeout');
    const diagnostics = readProcessDiagnostics();
    log.info({ counters: counters.snapshot(), process: diagnostics }, 'connections closed');
  }

  private startSweep(): void {
    this.sweepTimer = setInterval(() => {
      const nowMs = performance.now();
      this.parts.connections.sweep(nowMs);
      this.parts.webSocketServer.sweep(nowMs);
      this.parts.kafkaListeners.sweep();
      this.parts.instances.reportRefusals();
    }, SWEEP_MS);
    // The listener keeps the process alive, not the sweep.
    this.sweepTimer.unref();
  }
}
