import type { Socket } from 'node:net';
import { joinSmallPieces } from './reply-pieces';
import {
  clientAddress,
  FAREWELL_MS,
  type FramePieces,
  type Transport,
  type TransportListener,
} from './transport';

/** Frames over a TCP socket, as they are. */
export class TcpTransport implements Transport {
  readonly bufferedBytes = 0;
  readonly address: string;

  constructor(private readonly socket: Socket) {
    this.address = clientAddress(socket);
  }

  get peer(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  get isGone(): boolean {
    return this.socket.destroyed;
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

  /** From now on the listener hears of what happens. */
  open(listener: TransportListener): void {
    this.socket.on('data', listener.onData);
    this.socket.on('drain', listener.onProgress);
    this.socket.on('end', listener.onEnd);
    this.socket.on('error', listener.onError);
    this.socket.once('close', listener.onClosed);
  }

  write(frames: readonly FramePieces[], onWritten: () => void): void {
    const joined = joinSmallPieces(frames.length === 1 ? (frames[0] ?? []) : frames.flat());
    const last = joined.length - 1;
    this.socket.cork();
    joined.forEach((piece, index) => {
      this.socket.write(piece, index === last ? onWritten : undefined);
    });
    this.socket.uncork();
  }

  /** Reads nothing more until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads on. */
  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.socket.end(() => {
      setTimeout(() => this.socket.destroy(), FAREWELL_MS).unref();
    });
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Bytes that have left the process. */
export function sentBytesOf({ bytesWritten, writableLength }: Socket): number {
  // bytesWritten counts what still waits in the process, too.
  return bytesWritten - writableLength;
}
