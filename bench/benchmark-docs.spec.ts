// docs/benchmarks.md and the make targets against what there is.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { presetRow } from './compare/presets';
import { CSV_FILES } from './suite/csv';
import { readSettings, USAGE } from './suite/settings';

const ROOT = join(__dirname, '..');
const text = readFileSync(join(ROOT, 'docs/benchmarks.md'), 'utf8');

function make(...args: string[]) {
  const command = [join(ROOT, 'scripts/make.mjs'), ...args];
  const environment = { ...process.env, FSYNC: 'none' };
  const options = { cwd: ROOT, encoding: 'utf8', env: environment } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, command, options);
  return { status, stdout, stderr };
}

const targets = [...make('help').stdout.matchAll(/^ {2}make (\S+)/gm)].map(([, name]) => name);

describe('make', () => {
  it('has every target of the benchmark suite', () => {
    const benchmarks = ['writes', 'reads', 'scaling', 'batch', 'batch-scaling'];
    const wanted = [
      ...['', '-sync', '-fast'].flatMap((form) => [
        ...benchmarks.map((name) => `bench-${name}${form}`),
        ...['writes', 'reads', 'scaling'].map((name) => `bench-and-show-${name}${form}`),
      ]),
      ...['writes', 'reads', 'scaling'].map((name) => `show-${name}`),
      ...['batch-writes', 'batch-scaling', 'walrus-vs-rocksdb'].map((name) => `show-${name}`),
      ...['live-writes', 'live-scaling', 'bench-walrus-vs-rocksdb', 'clean'],
      ...['bench-latency', 'bench-vs-nats', 'bench-connections', 'bench-partitions'],
      ...['show-connections', 'show-partitions', 'bench-vs-kafka', 'show-vs-kafka'],
    ];
    expect(wanted.filter((name) => !targets.includes(name))).toEqual([]);
  });

  it('refuses a target that does not exist, and a schedule given twice', () => {
    expect(make('bench-speed')).toMatchObject({
      status: 1,
      stderr: 'there is no target bench-speed; see make help\n',
    });
    expect(make('bench-writes-sync')).toMatchObject({
      status: 1,
      stderr: 'FSYNC=none: this form is sync-each already; leave one\n',
    });
  });
});

describe('docs/benchmarks.md', () => {
  it('names no target that does not exist', () => {
    const named = [...text.matchAll(/`(?:make )?((?:bench|show|live)-[a-z-]+)/g)];
    expect(named.length).toBeGreaterThan(15);
    expect(named.map(([, name]) => name).filter((name) => !targets.includes(name))).toEqual([]);
  });

  it('names the CSV files', () => {
    const named = new Set([...text.matchAll(/`(\w+\.csv)`/g)].map(([, name]) => name));
    const ours = Object.keys(CSV_FILES).filter((name) => !name.startsWith('rocksdb'));
    expect([...named].sort()).toEqual(ours.sort());
  });

  it('has every variable and every flag, and no other', () => {
    const variables = (from: string): Set<string> =>
      new Set([...from.matchAll(/\bWALRUS_[A-Z_]+\b/g)].map(([name]) => name));
    const flags = (from: string): Set<string> =>
      new Set([...from.matchAll(/(?<=[ `])--[a-z-]+/g)].map(([name]) => name));
    const settings = text.slice(text.indexOf('### Settings'), text.indexOf('### Files'));
    expect(variables(settings)).toEqual(variables(USAGE));
    expect(flags(settings)).toEqual(flags(USAGE));
  });

  it('says how often each benchmark saves a cursor', () => {
    const settings = readSettings('writes', [], {});
    expect(text).toContain(`\`AtLeastOnce(${settings.persistEvery})\``);
    const reads = readSettings('reads', [], {}).persistEvery;
    expect(text).toContain(`\`AtLeastOnce(${reads})\``);
  });
});

describe('presetRow', () => {
  it('is a row of the table in docs/tuning.md', () => {
    const preset = { name: 'maximum durability', fsync: 'sync-each', persistEvery: 1 };
    expect(presetRow({ preset, appends: 15_600, batched: 1.2e6, reads: 999 })).toBe(
      '| maximum durability | sync-each | StrictlyAtOnce | 15.6k/s | 1.20M/s | 999/s |',
    );
  });
});
