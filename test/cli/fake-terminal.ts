// A terminal that a test holds in its hands.
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import type { Terminal } from '@walrusmq/cli';

class Screen extends Writable {
  text = '';
  readonly columns = 120;

  constructor(readonly isTTY: boolean) {
    super({ decodeStrings: false });
  }

  override _write(chunk: Buffer | string, _: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    this.emit('shown');
    done();
  }

  /** Resolves once these words are there. */
  async shows(words: string): Promise<void> {
    while (!this.text.includes(words)) await once(this, 'shown');
  }

  // What programs for terminals ask of one.
  cursorTo(): void {}
  moveCursor(): void {}
  clearLine(): void {}
  clearScreenDown(): void {}
}

/** Collects what a command prints, and holds what it may read. */
export class FakeTerminal implements Terminal {
  readonly stdin: Readable;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env = {};
  readonly interrupt = new AbortController();

  constructor(input: string | Readable = '', isTTY = false) {
    this.stdin = typeof input === 'string' ? Readable.from([Buffer.from(input)]) : input;
    this.stdout = new Screen(isTTY);
    this.stderr = new Screen(isTTY);
  }

  get signal(): AbortSignal {
    return this.interrupt.signal;
  }

  get output(): string {
    return this.stdout.text;
  }

  get errors(): string {
    return this.stderr.text;
  }
}
