// One batch of 3 GiB, killed (SIGKILL) at random moments, and let through once: it is there whole
// or absent, and no process needs memory for more than a part of it.
// `tsx test/deep/huge-batch.ts [--gib 3] [--kills 4] [--seed N]`
import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildSync } from 'esbuild';
import { SeededRandom } from '../crash/seeded-random';
import type { HugeBatchOrder } from './huge-batch-worker';

const GIB = 2 ** 30;
const ENTRY_BYTES = 6 * 2 ** 20;
const SINGLE_ENTRIES = 3;
const PEAK_MB_MAX = 400;
const POLL_MS = 2;
const BUNDLE = join(__dirname, '../../node_modules/.cache/deep/huge-batch-worker.cjs');

/** Bytes that the files of a directory take on the disk. */
function usedBytes(directory: string): number {
  let names: string[] = [];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return names.reduce((sum, name) => sum + blocksOf(join(directory, name)) * 512, 0);
}

function blocksOf(path: string): number {
  try {
    return statSync(path).blocks;
  } catch (error) {
    // Renamed or removed since it was listed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}

interface Outcome {
  readonly killed: boolean;
  readonly lines: readonly string[];
}

/** Runs a worker; kills it once the directory has grown by `killAtBytes`. */
async function runWorker(order: HugeBatchOrder, killAtBytes?: number): Promise<Outcome> {
  const before = usedBytes(order.directory);
  const child = spawn(process.execPath, [BUNDLE, JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  if (killAtBytes !== undefined) {
    while (child.exitCode === null && usedBytes(order.directory) - before < killAtBytes) {
      await Promise.race([sleep(POLL_MS), ended]);
    }
    child.kill('SIGKILL');
  }
  const [code, signal] = await ended;
  if (signal !== 'SIGKILL' && code !== 0) throw new Error(`the worker ended badly:\n${stderr}`);
  return { killed: signal === 'SIGKILL', lines: stdout.trimEnd().split('\n') };
}

function peakOf({ lines }: Outcome): number {
  return Number(/^peak (\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
}

/** One directory: what its processes were answered, and what has to be there. */
class HugeBatch {
  readonly directory = mkdtempSync(join(tmpdir(), 'walrusmq-huge-'));
  peakMb = 0;
  private singles = 0;
  private batches = 0;

  constructor(private readonly entryCount: number) {}

  /** Appends, up to the kill. */
  async append(schedule: HugeBatchOrder['schedule'], killAtBytes?: number): Promise<Outcome> {
    const order = {
      do: 'append',
      directory: this.directory,
      schedule,
      entryCount: this.entryCount,
    };
    const outcome = await runWorker(order as HugeBatchOrder, killAtBytes);
    if (!outcome.killed) this.notePeak(outcome);
    const told = outcome.lines.filter((line) => line === 'single').length;
    const isDone = outcome.lines.includes('done');
    await this.check(told, isDone, outcome.lines.includes('begin'));
    return outcome;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true });
  }

  private async check(told: number, isDone: boolean, hadBegun: boolean): Promise<void> {
    const { directory, entryCount } = this;
    const outcome = await runWorker({ do: 'check', directory, schedule: 'sync-each', entryCount });
    this.notePeak(outcome);
    const [, singles, batches] = /^found (\d+) (\d+)$/.exec(outcome.lines[0] ?? '') ?? [];
    const [newSingles, newBatches] = [
      Number(singles) - this.singles,
      Number(batches) - this.batches,
    ];
    // What was under way at the kill may be there: one entry, or the whole batch.
    const singlesMax = hadBegun ? SINGLE_ENTRIES : Math.min(told + 1, SINGLE_ENTRIES);
    assert.ok(newSingles >= told && newSingles <= singlesMax, `${String(singles)} single entries`);
    assert.ok(newBatches >= (isDone ? 1 : 0), 'an acknowledged batch is gone');
    assert.ok(newBatches <= (hadBegun ? 1 : 0), 'a batch is there that nobody asked for');
    [this.singles, this.batches] = [Number(singles), Number(batches)];
  }

  private notePeak(outcome: Outcome): void {
    const peak = peakOf(outcome);
    assert.ok(peak <= PEAK_MB_MAX, `a process had ${String(peak)} MB`);
    this.peakMb = Math.max(this.peakMb, peak);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      gib: { type: 'string', default: '3' },
      kills: { type: 'string', default: '4' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
    },
  });
  const bytes = Number(values.gib) * GIB;
  const random = new SeededRandom(Number(values.seed));
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < 3 * bytes) throw new Error(`${tmpdir()} has not three times the space`);
  buildSync({
    entryPoints: [join(__dirname, 'huge-batch-worker.ts')],
    outfile: BUNDLE,
    bundle: true,
    platform: 'node',
    external: ['@walrusmq/native'],
  });
  const huge = new HugeBatch(Math.ceil(bytes / ENTRY_BYTES));
  let killed = 0;
  try {
    for (let turn = 0; turn < Number(values.kills); turn += 1) {
      const schedule = turn % 2 === 0 ? 'sync-each' : 'milliseconds';
      const at = random.between(0, Math.floor(bytes / 4096)) * 4096;
      const outcome = await huge.append(schedule, at);
      killed += outcome.killed ? 1 : 0;
      const left = `${(usedBytes(huge.directory) / GIB).toFixed(2)} GiB on the disk`;
      process.stdout.write(
        `${schedule}, killed after ${(at / GIB).toFixed(2)} GiB: whole or absent, ${left}\n`,
      );
    }
    const { killed: late, lines } = await huge.append('sync-each');
    assert.ok(!late && lines.includes('done'));
  } finally {
    huge.remove();
  }
  process.stdout.write(
    `seed ${values.seed}: ${values.gib} GiB, ${String(killed)} kills, let through once; ` +
      `at most ${String(huge.peakMb)} MB in a process\n`,
  );
  process.stdout.write(`${String(Number(values.kills) + 1)} passed, 0 failed\n`);
}

main().catch((error: unknown) => {
  process.stdout.write(`${error instanceof Error ? (error.stack ?? '') : String(error)}\n`);
  process.stdout.write('0 passed, 1 failed\n');
  process.exitCode = 1;
});
