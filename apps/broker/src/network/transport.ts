import type { Socket } from 'node:net';

/** What a transport tells its connection. */
export interface TransportListener {
  /** Bytes of length-prefixed frames, cut anywhere; nobody writes to them afterwards. */
  readonly onData: (chunk: Buffer) => void;
  /** All that was written has left the process, or other bytes of a message arrived. */
  readonly onProgress: () => void;
  /** The peer sends nothing more. */
  readonly onEnd: () => void;
  /** Once, at the very end. */
  readonly onClosed: () => void;
  readonly onError: (error: Error) => void;
}

/** What a connection says when it ends, where the transport has words for it. */
export interface Farewell {
  /** A close code of WebSocket (RFC 6455, section 7.4). */
  readonly code: number;
  readonly reason: string;
}

/** The pieces of one frame, its length prefix at the front. */
export type FramePieces = readonly Buffer[];

/**
 * What a connection needs of a socket, so that TCP and WebSocket share all of its code.
 *
 * Life: `open` once; `onClosed` is the last thing that the listener hears.
 */
export interface Transport {
  /** HOST:PORT of the other side, for the log. */
  readonly peer: string;
  /** The address of the other side, as `clientAddress` has it. */
  readonly address: string;
  /** Whether the socket is gone. */
  readonly isGone: boolean;
  /** Bytes that were written and have not left the process. */
  readonly unsentBytes: number;
  /** Whether it is wise to write nothing more until `onProgress`. */
  readonly isFull: boolean;
  /** Bytes that have come so far. */
  readonly receivedBytes: number;
  /** Bytes that have left the process so far. */
  readonly sentBytes: number;
  /** Bytes of a message that has begun and was not given to `onData`. */
  readonly bufferedBytes: number;

  open(listener: TransportListener): void;
  /** Writes whole frames; `onWritten` is called when the last byte has left the process. */
  write(frames: readonly FramePieces[], onWritten: () => void): void;
  pause(): void;
  resume(): void;
  /** Ends this side behind what was written; a peer that does not end its own is cut off soon. */
  end(farewell: Farewell): void;
  /** Ends the socket without another word. */
  destroy(): void;
}

/**
 * Who a socket comes from: an IPv4 address in its own form, by whatever listener it came, an IPv6
 * address as it is. Empty for a socket that is gone.
 */
export function clientAddress({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/, '');
}

/** How long a peer may take to close its side once the broker has said everything. */
export const FAREWELL_MS = 1_000;
