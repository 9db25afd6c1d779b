// What the plots show, as Vega-Lite describes it: one function per show-… target.
import type { TopLevelSpec } from 'vega-lite';
import type { Column, CsvName } from '../suite/csv';

/** The rows of a CSV file as its fields stand there. */
export type Rows<Name extends CsvName> = readonly Readonly<Record<Column<Name>, string>>[];

const WIDTH = 760;
const HEIGHT = 200;
export const OURS = '#2166ac';
export const PEER = '#d6604d';
const QUIET = '#7f7f7f';
const MEGA = 1e6;

const CONFIG = {
  font: 'DejaVu Sans',
  title: { fontSize: 18, subtitleFontSize: 12, subtitleColor: QUIET, anchor: 'start', offset: 12 },
  axis: { gridColor: '#e5e5e5', domainColor: '#999999', labelFontSize: 11, titleFontSize: 12 },
  legend: { labelFontSize: 12, title: null, orient: 'top' },
  view: { stroke: null },
} as const;

type Value = Readonly<Record<string, string | number>>;

interface Panel {
  readonly values: readonly Value[];
  readonly x: string;
  readonly y: string;
  readonly title: string;
  readonly colour?: string;
  /** The field that tells series apart; without it there is one, in `colour`. */
  readonly series?: string;
  readonly points?: boolean;
  readonly dash?: boolean;
  /** A logarithmic x axis. */
  readonly isLog?: boolean;
}

const X_TITLES: Readonly<Record<string, string>> = {
  seconds: 'seconds',
  threads: 'threads',
};

function line(given: Panel) {
  const { values, x, y, title, colour = OURS, series, points = false, dash, isLog } = given;
  const strokeDash = dash === true ? [6, 4] : [1, 0];
  return {
    data: { values: [...values] },
    mark: { type: 'line', strokeWidth: 2, point: points ? { size: 50 } : false, strokeDash },
    encoding: {
      x: {
        field: x,
        type: 'quantitative',
        title: X_TITLES[x] ?? x,
        axis: { tickMinStep: 1, format: 'd' },
        scale: isLog === true ? { type: 'log' } : { zero: x === 'seconds' },
      },
      y: { field: y, type: 'quantitative', title, axis: { format: ',' }, scale: { zero: true } },
      color:
        series === undefined
          ? { value: colour }
          : { field: series, type: 'nominal', scale: { range: [OURS, PEER] }, sort: null },
    },
  } as const;
}

function panel(given: Panel) {
  return { width: WIDTH, height: HEIGHT, ...line(given) } as const;
}

/** A chart of panels below each other, in the style of all. */
export function chart(title: string, subtitle: string, panels: readonly object[]): TopLevelSpec {
  const spec = {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: 'white',
    padding: 20,
    config: CONFIG,
    title: { text: title, subtitle },
    vconcat: [...panels],
  };
  // The panels' shape is what the functions above return; Vega-Lite checks it when it compiles.
  return spec as TopLevelSpec;
}

function numbers(rows: readonly Readonly<Record<string, string>>[]): Record<string, number>[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, text]) => [name, Number(text)])),
  );
}

function last(rows: readonly Record<string, number>[]): Readonly<Record<string, number>> {
  const found = rows.at(-1);
  if (found === undefined) throw new RangeError('the file has no rows yet');
  return found;
}

function perSecond(total: number | undefined, seconds: number | undefined): string {
  const rate = (total ?? 0) / (seconds ?? Number.NaN);
  return Number.isFinite(rate) ? Math.round(rate).toLocaleString('en-US') : '–';
}

function throughputValues(rows: readonly Record<string, number>[], system: string): Value[] {
  return rows.slice(1).map((row) => ({
    system,
    seconds: row['elapsed_seconds'] ?? 0,
    entries: row['writes_per_second'] ?? row['entries_per_second'] ?? 0,
    megabytes: (row['bytes_per_second'] ?? 0) / MEGA,
    dirty: row['dirty_ratio_percent'] ?? 0,
  }));
}

function dirtyPanel(values: readonly Value[]) {
  const title = 'dirty pages, % of memory';
  return panel({ values, x: 'seconds', y: 'dirty', title, colour: QUIET });
}

/** @throws {RangeError} The file has no rows yet. So with the other charts. */
export function writesChart(rows: Rows<'benchmark_throughput.csv'>): TopLevelSpec {
  const parsed = numbers(rows);
  const { total_writes: writes, total_bytes: bytes, elapsed_seconds: seconds } = last(parsed);
  const values = throughputValues(parsed, 'WalrusMQ');
  const mean = `mean ${perSecond(writes, seconds)} writes/s`;
  const size = `${perSecond((bytes ?? 0) / MEGA, seconds)} MB/s over ${seconds ?? 0} s`;
  return chart('Writes', `${mean}, ${size}`, [
    panel({ values, x: 'seconds', y: 'entries', title: 'writes per second' }),
    panel({ values, x: 'seconds', y: 'megabytes', title: 'MB per second' }),
    dirtyPanel(values),
  ]);
}

