// The CSV files of the benchmarks: their names, their columns, and reading them back.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';

const THROUGHPUT = [
  'timestamp',
  'elapsed_seconds',
  'writes_per_second',
  'bytes_per_second',
  'total_writes',
  'total_bytes',
  'dirty_pages_kb',
  'dirty_ratio_percent',
] as const;
const COST = ['count', 'produce_ms_per_mb', 'fetch_ms_per_mb'] as const;
const SCALING = ['threads', 'throughput'] as const;

/** Every file that a benchmark writes, with its columns in order. */
export const CSV_FILES = {
  'benchmark_throughput.csv': THROUGHPUT,
  'rocksdb_benchmark_throughput.csv': THROUGHPUT,
  'read_benchmark_throughput.csv': [
    'timestamp',
    'elapsed_seconds',
    'phase',
    'write_mb_per_sec',
    'read_mb_per_sec',
    'total_write_mb',
    'total_read_mb',
    'dirty_pages_kb',
    'dirty_ratio_percent',
  ],
  'batch_benchmark_throughput.csv': [
    'timestamp',
    'elapsed_seconds',
    'batches_per_second',
    'entries_per_second',
    'bytes_per_second',
    'total_batches',
    'total_entries',
    'total_bytes',
    'dirty_pages_kb',
    'dirty_ratio_percent',
  ],
  'scaling_results.csv': SCALING,
  'scaling_results_live.csv': SCALING,
  'batch_scaling_results.csv': [
    'threads',
    'entries_per_second',
    'mb_per_second',
    'batches_per_second',
  ],
  'connections_cost.csv': COST,
  'partitions_cost.csv': COST,
  'kafka_comparison.csv': [
    'broker',
    'schedule',
    'cell',
    'cpu_s_per_gb',
    'mb_per_second',
    'records_per_second',
    'client_share',
    'p50_ms',
    'p99_ms',
    'p999_ms',
    'start_s',
    'rss_mb',
  ],
} as const;
export type CsvName = keyof typeof CSV_FILES;
export type Column<Name extends CsvName> = (typeof CSV_FILES)[Name][number];
/** One line, by column. */
export type CsvRow<Name extends CsvName> = Readonly<Record<Column<Name>, string | number>>;

/** Fields are numbers and plain words: nothing needs quotes. */
export class CsvFile<Name extends CsvName> {
  /** Starts the file anew, with its header. */
  constructor(
    readonly path: string,
    private readonly name: Name,
  ) {
    writeFileSync(path, `${CSV_FILES[name].join(',')}\n`);
  }

  /** Adds a line; it is in the file on return, so that a live plot sees it. */
  append(row: CsvRow<Name>): void {
    const columns: readonly Column<Name>[] = CSV_FILES[this.name];
    appendFileSync(this.path, `${columns.map((column) => row[column]).join(',')}\n`);
  }
}

/** Thrown for a file that is not what its name says. */
export class CsvError extends Error {}

/**
 * The rows of a file. A last line without its end is left out: somebody is still writing it.
 * @throws {CsvError} Another header, or a line with another number of fields.
 */
export function parseCsv<Name extends CsvName>(
  name: Name,
  text: string,
): Record<Column<Name>, string>[] {
  const [header, ...lines] = text.split('\n').slice(0, -1);
  const columns: readonly Column<Name>[] = CSV_FILES[name];
  if (header !== columns.join(','))
    throw new CsvError(`${name}: its first line is '${header ?? ''}'`);
  return lines.map((line, place) => {
    const fields = line.split(',');
    if (fields.length !== columns.length) {
      throw new CsvError(`${name}:${place + 2}: ${fields.length} fields, not ${columns.length}`);
    }
    const pairs = columns.map((column, index) => [column, fields[index] ?? '']);
    return Object.fromEntries(pairs) as Record<Column<Name>, string>;
  });
}

/** As `parseCsv`, from a file. */
export function readCsv<Name extends CsvName>(
  name: Name,
  path: string,
): Record<Column<Name>, string>[] {
  return parseCsv(name, readFileSync(path, 'utf8'));
}
