// The client's half of the broker's peer, see socket-file-server.ts.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const HOST = '127.0.0.1';
const APPEND = Buffer.from('W');
const READ = Buffer.from('R');
const REPLY_BYTES = 8;

/** Counts up as acknowledgements arrive. */
class Acknowledgements {
  private rest: Buffer = Buffer.alloc(0);
  private wake: (() => void) | undefined;
  bytes = -1;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      const replies = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
      const whole = replies.length - (replies.length % REPLY_BYTES);
      this.rest = replies.subarray(whole);
      if (whole > 0) this.bytes = Number(replies.readBigUInt64BE(whole - REPLY_BYTES));
      this.wake?.();
    });
  }

  async reach(bytes: number): Promise<void> {
    while (this.bytes < bytes) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

/**
 * Sends `totalBytes` in chunks and waits until all are acknowledged.
 *
 * @param chunk Sent again and again; the last one is cut.
 * @param windowBytes Unacknowledged at most.
 * @returns Seconds from the first byte to the last acknowledgement; connecting is not in it.
 */
export async function sendToFile(
  port: number,
  chunk: Buffer,
  totalBytes: number,
  windowBytes: number,
): Promise<number> {
  const socket = connect({ host: HOST, port, noDelay: true });
  await once(socket, 'connect');
  const acknowledged = new Acknowledgements(socket);
  socket.write(APPEND);
  await acknowledged.reach(0);
  const started = performance.now();
  for (let sent = 0; sent < totalBytes;) {
    const size = Math.min(chunk.length, totalBytes - sent);
    await acknowledged.reach(sent + size - windowBytes);
    socket.write(size === chunk.length ? chunk : chunk.subarray(0, size));
    sent += size;
  }
  await acknowledged.reach(totalBytes);
  const seconds = (performance.now() - started) / 1000;
  socket.destroy();
  return seconds;
}

/**
 * Reads back what was sent last.
 *
 * @returns Seconds from the request to the last byte.
 * @throws {Error} Another number of bytes came.
 */
export async function readFromFile(port: number, totalBytes: number): Promise<number> {
  const socket = connect({ host: HOST, port, noDelay: true });
  await once(socket, 'connect');
  const started = performance.now();
  let received = 0;
  socket.on('data', (chunk: Buffer) => (received += chunk.length));
  socket.write(READ);
  await once(socket, 'close');
  const seconds = (performance.now() - started) / 1000;
  if (received !== totalBytes) throw new Error(`${received} bytes came, not ${totalBytes}`);
  return seconds;
}
