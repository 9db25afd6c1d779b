// A process that is asked one thing at a time, with lines of JSON on its stdin and stdout.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** Far more than any load takes; ends a process that hangs. */
const ANSWER_MAX_MS = 600_000;

/**
 * Life: starts with the constructor; `end` closes its stdin and waits until it is gone. Its stderr
 * is this process's.
 */
export class LineProcess {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly lines: AsyncIterator<string, undefined>;
  private readonly gone: Promise<unknown>;

  constructor(
    private readonly program: string,
    args: readonly string[],
  ) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface(this.child.stdout)[Symbol.asyncIterator]();
    this.gone = once(this.child, 'close');
    // A program that could not be started: `ask` says that there is no answer.
    this.gone.catch(() => undefined);
    // What is written to a process that is gone: the end of its stdout says it.
    this.child.stdin.on('error', () => undefined);
  }

  /** @throws {Error} It answered `{"error": …}`, ended instead, or took over ten minutes. */
  async ask<Answer extends object>(question: object): Promise<Answer> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), ANSWER_MAX_MS);
    this.child.stdin.write(`${JSON.stringify(question)}\n`);
    const next: IteratorResult<string, undefined> = await this.lines.next();
    clearTimeout(timer);
    if (next.done === true) throw new Error(`${this.program} ended without an answer (above)`);
    const answer = JSON.parse(next.value) as Answer | { readonly error: string };
    if ('error' in answer) throw new Error(answer.error);
    return answer;
  }

  async end(): Promise<void> {
    this.child.stdin.end();
    await this.gone;
  }
}
