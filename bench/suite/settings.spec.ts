import { BENCHMARKS, readSettings, type Benchmark } from './settings';

function read(benchmark: Benchmark, args: string[] = [], environment: NodeJS.ProcessEnv = {}) {
  return readSettings(benchmark, args, environment);
}

describe('readSettings', () => {
  it("has the seed's defaults", () => {
    const defaults = BENCHMARKS.map((benchmark) => {
      const { writeSeconds, readSeconds, batchEntries, persistEvery, threads } = read(benchmark);
      const { first, last } = threads;
      return [benchmark, writeSeconds, readSeconds, batchEntries, persistEvery, first, last];
    });
    expect(defaults).toEqual([
      ['writes', 120, 120, 0, 50, 1, 10],
      ['reads', 60, 120, 0, 5000, 1, 10],
      ['scaling', 30, 120, 0, 50, 1, 10],
      ['batch', 120, 120, 2000, 50, 1, 10],
      ['batch-scaling', 30, 120, 256, 50, 1, 10],
    ]);
    expect(read('writes')).toMatchObject({
      fsync: { kind: 'milliseconds', intervalMs: 1000 },
      readMode: 'next',
      backend: undefined,
      maxBytes: Infinity,
    });
  });

  it('takes every variable of the seed', () => {
    const environment = {
      WALRUS_FSYNC: 'sync-each',
      WALRUS_THREADS: '2-4',
      WALRUS_DURATION: '30s',
      WALRUS_BATCH_SIZE: '512',
      WALRUS_BACKEND: 'mmap',
    };
    expect(read('batch-scaling', [], environment)).toMatchObject({
      fsync: { kind: 'sync-each' },
      threads: { first: 2, last: 4 },
      writeSeconds: 30,
      batchEntries: 512,
      backend: 'mmap',
    });
  });

  it('lets the durations of the phases differ', () => {
    const environment = { WALRUS_DURATION: '30s', WALRUS_READ_DURATION: '3m' };
    expect(read('reads', [], environment)).toMatchObject({ writeSeconds: 30, readSeconds: 180 });
    const write = { WALRUS_WRITE_DURATION: '2m', WALRUS_DURATION: '30s' };
    expect(read('reads', [], write)).toMatchObject({ writeSeconds: 120, readSeconds: 30 });
  });

  it('puts flags before variables', () => {
    const environment = { WALRUS_FSYNC: 'sync-each', WALRUS_DURATION: '1h' };
    const settings = read('writes', ['--fsync', '100ms', '--duration=5'], environment);
    expect(settings).toMatchObject({
      fsync: { kind: 'milliseconds', intervalMs: 100 },
      writeSeconds: 5,
    });
  });

  it('takes an empty variable, as make passes it, for none', () => {
    expect(read('writes', [], { WALRUS_FSYNC: '', WALRUS_BACKEND: '' })).toEqual(read('writes'));
  });

  it('names the flag or the variable of a value that means nothing', () => {
    expect(() => read('writes', ['--fsync', 'often'])).toThrow(/^--fsync is 'often'; expected/);
    expect(() => read('writes', [], { WALRUS_BACKEND: 'tape' })).toThrow(
      "WALRUS_BACKEND is 'tape'; expected auto, io_uring, fd, mmap",
    );
    expect(() => read('reads', ['--read-mode', 'all'])).toThrow(/expected next, batch/);
    expect(() => read('reads', ['--persist-every', '0'])).toThrow(/expected a number from 1/);
  });

  it('refuses an unknown flag, and a range of threads where one count runs', () => {
    expect(() => read('writes', ['--speed', '11'])).toThrow(/speed/);
    expect(() => read('writes', ['--threads', '2-4'])).toThrow(/runs with one count of threads/);
    expect(read('writes', ['--threads', '4']).threads.last).toBe(4);
  });
});
