// A client that speaks the protocol over WebSocket, one message at a time.
import { once } from 'node:events';
import { FrameDecoder, encodeFrame, type IncomingFrame } from '@walrusmq/protocol';
import { WebSocket, type ClientOptions } from 'ws';

/** One WebSocket; frames are queued in the order in which they arrive. */
export class SocketClient {
  /** Close code and reason, once the connection has ended. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  private readonly arrived: IncomingFrame[] = [];
  private readonly wanted: ((frame: IncomingFrame | undefined) => void)[] = [];
  private correlationId = 0;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.receive(data as Buffer));
    // What a test expects of the end, it reads from the close.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', (code, reason) => {
        for (const give of this.wanted.splice(0)) give(undefined);
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Connects; rejects when the upgrade is refused. */
  static async connect(address: string, options: ClientOptions = {}): Promise<SocketClient> {
    const socket = new WebSocket(`ws://${address}/`, { perMessageDeflate: true, ...options });
    const client = new SocketClient(socket);
    await once(socket, 'open');
    return client;
  }

  /** Connects and says hello. */
  static async greeted(address: string): Promise<SocketClient> {
    const client = await SocketClient.connect(address);
    const reply = await client.request('hello', { protocol: [1, 1], client: 'ws' });
    if (reply.kind !== 'ok') throw new Error(`hello was answered ${JSON.stringify(reply.fields)}`);
    return client;
  }

  /** The body of a frame, as a message carries it. */
  static body(operation: string, id: number, fields: object, tail?: readonly Buffer[]): Buffer {
    return Buffer.concat(encodeFrame(operation, id, fields, tail)).subarray(4);
  }

  send(operation: string, fields: object, tail?: readonly Buffer[]): number {
    this.correlationId += 1;
    this.socket.send(SocketClient.body(operation, this.correlationId, fields, tail));
    return this.correlationId;
  }

  async request(
    operation: string,
    fields: object,
    tail?: readonly Buffer[],
  ): Promise<IncomingFrame> {
    this.send(operation, fields, tail);
    const frame = await this.frame();
    if (frame === undefined) throw new Error('the connection ended before the reply');
    return frame;
  }

  /** The next frame, or undefined when the connection ends first. */
  frame(): Promise<IncomingFrame | undefined> {
    const frame = this.arrived.shift();
    if (frame !== undefined || this.socket.readyState === WebSocket.CLOSED) {
      return Promise.resolve(frame);
    }
    return new Promise((resolve) => this.wanted.push(resolve));
  }

  private receive(body: Buffer): void {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    const decoder = new FrameDecoder({ frameBytesMax: 256 * 1024 * 1024 });
    const frames = decoder.push(Buffer.concat([length, body]));
    const [frame] = frames;
    if (frame === undefined || frames.length > 1) throw new Error('a message is no single frame');
    const give = this.wanted.shift();
    if (give === undefined) this.arrived.push(frame);
    else give(frame);
  }
}
