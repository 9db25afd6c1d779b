// What a worker thread or a child process of these tests does with a Walrus.
import { writeSync } from 'node:fs';
import { FsyncSchedule, ReadConsistency, StorageError, Walrus } from '@walrusmq/storage';
import type { WalrusOptions } from '@walrusmq/storage';

/** How the instance is opened; everything can be sent to another process. */
export interface TaskOptions {
  readonly directory: string;
  readonly schedule: 'sync-each' | 'milliseconds' | 'no-fsync';
  /** 1: StrictlyAtOnce; more: AtLeastOnce. */
  readonly persistEvery: number;
}

/** One thing to do; values are `prefix` and a number from 0 on. */
export type Task =
  | { readonly kind: 'append'; readonly topic: string; readonly prefix: string; count: number }
  | { readonly kind: 'batch'; readonly topic: string; readonly prefix: string; count: number }
  | { readonly kind: 'read'; readonly topic: string; readonly count: number }
  | { readonly kind: 'tell reads'; readonly topic: string; readonly maxBytes: number }
  | { readonly kind: 'tell appends'; readonly topic: string; readonly batchSize: number };

/** What came of a task. */
export interface TaskOutcome {
  readonly values: readonly string[];
  /** How often a call answered WOULD_BLOCK. */
  readonly blockedCount: number;
}

const SIZES = { blockBytes: 64 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const BATCH = 20;

/** The options of `Walrus.open` that a task's options stand for. */
export function walrusOptions(options: TaskOptions): WalrusOptions {
  const { directory, schedule, persistEvery } = options;
  const schedules = {
    'sync-each': FsyncSchedule.SyncEach,
    milliseconds: FsyncSchedule.Milliseconds(1000),
    'no-fsync': FsyncSchedule.NoFsync,
  };
  const readConsistency =
    persistEvery === 1
      ? ReadConsistency.StrictlyAtOnce
      : ReadConsistency.AtLeastOnce({ persistEvery });
  return { ...SIZES, directory, readConsistency, fsyncSchedule: schedules[schedule] };
}

/** Makes a synchronous call until it is not in the way of another thread's batch. */
function patiently(call: () => void): number {
  for (let blockedCount = 0; ; blockedCount += 1) {
    try {
      call();
      return blockedCount;
    } catch (error) {
      if (!(error instanceof StorageError) || error.code !== 'WOULD_BLOCK') throw error;
    }
  }
}

function append(wal: Walrus, task: Task & { kind: 'append' | 'batch' }): TaskOutcome {
  const values = Array.from({ length: task.count }, (_, index) => `${task.prefix}${index}`);
  const step = task.kind === 'batch' ? BATCH : 1;
  let blockedCount = 0;
  for (let at = 0; at < values.length; at += step) {
    const entries = values.slice(at, at + step).map((value) => Buffer.from(value));
    blockedCount += patiently(() => {
      if (task.kind === 'batch') wal.batchAppendForTopic(task.topic, entries);
      else wal.appendForTopic(task.topic, entries[0] as Buffer);
    });
  }
  return { values, blockedCount };
}

function readUntilQuiet(wal: Walrus, topic: string, count: number): TaskOutcome {
  const values: string[] = [];
  for (let misses = 0; misses < 200;) {
    const entry =
      values.length % 3 === 0 ? wal.batchReadForTopic(topic, 40) : [wal.readNext(topic)];
    const found = entry.flatMap((each) => (each === null ? [] : [String(each.data)]));
    values.push(...found);
    misses = found.length === 0 ? misses + 1 : 0;
    if (values.length >= count) break;
  }
  return { values, blockedCount: 0 };
}

/** Says each value on stdout once the call that gives or takes it has returned; does not end. */
function tell(wal: Walrus, task: Task & { kind: 'tell reads' | 'tell appends' }): never {
  writeSync(1, 'ready\n');
  for (let next = 0; ;) {
    let said: string[];
    if (task.kind === 'tell reads') {
      said = wal.batchReadForTopic(task.topic, task.maxBytes).map(({ data }) => String(data));
    } else {
      said = Array.from({ length: task.batchSize }, (_, index) => `${next + index}`);
      next += said.length;
      const entries = said.map((value) => Buffer.from(value.padEnd(200)));
      if (task.batchSize === 1) wal.appendForTopic(task.topic, entries[0] as Buffer);
      else wal.batchAppendForTopic(task.topic, entries);
    }
    if (said.length > 0) writeSync(1, `${said.join(' ')}\n`);
  }
}

/** Opens the instance, does the task, and closes it. */
export async function runTask(options: TaskOptions, task: Task): Promise<TaskOutcome> {
  const wal = Walrus.open(walrusOptions(options));
  if (task.kind === 'tell reads' || task.kind === 'tell appends') return tell(wal, task);
  const outcome =
    task.kind === 'read' ? readUntilQuiet(wal, task.topic, task.count) : append(wal, task);
  await wal.close();
  return outcome;
}
