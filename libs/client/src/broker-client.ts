// A connection that comes back: used by whoever wants a broker, not one socket.
import { setTimeout as sleep } from 'node:timers/promises';
import type { OperationName, Operations } from '@walrusmq/protocol';
import { Backoff } from './backoff';
import { Connection, type Reply } from './connection';
import { connectionLost } from './connection-error';
import { asError, ClosedError, ConnectionError, WalrusError } from './errors';
import type { ConnectionSettings } from './options';

/** How a request may be repeated. */
export interface RetryOptions {
  /** Shown in `onRetry`. */
  readonly activity: string;
  /** No new attempt starts later than this after the call; Infinity never gives up. */
  readonly retryForMs: number;
  /** Whether carrying the request out twice is the same as once. Default true. */
  readonly repeatable?: boolean;
}

/**
 * One lane to a broker: a connection that is made on first use and made anew after it was lost.
 *
 * Place: a producer and an admin have one each; a consumer has one that records are
 * pushed over and one for everything else, which so never waits behind records.
 *
 * Life: usable until `close`. After a lost connection or a failed attempt the next attempt waits
 * for the backoff, which starts over once a request was answered.
 *
 * Invariants:
 *  (1) At most one socket exists at a time.
 *  (2) Nothing is sent twice by `request`; only `retrying` repeats.
 */
export class BrokerClient {
  private current: Connection | undefined;
  private connecting: Promise<Connection> | undefined;
  private readonly backoff: Backoff;
  private readonly stopping = new AbortController();
  private waitMs = 0;
  private failure: WalrusError | undefined;

  /** @param name Names the owner in the error after `close`. */
  constructor(
    private readonly settings: ConnectionSettings,
    private readonly name: string,
  ) {
    this.backoff = new Backoff(settings.backoff);
  }

  /** The open connection, if there is one right now. */
  get open(): Connection | undefined {
    return this.current;
  }

  /** Why the broker could not be reached, if that has not changed since. */
  get lastError(): WalrusError | undefined {
    return this.failure;
  }

  /** Whether `close` was called. */
  get closed(): boolean {
    return this.stopping.signal.aborted;
  }

  /**
   * The open connection, or the next one. Callers share one attempt, and each call makes at most
   * one.
   *
   * @throws {ConnectionError} The attempt failed; the next call waits for the backoff first.
   * @throws {BrokerError} The broker refused the greeting.
   * @throws {ClosedError} After `close`.
   */
  async connection(): Promise<Connection> {
    if (this.current !== undefined) return this.current;
    if (this.closed) throw new ClosedError(this.name);
    this.connecting ??= this.connect().finally(() => (this.connecting = undefined));
    return this.connecting;
  }

  /** Sends one request over the open or next connection; errors as those of `Connection`. */
  async request<Name extends OperationName>(
    operation: Name,
    fields: Operations[Name]['request'],
    timeoutMs?: number,
  ): Promise<Reply<Operations[Name]['response']>> {
    const connection = await this.connection();
    const reply = await connection.request(operation, fields, undefined, timeoutMs);
    this.answered();
    return reply;
  }

  /**
   * As `request`, repeated while the error is retriable and there is time.
   *
   * @throws The last error, once `retryForMs` is over; or at once if it is not retriable, or if the
   *   request may have been carried out and is not repeatable.
   */
  async retrying<Name extends OperationName>(
    operation: Name,
    fields: Operations[Name]['request'],
    options: RetryOptions,
  ): Promise<Operations[Name]['response']> {
    const startedMs = performance.now();
    const pauses = new Backoff(this.settings.backoff);
    for (;;) {
      try {
        return (await this.request(operation, fields)).fields;
      } catch (error) {
        if (!mayRepeat(error, options.repeatable ?? true)) throw error;
        // A lost connection waits in `connection`; only a broker that answers is paused for here.
        const delayMs = pauses.next();
        const connectsAgain = error instanceof ConnectionError;
        const elapsedMs = performance.now() - startedMs;
        if (elapsedMs + (connectsAgain ? this.waitMs : delayMs) > options.retryForMs) throw error;
        if (connectsAgain) continue;
        this.report(error, options.activity, pauses.failureCount, delayMs);
        await this.pause(delayMs);
      }
    }
  }

  /** Tells `onRetry` of a failure that will be tried again. */
  report(error: WalrusError, activity: string, attempt: number, delayMs: number): void {
    this.settings.onRetry?.({ error, activity, attempt, delayMs });
  }

  /** Starts the backoff over: the broker has answered. */
  answered(): void {
    this.backoff.reset();
    this.waitMs = 0;
    this.failure = undefined;
  }

  /**
   * Resolves after `delayMs`; keeps the process alive, as something is still to be done.
   *
   * @throws {ClosedError} `close` was called meanwhile.
   */
  async pause(delayMs: number): Promise<void> {
    try {
      await sleep(delayMs, undefined, { signal: this.stopping.signal });
    } catch {
      // The only reason for a sleep to fail is that it was given up.
      throw new ClosedError(this.name);
    }
  }

  /** Drops the connection, if there is one; the next use makes a new one without a pause. */
  interrupt(): void {
    const connection = this.current;
    this.current = undefined;
    connection?.close(connectionLost(this.settings.address, new Error('it was given up')));
  }

  /** Ends the lane for good; whatever waits rejects with `ClosedError`. */
  close(): void {
    if (this.closed) return;
    this.stopping.abort(new ClosedError(this.name));
    const connection = this.current;
    this.current = undefined;
    connection?.close(new ClosedError(this.name));
  }

  private async connect(): Promise<Connection> {
    if (this.waitMs > 0) await this.pause(this.waitMs);
    try {
      const connection = await Connection.open(this.settings, this.stopping.signal);
      this.current = connection;
      connection.onClose((error) => this.lost(connection, error));
      return connection;
    } catch (error) {
      if (error instanceof WalrusError && error.retriable) this.failed(error);
      throw error;
    }
  }

  private lost(connection: Connection, error: Error): void {
    // A connection given up on purpose is not `current` any more.
    if (this.current !== connection) return;
    this.current = undefined;
    this.failed(
      error instanceof WalrusError ? error : connectionLost(this.settings.address, error),
    );
  }

  private failed(error: WalrusError): void {
    this.failure = error;
    this.waitMs = this.backoff.next();
    this.report(error, 'connect', this.backoff.failureCount, this.waitMs);
  }
}

/**
 * Whether a request may be sent again: its error may pass, and it was not carried out or may be.
 */
export function mayRepeat(error: unknown, repeatable: boolean): error is WalrusError {
  if (!(error instanceof WalrusError) || !error.retriable) return false;
  if (repeatable) return true;
  const answered = error.code !== 'CONNECTION' && error.code !== 'TIMEOUT';
  return answered || (error instanceof ConnectionError && !error.mayHaveReached);
}

/** The error as one of the SDK's, so that its `retriable` can be asked for. */
export function asWalrusError(thrown: unknown): WalrusError {
  if (thrown instanceof WalrusError) return thrown;
  const error = asError(thrown);
  return new WalrusError('INTERNAL', error.message, { cause: error });
}
