// From moments of a run to lines of its CSV file.
import type { CsvRow } from './csv';
import type { Moment } from './crew';
import type { DirtyPages } from './dirty-pages';
import type { Totals } from './tallies';

const MIB = 2 ** 20;

/** What happened since the moment before, per second. */
export interface Rates {
  readonly appends: number;
  readonly writtenEntries: number;
  readonly writtenBytes: number;
  readonly readEntries: number;
  readonly readBytes: number;
}

export const NOTHING: Totals = {
  appends: 0,
  writtenEntries: 0,
  writtenBytes: 0,
  readEntries: 0,
  readBytes: 0,
};

/** The rates between two moments; zero when no time passed. */
export function ratesBetween(before: Moment, now: Moment): Rates {
  const seconds = now.seconds - before.seconds;
  const rate = (field: keyof Totals): number =>
    seconds > 0 ? (now.totals[field] - before.totals[field]) / seconds : 0;
  return {
    appends: rate('appends'),
    writtenEntries: rate('writtenEntries'),
    writtenBytes: rate('writtenBytes'),
    readEntries: rate('readEntries'),
    readBytes: rate('readBytes'),
  };
}

/** A moment with what is recorded beside it. */
export interface Sampled {
  readonly moment: Moment;
  readonly rates: Rates;
  readonly dirty: DirtyPages;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

function shared({ moment, dirty, timestamp }: Sampled) {
  return {
    timestamp: Math.floor(timestamp),
    elapsed_seconds: moment.seconds.toFixed(2),
    dirty_pages_kb: dirty.kilobytes,
    dirty_ratio_percent: dirty.percent.toFixed(2),
  };
}

/** A line of benchmark_throughput.csv and rocksdb_benchmark_throughput.csv. */
export function writesRow(sampled: Sampled): CsvRow<'benchmark_throughput.csv'> {
  const { rates, moment } = sampled;
  return {
    ...shared(sampled),
    writes_per_second: rates.writtenEntries.toFixed(0),
    bytes_per_second: rates.writtenBytes.toFixed(0),
    total_writes: moment.totals.writtenEntries,
    total_bytes: moment.totals.writtenBytes,
  };
}

/** A line of read_benchmark_throughput.csv; its MB are 2^20 bytes, as the seed's. */
export function readsRow(sampled: Sampled): CsvRow<'read_benchmark_throughput.csv'> {
  const { rates, moment } = sampled;
  const mebibytes = (bytes: number): string => (bytes / MIB).toFixed(3);
  return {
    ...shared(sampled),
    phase: moment.phase,
    write_mb_per_sec: mebibytes(rates.writtenBytes),
    read_mb_per_sec: mebibytes(rates.readBytes),
    total_write_mb: mebibytes(moment.totals.writtenBytes),
    total_read_mb: mebibytes(moment.totals.readBytes),
  };
}

/** A line of batch_benchmark_throughput.csv. */
export function batchRow(sampled: Sampled): CsvRow<'batch_benchmark_throughput.csv'> {
  const { rates, moment } = sampled;
  return {
    ...shared(sampled),
    batches_per_second: rates.appends.toFixed(2),
    entries_per_second: rates.writtenEntries.toFixed(0),
    bytes_per_second: rates.writtenBytes.toFixed(0),
    total_batches: moment.totals.appends,
    total_entries: moment.totals.writtenEntries,
    total_bytes: moment.totals.writtenBytes,
  };
}
