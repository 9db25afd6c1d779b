// A TypeScript file of this folder as a process of its own, asked one thing at a time.
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/**
 * Life: starts with the constructor; `end` lets it finish by itself, so that a profile it writes is
 * written, and `abandon` does not wait.
 */
export class WorkerProcess<Question extends object, Answer> {
  private readonly child: ChildProcess;
  private readonly ended: Promise<never>;
  private readonly gone: Promise<unknown>;

  /**
   * @param file Name in this folder, without extension.
   * @param nodeFlags Such as `--cpu-prof`.
   */
  constructor(file: string, args: readonly string[] = [], nodeFlags: readonly string[] = []) {
    this.child = fork(join(__dirname, `${file}.ts`), [...args], {
      execArgv: ['--import', 'tsx', ...nodeFlags],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.gone = once(this.child, 'exit');
    this.ended = this.gone.then((): never => {
      throw new Error(`${file} ended with ${String(this.child.exitCode ?? this.child.signalCode)}`);
    });
    // A process that ends as it should has nobody waiting for its answer.
    this.ended.catch(() => undefined);
  }

  /**
   * The next message of the process.
   *
   * @throws {Error} It ended instead.
   */
  async next(): Promise<Answer> {
    const message = new AbortController();
    const { signal } = message;
    try {
      const answer = once(this.child, 'message', { signal }) as Promise<[Answer]>;
      return (await Promise.race([answer, this.ended]))[0];
    } finally {
      message.abort();
    }
  }

  /** Sends a question and waits for the answer; errors as those of `next`. */
  async ask(question: Question): Promise<Answer> {
    const answer = this.next();
    this.child.send(question);
    return answer;
  }

  /** Ends it and waits until it is gone. */
  async end(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.gone;
  }
}
