// What a benchmark runs with: flags before environment variables before the seed's defaults.
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import type { FsyncSchedule } from '@walrusmq/storage';
import {
  parseBatchEntries,
  parseByteCount,
  parseFsync,
  parseSeconds,
  parseThreadRange,
  SettingsError,
  type ThreadRange,
} from './setting-values';

export const BENCHMARKS = ['writes', 'reads', 'scaling', 'batch', 'batch-scaling'] as const;
export type Benchmark = (typeof BENCHMARKS)[number];
export const BACKENDS = ['auto', 'io_uring', 'fd', 'mmap'] as const;
export type Backend = (typeof BACKENDS)[number];
const READ_MODES = ['next', 'batch'] as const;
/** One entry per call, or as many as fit a byte budget. */
export type ReadMode = (typeof READ_MODES)[number];

/** One benchmark's settings; all of it can be sent to a worker thread. */
export interface Settings {
  readonly benchmark: Benchmark;
  readonly fsync: FsyncSchedule;
  /** Scaling: from the first to the last count. The others run with `last` threads. */
  readonly threads: ThreadRange;
  readonly writeSeconds: number;
  readonly readSeconds: number;
  /** 0: one append per record. */
  readonly batchEntries: number;
  readonly readMode: ReadMode;
  readonly backend: Backend | undefined;
  /** Payload that one run (one step, when scaling) writes at most; infinite without a cap. */
  readonly maxBytes: number;
  /** How often a cursor is persisted, in reads; 1 is StrictlyAtOnce. */
  readonly persistEvery: number;
  /** Where data directories are made; each is removed at the end. */
  readonly parent: string;
  /** Where the CSV files go. */
  readonly out: string;
}

interface Defaults {
  readonly writeSeconds: number;
  readonly batchEntries: number;
  readonly persistEvery: number;
}

const DEFAULTS: Readonly<Record<Benchmark, Defaults>> = {
  writes: { writeSeconds: 120, batchEntries: 0, persistEvery: 50 },
  reads: { writeSeconds: 60, batchEntries: 0, persistEvery: 5000 },
  scaling: { writeSeconds: 30, batchEntries: 0, persistEvery: 50 },
  batch: { writeSeconds: 120, batchEntries: 2000, persistEvery: 50 },
  'batch-scaling': { writeSeconds: 30, batchEntries: 256, persistEvery: 50 },
};
const READ_SECONDS = 120;
const THREADS: ThreadRange = { first: 1, last: 10 };

export const USAGE = `usage: npm run bench -- BENCHMARK [options]

BENCHMARK is one of ${BENCHMARKS.join(', ')}.

  --fsync WHEN            sync-each, no-fsync (none), async (1000ms) or N, Nms   WALRUS_FSYNC
  --threads N | A-B       scaling: 1 to N or A to B; else the writers; <= 128    WALRUS_THREADS
  --duration TIME         of both phases or of a scaling step: 30s, 2m, 1h, 90   WALRUS_DURATION
  --write-duration TIME   of the write phase                               WALRUS_WRITE_DURATION
  --read-duration TIME    of the read phase                                 WALRUS_READ_DURATION
  --batch-size N          entries per batch, 1 to 2000                         WALRUS_BATCH_SIZE
  --backend NAME          auto, io_uring, fd or mmap                          WALRUS_BACKEND
  --max-bytes SIZE        stop a run after this much payload: 1.5GB, 500MB      WALRUS_MAX_BYTES
  --read-mode MODE        next: one entry per call (default); batch: 1 MiB budgets
  --persist-every N       reads between two saves of the cursor; 1 is StrictlyAtOnce
  --dir PATH              where data directories are made (default: .make in the repository)
  --out PATH              where the CSV files go (default: here)

A flag comes before its variable. As make variables: FSYNC, THREADS, DURATION, WRITE_DURATION,
READ_DURATION, BATCH, BACKEND, MAX_BYTES.
`;

