import type { AddressInfo, Server } from 'node:net';
import { BrokerStartError } from '../config/broker-start-error';

/** Where to listen, and the flag that a person would change. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
  readonly flag: string;
}

/**
 * Listens; later errors of the listener go to `onError`.
 *
 * @returns Where, as HOST:PORT. Rejects with BrokerStartError PORT_IN_USE or LISTEN_FAILED: nothing
 *   listens.
 */
export async function listen(
  server: Server,
  place: ListenPlace,
  onError: (error: Error) => void,
): Promise<string> {
  const { host, port } = place;
  await new Promise<void>((resolve, reject) => {
    const onRefused = (error: NodeJS.ErrnoException): void => reject(explain(error, place));
    server.once('error', onRefused);
    server.listen({ host, port }, () => {
      server.off('error', onRefused);
      server.on('error', onError);
      resolve();
    });
  });
  return formatAddress(server.address() as AddressInfo);
}

function explain(error: NodeJS.ErrnoException, { host, port, flag }: ListenPlace): Error {
  if (error.code === 'EADDRINUSE') {
    return new BrokerStartError(
      'PORT_IN_USE',
      `Port ${port} of ${host} is taken: choose another with ${flag} ` +
        '(0 takes any free one, off none).',
      { cause: error },
    );
  }
  return new BrokerStartError(
    'LISTEN_FAILED',
    `Cannot listen on ${host} port ${port} (${error.code ?? error.message}): ` +
      `choose another address with --host or another port with ${flag}.`,
    { cause: error },
  );
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
