import { BrokerStartError } from '../config/broker-start-error';
import type { PortSetting } from '../config/setting-values';
import type { TcpPlace, TcpServer } from './tcp-server';

/** Free ports of one loopback address that are tried, until the other one has it free, too. */
const ATTEMPTS_MAX = 20;

/** Where the Kafka protocol is listened to, for a host that is set. */
function hostsOf(host: string): readonly string[] {
  // Clients that are told localhost try ::1 first, and some give up there.
  return host === '127.0.0.1' || host === 'localhost' ? ['127.0.0.1', '::1'] : [host];
}

/**
 * The sockets of one Kafka listener: on loopback for IPv4 and for IPv6, where the machine has that,
 * with the same port.
 *
 * Life: `open`, `close`, and so on; it keeps a port that the system chose.
 */
export class KafkaListener {
  private servers: readonly TcpServer[] = [];
  private port: PortSetting;
  private isClosing = false;

  /**
   * @param instance The key of the instance that it serves; undefined for the default one.
   * @param newServer A server, not listening yet.
   */
  constructor(
    readonly instance: string | undefined,
    private readonly place: TcpPlace,
    private readonly newServer: (place: TcpPlace) => TcpServer,
  ) {
    this.port = place.port;
  }

  /** Whether it listens. */
  get isOpen(): boolean {
    return this.servers.length > 0;
  }

  /**
   * Listens. REQUIRES: it does not.
   *
   * @returns Where, as HOST:PORT. Rejects with the BrokerStartError of `listen`; nothing listens
   *   then.
   */
  async open(): Promise<string> {
    this.isClosing = false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.openAll();
      } catch (error) {
        const isFree = this.port === 0 && isCode(error, 'PORT_IN_USE') && attempt < ATTEMPTS_MAX;
        if (!isFree) throw error;
      }
    }
  }

  /** Listens no longer; connections stay. Idempotent. */
  close(): void {
    this.isClosing = true;
    for (const server of this.servers) server.stopAccepting();
    this.servers = [];
  }

  private async openAll(): Promise<string> {
    const [first = '', ...others] = hostsOf(this.place.host);
    const opened: TcpServer[] = [];
    try {
      const address = await this.openOne(first, this.port, opened);
      const port = Number(address.slice(address.lastIndexOf(':') + 1));
      for (const host of others) {
        await this.openOne(host, port, opened).catch((error: unknown) => {
          if (!isMissingAddress(error)) throw error;
        });
      }
      this.servers = opened;
      this.port = port;
      if (this.isClosing) this.close();
      return address;
    } catch (error) {
      for (const server of opened) server.stopAccepting();
      throw error;
    }
  }

  private async openOne(host: string, port: PortSetting, opened: TcpServer[]): Promise<string> {
    const server = this.newServer({ ...this.place, host, port });
    const address = await server.listen();
    if (address === undefined) throw new Error('a listener without a port');
    opened.push(server);
    return address;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof BrokerStartError && error.code === code;
}

/** Whether the machine has no such address, as without IPv6. */
function isMissingAddress(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause as NodeJS.ErrnoException | undefined) : null;
  return cause?.code === 'EADDRNOTAVAIL' || cause?.code === 'EAFNOSUPPORT';
}
