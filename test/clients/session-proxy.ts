// A proxy that makes a client believe that the broker keeps fetch sessions (KIP-227): what a client
// sees that had one with another broker, or with this one before it was replaced.
import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { decodeRequest, fetchCodec, readRequestStart } from '@walrusmq/kafka-protocol';
import { FrameCutter } from '../limits/kafka-link';

/** The session that clients are told they have. */
export const TOLD_SESSION = 42;
/** From here on requests may be about sessions. */
const SESSION_VERSION = 7;
const FLEXIBLE_VERSION = 12;
const BEGINS = 0;

/** A fetch as it went through, and the error of its response as a whole. */
export interface SeenFetch {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly errorCode: number;
}

interface AskedFetch {
  readonly version: number;
  readonly sessionId: number;
  readonly sessionEpoch: number;
}

/**
 * Forwards Kafka's frames both ways. To the first requests that want to begin a session it adds, in
 * their answers, that one began.
 *
 * Life: `start`, `forwardTo` before the first client comes, `stop`.
 */
export class SessionProxy {
  /** All fetches of versions with sessions that were answered, in that order. */
  readonly seen: SeenFetch[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly news = new EventEmitter();
  private brokerPort = 0;
  private told = 0;

  private constructor(
    private readonly server: Server,
    private readonly tellTimes: number,
  ) {}

  /** @param tellTimes How often a session is said to begin. */
  static async start(tellTimes: number): Promise<SessionProxy> {
    const server = createServer({ noDelay: true });
    const proxy = new SessionProxy(server, tellTimes);
    server.on('connection', (client) => proxy.serve(client));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Where the broker listens, as HOST:PORT. */
  forwardTo(address: string): void {
    this.brokerPort = Number(address.slice(address.lastIndexOf(':') + 1));
  }

  /** Resolves once a fetch was answered with this error as a whole. */
  async untilAnswered(errorCode: number): Promise<void> {
    while (!this.seen.some((each) => each.errorCode === errorCode)) await once(this.news, 'seen');
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private serve(client: Socket): void {
    const broker = connect({ host: '127.0.0.1', port: this.brokerPort, noDelay: true });
    const asked = new Map<number, AskedFetch>();
    const [requests, responses] = [new FrameCutter(), new FrameCutter()];
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
    client.on('data', (chunk) => {
      for (const frame of requests.push(chunk)) {
        note(frame, asked);
        broker.write(framed(frame));
      }
    });
    broker.on('data', (chunk) => {
      for (const frame of responses.push(chunk)) {
        const fetch = asked.get(frame.readInt32BE(0));
        client.write(framed(fetch === undefined ? frame : this.answered(fetch, frame)));
      }
    });
  }

  private answered({ version, sessionId, sessionEpoch }: AskedFetch, frame: Buffer): Buffer {
    // Behind the correlation id, tagged fields where there are any, and the throttle time.
    const position = 4 + (version >= FLEXIBLE_VERSION ? 1 : 0) + 4;
    const errorCode = frame.readInt16BE(position);
    const answer = Buffer.from(frame);
    if (errorCode === 0 && sessionEpoch === BEGINS && this.told < this.tellTimes) {
      this.told += 1;
      answer.writeInt32BE(TOLD_SESSION, position + 2);
    }
    this.seen.push({ sessionId, sessionEpoch, errorCode });
    this.news.emit('seen');
    return answer;
  }
}

function note(frame: Buffer, asked: Map<number, AskedFetch>): void {
  const { apiKey, apiVersion: version, correlationId } = readRequestStart(frame);
  if (apiKey !== fetchCodec.key || version < SESSION_VERSION) return;
  const { sessionId, sessionEpoch } = decodeRequest(fetchCodec, frame).request;
  asked.set(correlationId, { version, sessionId, sessionEpoch });
}

function framed(frame: Buffer): Buffer {
  const prefix = Buffer.alloc(4);
  prefix.writeInt32BE(frame.length);
  return Buffer.concat([prefix, frame]);
}