export function batchChart(rows: Rows<'batch_benchmark_throughput.csv'>): TopLevelSpec {
  const parsed = numbers(rows);
  const { total_entries: entries, total_batches: batches, elapsed_seconds: seconds } = last(parsed);
  const values = throughputValues(parsed, 'WalrusMQ');
  const mean = `mean ${perSecond(entries, seconds)} entries/s`;
  return chart('Batches', `${mean}, ${perSecond(batches, seconds)} batches/s`, [
    panel({ values, x: 'seconds', y: 'entries', title: 'entries per second' }),
    panel({ values, x: 'seconds', y: 'megabytes', title: 'MB per second' }),
    dirtyPanel(values),
  ]);
}

export function readsChart(rows: Rows<'read_benchmark_throughput.csv'>): TopLevelSpec {
  const phase = (name: string): Value[] =>
    numbers(rows.filter((row) => row.phase === name))
      .slice(1)
      .map((row) => ({
        seconds: row['elapsed_seconds'] ?? 0,
        write: row['write_mb_per_sec'] ?? 0,
        read: row['read_mb_per_sec'] ?? 0,
        dirty: row['dirty_ratio_percent'] ?? 0,
      }));
  const [written, read] = [phase('write'), phase('read')];
  if (written.length === 0) throw new RangeError('the file has no rows yet');
  const { total_write_mb: out = 0, total_read_mb: back = 0 } = last(numbers(rows));
  const sizes = `${out.toFixed(1)} MiB written, ${back.toFixed(1)} MiB read`;
  return chart('Reads', sizes, [
    panel({ values: written, x: 'seconds', y: 'write', title: 'write phase, MiB per second' }),
    panel({
      values: read,
      x: 'seconds',
      y: 'read',
      title: 'read phase, MiB per second',
      colour: PEER,
    }),
    dirtyPanel([
      ...written,
      ...read.map((row) => ({ ...row, seconds: afterWriting(row, written) })),
    ]),
  ]);
}

/** The time of a row of the read phase, counted from the beginning of the write phase. */
function afterWriting(row: Value, written: readonly Value[]): number {
  return Number(row['seconds']) + Number(written.at(-1)?.['seconds'] ?? 0);
}

/** The measured line, and what a multiple of the first count would be. */
function scalingPanel(values: readonly Value[], y: string, title: string) {
  const first = values[0];
  const per = Number(first?.[y] ?? 0) / Number(first?.['threads'] ?? 1);
  const ideal = values.map((row) => ({ ...row, [y]: per * Number(row['threads']) }));
  return {
    width: WIDTH,
    height: HEIGHT * 1.4,
    layer: [
      line({ values: ideal, x: 'threads', y, title, colour: QUIET, dash: true }),
      line({ values, x: 'threads', y, title, points: true }),
    ],
  };
}

const SCALING_SUBTITLE = 'dashed: proportional to the number of threads';

export function scalingChart(rows: Rows<'scaling_results.csv'>): TopLevelSpec {
  const values = numbers(rows);
  last(values);
  return chart('Writes by number of threads', SCALING_SUBTITLE, [
    scalingPanel(values, 'throughput', 'writes per second'),
  ]);
}

export function batchScalingChart(rows: Rows<'batch_scaling_results.csv'>): TopLevelSpec {
  const values = numbers(rows);
  last(values);
  return chart('Batches by number of threads', SCALING_SUBTITLE, [
    scalingPanel(values, 'entries_per_second', 'entries per second'),
    scalingPanel(values, 'mb_per_second', 'MiB per second'),
  ]);
}

export function comparisonChart(
  ours: Rows<'benchmark_throughput.csv'>,
  peer: Rows<'rocksdb_benchmark_throughput.csv'>,
): TopLevelSpec {
  const [own, other] = [numbers(ours), numbers(peer)];
  const rate = (rows: readonly Record<string, number>[]): number => {
    const { total_writes: writes = 0, elapsed_seconds: seconds = Number.NaN } = last(rows);
    return writes / seconds;
  };
  const values = [...throughputValues(own, 'WalrusMQ'), ...throughputValues(other, 'RocksDB')];
  const ratio = `WalrusMQ ÷ RocksDB: ${(rate(own) / rate(other)).toFixed(2)}`;
  const series = 'system';
  return chart('WalrusMQ and RocksDB, the write benchmark', ratio, [
    panel({ values, x: 'seconds', y: 'entries', title: 'writes per second', series }),
    panel({ values, x: 'seconds', y: 'megabytes', title: 'MB per second', series }),
    panel({ values, x: 'seconds', y: 'dirty', title: 'dirty pages, % of memory', series }),
  ]);
}

/** @param what What is counted: 'connections' or 'partitions'. */
export function costChart(
  what: string,
  rows: Rows<'connections_cost.csv' | 'partitions_cost.csv'>,
): TopLevelSpec {
  const parsed = numbers(rows);
  const subtitle = 'broker processor time, ms per MB of batches, the batches being of one size';
  last(parsed);
  const values = parsed.flatMap((row) =>
    ['produce', 'fetch'].map((phase) => ({
      phase,
      [what]: row['count'] ?? 0,
      cost: row[`${phase}_ms_per_mb`] ?? 0,
    })),
  );
  const shape = { series: 'phase', points: true, isLog: true };
  return chart(`What a megabyte costs by number of ${what}`, subtitle, [
    panel({ values, x: what, y: 'cost', title: 'ms per MB', ...shape }),
  ]);
}