const FLAGS = {
  fsync: 'WALRUS_FSYNC',
  threads: 'WALRUS_THREADS',
  duration: 'WALRUS_DURATION',
  'write-duration': 'WALRUS_WRITE_DURATION',
  'read-duration': 'WALRUS_READ_DURATION',
  'batch-size': 'WALRUS_BATCH_SIZE',
  backend: 'WALRUS_BACKEND',
  'max-bytes': 'WALRUS_MAX_BYTES',
  'read-mode': undefined,
  'persist-every': undefined,
  dir: undefined,
  out: undefined,
} as const;
type Flag = keyof typeof FLAGS;

/** A given value with the name under which a person knows it. */
interface Given {
  readonly name: string;
  readonly text: string;
}

type Lookup = (flag: Flag) => Given | undefined;

function lookupOf(
  flags: Readonly<Partial<Record<Flag, string>>>,
  environment: NodeJS.ProcessEnv,
): Lookup {
  return (flag) => {
    const text = flags[flag];
    if (text !== undefined) return { name: `--${flag}`, text };
    const variable = FLAGS[flag];
    // make passes a variable that nobody set as an empty one.
    const value = variable === undefined ? undefined : environment[variable] || undefined;
    return variable === undefined || value === undefined
      ? undefined
      : { name: variable, text: value };
  };
}

function parsed<T>(
  given: Given | undefined,
  parse: (name: string, text: string) => T,
): T | undefined {
  return given === undefined ? undefined : parse(given.name, given.text);
}

function oneOf<T extends string>(known: readonly T[]): (name: string, text: string) => T {
  return (name, text) => {
    const found = known.find((one) => one === text);
    if (found === undefined) throw new SettingsError(name, text, known.join(', '));
    return found;
  };
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new SettingsError(name, text, 'a number from 1');
  return value;
}

function readFlags(args: readonly string[]): Partial<Record<Flag, string>> {
  const options = Object.fromEntries(
    Object.keys(FLAGS).map((flag) => [flag, { type: 'string' as const }]),
  );
  return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
}

function threadsOf(benchmark: Benchmark, given: Given | undefined): ThreadRange {
  const range = parsed(given, parseThreadRange);
  if (range === undefined) return THREADS;
  if (given !== undefined && !benchmark.endsWith('scaling') && range.first !== 1) {
    const expected = `one number: bench ${benchmark} runs with one count of threads`;
    throw new SettingsError(given.name, given.text, expected);
  }
  return range;
}

/**
 * The settings of a benchmark.
 *
 * @param args What follows the benchmark's name.
 * @throws {SettingsError} A value that means nothing; the message says what is accepted.
 * @throws {TypeError} An unknown flag, or a flag without its value.
 */
export function readSettings(
  benchmark: Benchmark,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Settings {
  const lookup = lookupOf(readFlags(args), environment);
  const defaults = DEFAULTS[benchmark];
  const both = parsed(lookup('duration'), parseSeconds);
  const isBatch = benchmark === 'batch' || benchmark === 'batch-scaling';
  const batchEntries = parsed(lookup('batch-size'), parseBatchEntries);
  return {
    benchmark,
    fsync: parsed(lookup('fsync'), parseFsync) ?? { kind: 'milliseconds', intervalMs: 1000 },
    threads: threadsOf(benchmark, lookup('threads')),
    writeSeconds: parsed(lookup('write-duration'), parseSeconds) ?? both ?? defaults.writeSeconds,
    readSeconds: parsed(lookup('read-duration'), parseSeconds) ?? both ?? READ_SECONDS,
    batchEntries: isBatch ? (batchEntries ?? defaults.batchEntries) : 0,
    readMode: parsed(lookup('read-mode'), oneOf(READ_MODES)) ?? 'next',
    backend: parsed(lookup('backend'), oneOf(BACKENDS)),
    maxBytes: parsed(lookup('max-bytes'), parseByteCount) ?? Infinity,
    persistEvery: parsed(lookup('persist-every'), wholeNumber) ?? defaults.persistEvery,
    parent: lookup('dir')?.text ?? join(__dirname, '..', '..', '.make'),
    out: lookup('out')?.text ?? '.',
  };
}
