import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CsvFile } from '../suite/csv';
import { liveLines } from './live';
import { show } from './show';
import { terminalChart } from './terminal-chart';

describe('terminalChart', () => {
  const chart = (values: number[], columns = 20, rows = 2) =>
    terminalChart(values, columns, rows, (value) => String(value));

  it('draws columns from 0 to the highest, with both at the left', () => {
    expect(chart([0, 4, 8])).toEqual(['         8   █', '         0  ██']);
    expect(chart([8, 6])).toEqual(['         8 █▄', '         0 ██']);
  });

  it('keeps the newest where not all fit', () => {
    const lines = chart([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 4], 13);
    expect(lines).toEqual(['         4  █', '         0  █']);
  });

  it('draws nothing of nothing', () => {
    expect(chart([])).toEqual(['         0', '         0']);
    expect(chart([0, 0])).toEqual(['         0', '         0']);
  });
});

describe('on CSV files', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'walrus-live-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function file<Name extends 'benchmark_throughput.csv' | 'scaling_results_live.csv'>(name: Name) {
    return new CsvFile(join(directory, name), name);
  }

  it('the live view waits for the file, then follows it', () => {
    expect(liveLines('writes', directory, 80)[0]).toMatch(/run make bench-writes in another/);
    const csv = file('benchmark_throughput.csv');
    const row = {
      timestamp: 1,
      elapsed_seconds: '0.00',
      writes_per_second: 0,
      bytes_per_second: 0,
      total_writes: 0,
      total_bytes: 0,
      dirty_pages_kb: 1,
      dirty_ratio_percent: '0.10',
    };
    csv.append(row);
    const later = { elapsed_seconds: '0.50', writes_per_second: 206_000, total_writes: 103_000 };
    csv.append({ ...row, ...later, bytes_per_second: 153_000_000 });
    const text = liveLines('writes', directory, 80).join('\n');
    expect(text).toContain('0.50 s, 103k writes');
    expect(text).toContain('writes per second: 206k');
    expect(text).toMatch(/206k █\n/);
  });

  it('the live view of scaling has a bar per step', () => {
    const csv = file('scaling_results_live.csv');
    csv.append({ threads: 1, throughput: '100000.00' });
    csv.append({ threads: 2, throughput: '200000.00' });
    const bars = liveLines('scaling', directory, 50).map((line) => line.split('█').length - 1);
    expect(bars).toEqual([10, 20]);
  });

  it('there is no other live view', () => {
    expect(() => liveLines('reads', directory, 80)).toThrow('there are writes, scaling');
  });

  it('show says which target makes the file that is missing', () => {
    expect(() => show('scaling', directory, {})).toThrow(/is not there: make bench-scaling first/);
    expect(() => show('graph', directory, {})).toThrow(/there is no plot graph/);
    const elsewhere = { WALRUS_CSV: join(directory, 'other.csv') };
    expect(() => show('walrus-vs-rocksdb', directory, elsewhere)).toThrow(
      /other\.csv is not there/,
    );
  });

  it('show leaves both pictures beside the file', () => {
    const csv = new CsvFile(join(directory, 'scaling_results.csv'), 'scaling_results.csv');
    csv.append({ threads: 1, throughput: 10 });
    csv.append({ threads: 2, throughput: 20 });
    const names = show('scaling', directory, {}).map((path) => path.slice(directory.length + 1));
    expect(names).toEqual(['scaling_results.svg', 'scaling_results.png']);
  });
});
