// The process behind bin/walrusmq: wires the real streams and signals to the program. In a worker
// thread, which `walrusmq bench` starts, it carries out that thread's task instead.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { ExitCode } from './cli-error';
import type { BenchTask } from './commands/bench/bench-messages';
import { OutputClosedError, outputFailure } from './output/terminal';
import { main } from './program';

function runProgram(): void {
  process.on('uncaughtException', tellAndEnd);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }
  watchOutput();

  void main(process.argv.slice(2), {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: stop.signal,
  }).then((exitCode) => {
    process.exitCode = exitCode;
  });
}

/** Node's own words have the line of the source with them, which is the whole bundle. */
function tellAndEnd(error: unknown): void {
  // A broker has a listener of its own: it tries to sync first.
  if (process.listenerCount('uncaughtException') > 1) return;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`walrusmq: unexpected error: ${text}\n`);
  process.exit(ExitCode.failed);
}

/**
 * Tells of a write to stdout that failed when no command is left to tell of it: it fails only after
 * the command has handed on its last line. Nobody can be told about stderr.
 */
function watchOutput(): void {
  let failure: Error | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => (failure ??= outputFailure(error)));
  process.stderr.on('error', () => undefined);
  process.once('exit', () => {
    // `walrusmq … --help | head`: nobody reads on, which is no reason to complain.
    if (failure === undefined || failure instanceof OutputClosedError) return;
    if (process.exitCode !== ExitCode.ok) return;
    process.stderr.write(`walrusmq: ${failure.message}\n`);
    process.exitCode = ExitCode.failed;
  });
}

async function runTask(): Promise<void> {
  if (parentPort === null) throw new Error('a worker thread without a port');
  const { runBenchWorker } = await import('./commands/bench/bench-worker.js');
  await runBenchWorker(workerData as BenchTask, parentPort);
}

if (isMainThread) runProgram();
else void runTask();
