// Words for what goes wrong between here and the broker: where, what happened, what to try.
import { types } from 'node:util';
import { formatAddress, type BrokerAddress } from './address';
import { ConnectionError } from './errors';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED:
    'nothing listens there; start a broker (`walrusmq broker`) or pass its address as `broker`',
  ENOTFOUND: 'the host name is not known; check the spelling of `broker`',
  EAI_AGAIN: 'the host name could not be looked up; check the name service',
  EHOSTUNREACH: 'no route to that host; check the network',
  ENETUNREACH: 'no route to that network; check the network',
  ETIMEDOUT: 'no answer; check the address and firewalls between here and there',
  ECONNRESET: 'the broker, or something between, cut the connection',
  EPIPE: 'the broker, or something between, cut the connection',
};

const NO_ANSWER = 'it closed the connection without an answer; is this its msgpack port?';

/** The error for a connection that could not be made; the request it was for was never sent. */
export function connectFailed(address: BrokerAddress, error: Error): ConnectionError {
  const cause = whatLost(error);
  const where = formatAddress(address);
  return new ConnectionError(
    address.host,
    address.port,
    `cannot connect to the broker at ${where}: ${reasonOf(cause)}`,
    false,
    { cause },
  );
}

/** The error for requests that a connection took with it when it ended. */
export function connectionLost(address: BrokerAddress, cause: Error | undefined): ConnectionError {
  const where = formatAddress(address);
  const reason = cause === undefined ? 'the broker closed it' : reasonOf(cause);
  return new ConnectionError(
    address.host,
    address.port,
    `lost the connection to the broker at ${where}: ${reason}`,
    true,
    { cause },
  );
}

/** What a lost connection was lost by says more than that it was lost. */
function whatLost(error: Error): Error {
  if (types.isNativeError(error.cause)) return error.cause;
  return error instanceof ConnectionError ? new Error(NO_ANSWER, { cause: error }) : error;
}

function reasonOf(cause: Error): string {
  const code = 'code' in cause ? String(cause.code) : '';
  const advice = ADVICE[code];
  // An error for several addresses of one name has an empty message of its own.
  const message = cause.message === '' ? code : cause.message;
  return advice === undefined ? message : `${advice} (${message})`;
}
