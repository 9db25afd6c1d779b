// A proxy between a client and a broker that loses answers: the broker has carried the request out,
// and the client never hears of it.
import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * Forwards bytes both ways, and cuts a connection instead of handing over what the broker answers
 * whenever `cuts` says so.
 *
 * Life: `start` to `stop`. The broker behind it may go and come back.
 */
export class CuttingProxy {
  /** Connections that were cut with an answer under way. */
  cutCount = 0;
  private readonly sockets = new Set<Socket>();
  private readonly cut = new EventEmitter();

  private constructor(
    private readonly server: Server,
    private readonly brokerPort: number,
    private readonly cuts: () => boolean,
  ) {}

  /** @param cuts Asked for every piece of an answer; true loses it and cuts the connection. */
  static async start(brokerPort: number, cuts: () => boolean): Promise<CuttingProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new CuttingProxy(server, brokerPort, cuts);
    server.on('connection', (client) => proxy.serve(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves once so many connections were cut. */
  async untilCut(count: number): Promise<void> {
    while (this.cutCount < count) await once(this.cut, 'cut');
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: Socket): void {
    const broker = connect({ host: '127.0.0.1', port: this.brokerPort, noDelay: true });
    const end = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.pipe(broker);
    broker.on('data', (answer: Buffer) => {
      if (this.cuts()) {
        this.cutCount += 1;
        end();
        this.cut.emit('cut');
      } else if (!client.write(answer)) {
        broker.pause();
        client.once('drain', () => broker.resume());
      }
    });
  }
}
