// HOST:PORT as people write it.
import { InvalidOptionError } from './errors';

export const DEFAULT_PORT = 9192;

/** Where a broker listens. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `HOST:PORT`, `HOST` (port 9192) or `[IPv6]:PORT`.
 *
 * @throws {InvalidOptionError} Anything else.
 */
export function parseAddress(text: string): BrokerAddress {
  if (typeof text !== 'string') {
    throw new InvalidOptionError(`broker must be one HOST:PORT as text, got ${typeof text}`);
  }
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s/]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) {
    throw new InvalidOptionError(
      `broker must be HOST:PORT, such as 127.0.0.1:${DEFAULT_PORT}; got "${text}"`,
    );
  }
  return { host, port };
}

/** The address as `parseAddress` reads it. */
export function formatAddress({ host, port }: BrokerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
