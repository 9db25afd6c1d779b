// Who may talk to the HTTP port: a page in somebody's browser may not, unless it was allowed.
import { isIP } from 'node:net';

/** What is allowed beyond addresses and localhost. */
export interface AllowedOrigins {
  /** The address that the broker listens on. */
  readonly host: string;
  /** Host names that the broker is reached by, without a port. */
  readonly allowedHosts: readonly string[];
  /** Origins such as https://console.example.com; `*` allows any. */
  readonly allowedOrigins: readonly string[];
}

/**
 * Why a request is refused by its Host and Origin headers; undefined when it is allowed.
 *
 * Host has to be an IP address, localhost, the address that the broker listens on, or a name on the
 * list: a page of another site that had its own name point here (DNS rebinding) still sends that
 * name. Origin, which browsers always send, has to be the very host and port that is talked to, or
 * on the list.
 */
export function refuseOrigin(
  headers: { readonly host?: string | undefined; readonly origin?: string | undefined },
  allowed: AllowedOrigins,
): string | undefined {
  const { host, origin } = headers;
  const name = host === undefined ? undefined : hostName(host);
  if (name === undefined) return 'the request needs a Host header';
  if (!isOwnName(name, allowed)) {
    return `the broker is not called '${name.slice(0, 100)}': start it with --allowed-hosts`;
  }
  if (origin === undefined || allowed.allowedOrigins.includes('*')) return undefined;
  if (allowed.allowedOrigins.includes(origin) || origin === `http://${host}`) return undefined;
  return `pages of ${origin.slice(0, 100)} may not connect: start it with --allowed-origins`;
}

function isOwnName(name: string, { host, allowedHosts }: AllowedOrigins): boolean {
  return isIP(name) !== 0 || name === 'localhost' || name === host || allowedHosts.includes(name);
}

/** The name in a Host header, in lower case and without port and brackets. */
function hostName(host: string): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]/@\s]+))(?::\d{1,5})?$/i.exec(host);
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
