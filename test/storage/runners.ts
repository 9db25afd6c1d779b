// Starts walrus-runner.ts, bundled, in worker threads and in child processes.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import type { Task, TaskOptions, TaskOutcome } from './walrus-tasks';

const TIME_LIMIT_MS = 20_000;
const BUNDLE = join(__dirname, '../../node_modules/.cache/storage', `runner-${process.pid}.cjs`);

/** Compiles what the runners run; before the first of them. */
export function buildRunner(): void {
  const root = join(__dirname, '..', '..');
  buildSync({
    entryPoints: [join(__dirname, 'walrus-runner.ts')],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    external: ['@walrusmq/native'],
    alias: {
      '@walrusmq/storage': join(root, 'libs/storage/src/index.ts'),
      '@walrusmq/record-batch': join(root, 'libs/record-batch/src/index.ts'),
    },
  });
}

/** Does the task on a worker thread of this process; rejects with what it throws. */
export function onThread(options: TaskOptions, task: Task): Promise<TaskOutcome> {
  const worker = new Worker(BUNDLE, { workerData: [options, task] });
  return new Promise((resolve, reject) => {
    let outcome: TaskOutcome | undefined;
    worker.on('message', (message: TaskOutcome) => (outcome = message));
    worker.on('error', reject);
    worker.on('exit', (code) => {
      if (outcome === undefined) reject(new Error(`the thread ended with ${code}`));
      else resolve(outcome);
    });
  });
}

/**
 * Does a task that tells what it does in a process of its own, and kills that (SIGKILL) once it has
 * told so many values. Returns all that it told.
 */
export async function killAfter(
  options: TaskOptions,
  task: Task,
  count: number,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [BUNDLE, JSON.stringify([options, task])], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [told, stderr] = ['', ''];
  const valuesIn = (): string[] => told.split(/\s+/).filter((word) => /^\d+$/.test(word));
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  child.stdout.on('data', (chunk: Buffer) => {
    told += String(chunk);
    if (valuesIn().length >= count) child.kill('SIGKILL');
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), TIME_LIMIT_MS);
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  if (signal !== 'SIGKILL')
    throw new Error(`the process ended by ${signal ?? 'itself'}:\n${told}${stderr}`);
  // The last line may be cut; what was told is what came whole.
  return told.endsWith('\n') ? valuesIn() : valuesIn().slice(0, -1);
}
