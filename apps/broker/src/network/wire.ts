// What a connection asks of the protocol that its client speaks.
import type { ProtocolError } from '@walrusmq/protocol';
import type { ClientSession } from '../instance/client-session';

/** A request, as far as a connection looks at it. */
export interface WireRequest {
  /** Bytes on the wire, a length prefix included. */
  readonly sizeBytes: number;
  /** What it takes in memory at most, about. */
  readonly heldBytes: number;
}

/** What is known of a request and its reply beforehand; it decides when they start and leave. */
export interface RequestKind {
  /** Whether the request's bytes count as bytes in. */
  readonly takesRecords: boolean;
  /** Whether the reply's bytes count as bytes out. */
  readonly carriesRecords: boolean;
  /** Whether it may be a page of some megabytes, whose size is known only when it is made. */
  readonly carriesPage: boolean;
}

/** What a handler answers, as far as a connection looks at it; a symbol where there is no reply. */
export type WireOutcome = { readonly reservedBytes?: number | undefined } | symbol;

/** How a request that failed is answered. */
export interface WireRefusal {
  /** None: the client is told nothing. */
  readonly pieces: readonly Buffer[];
  /** Whether nothing behind it is looked at. */
  readonly ends: boolean;
}

/** Bytes that are no requests: the connection is past saving. */
export class WireError<Request = unknown> extends Error {
  /**
   * @param requestsBefore Those of the same chunk that were whole before, still to be served.
   * @param lastWords What is said behind all replies; none where the protocol has no words for it.
   */
  constructor(
    readonly reason: ProtocolError,
    readonly requestsBefore: readonly Request[],
    readonly lastWords: readonly Buffer[] | undefined,
  ) {
    super(reason.message);
  }
}

/**
 * The protocol of one client: requests out of bytes, and the bytes of replies.
 *
 * Place: made for each connection, which owns it.
 */
export interface Wire<
  Request extends WireRequest = WireRequest,
  Outcome extends WireOutcome = WireOutcome,
> {
  readonly session: ClientSession;
  /** What the metrics call it. */
  readonly protocol: string;
  /** Whether replies say for how long the client should wait with its next request. */
  readonly tellsThrottle: boolean;
  /** Whether the client has said what its protocol has it say first. */
  readonly isGreeted: boolean;
  /** Bytes of the request that has begun but is not whole yet. */
  readonly bufferedBytes: number;
  /** What that takes in memory at most, about. */
  readonly heldBytes: number;

  /**
   * The requests that end in this chunk, in order.
   * @throws {WireError} The same for every later chunk.
   */
  receive(chunk: Buffer): readonly Request[];
  kindOf(request: Request): RequestKind;
  /** What the log calls it. */
  nameOf(request: Request): string;
  /**
   * Starts a request; its effect has begun when this returns.
   * @throws {ProtocolError} (or rejects) What `refuse` is given then.
   */
  dispatch(request: Request): Outcome | Promise<Outcome>;
  /**
   * The reply; no pieces for a request without one.
   * @param throttleMs For how long nothing more is read, where replies say so.
   */
  encode(request: Request, outcome: Outcome, throttleMs: number): readonly Buffer[];
  refuse(request: Request, error: ProtocolError, throttleMs: number): WireRefusal;
}

/** Where clients reach a listener. */
export interface ListenerAddress {
  readonly host: string;
  readonly port: number;
}

/** A protocol, as a listener needs it. */
export interface WireProtocol {
  /**
   * For a new connection.
   * @param local The address by which the client came.
   * @throws {ProtocolError} Why it is not served now.
   */
  open(local: ListenerAddress): Wire;
  /** What a client is told that is not served; none where the protocol has no words for it. */
  refusal(error: ProtocolError): readonly Buffer[];
}
