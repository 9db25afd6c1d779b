// `npm run bench:compare`: every ratio that the speed and memory targets name, in one run.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { rateRow, type Sample } from '../figures';
import { describeMachine } from '../machine';
import { buildPeer } from '../peers/peer-process';
import { renderReport, type Report, type Section } from '../report';
import { buildSeedEngine } from '../seed-engine';
import { inNewDirectory } from '../suite/run';
import { parseByteCount, parseSeconds, SettingsError } from '../suite/setting-values';
import { readContests, writeContests, type Contest } from './contests';
import { runContest, type ContestSamples } from './rounds';
import { canCountSyncs } from './sync-count';
import { countSyncsOfAll, type SyncTable } from './sync-table';
import { coldOpen, idleTopics, reclaimSpeed, type SingleFigure } from './whole-process';

const HELP = `usage: npm run bench:compare -- [options]

The write, batch and read loads of the seed's benchmarks (10 threads, 500 to 1,024 bytes) on this
engine from JavaScript, the seed from Rust, RocksDB and bare system calls, in interleaved rounds;
then the syncs per append of each, the cold open after kill -9, and idle topics.

  --only LIST        of writes, reads, syncs, open, idle, reclaim (default: all)
  --contest LIST     only these contests of writes and reads, by name
  --rounds N         default 3
  --max-bytes SIZE   payload that a side writes in one contest, all rounds (default 1.5GB)
  --seconds TIME     a phase ends after this, done or not (default 10s)
  --scale X          of the cold open: 1 is 10 GiB (default 0.1)
  --dir PATH         where data goes (default: .make in the repository); removed at the end
  --json             the figures as JSON on stdout
`;
const PARTS = ['writes', 'reads', 'syncs', 'open', 'idle', 'reclaim'] as const;
type Part = (typeof PARTS)[number];

interface Options {
  readonly parts: readonly Part[];
  readonly contests: readonly string[] | undefined;
  readonly rounds: number;
  readonly maxBytes: number;
  readonly seconds: number;
  readonly scale: number;
  readonly parent: string;
  readonly json: boolean;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new SettingsError(name, text, 'a number above 0');
  return value;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: PARTS.join(',') },
      contest: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      'max-bytes': { type: 'string', default: '1.5GB' },
      seconds: { type: 'string', default: '10s' },
      scale: { type: 'string', default: '0.1' },
      dir: { type: 'string', default: join(__dirname, '..', '..', '.make') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const parts = values.only.split(',').map((name) => {
    const part = PARTS.find((known) => known === name);
    if (part === undefined) throw new SettingsError('--only', name, PARTS.join(', '));
    return part;
  });
  return {
    parts,
    contests: values.contest?.split(','),
    rounds: Math.ceil(positive('--rounds', values.rounds)),
    maxBytes: parseByteCount('--max-bytes', values['max-bytes']),
    seconds: parseSeconds('--seconds', values.seconds),
    scale: positive('--scale', values.scale),
    parent: values.dir,
    json: values.json,
  };
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function alteredNotes({ title }: Contest, { altered }: ContestSamples): string[] {
  return Object.entries(altered)
    .filter(([, count]) => count > 0)
    .map(([side, count]) => `${title}: of ${side}, ${count} entries came back out of order`);
}

async function contestSection(
  title: string,
  contests: readonly Contest[],
  { rounds }: Options,
  directory: string,
): Promise<{ section: Section; bytes: Record<string, number> }> {
  const samples: Sample[] = [];
  const bytes: Record<string, number> = {};
  const notes = ['Payloads of 500 to 1,024 bytes, a topic per thread.'];
  for (const contest of contests) {
    const result = await runContest(contest, rounds, directory, progress);
    samples.push(...result.samples);
    notes.push(...alteredNotes(contest, result));
    for (const [side, count] of Object.entries(result.bytes)) {
      bytes[side] = (bytes[side] ?? 0) + count;
    }
  }
  const rows = contests.flatMap((contest) => contest.rows.map((row) => rateRow(row, samples)));
  return { section: { title, notes, rows }, bytes };
}

function chosen(contests: readonly Contest[], { contests: names }: Options): Contest[] {
  return contests.filter(({ name }) => names === undefined || names.includes(name));
}

function renderSyncs(tables: Readonly<Record<string, SyncTable>>): string {
  const schedules = Object.keys(tables);
  const head = ['syncs per append, 10 writers', ...schedules];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const side of Object.keys(Object.values(tables)[0] ?? {})) {
    table.push([side, ...schedules.map((name) => (tables[name]?.[side] ?? 0).toFixed(3))]);
  }
  return `${table.toString()}\nOurs as the engine counts, the peers' as strace does.`;
}

