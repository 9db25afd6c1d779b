// Opening a directory after kill -9 with a cold cache, and the cost of idle topics; each measured
// in a process of its own (store-process.ts).
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, verdictOf, type Budget, type Verdict } from '../figures';
import { bundle } from '../suite/bundle';
import { nativeSide, runSide } from './sides';
import type { Idle, Opened, Reclaimed } from './store-process';

const FULL_BYTES = 10 * 2 ** 30;
const COLD_TOPICS = 100;
const IDLE_TOPICS = 10_000;
const LOAD_AFTER_FILL_MS = 300;
const RECLAIM_BYTES = 1.5e9;
const RECLAIM_SECONDS_MAX = 60;

/** One figure of ours or of the machine; ours are held against their budgets. */
export interface SingleFigure {
  readonly title: string;
  readonly value: number;
  readonly unit: string;
  readonly verdict?: Verdict;
}

function figure(
  title: string,
  value: number,
  unit: string,
  bound: number,
  text: string,
  kind: Budget['kind'] = 'at most',
): SingleFigure {
  const budget: Budget = { kind, bound, text };
  return { title, value, unit, verdict: verdictOf(value, budget) };
}

/** The sum over all files below a directory. */
function sumFiles(
  directory: string,
  size: (stat: { size: number; blocks: number }) => number,
): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + size(statSync(join(entry.parentPath, entry.name))), 0);
}

function diskBytes(directory: string): number {
  return sumFiles(directory, ({ blocks }) => blocks * 512);
}

function run(program: string, args: readonly string[]): unknown {
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', program, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`store-process ${args.join(' ')} failed`);
  return JSON.parse(stdout);
}

async function fillAndKill(program: string, directory: string, bytes: number): Promise<number> {
  const args = [program, 'fill', directory, String(COLD_TOPICS), String(bytes)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    gone.then(() => {
      throw new Error('the process that fills the directory ended by itself');
    }),
  ])) as [string];
  await sleep(LOAD_AFTER_FILL_MS);
  child.kill('SIGKILL');
  await gone;
  return (JSON.parse(line) as { written: number }).written;
}

/** Puts everything on the disk and out of the page cache, file by file. */
function dropFromCache(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const synced = spawnSync('sync', [path]);
    const dropped = spawnSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0', 'status=none']);
    if (synced.status !== 0 || dropped.status !== 0) {
      throw new Error(`${path} could not be dropped from the page cache`);
    }
  }
}

/**
 * Fills 100 topics, kills the writer in its work, drops the files from the cache and opens them.
 * @param scale 1 is 10 GiB.
 */
export async function coldOpen(parent: string, scale: number): Promise<SingleFigure[]> {
  const program = bundle(join(__dirname, 'store-process.ts'));
  const directory = join(parent, 'cold-open');
  mkdirSync(directory);
  try {
    const written = await fillAndKill(program, directory, FULL_BYTES * scale);
    dropFromCache(directory);
    const opened = run(program, ['open', directory]) as Opened;
    if (opened.previousCloseWasClean) throw new Error('the writer was not killed in its work');
    const size = `${(written / 2 ** 30).toFixed(2)} GiB in ${COLD_TOPICS} topics`;
    const share = (bytes: number): number => (bytes / written) * 100;
    const { milliseconds, recoveryBytes, diskBytes: fetched } = opened;
    return [
      figure(`open after kill -9, cold, ${size}`, milliseconds, 'ms', 1000, '< 1 s'),
      figure('read by the engine', share(recoveryBytes), '% of the payload', 1, '< 1 %'),
      figure('read from the disk, read-ahead too', share(fetched), '% of the payload', 1, '< 1 %'),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What a topic of one small entry costs in memory and on the disk, with 10,000 of them open. */
export function idleTopics(parent: string): SingleFigure[] {
  const program = bundle(join(__dirname, 'store-process.ts'));
  const directory = join(parent, 'idle-topics');
  mkdirSync(directory);
  try {
    const { topics, baseBytes, rssBytes } = run(program, [
      'idle',
      directory,
      String(IDLE_TOPICS),
    ]) as Idle;
    const memory = (rssBytes - baseBytes) / topics / 1000;
    const disk = diskBytes(directory) / topics / 1000;
    return [
      figure(`memory per idle topic, ${topics} open`, memory, 'KB', 10, '< 10 KB'),
      figure('disk per topic of one small entry', disk, 'KB', 100, '< 100 KB'),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** GiB/s of one run of this engine. */
function reclaimOnce(program: string, directory: string): number {
  mkdirSync(directory);
  try {
    const args = ['reclaim', directory, String(RECLAIM_BYTES)];
    const { milliseconds, freedBytes } = run(program, args) as Reclaimed;
    return freedBytes / 2 ** 30 / (milliseconds / 1000);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** GiB/s of bare calls that punch the same space out of one file in the same pieces. */
async function punchOnce(parent: string): Promise<number> {
  const load = {
    threads: 1,
    batchEntries: 0,
    fsync: { kind: 'no-fsync' },
    persistEvery: 1,
    writeSeconds: RECLAIM_SECONDS_MAX,
    readSeconds: 0,
    maxBytes: RECLAIM_BYTES,
  } as const;
  const { bytes, seconds } = await runSide(nativeSide('limits', 'punch'), load, parent, 'punch');
  return bytes / 2 ** 30 / seconds;
}

/** How fast the space of blocks that are no longer needed is given back; medians of the rounds. */
export async function reclaimSpeed(parent: string, rounds: number): Promise<SingleFigure[]> {
  const program = bundle(join(__dirname, 'store-process.ts'));
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(reclaimOnce(program, join(parent, 'reclaim')));
    bare.push(await punchOnce(parent));
  }
  const size = `${(RECLAIM_BYTES / 2 ** 30).toFixed(2)} GiB`;
  const ratio = median(ours.map((rate, round) => rate / (bare[round] ?? Number.NaN)));
  return [
    figure(`space given back, ${size}`, median(ours), 'GiB/s', 3, '≥ 3 GiB/s', 'at least'),
    { title: `bare fallocate, ${size} in 10 MiB pieces`, value: median(bare), unit: 'GiB/s' },
    { title: 'space given back ÷ bare fallocate', value: ratio, unit: '×' },
  ];
}
