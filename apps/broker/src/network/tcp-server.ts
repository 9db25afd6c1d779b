import { createServer, type Server, type Socket } from 'node:net';
import { ProtocolError } from '@walrusmq/protocol';
import type { PortSetting } from '../config/setting-values';
import type { Logger } from '../observability/broker-log';
import type { ConnectionSet } from './connection-set';
import { listen } from './listen';
import { TcpTransport } from './tcp-transport';
import { clientAddress } from './transport';
import type { Wire, WireProtocol } from './wire';

/** Where a server listens, or does not. */
export interface TcpPlace {
  readonly host: string;
  readonly port: PortSetting;
  /** The flag that a person would change. */
  readonly flag: string;
}

const KEEP_ALIVE_MS = 30_000;
const REFUSAL_MS = 1_000;
/** Refused sockets that get to read why; those on top of them are closed without a word. */
export const REFUSALS_MAX = 256;

/**
 * A TCP listener of one protocol.
 *
 * Place: the lifecycle starts and stops it; it hands its sockets to the ConnectionSet.
 * Life: `listen`, then `stopAccepting`, and it is done; it does not listen again.
 */
export class TcpServer {
  private readonly server: Server;
  private refusals = 0;

  constructor(
    private readonly place: TcpPlace,
    private readonly protocol: WireProtocol,
    private readonly connections: ConnectionSet,
    private readonly log: Logger,
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

  /**
   * Listens.
   *
   * @returns Where, as HOST:PORT; undefined when the port is `off`. Errors as those of `listen`.
   */
  async listen(): Promise<string | undefined> {
    const { host, port, flag } = this.place;
    if (port === 'off') return undefined;
    return listen(this.server, { host, port, flag }, (error) => {
      this.log.error({ err: error }, 'accept failed');
    });
  }

  /** Closes the listener; connections stay. Idempotent. */
  stopAccepting(): void {
    if (this.server.listening) this.server.close();
  }

  private accept(socket: Socket): void {
    const refusal = this.connections.refuse(clientAddress(socket));
    const wire = refusal ?? this.openWire(socket);
    if (wire instanceof ProtocolError) this.refuse(socket, wire);
    else this.connections.admit(new TcpTransport(socket), wire);
  }

  private openWire({ localAddress, localPort }: Socket): Wire | ProtocolError {
    try {
      return this.protocol.open({ host: localAddress ?? this.place.host, port: localPort ?? 0 });
    } catch (error) {
      if (error instanceof ProtocolError) return error;
      throw error;
    }
  }

  private refuse(socket: Socket, error: ProtocolError): void {
    if (this.refusals >= REFUSALS_MAX) {
      socket.destroy();
      return;
    }
    this.refusals += 1;
    socket.once('close', () => (this.refusals -= 1));
    socket.on('error', (cause) => this.log.debug({ reason: cause.message }, 'refused'));
    // Input is discarded, since unread input would turn the close into a reset.
    socket.resume();
    socket.end(Buffer.concat(this.protocol.refusal(error)));
    setTimeout(() => socket.destroy(), REFUSAL_MS).unref();
  }
}
