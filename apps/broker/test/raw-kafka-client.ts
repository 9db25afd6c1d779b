// A client of the Kafka protocol that sends frames and nothing else, so that a test can say exactly
// what is on the wire.
import { connect, type Socket } from 'node:net';
import {
  decodeResponse,
  encodeRequest,
  type ApiCodec,
  type Decoded,
} from '@walrusmq/kafka-protocol';

const PREFIX_BYTES = 4;

/** One connection to a broker; responses are taken in the order in which they come. */
export class RawKafkaClient {
  /** Resolves when the socket is gone, whoever ended it. */
  readonly closed: Promise<void>;
  private received = Buffer.alloc(0);
  private readonly frames: Buffer[] = [];
  private readonly takers: ((frame: Buffer | undefined) => void)[] = [];
  private isClosed = false;
  private correlationId = 0;

  private constructor(
    readonly socket: Socket,
    private readonly clientId: string,
  ) {
    socket.on('data', (chunk) => this.take(chunk));
    // A reset is an end like any other here; what a test expects to arrive, it asks for.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.isClosed = true;
        for (const taker of this.takers.splice(0)) taker(undefined);
        resolve();
      });
    });
  }

  /** Connects to HOST:PORT. */
  static async connect(address: string, clientId = 'raw'): Promise<RawKafkaClient> {
    const at = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawKafkaClient(socket, clientId);
  }

  /** Sends a request; returns its correlation id. */
  send<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): number {
    this.correlationId += 1;
    const origin = { correlationId: this.correlationId, clientId: this.clientId };
    this.socket.write(Buffer.concat(encodeRequest(codec, version, origin, request)));
    return this.correlationId;
  }

  /** The next frame, without its length; rejects when the connection ends first. */
  async frame(): Promise<Buffer> {
    const frame =
      this.frames.shift() ??
      (this.isClosed
        ? undefined
        : await new Promise<Buffer | undefined>((resolve) => this.takers.push(resolve)));
    if (frame === undefined) throw new Error('the connection ended before the response');
    return frame;
  }

  /** Sends a request and takes the next response, which has to be the one to it. */
  async ask<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>> {
    const id = this.send(codec, version, request);
    const { correlationId, response } = decodeResponse(codec, version, await this.frame());
    if (correlationId !== id) throw new Error(`response ${correlationId} came for request ${id}`);
    return response;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    while (this.received.length >= PREFIX_BYTES) {
      const end = PREFIX_BYTES + this.received.readInt32BE(0);
      if (this.received.length < end) return;
      const frame = this.received.subarray(PREFIX_BYTES, end);
      this.received = this.received.subarray(end);
      const taker = this.takers.shift();
      if (taker === undefined) this.frames.push(frame);
      else taker(frame);
    }
  }
}
