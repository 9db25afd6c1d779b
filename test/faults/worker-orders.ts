// What a fault worker is told and what it answers, and the entries that it writes.
import { FsyncSchedule } from '@walrusmq/storage';
import type { Backend, WalrusOptions } from '@walrusmq/storage';

/** How a worker opens its instance. */
export interface WorkerOptions {
  readonly directory: string;
  readonly schedule: 'sync-each' | 'milliseconds' | 'no-fsync';
  readonly backend: Backend;
  /** Bytes of each entry that it appends. */
  readonly entryBytes: number;
}

/** One thing to do. */
export type Order =
  | { readonly do: 'fill'; readonly most: number; readonly topic?: string }
  | { readonly do: 'take'; readonly most: number; readonly reader?: string }
  | { readonly do: 'read' | 'cursors' | 'report' | 'close' };

/** What came of it; `code` and `message` when it was refused, or the instance is fenced. */
export interface Answer {
  readonly code?: string;
  readonly message?: string;
  /** Entries that were appended or taken. */
  readonly count?: number;
  readonly start?: number;
  readonly end?: number;
  /** Offsets at which something else stands. */
  readonly wrong?: readonly number[];
  readonly cursors?: readonly (readonly [string, number])[];
  readonly cuts?: number;
}

/** The entry at an offset; no two offsets have the same. */
export function entryOf(offset: number, bytes: number): Buffer {
  const entry = Buffer.alloc(bytes, `entry ${String(offset)} of the fault worker;`);
  entry.writeUInt32BE(offset, 0);
  return entry;
}

/** Small files and a small journal, so that a small disk holds many of them. */
export function walrusOptionsOf(options: WorkerOptions): WalrusOptions {
  const { directory, schedule, backend } = options;
  const schedules = {
    'sync-each': FsyncSchedule.SyncEach,
    milliseconds: FsyncSchedule.Milliseconds(20),
    'no-fsync': FsyncSchedule.NoFsync,
  };
  return {
    directory,
    backend,
    fsyncSchedule: schedules[schedule],
    blockBytes: 256 * 1024,
    blocksPerFile: 16,
    journalBytes: 1024 * 1024,
    onLog: () => undefined,
  };
}
