// Starts fault workers, and runs system tools.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { buildSync } from 'esbuild';
import type { Answer, Order, WorkerOptions } from './worker-orders';

const BUNDLE = join(__dirname, '../../node_modules/.cache/faults/worker.cjs');

/** Compiles what the workers run; before the first of them. */
export function buildWorker(): void {
  buildSync({
    entryPoints: [join(__dirname, 'fault-worker.ts')],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    external: ['@walrusmq/native'],
  });
}

/** Runs a program to its end; throws with what it said when it fails. */
export function run(program: string, ...args: readonly string[]): string {
  const result = spawnSync(program, args, { encoding: 'utf8' });
  if (result.status === 0) return result.stdout;
  throw new Error(`${program} ${args.join(' ')}: ${result.stderr}${String(result.error ?? '')}`);
}

/** How a process ended by itself or by a signal. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * One worker process.
 *
 * Life: starts with the constructor; `opened` says how the opening went; `kill` ends it, and so
 * does the end of its input (`finish`).
 */
export class WorkerProcess {
  private readonly child: ChildProcess;
  private readonly answers: Interface;
  private readonly ended: Promise<Ended>;
  private readonly waiting: ((line: string | undefined) => void)[] = [];
  private readonly lines: string[] = [];
  private stderr = '';

  /** @param prefix A program that runs it, with its arguments: strace, prlimit. */
  constructor(options: WorkerOptions, prefix: readonly string[] = []) {
    const words = [...prefix, process.execPath, BUNDLE, JSON.stringify(options)];
    this.child = spawn(words[0]!, words.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.child.stdin?.on('error', () => undefined);
    this.answers = createInterface(this.child.stdout!);
    this.answers.on('line', (line) => {
      const next = this.waiting.shift();
      if (next === undefined) this.lines.push(line);
      else next(line);
    });
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      for (const next of this.waiting.splice(0)) next(undefined);
      return { code: code as number | null, signal: signal as NodeJS.Signals | null };
    });
  }

  /** How the opening went; rejects when the process ended without a word. */
  opened(): Promise<Answer> {
    return this.answer();
  }

  /** Has something done; rejects when the process ends over it. */
  async order(order: Order): Promise<Answer> {
    this.child.stdin?.write(`${JSON.stringify(order)}\n`);
    return this.answer();
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  /** Lets it end; how it did, and what it said to stderr. */
  async finish(): Promise<Ended & { readonly stderr: string }> {
    this.child.stdin?.end();
    return { ...(await this.ended), stderr: this.stderr };
  }

  private async answer(): Promise<Answer> {
    const line = this.lines.shift() ?? (await this.nextLine());
    if (line !== undefined) return JSON.parse(line) as Answer;
    const { code, signal } = await this.ended;
    throw new Error(`the worker ended with ${String(code ?? signal)}:\n${this.stderr}`);
  }

  private nextLine(): Promise<string | undefined> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      return this.ended.then(() => this.lines.shift());
    }
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
