// The entry point of the worker threads and child processes of these tests.
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { runTask } from './walrus-tasks';
import type { Task, TaskOptions } from './walrus-tasks';

async function main(): Promise<void> {
  const [options, task] = (isMainThread ? JSON.parse(process.argv[2] ?? '') : workerData) as [
    TaskOptions,
    Task,
  ];
  const outcome = await runTask(options, task);
  parentPort?.postMessage(outcome);
}

void main();
