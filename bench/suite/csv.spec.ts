import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CSV_FILES, CsvFile, parseCsv, readCsv } from './csv';

describe('the CSV files', () => {
  it('have the columns of the specification, in its order', () => {
    const headers = Object.fromEntries(
      Object.entries(CSV_FILES).map(([name, columns]) => [name, columns.join(',')]),
    );
    const throughput =
      'timestamp,elapsed_seconds,writes_per_second,bytes_per_second,total_writes,total_bytes,' +
      'dirty_pages_kb,dirty_ratio_percent';
    expect(headers).toEqual({
      'benchmark_throughput.csv': throughput,
      'rocksdb_benchmark_throughput.csv': throughput,
      'read_benchmark_throughput.csv':
        'timestamp,elapsed_seconds,phase,write_mb_per_sec,read_mb_per_sec,total_write_mb,' +
        'total_read_mb,dirty_pages_kb,dirty_ratio_percent',
      'batch_benchmark_throughput.csv':
        'timestamp,elapsed_seconds,batches_per_second,entries_per_second,bytes_per_second,' +
        'total_batches,total_entries,total_bytes,dirty_pages_kb,dirty_ratio_percent',
      'scaling_results.csv': 'threads,throughput',
      'scaling_results_live.csv': 'threads,throughput',
      'batch_scaling_results.csv': 'threads,entries_per_second,mb_per_second,batches_per_second',
      'connections_cost.csv': 'count,produce_ms_per_mb,fetch_ms_per_mb',
      'partitions_cost.csv': 'count,produce_ms_per_mb,fetch_ms_per_mb',
      'kafka_comparison.csv':
        'broker,schedule,cell,cpu_s_per_gb,mb_per_second,records_per_second,client_share,' +
        'p50_ms,p99_ms,p999_ms,start_s,rss_mb',
    });
  });
});

describe('CsvFile', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'walrus-csv-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it('starts anew with its header, and has each line at once', () => {
    const path = join(directory, 'scaling_results.csv');
    new CsvFile(path, 'scaling_results.csv').append({ threads: 9, throughput: 1 });
    const file = new CsvFile(path, 'scaling_results.csv');
    file.append({ throughput: '20.50', threads: 1 });
    expect(readFileSync(path, 'utf8')).toBe('threads,throughput\n1,20.50\n');
    file.append({ threads: 2, throughput: 30 });
    expect(readCsv('scaling_results.csv', path)).toEqual([
      { threads: '1', throughput: '20.50' },
      { threads: '2', throughput: '30' },
    ]);
  });
});

describe('parseCsv', () => {
  const parse = (text: string) => parseCsv('scaling_results.csv', text);

  it('leaves out a line that is still being written', () => {
    expect(parse('threads,throughput\n1,20\n2,3')).toEqual([{ threads: '1', throughput: '20' }]);
  });

  it('refuses the header of another file, and no header at all', () => {
    expect(() => parse('threads,speed\n1,2\n')).toThrow(/first line is 'threads,speed'/);
    expect(() => parse('')).toThrow(/first line is ''/);
  });

  it('names the line that has too few or too many fields', () => {
    expect(() => parse('threads,throughput\n1,20\n2\n')).toThrow(
      'scaling_results.csv:3: 1 fields, not 2',
    );
    expect(() => parse('threads,throughput\n1,20,3\n')).toThrow(/:2: 3 fields/);
  });
});
