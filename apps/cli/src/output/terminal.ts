import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { CliError } from '../cli-error';

/** The process's streams and variables, passed in so that tests can run a command in place. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
};

/** Thrown when the reader of stdout went away (`… | head`): not an error, the command just ends. */
export class OutputClosedError extends Error {}

/** What to throw, or tell, when a write to stdout failed. */
export function outputFailure(cause: NodeJS.ErrnoException): CliError | OutputClosedError {
  if (cause.code === 'EPIPE') return new OutputClosedError('stdout was closed');
  return new CliError(`cannot write to standard output: ${cause.message}`, undefined, { cause });
}

/**
 * Buffers output into large writes and waits while the reader is slow.
 *
 * Life: write lines, then `await flush()`; nothing is written after the reader closed its end. What
 * was written is handed on by itself once the event loop turns, so that nobody who waits for more
 * sits on lines that are there.
 */
export class LineWriter {
  private parts: Buffer[] = [];
  private bytes = 0;
  private failure: Error | undefined;
  private readonly ended = new AbortController();
  private planned: NodeJS.Immediate | undefined;

  /** @param flushBytes Lines are handed on once they add up to this many bytes. */
  constructor(
    private readonly stream: Writable,
    private readonly flushBytes = 64 * 1024,
  ) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.failure ??= outputFailure(error);
      this.ended.abort();
    });
  }

  /** Aborted once nothing can be written any more. */
  get closed(): AbortSignal {
    return this.ended.signal;
  }

  /** Adds bytes and a newline. Resolves at once unless a flush is due and the reader is slow. */
  write(line: Buffer | string): Promise<void> | undefined {
    const bytes = typeof line === 'string' ? Buffer.from(line) : line;
    this.parts.push(bytes, NEWLINE);
    this.bytes += bytes.length + 1;
    if (this.bytes >= this.flushBytes) return this.flush();
    // A failure of this flush is thrown by the next call.
    this.planned ??= setImmediate(() => void this.flush().catch(() => undefined));
    return undefined;
  }

  /**
   * Hands everything on; resolves when the stream takes more.
   * @throws {OutputClosedError} The reader went away; what was not taken is dropped.
   * @throws {CliError} Writing failed. A failure of the last write is told to nobody but the
   *   stream's own listeners.
   */
  async flush(): Promise<void> {
    clearImmediate(this.planned);
    this.planned = undefined;
    this.checkOpen();
    if (this.bytes === 0) return;
    const joined = Buffer.concat(this.parts, this.bytes);
    this.parts = [];
    this.bytes = 0;
    if (!this.stream.write(joined)) await this.drained();
    this.checkOpen();
  }

  private async drained(): Promise<void> {
    const waiting = new AbortController();
    const { signal } = waiting;
    try {
      await Promise.race([
        once(this.stream, 'drain', { signal }),
        once(this.stream, 'close', { signal }),
      ]);
    } catch (error) {
      // Told as what it means for the command, which the listener of the constructor has noted.
      this.checkOpen();
      throw error;
    } finally {
      // Takes the other listener away: a slow reader would gather them.
      waiting.abort();
    }
  }

  private checkOpen(): void {
    if (this.failure !== undefined) throw this.failure;
  }
}

const NEWLINE = Buffer.from('\n');
