import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { ProtocolError, encodeFrame } from '@walrusmq/protocol';
import { BrokerStartError } from '../config/broker-start-error';
import type { BrokerSettings } from '../config/settings-table';
import { Connection, type ConnectionContext } from './connection';

const KEEP_ALIVE_MS = 30_000;
const REFUSAL_MS = 1_000;

type ServerSettings = Pick<
  BrokerSettings,
  'host' | 'port' | 'connectionsMax' | 'helloTimeoutMs' | 'stallTimeoutMs'
>;

/**
 * The listener of the msgpack protocol and the connections it accepted.
 *
 * Place: the lifecycle starts, sweeps and stops it; it makes one Connection per socket.
 * Life: `listen`, then `stopAccepting`, `drain`, and it is done; it does not listen again.
 */
export class TcpServer {
  private readonly server: Server;
  private readonly connections = new Set<Connection>();
  private whenEmpty: (() => void) | undefined;
  private isAccepting = true;

  constructor(
    private readonly settings: ServerSettings,
    private readonly context: ConnectionContext,
  ) {
    // Half-open, so that a client that closes its side early still gets its replies.
    this.server = createServer(
      {
        allowHalfOpen: true,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: KEEP_ALIVE_MS,
      },
      (socket) => this.accept(socket),
    );
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.connections.size;
  }

  /**
   * Listens as the settings say.
   *
   * @returns Where, as HOST:PORT; undefined when the port is `off`. Rejects with BrokerStartError
   *   PORT_IN_USE or LISTEN_FAILED: nothing listens.
   */
  async listen(): Promise<string | undefined> {
    const { host, port } = this.settings;
    if (port === 'off') return undefined;
    await new Promise<void>((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => reject(this.explain(error, port));
      this.server.once('error', onError);
      this.server.listen({ host, port }, () => {
        this.server.off('error', onError);
        this.server.on('error', (error) => this.context.log.error({ err: error }, 'accept failed'));
        resolve();
      });
    });
    return formatAddress(this.server.address() as AddressInfo);
  }

  /** Hangs up on clients that exhausted the broker's patience; called about once a second. */
  sweep(nowMs: number): void {
    for (const connection of this.connections) connection.sweep(nowMs, this.settings);
  }

  /** Closes the listener; connections stay. Idempotent. */
  stopAccepting(): void {
    this.isAccepting = false;
    if (this.server.listening) this.server.close();
  }

  /**
   * Lets every connection finish what it started, and closes the sockets.
   *
   * @param timeoutMs When to close them regardless.
   * @returns How many connections were cut off with a request unanswered or a reply unsent.
   */
  async drain(timeoutMs: number): Promise<number> {
    this.stopAccepting();
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

  private accept(socket: Socket): void {
    const { counters } = this.context;
    if (!this.isAccepting || this.connections.size >= this.settings.connectionsMax) {
      counters.connectionsRefused += 1;
      this.refuse(socket);
      return;
    }
    counters.connectionsAccepted += 1;
    counters.connectionsOpen += 1;
    const connection = new Connection(socket, this.context, performance.now());
    this.connections.add(connection);
    connection.open(() => {
      counters.connectionsOpen -= 1;
      this.connections.delete(connection);
      if (this.connections.size === 0) this.whenEmpty?.();
    });
  }

  private refuse(socket: Socket): void {
    const error = this.isAccepting
      ? new ProtocolError('BUSY', `The broker serves ${this.settings.connectionsMax} connections.`)
      : new ProtocolError('SHUTTING_DOWN');
    socket.on('error', (cause) => this.context.log.debug({ reason: cause.message }, 'refused'));
    // Input is discarded, since unread input would turn the close into a reset.
    socket.resume();
    socket.end(Buffer.concat(encodeFrame('error', 0, error.toFields())));
    setTimeout(() => socket.destroy(), REFUSAL_MS).unref();
  }

  private explain(error: NodeJS.ErrnoException, port: number): BrokerStartError {
    const { host } = this.settings;
    if (error.code === 'EADDRINUSE') {
      return new BrokerStartError(
        'PORT_IN_USE',
        `Port ${port} of ${host} is taken: choose another with --port (0 takes any free one).`,
        { cause: error },
      );
    }
    return new BrokerStartError(
      'LISTEN_FAILED',
      `Cannot listen on ${host} port ${port} (${error.code ?? error.message}): ` +
        'choose another address with --host or another port with --port.',
      { cause: error },
    );
  }
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
