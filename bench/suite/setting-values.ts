// The notations of the seed's benchmark settings: schedules, durations, ranges of threads, sizes.
import type { FsyncSchedule } from '@walrusmq/storage';

const THREADS_MAX = 128;
const BATCH_ENTRIES_MAX = 2000;
const INTERVAL_MS_MAX = 0xffff_ffff;
const SECONDS = { '': 1, s: 1, m: 60, h: 3600 } as const;
const BYTES = {
  '': 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
} as const;

/** How many threads, both ends included. */
export interface ThreadRange {
  readonly first: number;
  readonly last: number;
}

/** A value that means nothing for its setting. */
export class SettingsError extends Error {
  /** @param expected What would have been accepted, in words. */
  constructor(name: string, text: string, expected: string) {
    super(`${name} is '${text}'; expected ${expected}`);
    this.name = 'SettingsError';
  }
}

/** @throws {SettingsError} Neither a schedule's name nor a whole number of milliseconds from 1. */
export function parseFsync(name: string, text: string): FsyncSchedule {
  if (text === 'sync-each') return { kind: 'sync-each' };
  if (text === 'no-fsync' || text === 'none') return { kind: 'no-fsync' };
  if (text === 'async') return { kind: 'milliseconds', intervalMs: 1000 };
  const intervalMs = Number(/^(\d+)(ms)?$/.exec(text)?.[1]);
  if (intervalMs >= 1 && intervalMs <= INTERVAL_MS_MAX) return { kind: 'milliseconds', intervalMs };
  throw new SettingsError(name, text, 'sync-each, no-fsync, none, async, or milliseconds: 100ms');
}

/** The schedule in the notation that `parseFsync` reads. */
export function fsyncText(schedule: FsyncSchedule): string {
  return schedule.kind === 'milliseconds' ? `${schedule.intervalMs}ms` : schedule.kind;
}

/**
 * Seconds of `30s`, `2m`, `1h` or `90`.
 * @throws {SettingsError} Another notation, or no time at all.
 */
export function parseSeconds(name: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text) ?? [];
  const seconds = Number(digits) * SECONDS[unit as keyof typeof SECONDS];
  if (seconds > 0) return seconds;
  throw new SettingsError(name, text, 'a duration such as 30s, 2m, 1h, or seconds: 90');
}

/** @throws {SettingsError} Neither `N` nor `A-B` within 1 to 128. */
export function parseThreadRange(name: string, text: string): ThreadRange {
  const [, a, b] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  const first = b === undefined ? 1 : Number(a);
  const last = Number(b ?? a);
  if (first >= 1 && last >= first && last <= THREADS_MAX) return { first, last };
  const expected = `a number N for 1 to N, or a range A-B, from 1 to ${THREADS_MAX}`;
  throw new SettingsError(name, text, expected);
}

/** @throws {SettingsError} Not a whole number from 1 to 2,000. */
export function parseBatchEntries(name: string, text: string): number {
  const entries = /^\d+$/.test(text) ? Number(text) : 0;
  if (entries >= 1 && entries <= BATCH_ENTRIES_MAX) return entries;
  throw new SettingsError(name, text, `a number of entries from 1 to ${BATCH_ENTRIES_MAX}`);
}

/** @throws {SettingsError} Not a size such as `1.5GB`, `500MB`, `1GiB` or bytes. */
export function parseByteCount(name: string, text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmg]i?b)?$/i.exec(text) ?? [];
  const bytes = Math.floor(Number(digits) * BYTES[unit.toLowerCase() as keyof typeof BYTES]);
  if (bytes > 0) return bytes;
  throw new SettingsError(name, text, 'a size such as 1.5GB, 500MB, 1GiB, or bytes');
}
