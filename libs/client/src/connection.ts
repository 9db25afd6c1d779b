// One TCP connection to a broker: the greeting, requests and their replies. It never reconnects.
import { connect, type Socket } from 'node:net';
import {
  DEFAULT_FRAME_BYTES_MAX,
  DEFAULT_HEAD_BYTES_MAX,
  encodeFrame,
  EVENT_KIND,
  FrameDecoder,
  PROTOCOL_VERSION,
  type HelloResponse,
  type IncomingFrame,
  type OperationName,
  type Operations,
  type SubscribeRequest,
  type SubscriptionEvent,
} from '@walrusmq/protocol';
import { formatAddress } from './address';
import { connectFailed, connectionLost } from './connection-error';
import { asError, BrokerError, TimeoutError, WalrusError } from './errors';
import type { ConnectionSettings } from './options';

/** A reply: its fields, and the bytes of its `bin` as the chunks they arrived in. */
export interface Reply<Fields> {
  readonly fields: Fields;
  readonly tail: readonly Buffer[];
}

/** Takes the events of a subscription; `tail` holds the batches as the chunks they arrived in. */
export type EventListener = (event: SubscriptionEvent, tail: readonly Buffer[]) => void;

interface PendingReply {
  readonly correlationId: number;
  readonly operation: string;
  readonly deadlineMs: number;
  readonly timeoutMs: number;
  readonly resolve: (reply: IncomingFrame) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One TCP connection that has said hello.
 *
 * Life: `open` resolves once the broker has answered the greeting. The connection ends by `close`,
 * by the broker, or by a reply that is overdue or makes no sense; all requests without a reply then
 * reject, and so does every later one. It does not come back.
 *
 * Order: requests leave in call order and the broker answers in that order, so the n-th reply
 * belongs to the n-th request; a reply with another correlation id ends the connection.
 */
export class Connection {
  private readonly decoder = new FrameDecoder({ frameBytesMax: REPLY_BYTES_MAX });
  private pending: PendingReply[] = [];
  private pendingHead = 0;
  private nextCorrelationId = 1;
  private timer: NodeJS.Timeout | undefined;
  private timerDueMs = 0;
  private endedBy: Error | undefined;
  private greeted: HelloResponse | undefined;
  private readonly eventListeners = new Map<number, EventListener>();
  private readonly closeListeners: ((error: Error) => void)[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly settings: ConnectionSettings,
  ) {
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // 'error' is always followed by 'close'; the first to arrive decides the reason.
    socket.on('error', (error) => this.end(connectionLost(settings.address, error)));
    socket.on('close', () => this.end(connectionLost(settings.address, undefined)));
  }

  /**
   * Connects and says hello.
   *
   * @param signal Gives the attempt up; the promise rejects with the signal's reason.
   * @throws {ConnectionError} Nobody there, or no WalrusMQ broker, or no answer in
   *   `connectTimeoutMs`. The socket is closed.
   * @throws {BrokerError} The broker refused: `UNKNOWN_INSTANCE`, `UNSUPPORTED_PROTOCOL`.
   */
  static async open(settings: ConnectionSettings, signal?: AbortSignal): Promise<Connection> {
    signal?.throwIfAborted();
    const { host, port } = settings.address;
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    const giveUp = (): void => void socket.destroy(asError(signal?.reason));
    signal?.addEventListener('abort', giveUp, { once: true });
    const timer = setTimeout(() => {
      socket.destroy(new TimeoutError(`no answer within ${settings.connectTimeoutMs} ms`));
    }, settings.connectTimeoutMs);
    try {
      await connected(socket);
      const connection = new Connection(socket, settings);
      await connection.hello();
      return connection;
    } catch (error) {
      socket.destroy();
      if (signal?.aborted === true) throw signal.reason;
      if (error instanceof BrokerError) throw error;
      throw connectFailed(settings.address, asError(error));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
    }
  }

  /** What the broker said about itself and its limits. */
  get greeting(): HelloResponse {
    if (this.greeted === undefined) throw new WalrusError('HELLO_REQUIRED', 'no greeting yet');
    return this.greeted;
  }

  /** Whether the connection has ended. */
  get closed(): boolean {
    return this.endedBy !== undefined;
  }

  /** Requests whose reply has not come. */
  get pendingCount(): number {
    return this.pending.length - this.pendingHead;
  }

  /** Calls `listener` once, when the connection ends; at once when it has. */
  onClose(listener: (error: Error) => void): void {
    if (this.endedBy !== undefined) listener(this.endedBy);
    else this.closeListeners.push(listener);
  }

