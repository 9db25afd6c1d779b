// The first request that a broker serves, however early it is asked.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const PAUSE_MS = 2;
/** ApiVersions, version 0, correlation id 1, no client id. */
const REQUEST = Buffer.from('0000000a' + '0012' + '0000' + '00000001' + 'ffff', 'hex');
const CORRELATION_ID = 1;
const HEAD_BYTES = 8;

/**
 * Asks for the API versions over a socket that is being connected.
 *
 * @returns The first bytes of the answer; undefined when the connection ended before they came.
 *   Rejects with the error of the socket.
 */
export async function askApiVersions(socket: Socket): Promise<Buffer | undefined> {
  await once(socket, 'connect');
  socket.write(REQUEST);
  let answer = Buffer.alloc(0);
  for await (const chunk of socket) {
    answer = Buffer.concat([answer, chunk as Buffer]);
    if (answer.length >= HEAD_BYTES) return answer;
  }
  return undefined;
}

/**
 * Asks a broker for its API versions, again and again, until it answers.
 *
 * @param isOver Asked between two attempts: whether the broker ended, or time did.
 * @returns Whether it answered; false when `isOver` came first.
 * @throws {Error} Something else than a Kafka broker answered.
 */
export async function untilServed(
  host: string,
  port: number,
  isOver: () => boolean,
): Promise<boolean> {
  while (!isOver()) {
    const socket = connect(port, host);
    try {
      const answer = await askApiVersions(socket);
      if (answer !== undefined) {
        if (answer.readInt32BE(4) === CORRELATION_ID) return true;
        throw new Error(`${host}:${port} is no Kafka broker: ${answer.toString('hex')}`);
      }
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ECONNREFUSED' && code !== 'ECONNRESET') throw error;
    } finally {
      socket.destroy();
    }
    await pause(PAUSE_MS);
  }
  return false;
}
