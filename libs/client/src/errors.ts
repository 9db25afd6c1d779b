// The errors of the SDK. `code` is stable and meant for programs, `message` is meant for people.
import { types } from 'node:util';
import type { ProducerRecord } from './record';

/** Options of every error of the SDK. */
export interface WalrusErrorOptions extends ErrorOptions {
  /** Whether the same call may succeed when it is repeated later. Default false. */
  readonly retriable?: boolean;
}

/** The class all errors of the SDK extend, so that one `instanceof` tells them from others. */
export class WalrusError extends Error {
  /** Whether the same call may succeed when it is repeated later. */
  readonly retriable: boolean;

  /** @param code A code of the protocol (`UNKNOWN_TOPIC`…) or one of the SDK (`TIMEOUT`…). */
  constructor(
    readonly code: string,
    message: string,
    options: WalrusErrorOptions = {},
  ) {
    super(message, options);
    this.name = new.target.name;
    this.retriable = options.retriable ?? false;
  }
}

/** An option or argument that can never work. Nothing was sent. Code `INVALID_OPTION`. */
export class InvalidOptionError extends WalrusError {
  /** @param message Names the option, what it must be and what it was. */
  constructor(message: string) {
    super('INVALID_OPTION', message);
  }
}

/** Options of a `BrokerError`. */
export interface BrokerErrorOptions extends WalrusErrorOptions {
  /** Further fields of the broker's answer; default none. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** The broker answered a request with an error; `code` is the protocol's code. */
export class BrokerError extends WalrusError {
  /** What the answer had beside code and message, such as `member` of `MEMBER_ID_REQUIRED`. */
  readonly details: Readonly<Record<string, unknown>>;

  /** @param code A code of the protocol. */
  constructor(code: string, message: string, options: BrokerErrorOptions = {}) {
    super(code, message, options);
    this.details = options.details ?? {};
  }
}

/** The broker could not be reached, or the connection to it ended. Code `CONNECTION`; retriable. */
export class ConnectionError extends WalrusError {
  /**
   * @param host Where the broker was looked for.
   * @param port Its port.
   * @param message Says host and port, what happened and what to try.
   * @param mayHaveReached Whether the request may have reached the broker and been carried out.
   */
  constructor(
    readonly host: string,
    readonly port: number,
    message: string,
    readonly mayHaveReached: boolean,
    options?: ErrorOptions,
  ) {
    super('CONNECTION', message, { ...options, retriable: true });
  }
}

/** No answer in time. Whether the broker carried the request out is unknown. Code `TIMEOUT`. */
export class TimeoutError extends WalrusError {
  /** @param message Says what was waited for, where and how long. */
  constructor(message: string, options?: ErrorOptions) {
    super('TIMEOUT', message, { ...options, retriable: true });
  }
}

/** The producer, consumer or admin was closed before the call or during it. Code `CLOSED`. */
export class ClosedError extends WalrusError {
  /** @param what Names what was closed. */
  constructor(what: string) {
    super('CLOSED', `${what} is closed`);
  }
}

/** A value that its `content-type` header does not describe. Code `INVALID_VALUE`. */
export class SerialisationError extends WalrusError {
  /** @param message Says which value, and what it was expected to be. */
  constructor(message: string, options?: ErrorOptions) {
    super('INVALID_VALUE', message, options);
  }
}

/**
 * Records that were not acknowledged. `code` says why: a code of the broker, or `DELIVERY_TIMEOUT`,
 * `BUFFER_FULL`, `RECORD_TOO_LARGE`, `INVALID_VALUE`, `CLOSED`; `cause` is the last error seen.
 *
 * After `DELIVERY_TIMEOUT` and `CLOSED` the records may still have been written: the broker may
 * have taken them and its answer been lost. After every other code they were not.
 */
export class DeliveryError extends WalrusError {
  private readonly readRecords: () => readonly ProducerRecord[];
  private taken: readonly ProducerRecord[] | undefined;

  /** @param readRecords Makes the records on first use: most callers never look at them. */
  constructor(
    code: string,
    message: string,
    readRecords: () => readonly ProducerRecord[],
    options?: WalrusErrorOptions,
  ) {
    super(code, message, options);
    this.readRecords = readRecords;
    // Loggers print the own properties of an error; the payloads are not for logs.
    Object.defineProperty(this, 'readRecords', { enumerable: false });
    Object.defineProperty(this, 'taken', { enumerable: false, writable: true });
  }

  /**
   * The records, in the order they were given; they can be passed to `send` as they are. Those that
   * were encoded already come back as bytes, with the headers the SDK added.
   */
  get records(): readonly ProducerRecord[] {
    this.taken ??= this.readRecords();
    return this.taken;
  }
}

/** The error for a thrown value that need not be an `Error`. */
export function asError(thrown: unknown): Error {
  // Errors of Node itself may belong to another realm, where `instanceof` does not see them.
  return types.isNativeError(thrown) ? thrown : new Error(String(thrown));
}
