import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** The process's streams and variables, passed in so that tests can run a command in place. */
export interface Terminal {
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** Thrown when the reader of stdout went away (`… | head`): not an error, the command just ends. */
export class OutputClosedError extends Error {}

/**
 * Buffers output into large writes and waits while the reader is slow.
 *
 * Life: write lines, then `await flush()`; nothing is written after the reader closed its end.
 */
export class LineWriter {
  private parts: Buffer[] = [];
  private bytes = 0;
  private closed: Error | undefined;

  /** @param flushBytes Lines are handed on once they add up to this many bytes. */
  constructor(
    private readonly stream: Writable,
    private readonly flushBytes = 64 * 1024,
  ) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.closed = error.code === 'EPIPE' ? new OutputClosedError('stdout was closed') : error;
    });
  }

  /** Adds bytes and a newline. Resolves at once unless a flush is due and the reader is slow. */
  write(line: Buffer | string): Promise<void> | undefined {
    const bytes = typeof line === 'string' ? Buffer.from(line) : line;
    this.parts.push(bytes, NEWLINE);
    this.bytes += bytes.length + 1;
    return this.bytes >= this.flushBytes ? this.flush() : undefined;
  }

  /**
   * Hands everything on; resolves when the stream takes more.
   * @throws {OutputClosedError} The reader went away; what was not taken is dropped.
   */
  async flush(): Promise<void> {
    if (this.closed !== undefined) throw this.closed;
    if (this.bytes === 0) return;
    const joined = Buffer.concat(this.parts, this.bytes);
    this.parts = [];
    this.bytes = 0;
    if (!this.stream.write(joined)) await Promise.race([once(this.stream, 'drain'), once(this.stream, 'close')]);
    if (this.closed !== undefined) throw this.closed;
  }
}

const NEWLINE = Buffer.from('\n');
