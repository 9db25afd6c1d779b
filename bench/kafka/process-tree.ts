// What a process and the processes that it started have used, as Linux tells in /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's clock tick, in which it counts a process's time. */
const TICKS_PER_SECOND = 100;
/** What two counts in ticks may be off by together. */
const TICK_ERROR_SECONDS = 2 / TICKS_PER_SECOND;
/** Far above what any broker starts. */
const PROCESSES_MAX = 1_000;

/** Processor time at one moment, counted in two ways. */
export interface CpuReading {
  /** Of everything that ever ran in the tree, children that were waited for included. */
  readonly seconds: number;
  /** Per thread that is alive, in nanoseconds, by its id. */
  readonly threads: ReadonlyMap<number, number>;
}

/** The text of a file in /proc; undefined when its process or thread has just ended. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A process and all that live below it. */
function treeOf(pid: number): number[] {
  const tree = [pid];
  for (let at = 0; at < tree.length && tree.length < PROCESSES_MAX; at += 1) {
    const parent = tree[at] ?? pid;
    for (const thread of threadsOf(parent)) {
      const children = read(`/proc/${parent}/task/${thread}/children`) ?? '';
      tree.push(...children.split(' ').filter(Boolean).map(Number));
    }
  }
  return tree;
}

/** @throws {Error} There is no such process. */
export function readCpu(pid: number): CpuReading {
  let ticks = 0;
  const threads = new Map<number, number>();
  for (const process of treeOf(pid)) {
    const stat = read(`/proc/${process}/stat`);
    if (stat === undefined) {
      if (process === pid) throw new Error(`process ${pid} is not there any more`);
      continue;
    }
    // Behind the name, which may hold anything: utime, stime, cutime, cstime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    for (const field of fields.slice(11, 15)) ticks += Number(field);
    for (const thread of threadsOf(process)) {
      const ran = read(`/proc/${process}/task/${thread}/schedstat`);
      if (ran !== undefined) threads.set(thread, Number(ran.split(' ')[0]));
    }
  }
  return { seconds: ticks / TICKS_PER_SECOND, threads };
}

/**
 * Processor time between two readings of one tree, in seconds.
 *
 * Threads are counted in nanoseconds, but one that ended takes its count along; the process forgets
 * nobody, but counts in hundredths of a second. So the threads are right unless the process says
 * more than its coarseness explains.
 */
export function cpuSecondsBetween(before: CpuReading, after: CpuReading): number {
  let nanoseconds = 0;
  for (const [thread, ran] of after.threads) {
    // An id that is smaller than before belongs to a new thread.
    const earlier = before.threads.get(thread) ?? 0;
    nanoseconds += ran >= earlier ? ran - earlier : ran;
  }
  return Math.max(nanoseconds / 1e9, after.seconds - before.seconds - TICK_ERROR_SECONDS);
}

/**
 * Resident memory of a tree now, in bytes.
 *
 * @throws {Error} There is no such process.
 */
export function rssBytes(pid: number): number {
  let kilobytes = 0;
  for (const process of treeOf(pid)) {
    const found = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${process}/status`) ?? '');
    if (found !== null) kilobytes += Number(found[1]);
  }
  if (kilobytes === 0) throw new Error(`process ${pid} is not there any more`);
  return kilobytes * 1024;
}
