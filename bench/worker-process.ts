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

  /**
   * @param file Name in this folder, without extension.
   * @param nodeFlags Such as `--cpu-prof`.
   */
  constructor(
    private readonly file: string,
    args: readonly string[] = [],
    nodeFlags: readonly string[] = [],
  ) {
    this.child = fork(join(__dirname, `${file}.ts`), [...args], {
      execArgv: ['--import', 'tsx', ...nodeFlags],
      stdio: ['ignore', 2, 2, 'ipc'],
    });
  }

  /**
   * The next message of the process.
   *
   * @throws {Error} It ended instead.
   */
  async next(): Promise<Answer> {
    const ended = once(this.child, 'exit').then(([code, signal]): never => {
      throw new Error(`${this.file} ended with ${String(code ?? signal)}`);
    });
    const [answer] = (await Promise.race([once(this.child, 'message'), ended])) as [Answer];
    return answer;
  }

  /** Sends a question and waits for the answer; errors as those of `next`. */
  async ask(question: Question): Promise<Answer> {
    const answer = this.next();
    this.child.send(question);
    return answer;
  }

  /** Ends it and waits until it is gone. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await exited;
  }
}
