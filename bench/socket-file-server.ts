// The peer of the broker: a process that takes bytes from a socket, appends them to one file and
// answers, or sends the file back. No records, no checksums, no topics, no other client: the least
// that storing bytes for another process can cost in Node. Run by sdk-rounds.ts, one per schedule.
import { open, type FileHandle } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';

const READ_BYTES = 256 * 1024;

/** How many bytes of a connection's stream were taken, in 8 bytes, whenever some were. */
function acknowledge(socket: Socket, bytes: number): void {
  const reply = Buffer.allocUnsafe(8);
  reply.writeBigUInt64BE(BigInt(bytes));
  socket.write(reply);
}

/** Appends what arrives; all that came while one write was under way shares the next one. */
class Appender {
  private queue: Buffer[] = [];
  private isBusy = false;
  private taken = 0;

  constructor(
    private readonly file: FileHandle,
    private readonly socket: Socket,
    private readonly syncs: boolean,
  ) {}

  push(chunk: Buffer): void {
    this.queue.push(chunk);
    if (this.isBusy) return;
    this.isBusy = true;
    this.drain().catch((error: unknown) => this.socket.destroy(error as Error));
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) {
      const group = this.queue;
      this.queue = [];
      const { bytesWritten } = await this.file.writev(group);
      if (this.syncs) await this.file.datasync();
      this.taken += bytesWritten;
      acknowledge(this.socket, this.taken);
    }
    this.isBusy = false;
  }
}

async function sendFile(path: string, socket: Socket): Promise<void> {
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES);
      if (bytesRead === 0) break;
      if (!socket.write(buffer.subarray(0, bytesRead))) {
        await new Promise((resolve) => socket.once('drain', resolve));
      }
    }
  } finally {
    await file.close();
  }
  socket.end();
}

async function serve(path: string, syncs: boolean): Promise<void> {
  let file: FileHandle | undefined;
  const server = createServer((socket) => {
    let appender: Appender | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      if (appender !== undefined) {
        appender.push(chunk);
        return;
      }
      // The first byte says what the connection is for.
      const rest = chunk.subarray(1);
      if (chunk[0] === 0x52) {
        sendFile(path, socket).catch((error: unknown) => socket.destroy(error as Error));
        return;
      }
      socket.pause();
      const start = async (): Promise<void> => {
        await file?.close();
        file = await open(path, 'w');
        appender = new Appender(file, socket, syncs);
        if (rest.length > 0) appender.push(rest);
        acknowledge(socket, 0);
        socket.resume();
      };
      start().catch((error: unknown) => socket.destroy(error as Error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
}

process.on('disconnect', () => process.exit(0));
const [path = '', schedule = ''] = process.argv.slice(2);
serve(path, schedule === 'sync-each').catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