  /**
   * Sends a request and resolves with its reply.
   *
   * @param tail The record batches that ride along, not copied: they must stay unchanged until the
   *   promise settles.
   * @param timeoutMs Default `requestTimeoutMs`.
   * @throws {BrokerError} The broker's error reply; the connection goes on.
   * @throws {TimeoutError} No reply in time. The connection is closed, as replies come in order.
   * @throws {ConnectionError} The connection ended first.
   */
  async request<Name extends OperationName>(
    operation: Name,
    fields: Operations[Name]['request'],
    tail?: readonly Buffer[],
    timeoutMs = this.settings.requestTimeoutMs,
  ): Promise<Reply<Operations[Name]['response']>> {
    const id = this.takeCorrelationId();
    const reply = await this.ask(id, operation, fields, tail, timeoutMs);
    // The broker is trusted to answer with the fields of the operation; each caller checks what it
    // would otherwise index or allocate by.
    return { fields: reply.fields as unknown as Operations[Name]['response'], tail: reply.tail };
  }

  /**
   * Subscribes; resolves with the name of the subscription. `listener` takes its events until the
   * connection ends; errors as those of `request`.
   */
  async subscribe(fields: SubscribeRequest, listener: EventListener): Promise<number> {
    const id = this.takeCorrelationId();
    this.eventListeners.set(id, listener);
    try {
      await this.ask(id, 'subscribe', fields, undefined, this.settings.requestTimeoutMs);
    } catch (error) {
      this.eventListeners.delete(id);
      throw error;
    }
    return id;
  }

  /**
   * Sends a request that has no reply; resolves once the kernel has taken its bytes.
   *
   * @throws {ConnectionError} The connection ended first.
   */
  notify<Name extends OperationName>(
    operation: Name,
    fields: Operations[Name]['request'],
    tail?: readonly Buffer[],
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.endedBy !== undefined) {
        reject(this.endedBy);
        return;
      }
      this.write(encodeFrame(operation, this.takeCorrelationId(), fields, tail), (error) => {
        if (error == null) resolve();
        else reject(this.endedBy ?? connectionLost(this.settings.address, error));
      });
    });
  }

  /** Ends the connection now; requests without a reply reject with `reason`. */
  close(reason: Error = connectionLost(this.settings.address, undefined)): void {
    this.end(reason);
  }

  private async hello(): Promise<void> {
    const { clientId, instance, connectTimeoutMs } = this.settings;
    const { fields } = await this.request(
      'hello',
      { protocol: [PROTOCOL_VERSION, PROTOCOL_VERSION], client: clientId, instance },
      undefined,
      connectTimeoutMs,
    );
    if (!isGreeting(fields)) throw new WalrusError('INVALID_REPLY', NOT_A_BROKER);
    // One that takes larger frames stores larger batches, and sends them as they are.
    const replyBytesMax = fields.limits.frameBytesMax + DEFAULT_HEAD_BYTES_MAX;
    if (replyBytesMax > REPLY_BYTES_MAX) this.decoder.takeFramesOf(replyBytesMax);
    this.greeted = fields;
  }

  private ask(
    correlationId: number,
    operation: string,
    fields: object,
    tail: readonly Buffer[] | undefined,
    timeoutMs: number,
  ): Promise<IncomingFrame> {
    return new Promise((resolve, reject) => {
      if (this.endedBy !== undefined) {
        reject(this.endedBy);
        return;
      }
      const deadlineMs = performance.now() + timeoutMs;
      this.pending.push({ correlationId, operation, deadlineMs, timeoutMs, resolve, reject });
      this.watch(deadlineMs);
      this.write(encodeFrame(operation, correlationId, fields, tail));
    });
  }

  private takeCorrelationId(): number {
    const id = this.nextCorrelationId;
    // 0 is left out: the broker uses it for frames it could not read.
    this.nextCorrelationId = id === 0xffff_ffff ? 1 : id + 1;
    return id;
  }

  private write(chunks: readonly Buffer[], done?: (error?: Error | null) => void): void {
    if (chunks.length === 1 && chunks[0] !== undefined) {
      this.socket.write(chunks[0], done);
      return;
    }
    // Corked writes leave in one writev, so that head and batches share segments without a copy.
    this.socket.cork();
    const last = chunks.length - 1;
    chunks.forEach((chunk, index) => this.socket.write(chunk, index === last ? done : undefined));
    this.socket.uncork();
  }

  private receive(chunk: Buffer): void {
    if (this.endedBy !== undefined) return;
    let frames: IncomingFrame[];
    try {
      frames = this.decoder.push(chunk);
    } catch (error) {
      const cause = new WalrusError('INVALID_REPLY', NOT_A_BROKER, { cause: error });
      this.end(connectionLost(this.settings.address, cause));
      return;
    }
    for (const frame of frames) {
      if (frame.kind === 'ok' || frame.kind === 'error') this.settle(frame);
      // Frames of a kind that a later version may send are passed over.
      else if (frame.kind === EVENT_KIND) this.deliver(frame);
    }
  }

  private deliver({ correlationId, fields, tail }: IncomingFrame): void {
    const event = fields as unknown as SubscriptionEvent;
    this.eventListeners.get(correlationId)?.(event, tail);
  }

  private settle(frame: IncomingFrame): void {
    const entry = this.pending[this.pendingHead];
    if (entry?.correlationId !== frame.correlationId) {
      this.end(connectionLost(this.settings.address, unasked(frame)));
      return;
    }
    this.pending[this.pendingHead] = SETTLED;
    this.pendingHead += 1;
    if (this.pendingHead === this.pending.length) {
      this.pending = [];
      this.pendingHead = 0;
      this.stopWatching();
    } else if (this.pendingHead >= 64) {
      this.pending = this.pending.slice(this.pendingHead);
      this.pendingHead = 0;
    }
    if (frame.kind === 'ok') entry.resolve(frame);
    else entry.reject(brokerError(frame));
  }

  // One timer serves all requests: it is set for the earliest deadline and looks again when it
  // fires, so that a request costs no timer of its own.
  private watch(deadlineMs: number): void {
    if (this.timer !== undefined && this.timerDueMs <= deadlineMs) return;
    clearTimeout(this.timer);
    this.timerDueMs = deadlineMs;
    const delayMs = Math.max(1, Math.ceil(deadlineMs - performance.now()));
    const expire = (): void => {
      this.timer = undefined;
      this.expire(READING_TURNS);
    };
    this.timer = setTimeout(expire, delayMs).unref();
  }

  private stopWatching(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  // A process that stood still finds its timers due before it has read what came meanwhile: that
  // is read first, as long as there is more of it, within a bound.
  private expire(turnsLeft: number, seenBytes?: number): void {
    const { bytesRead } = this.socket;
    if (turnsLeft > 0 && bytesRead !== seenBytes) {
      setImmediate(() => this.expire(turnsLeft - 1, bytesRead));
      return;
    }
    const waiting = this.pending.slice(this.pendingHead);
    const overdue = waiting.find((entry) => entry.deadlineMs <= performance.now());
    if (overdue === undefined) {
      if (waiting.length > 0) this.watch(Math.min(...waiting.map((entry) => entry.deadlineMs)));
      return;
    }
    const where = formatAddress(this.settings.address);
    const { operation, timeoutMs } = overdue;
    this.end(
      new TimeoutError(`the broker at ${where} did not answer ${operation} within ${timeoutMs} ms`),
    );
  }

  private end(error: Error): void {
    if (this.endedBy !== undefined) return;
    this.endedBy = error;
    this.stopWatching();
    this.socket.destroy();
    const waiting = this.pending.slice(this.pendingHead);
    this.pending = [];
    this.pendingHead = 0;
    // Listeners first: whoever reconnects must know before a caller retries.
    for (const listener of this.closeListeners.splice(0)) listener(error);
    for (const entry of waiting) entry.reject(error);
  }
}

