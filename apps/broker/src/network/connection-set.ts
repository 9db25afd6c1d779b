import { ProtocolError } from '@walrusmq/protocol';
import type { BrokerSettings } from '../config/settings-table';
import { Connection } from './connection';
import type { ConnectionContext } from './connection-context';
import type { Transport } from './transport';
import type { Wire } from './wire';

type SetSettings = Pick<
  BrokerSettings,
  'connectionsMax' | 'connectionsPerAddressMax' | 'helloTimeoutMs' | 'stallTimeoutMs'
>;

/** As the settings say that there is no limit. */
const UNLIMITED = -1;

/**
 * The open connections of all listeners.
 *
 * Place: the servers hand their sockets in; the lifecycle sweeps and drains it.
 * Life: `drain` ends it; nothing is admitted from then on.
 *
 * Invariant: `perAddress` has the addresses of open connections and no others.
 */
export class ConnectionSet {
  private readonly connections = new Set<Connection>();
  private readonly perAddress = new Map<string, number>();
  private whenEmpty: (() => void) | undefined;
  private isAdmitting = true;

  constructor(
    private readonly settings: SetSettings,
    private readonly context: ConnectionContext,
  ) {}

  /** How many connections are open. */
  get size(): number {
    return this.connections.size;
  }

  /**
   * Why nobody from this address is admitted now, counted as one refused; undefined when there is
   * room.
   */
  refuse(address: string): ProtocolError | undefined {
    const refusal = this.refusalOf(address);
    if (refusal !== undefined) this.context.counters.connectionsRefused += 1;
    return refusal;
  }

  /**
   * Serves a client that speaks `wire` over `transport`. REQUIRES: `refuse` said undefined in this
   * turn.
   */
  admit(transport: Transport, wire: Wire): void {
    const { counters } = this.context;
    const { address } = transport;
    counters.connectionsAccepted += 1;
    counters.countConnection(wire.protocol, 1);
    this.countAddress(address, 1);
    const connection = new Connection(transport, wire, this.context, performance.now());
    this.connections.add(connection);
    connection.open(() => {
      counters.countConnection(wire.protocol, -1);
      this.countAddress(address, -1);
      this.connections.delete(connection);
      if (this.connections.size === 0) this.whenEmpty?.();
    });
  }

  /** Hangs up on clients that exhausted the broker's patience; called about once a second. */
  sweep(nowMs: number): void {
    for (const connection of this.connections) connection.sweep(nowMs, this.settings);
  }

  /**
   * Lets every connection finish what it started, and closes the sockets.
   *
   * @param timeoutMs When to close them regardless.
   * @returns How many connections were cut off with a request unanswered or a reply unsent.
   */
  async drain(timeoutMs: number): Promise<number> {
    this.isAdmitting = false;
    if (this.connections.size === 0) return 0;
    const emptied = new Promise<void>((resolve) => (this.whenEmpty = resolve));
    let cutOff = 0;
    const timer = setTimeout(() => {
      for (const connection of this.connections) {
        if (connection.isBusy) cutOff += 1;
        connection.destroy();
      }
    }, timeoutMs);
    for (const connection of this.connections) connection.drain();
    await emptied;
    clearTimeout(timer);
    return cutOff;
  }

  private refusalOf(address: string): ProtocolError | undefined {
    const { connectionsMax, connectionsPerAddressMax } = this.settings;
    if (!this.isAdmitting) return new ProtocolError('SHUTTING_DOWN');
    if (this.connections.size >= connectionsMax) {
      return new ProtocolError('BUSY', `The broker serves ${connectionsMax} connections.`);
    }
    const isUnlimited = connectionsPerAddressMax === UNLIMITED;
    if (isUnlimited || (this.perAddress.get(address) ?? 0) < connectionsPerAddressMax) {
      return undefined;
    }
    const text = `The broker serves ${connectionsPerAddressMax} connections of one address.`;
    return new ProtocolError('BUSY', text);
  }

  private countAddress(address: string, change: 1 | -1): void {
    const count = (this.perAddress.get(address) ?? 0) + change;
    if (count === 0) this.perAddress.delete(address);
    else this.perAddress.set(address, count);
  }
}
