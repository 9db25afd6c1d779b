// Options that Producer, Consumer and Admin share, and the checks all options go through.
import { formatAddress, parseAddress, type BrokerAddress } from './address';
import type { BackoffOptions } from './backoff';
import { InvalidOptionError, type WalrusError } from './errors';
import { checkNames, type OptionNames } from './option-names';

/** Tells a program that something failed and will be tried again. Nothing is lost at this point. */
export interface RetryNotice {
  readonly error: WalrusError;
  /**
   * What is being retried: 'connect', 'metadata', 'fetch', 'read', 'produce', 'initProducerId',
   * 'commit', 'heartbeat', 'join', 'leave', 'admin' for a call of an `Admin`, or 'handle' for a
   * handler.
   */
  readonly activity: string;
  /** Failures in a row, this one included. */
  readonly attempt: number;
  /** Until the next attempt. */
  readonly delayMs: number;
}

/** Where the broker is and how to speak to it. */
export interface ConnectionOptions {
  /** `HOST:PORT`. Default `127.0.0.1:9192`. */
  readonly broker?: string | undefined;
  /** Key of the instance. Default: the broker's default instance. */
  readonly instance?: string | undefined;
  /** Shown by the broker in its lists and logs. Default `walrusmq-client`. */
  readonly clientId?: string | undefined;
  /** For one attempt to connect, greeting included. Default 5000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * For the answer to one request; afterwards the connection is given up. Default 30 000. The
   * heartbeat of a member of a group waits for two intervals at most, but for 3 s at least.
   */
  readonly requestTimeoutMs?: number | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** Called at each failure that is retried; must not throw. */
  readonly onRetry?: ((notice: RetryNotice) => void) | undefined;
}

/** `ConnectionOptions` with every default filled in. */
export interface ConnectionSettings {
  readonly address: BrokerAddress;
  readonly instance: string | undefined;
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly backoff: BackoffOptions;
  readonly onRetry: ((notice: RetryNotice) => void) | undefined;
}

/** The names of `ConnectionOptions`. */
export const CONNECTION_NAMES: OptionNames<ConnectionOptions> = {
  broker: true,
  instance: true,
  clientId: true,
  connectTimeoutMs: true,
  requestTimeoutMs: true,
  backoff: true,
  onRetry: true,
};

const BACKOFF_NAMES: OptionNames<BackoffOptions> = { initialMs: true, maxMs: true };

/** The longest delay a Node timer can hold. */
export const TIMER_MS_MAX = 2 ** 31 - 1;

/**
 * Fills in the defaults. Other options that lie beside these are not looked at.
 *
 * @throws {InvalidOptionError} A value that can never work.
 */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  const clientId = options.clientId ?? 'walrusmq-client';
  if (typeof clientId !== 'string' || clientId.length === 0 || clientId.length > 256) {
    throw new InvalidOptionError('clientId must be a string of 1 to 256 characters');
  }
  const { backoff = {} } = options;
  checkNames('backoff', backoff, BACKOFF_NAMES);
  return {
    address: parseAddress(options.broker ?? '127.0.0.1'),
    instance: options.instance,
    clientId,
    connectTimeoutMs: wholeNumber('connectTimeoutMs', options.connectTimeoutMs, 5_000, 1),
    requestTimeoutMs: wholeNumber('requestTimeoutMs', options.requestTimeoutMs, 30_000, 1),
    backoff: {
      initialMs: wholeNumber('backoff.initialMs', backoff.initialMs, 50, 1),
      maxMs: wholeNumber('backoff.maxMs', backoff.maxMs, 2_000, 1),
    },
    onRetry: options.onRetry,
  };
}

/** The options that these settings came from, for another client of the same broker. */
export function connectionOptions({ address, ...rest }: ConnectionSettings): ConnectionOptions {
  return { broker: formatAddress(address), ...rest };
}

/**
 * A whole number option within its bounds, or its default.
 *
 * @throws {InvalidOptionError} Out of bounds or no whole number.
 */
export function wholeNumber(
  name: string,
  value: number | undefined,
  fallback: number,
  min: number,
  max: number = TIMER_MS_MAX,
): number {
  if (value === undefined) return fallback;
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new InvalidOptionError(
      `${name} must be a whole number from ${min} to ${max}, got ${String(value)}`,
    );
  }
  return value;
}

/**
 * An option that takes one of a few words, or its default.
 *
 * @throws {InvalidOptionError} Another value.
 */
export function oneOf<T>(
  name: string,
  value: T | undefined,
  fallback: T,
  allowed: readonly T[],
): T {
  if (value === undefined) return fallback;
  if (!allowed.includes(value)) {
    const words = allowed.map((word) => JSON.stringify(word)).join(', ');
    throw new InvalidOptionError(`${name} must be one of ${words}, got ${JSON.stringify(value)}`);
  }
  return value;
}
