import { BrokerStartError } from '../config/broker-start-error';
import { kafkaListenersOf } from '../config/read-settings';
import type { BrokerSettings } from '../config/settings-table';
import type { Logger } from '../observability/broker-log';
import type { Counters } from '../observability/counters';
import { advertisedAddress } from './advertised-address';
import type { ConnectionSet } from './connection-set';
import { KafkaListener } from './kafka-listener';
import { KafkaOnDemand } from './kafka-on-demand';
import type { KafkaListening } from './kafka-wire';
import { TcpServer } from './tcp-server';

const FLAG = '--kafka-port';

/** Where Kafka clients reach a broker, as HOST:PORT; what is off is absent. */
export interface KafkaAddresses {
  /** The default instance. */
  readonly kafka?: string;
  /** Others, by their keys. */
  readonly kafkaInstances?: Readonly<Record<string, string>>;
}

/** What the listeners need of the broker. */
export interface KafkaListenersParts {
  readonly settings: Pick<
    BrokerSettings,
    'host' | 'kafkaPort' | 'kafkaAdvertised' | 'frameBytesMax'
  >;
  /** Whether there is an instance with this key, in whatever state, and not about to go. */
  readonly hasInstance: (key: string) => boolean;
  /** An instance to serve; the default one for undefined. Errors as `KafkaListening.instance`. */
  readonly instance: (key: string | undefined) => ReturnType<KafkaListening['instance']>;
  readonly connections: ConnectionSet;
  readonly counters: Pick<Counters, 'kafkaRequests'>;
  readonly log: Logger;
}

/**
 * The listeners of the Kafka protocol, each of which serves one instance.
 *
 * Place: the lifecycle starts, sweeps and stops them; they hand their sockets to the ConnectionSet.
 * Life: `listen`, then `stopAccepting`, and they are done. A listener goes with its instance, and
 * comes back when there is one with that key again.
 */
export class KafkaListeners {
  private readonly listeners: readonly KafkaListener[];
  private readonly opening = new Set<KafkaListener>();
  /** Those that could not be opened again, so that it is said once. */
  private readonly failed = new Set<KafkaListener>();
  private isStopped = false;

  constructor(private readonly parts: KafkaListenersParts) {
    const { host } = parts.settings;
    this.listeners = kafkaListenersOf(parts.settings).map(
      ({ instance, port }) =>
        new KafkaListener(
          instance,
          { host, port, flag: FLAG },
          (place) => new TcpServer(place, this.protocol(instance), parts.connections, parts.log),
        ),
    );
  }

  /**
   * Listens as the settings say. REQUIRES: the registry knows which instances there are.
   *
   * Rejects with BrokerStartError: INVALID_SETTING for a key that no instance has, or as `listen`.
   * Nothing listens then.
   */
  async listen(): Promise<KafkaAddresses> {
    let kafka: string | undefined;
    const others: Record<string, string> = {};
    try {
      for (const listener of this.listeners) {
        const { instance } = listener;
        if (instance !== undefined) this.checkKey(instance);
        const address = await listener.open();
        if (instance === undefined) kafka ??= address;
        else others[instance] ??= address;
      }
    } catch (error) {
      this.stopAccepting();
      throw error;
    }
    const hasOthers = Object.keys(others).length > 0;
    return {
      ...(kafka === undefined ? {} : { kafka }),
      ...(hasOthers ? { kafkaInstances: others } : {}),
    };
  }

  /** Closes the listeners of instances that were deleted, and opens those that are back. */
  sweep(): void {
    for (const listener of this.listeners) {
      const { instance } = listener;
      if (instance === undefined || this.isStopped || this.opening.has(listener)) continue;
      const isThere = this.parts.hasInstance(instance);
      if (listener.isOpen && !isThere) {
        listener.close();
        this.parts.log.info({ instance }, 'its instance is gone: a Kafka listener was closed');
      }
      if (!listener.isOpen && isThere) void this.reopen(listener, instance);
    }
  }

  /** Closes the listeners; connections stay. Idempotent. */
  stopAccepting(): void {
    this.isStopped = true;
    for (const listener of this.listeners) listener.close();
  }

  private protocol(key: string | undefined): KafkaOnDemand {
    const { frameBytesMax, kafkaAdvertised } = this.parts.settings;
    return new KafkaOnDemand({
      frameBytesMax,
      instance: () => this.parts.instance(key),
      advertised: (local) => advertisedAddress(kafkaAdvertised, key, local),
      requests: this.parts.counters.kafkaRequests,
    });
  }

  private checkKey(key: string): void {
    if (this.parts.hasInstance(key)) return;
    throw new BrokerStartError(
      'INVALID_SETTING',
      `${FLAG} names the instance '${key}', which does not exist: start without it, make the ` +
        `instance with 'walrusmq instance create ${key}', and start again.`,
    );
  }

  private async reopen(listener: KafkaListener, instance: string): Promise<void> {
    this.opening.add(listener);
    try {
      const kafka = await listener.open();
      // Told to stop meanwhile, it is closed already.
      if (listener.isOpen) {
        this.parts.log.info({ instance, kafka }, 'its instance is back: a Kafka listener is open');
      }
      this.failed.delete(listener);
    } catch (error) {
      if (!this.failed.has(listener)) {
        this.parts.log.error({ err: error, instance }, 'a Kafka listener cannot be opened again');
      }
      this.failed.add(listener);
    } finally {
      this.opening.delete(listener);
    }
  }
}
