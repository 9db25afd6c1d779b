// How many syncs an operation costs on each side, counted by strace in runs that nobody times.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CALLS = 'fsync,fdatasync,msync,sync_file_range,syncfs';

/** The system calls that strace saw begin; one whose end it shows on another line counts once. */
export function countCalls(trace: string): number {
  return trace.split('\n').filter((line) => /^(\d+ +)?\w+\(/.test(line)).length;
}

/** Whether strace is there; without it syncs are not counted. */
export function canCountSyncs(): boolean {
  return spawnSync('strace', ['-V']).status === 0;
}

/**
 * Runs a program to its end under strace.
 *
 * @param directory Where the trace goes, for the while.
 * @returns The syncs that it and its threads made through system calls. io_uring's are not seen.
 * @throws {Error} The program failed.
 */
export function countSyncs(
  directory: string,
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): number {
  const trace = join(directory, 'sync-trace');
  const flags = ['-f', '--seccomp-bpf', '-qq', '-e', 'signal=none', '-o', trace];
  const { status, stderr } = spawnSync(
    'strace',
    [...flags, '-e', `trace=${CALLS}`, program, ...args],
    { env: { ...process.env, ...environment }, encoding: 'utf8' },
  );
  try {
    if (status !== 0) throw new Error(`${program} under strace: ${stderr}`);
    return countCalls(readFileSync(trace, 'utf8'));
  } finally {
    rmSync(trace, { force: true });
  }
}

/** One side's runs of two lengths. */
export interface SyncRun {
  readonly operations: number;
  readonly syncs: number;
}

/**
 * Syncs per operation: of the longer run less the shorter, so that opening, warming up and closing
 * do not count.
 * @throws {RangeError} The longer run is not longer.
 */
export function syncsPerOperation(shorter: SyncRun, longer: SyncRun): number {
  const operations = longer.operations - shorter.operations;
  if (operations <= 0) throw new RangeError('the longer run did no more operations');
  return (longer.syncs - shorter.syncs) / operations;
}