/**
 * The largest reply of a broker with the usual limit: a batch that filled the frame it came in,
 * with a head of its own. Taken of a broker with a lower limit too, which may have been higher
 * once.
 */
const REPLY_BYTES_MAX = DEFAULT_FRAME_BYTES_MAX + DEFAULT_HEAD_BYTES_MAX;

/** Turns of the event loop in which an overdue reply may still be read; each reads up to 2 MiB. */
const READING_TURNS = 16;

const NOT_A_BROKER = 'the answer is not a WalrusMQ broker’s; is this its msgpack port?';

// Stands in for settled entries so that their closures, and the records these hold, can be freed.
const SETTLED: PendingReply = {
  correlationId: 0,
  operation: '',
  deadlineMs: Infinity,
  timeoutMs: 0,
  resolve: () => undefined,
  reject: () => undefined,
};

function isGreeting({ limits }: Partial<HelloResponse>): boolean {
  return isSize(limits?.frameBytesMax) && isSize(limits?.batchBytesMax);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error): void => {
      socket.removeListener('connect', onConnect);
      socket.removeListener('error', settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onConnect = (): void => settle();
    socket.once('connect', onConnect);
    socket.once('error', settle);
  });
}

function brokerError(frame: IncomingFrame): BrokerError {
  const { code, message, retriable, ...details } = frame.fields;
  const text = typeof message === 'string' ? message : 'the broker gave no message';
  return new BrokerError(String(code), text, { retriable: retriable === true, details });
}

function unasked(frame: IncomingFrame): Error {
  // Correlation id 0 carries what the broker found wrong with the frames themselves.
  if (frame.kind === 'error' && frame.correlationId === 0) return brokerError(frame);
  return new WalrusError('INVALID_REPLY', 'the broker answered a request that was not made');
}
