// A Kafka client that sends and receives frames and nothing else, so that a test can say exactly
// what is on the wire.
import { connect, type Socket } from 'node:net';
import {
  decodeResponse,
  encodeRequest,
  type ApiCodec,
  type Decoded,
} from '@walrusmq/kafka-protocol';

const PREFIX_BYTES = 4;

/** One connection; responses are queued in the order in which they arrive. */
export class RawKafkaClient {
  /** Resolves when the socket is gone, whoever ended it. */
  readonly closed: Promise<void>;
  private readonly arrived: Buffer[] = [];
  private readonly wanted: ((body: Buffer | undefined) => void)[] = [];
  private held: Buffer = Buffer.alloc(0);
  private correlationId = 0;
  private isEnded = false;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => this.receive(chunk));
    // A reset is an end like any other here; what a test expects to arrive, it asks for.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isEnded = true;
        for (const give of this.wanted.splice(0)) give(undefined);
        resolve();
      });
    });
  }

  /**
   * Connects to HOST:PORT, with an IPv6 address in brackets.
   *
   * @param localAddress Where it comes from, if that matters.
   */
  static async connect(address: string, localAddress?: string): Promise<RawKafkaClient> {
    const at = address.lastIndexOf(':');
    const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
    const from = localAddress === undefined ? {} : { localAddress };
    const port = Number(address.slice(at + 1));
    const socket = connect({ host, port, noDelay: true, ...from });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawKafkaClient(socket);
  }

  /** How many responses came that nobody took. */
  get unread(): number {
    return this.arrived.length;
  }

  /** Sends a request; returns its correlation id. */
  send<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): number {
    this.correlationId += 1;
    this.write(framed(codec, version, this.correlationId, request));
    return this.correlationId;
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a request and takes the next response, which has to be the one to it. */
  async request<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    const id = this.send(codec, version, request);
    const { correlationId, response } = await this.response(codec, version);
    if (correlationId !== id) throw new Error(`response ${correlationId} came for request ${id}`);
    return response;
  }

  /** The next response; rejects when the connection ends first. */
  async response<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
  ): Promise<{ readonly correlationId: number; readonly response: Decoded<Response> }> {
    const body = await this.bodyOrEnd();
    if (body === undefined) throw new Error('the connection ended before the response');
    return decodeResponse(codec, version, body);
  }

  /** The next response without its length, or undefined when the connection ends first. */
  bodyOrEnd(): Promise<Buffer | undefined> {
    const body = this.arrived.shift();
    if (body !== undefined || this.isEnded) return Promise.resolve(body);
    return new Promise((resolve) => this.wanted.push(resolve));
  }

  /** Ends the connection. */
  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    this.held = Buffer.concat([this.held, chunk]);
    while (this.held.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.held.readInt32BE(0);
      if (this.held.length < end) return;
      const body = this.held.subarray(PREFIX_BYTES, end);
      this.held = this.held.subarray(end);
      const give = this.wanted.shift();
      if (give === undefined) this.arrived.push(body);
      else give(body);
    }
  }
}

/** A request as it goes over the wire. */
export function framed<Request, Response>(
  codec: ApiCodec<Request, Response>,
  version: number,
  correlationId: number,
  request: Request,
): Buffer {
  return Buffer.concat(encodeRequest(codec, version, { correlationId, clientId: 'raw' }, request));
}
