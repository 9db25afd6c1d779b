// How much written data the kernel has not put on the disk yet.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/** Dirty pages, and their share of all memory. */
export interface DirtyPages {
  readonly kilobytes: number;
  readonly percent: number;
}

function field(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${pattern.source} in what the system reports`);
  return Number(found);
}

/** @throws {Error} It is not the text of /proc/meminfo. */
export function parseMeminfo(text: string): DirtyPages {
  const kilobytes = field(text, /^Dirty:\s+(\d+) kB$/m);
  const totalKilobytes = field(text, /^MemTotal:\s+(\d+) kB$/m);
  return { kilobytes, percent: (kilobytes / totalKilobytes) * 100 };
}

/**
 * @param memoryBytes All memory of the machine.
 * @throws {Error} It is not the output of vm_stat.
 */
export function parseVmStat(text: string, memoryBytes: number): DirtyPages {
  const pageBytes = field(text, /page size of (\d+) bytes/);
  const bytes = field(text, /^Pages (?:modified|dirty):\s+(\d+)\.?$/m) * pageBytes;
  return { kilobytes: Math.round(bytes / 1024), percent: (bytes / memoryBytes) * 100 };
}

/**
 * What the system reports at this moment.
 * @throws {Error} On a system that is neither Linux nor macOS, or one that reports something else.
 */
export function readDirtyPages(): DirtyPages {
  if (process.platform === 'linux') return parseMeminfo(readFileSync('/proc/meminfo', 'utf8'));
  const { stdout, error } = spawnSync('vm_stat', { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`dirty pages cannot be read here: ${error.message}`);
  return parseVmStat(stdout, totalmem());
}
