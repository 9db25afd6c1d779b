// A client that speaks frames and nothing else, so that a test can say exactly what is on the wire.
import { connect, type Socket } from 'node:net';
import {
  EVENT_KIND,
  FrameDecoder,
  encodeFrame,
  type IncomingFrame,
  type SubscriptionEvent,
} from '@walrusmq/protocol';

const FRAME_BYTES_MAX = 256 * 1024 * 1024;

/** An event as it arrived. */
export interface RawEvent extends SubscriptionEvent {
  readonly subscription: number;
  readonly batches: Buffer;
}

/** One connection to a broker; replies and events are queued in the order in which they arrive. */
export class RawClient {
  /** Resolves when the socket is gone, whoever ended it. */
  readonly closed: Promise<void>;
  private readonly decoder = new FrameDecoder({ frameBytesMax: FRAME_BYTES_MAX });
  private readonly replies = new FrameQueue();
  private readonly events = new FrameQueue();
  private correlationId = 0;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => this.receive(this.decoder.push(chunk)));
    // A reset is an end like any other here; what a test expects to arrive, it asks for.
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.replies.end();
        this.events.end();
        resolve();
      });
    });
  }

  /** Connects without a word. */
  static async connect(address: string): Promise<RawClient> {
    const at = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  /** Connects and says hello, to the default instance unless another is named. */
  static async greeted(address: string, instance?: string): Promise<RawClient> {
    const client = await RawClient.connect(address);
    const reply = await client.request('hello', { protocol: [1, 1], client: 'raw', instance });
    if (reply.kind !== 'ok') throw new Error(`hello was answered ${JSON.stringify(reply.fields)}`);
    return client;
  }

  /** Sends a request; returns its correlation id. */
  send(operation: string, fields: object, tail?: readonly Buffer[]): number {
    this.correlationId += 1;
    this.write(Buffer.concat(encodeFrame(operation, this.correlationId, fields, tail)));
    return this.correlationId;
  }

  /** Sends bytes as they are. */
  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  /** Sends a request and takes the next reply, which has to be the one to it. */
  async request(
    operation: string,
    fields: object,
    tail?: readonly Buffer[],
  ): Promise<IncomingFrame> {
    const id = this.send(operation, fields, tail);
    const reply = await this.reply();
    if (reply.correlationId !== id) {
      throw new Error(`reply ${reply.correlationId} came for request ${id}`);
    }
    return reply;
  }

  /** The next reply; rejects when the connection ends first. */
  async reply(): Promise<IncomingFrame> {
    const frame = await this.replyOrEnd();
    if (frame === undefined) throw new Error('the connection ended before the reply');
    return frame;
  }

  /** The next reply, or undefined when the connection ends first. */
  replyOrEnd(): Promise<IncomingFrame | undefined> {
    return this.replies.next();
  }

  /** The next event; rejects when the connection ends first. */
  async event(): Promise<RawEvent> {
    const frame = await this.events.next();
    if (frame === undefined) throw new Error('the connection ended before the event');
    const fields = frame.fields as unknown as SubscriptionEvent;
    return { ...fields, subscription: frame.correlationId, batches: Buffer.concat(frame.tail) };
  }

  /** How many events came that nobody took. */
  get unreadEvents(): number {
    return this.events.length;
  }

  /** How many replies came that nobody took. */
  get unreadReplies(): number {
    return this.replies.length;
  }

  /** Ends the connection. */
  destroy(): void {
    this.socket.destroy();
  }

  private receive(frames: readonly IncomingFrame[]): void {
    for (const frame of frames) {
      (frame.kind === EVENT_KIND ? this.events : this.replies).push(frame);
    }
  }
}

class FrameQueue {
  private readonly arrived: IncomingFrame[] = [];
  private readonly wanted: ((frame: IncomingFrame | undefined) => void)[] = [];
  private isEnded = false;

  get length(): number {
    return this.arrived.length;
  }

  push(frame: IncomingFrame): void {
    const give = this.wanted.shift();
    if (give === undefined) this.arrived.push(frame);
    else give(frame);
  }

  next(): Promise<IncomingFrame | undefined> {
    const frame = this.arrived.shift();
    if (frame !== undefined || this.isEnded) return Promise.resolve(frame);
    return new Promise((resolve) => this.wanted.push(resolve));
  }

  end(): void {
    this.isEnded = true;
    for (const give of this.wanted.splice(0)) give(undefined);
  }
}

/** The code of an error reply, or the kind of any other. */
export function codeOf(reply: IncomingFrame): unknown {
  return reply.kind === 'error' ? reply.fields.code : reply.kind;
}
