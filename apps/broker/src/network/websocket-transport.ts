import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { sentBytesOf } from './tcp-transport';
import {
  clientAddress,
  FAREWELL_MS,
  type Farewell,
  type FramePieces,
  type Transport,
  type TransportListener,
} from './transport';

const PREFIX_BYTES = 4;
const CONTROL_HEADER_BYTES = 6;
/** RFC 6455, section 7.4.1: data of a kind that is not accepted. */
const UNSUPPORTED_DATA = 1003;

/**
 * Frames over a WebSocket: one binary message is one frame without its length.
 *
 * A message is turned into a length-prefixed frame, so that everything behind is the code of TCP. A
 * text message is refused with close code 1003; what breaks RFC 6455 or is longer than a frame may
 * be ends the connection with the code that `ws` chooses (1002, 1009).
 */
export class WebSocketTransport implements Transport {
  readonly address: string;
  private listener: TransportListener | undefined;
  /** `bytesRead` when the last message was whole. */
  private wholeAt: number;
  private isEnding = false;

  /** @param socket The socket below `webSocket`, which knows what is unsent. */
  constructor(
    private readonly webSocket: WebSocket,
    private readonly socket: Socket,
  ) {
    this.address = clientAddress(socket);
    this.wholeAt = socket.bytesRead;
    // The pieces as they came, not joined.
    webSocket.binaryType = 'fragments';
  }

  get peer(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  get isGone(): boolean {
    return this.socket.destroyed || this.webSocket.readyState === this.webSocket.CLOSED;
  }

  get unsentBytes(): number {
    return this.socket.writableLength;
  }

  get isFull(): boolean {
    return this.socket.writableNeedDrain;
  }

  get receivedBytes(): number {
    return this.socket.bytesRead;
  }

  get sentBytes(): number {
    return sentBytesOf(this.socket);
  }

  get bufferedBytes(): number {
    return this.socket.bytesRead - this.wholeAt;
  }

  /** From now on the listener hears of what happens. */
  open(listener: TransportListener): void {
    this.listener = listener;
    const { webSocket, socket } = this;
    webSocket.on('message', (data, isBinary) => this.receive(data as Buffer[], isBinary));
    // Control frames are whole when they are told of; a client's have 6 bytes of header and mask.
    const skip = (data: Buffer): void => void (this.wholeAt += data.length + CONTROL_HEADER_BYTES);
    webSocket.on('ping', skip);
    webSocket.on('pong', skip);
    webSocket.on('error', (error) => this.failed(error));
    webSocket.once('close', listener.onClosed);
    // Behind the listener of ws: the messages that this chunk completed were given by then.
    socket.on('data', listener.onProgress);
    socket.on('drain', listener.onProgress);
    webSocket.on('close', () => {
      socket.off('data', listener.onProgress);
      socket.off('drain', listener.onProgress);
    });
  }

  write(frames: readonly FramePieces[], onWritten: () => void): void {
    this.socket.cork();
    frames.forEach((frame, index) => {
      this.writeFrame(frame, index === frames.length - 1 ? onWritten : undefined);
    });
    this.socket.uncork();
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.webSocket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.webSocket.resume();
  }

  end({ code, reason }: Farewell): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.webSocket.close(code, reason);
    this.cutOffSoon();
  }

  destroy(): void {
    this.webSocket.terminate();
  }

  /** What the peer sent is no WebSocket: ws has said so in its close frame. */
  private failed(error: Error): void {
    this.isEnding = true;
    this.cutOffSoon();
    this.listener?.onError(error);
    this.listener?.onEnd();
  }

  private cutOffSoon(): void {
    setTimeout(() => this.webSocket.terminate(), FAREWELL_MS).unref();
  }

  private receive(pieces: readonly Buffer[], isBinary: boolean): void {
    this.wholeAt = this.socket.bytesRead;
    if (this.isEnding) return;
    if (!isBinary) {
      this.end({ code: UNSUPPORTED_DATA, reason: 'send binary messages, one frame each' });
      this.listener?.onEnd();
      return;
    }
    let length = 0;
    for (const piece of pieces) length += piece.length;
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
    prefix.writeUInt32BE(length);
    this.listener?.onData(prefix);
    for (const piece of pieces) this.listener?.onData(piece);
  }

  /** One frame as one message, its pieces as fragments of it, so that none is copied. */
  private writeFrame(frame: FramePieces, onWritten: (() => void) | undefined): void {
    const last = frame.length - 1;
    frame.forEach((piece, index) => {
      const body = index === 0 ? piece.subarray(PREFIX_BYTES) : piece;
      const done = index === last ? onWritten : undefined;
      this.webSocket.send(body, { binary: true, compress: false, fin: index === last }, done);
    });
  }
}
