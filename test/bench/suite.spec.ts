// The benchmark suite as a person calls it: real worker threads on the compiled engine, short runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..', '..');
const SHORT = ['--max-bytes', '2MB', '--duration', '20s'];

jest.setTimeout(120_000);

describe('the benchmark suite', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'walrus-bench-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function bench(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    const places = ['--dir', join(directory, 'data'), '--out', join(directory, 'out')];
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'bench/suite/main.ts', ...args, ...places],
      { cwd: REPOSITORY, encoding: 'utf8', env: { ...process.env, ...environment } },
    );
    return { status, stdout, stderr };
  }

  /** The rows of a CSV file, by column. */
  function rows(name: string): Record<string, string>[] {
    const [header = '', ...lines] = readFileSync(join(directory, 'out', name), 'utf8')
      .trimEnd()
      .split('\n');
    const columns = header.split(',');
    return lines.map((line) => {
      const fields = line.split(',');
      return Object.fromEntries(columns.map((column, place) => [column, fields[place] ?? '']));
    });
  }

  it('writes with ten threads on one engine, up to the cap, and leaves only its CSV', () => {
    const { status, stdout, stderr } = bench(['writes', ...SHORT]);
    expect(`${String(status)}${stderr}`).toMatch(/^0/);
    expect(stdout).toContain('10 threads');
    const written = rows('benchmark_throughput.csv');
    expect(Number(written[0]?.['total_writes'])).toBe(0);
    const bytes = Number(written.at(-1)?.['total_bytes']);
    expect(bytes).toBeGreaterThanOrEqual(2e6);
    expect(bytes).toBeLessThan(2e6 + 10 * 1024);
    expect(readdirSync(join(directory, 'data'))).toEqual([]);
    expect(readdirSync(join(directory, 'out'))).toEqual(['benchmark_throughput.csv']);
  });

  it.each(['next', 'batch'])('reads back all that it wrote, verified (%s)', (mode) => {
    const { status } = bench(['reads', ...SHORT, '--threads', '3', '--read-mode', mode]);
    expect(status).toBe(0);
    const last = rows('read_benchmark_throughput.csv').at(-1);
    expect(last?.['phase']).toBe('read');
    expect(last?.['total_read_mb']).toBe(last?.['total_write_mb']);
    expect(Number(last?.['total_read_mb'])).toBeGreaterThan(1.9);
  });

  it('writes whole batches of the size that the environment asks for', () => {
    const { status } = bench(['batch', ...SHORT], { WALRUS_BATCH_SIZE: '64', WALRUS_THREADS: '2' });
    expect(status).toBe(0);
    const last = rows('batch_benchmark_throughput.csv').at(-1);
    expect(Number(last?.['total_batches'])).toBeGreaterThan(0);
    expect(Number(last?.['total_entries'])).toBe(Number(last?.['total_batches']) * 64);
  });

  it('scales over a range of threads, a line per step', () => {
    const { status } = bench(['scaling', ...SHORT], { WALRUS_THREADS: '2-3' });
    expect(status).toBe(0);
    const steps = rows('scaling_results.csv');
    expect(steps.map(({ threads }) => threads)).toEqual(['2', '3']);
    expect(rows('scaling_results_live.csv')).toEqual(steps);
    const batches = bench(['batch-scaling', ...SHORT, '--threads', '1', '--batch-size', '32']);
    expect(batches.status).toBe(0);
    expect(rows('batch_scaling_results.csv').map(({ threads }) => threads)).toEqual(['1']);
  });

  it('ends by time where there is no cap', () => {
    const { status } = bench([
      'writes',
      '--duration',
      '1s',
      '--fsync',
      'sync-each',
      '--threads',
      '2',
    ]);
    expect(status).toBe(0);
    const seconds = Number(rows('benchmark_throughput.csv').at(-1)?.['elapsed_seconds']);
    expect(seconds).toBeGreaterThanOrEqual(0.9);
    expect(seconds).toBeLessThan(15);
  });

  it('says in one line what it cannot take', () => {
    const { status, stderr } = bench(['writes'], { WALRUS_FSYNC: 'sometimes' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^bench: WALRUS_FSYNC is 'sometimes'; expected sync-each, [^\n]*\n$/);
    expect(existsSync(join(directory, 'out'))).toBe(false);
  });
});
