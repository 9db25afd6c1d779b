// The process behind bin/walrusmq: wires the real streams and signals to the program. In a worker
// thread, which `walrusmq bench` starts, it carries out that thread's task instead.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { BenchTask } from './commands/bench/bench-messages';
import { main } from './program';

function runProgram(): void {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)));
  }

  // `walrusmq … --help | head`: nobody reads on, which is no reason to crash.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }

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

async function runTask(): Promise<void> {
  if (parentPort === null) throw new Error('a worker thread without a port');
  const { runBenchWorker } = await import('./commands/bench/bench-worker.js');
  await runBenchWorker(workerData as BenchTask, parentPort);
}

if (isMainThread) runProgram();
else void runTask();