function renderSingles(figures: readonly SingleFigure[]): string {
  const table = new Table({ head: ['', '', 'budget', ''], style: { head: [], border: [] } });
  for (const { title, value, unit, verdict } of figures) {
    const shown = `${Number(value.toPrecision(3))} ${unit}`;
    if (verdict === undefined) {
      table.push([title, shown, '–', '']);
      continue;
    }
    const percent = `${Math.abs(verdict.margin * 100).toFixed(0)} %`;
    const text = verdict.met ? `met, ${percent} to spare` : `MISSED by ${percent}`;
    table.push([title, shown, verdict.text, text]);
  }
  return table.toString();
}

interface Measured {
  readonly report: Report;
  readonly syncs: Readonly<Record<string, SyncTable>>;
  readonly singles: readonly SingleFigure[];
}

async function measure(options: Options, directory: string): Promise<Measured> {
  const { parts, maxBytes, rounds, seconds } = options;
  const started = performance.now();
  const limits = { maxBytes: maxBytes / rounds, seconds };
  const contests = {
    writes: parts.includes('writes') ? chosen(writeContests(limits), options) : [],
    reads: parts.includes('reads') ? chosen(readContests(limits), options) : [],
  };
  if (contests.writes.length + contests.reads.length > 0 || parts.includes('syncs')) {
    progress('building the peers');
    buildSeedEngine();
    buildPeer('limits');
    buildPeer('rocksdb');
  }
  const sections: Section[] = [];
  const writtenBytes: Record<string, number> = {};
  for (const [title, list] of Object.entries(contests)) {
    if (list.length === 0) continue;
    const { section, bytes } = await contestSection(title, list, options, directory);
    sections.push(section);
    if (title !== 'writes') continue;
    for (const [side, count] of Object.entries(bytes)) writtenBytes[side] = count;
  }
  const singles: SingleFigure[] = [];
  if (parts.includes('open')) {
    progress('cold open after kill -9');
    singles.push(...(await coldOpen(directory, options.scale)));
  }
  if (parts.includes('idle')) {
    progress('idle topics');
    singles.push(...idleTopics(directory));
  }
  if (parts.includes('reclaim')) {
    progress('giving space back');
    singles.push(...(await reclaimSpeed(directory, options.rounds)));
  }
  const syncs: Record<string, SyncTable> = {};
  if (parts.includes('syncs')) {
    if (!canCountSyncs())
      throw new Error('strace is missing; install it with: apt-get install -y strace');
    for (const kind of ['no-fsync', 'sync-each'] as const) {
      progress(`counting syncs: ${kind}`);
      syncs[kind] = await countSyncsOfAll(directory, { kind });
    }
  }
  const took = (performance.now() - started) / 1000;
  const report = { machine: describeMachine(directory), sections, seconds: took, writtenBytes };
  return { report, syncs, singles };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(HELP);
    return;
  }
  mkdirSync(options.parent, { recursive: true });
  const measured = await inNewDirectory(options.parent, (directory) => measure(options, directory));
  if (options.json) {
    process.stdout.write(`${JSON.stringify(measured)}\n`);
    return;
  }
  const { report, syncs, singles } = measured;
  const parts = report.sections.length > 0 ? [renderReport(report)] : [];
  if (Object.keys(syncs).length > 0) parts.push(renderSyncs(syncs));
  if (singles.length > 0) parts.push(renderSingles(singles));
  process.stdout.write(`${parts.join('\n\n')}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
