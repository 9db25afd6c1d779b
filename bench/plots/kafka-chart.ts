// The plot of make bench-vs-kafka: both brokers beside each other, cell by cell.
import type { TopLevelSpec } from 'vega-lite';
import { chart, OURS, PEER, type Rows } from './charts';

type ComparisonRows = Rows<'kafka_comparison.csv'>;
type Figure = 'cpu_s_per_gb' | 'mb_per_second' | 'p99_ms';

const WIDTH = 620;
const BAR = 9;
const LABELS: Readonly<Record<string, string>> = { walrusmq: 'WalrusMQ', kafka: 'Apache Kafka' };
const PANELS: readonly (readonly [figure: Figure, title: string])[] = [
  ['cpu_s_per_gb', 'broker CPU seconds per GB'],
  ['mb_per_second', 'MB per second'],
  ['p99_ms', 'p99 from end to end, ms'],
];
const SCHEDULES = ['synced', 'unsynced'] as const;

/** Bars of one figure under one schedule; undefined where no cell has it. */
function panel(rows: ComparisonRows, schedule: string, figure: Figure, title: string) {
  const values = rows
    .filter((row) => row.schedule === schedule && row[figure] !== '')
    .map((row) => ({
      broker: LABELS[row.broker] ?? row.broker,
      cell: row.cell,
      value: Number(row[figure]),
    }));
  if (values.length === 0) return undefined;
  return {
    title: { text: `${schedule}: ${title}`, fontSize: 13, anchor: 'start' },
    width: WIDTH,
    height: { step: BAR },
    data: { values },
    mark: { type: 'bar' },
    encoding: {
      y: { field: 'cell', type: 'nominal', title: null, sort: null, axis: { labelLimit: 600 } },
      yOffset: { field: 'broker', sort: null },
      x: { field: 'value', type: 'quantitative', title: null, axis: { format: '~s' } },
      color: {
        field: 'broker',
        type: 'nominal',
        scale: { domain: ['WalrusMQ', 'Apache Kafka'], range: [OURS, PEER] },
      },
    },
  } as const;
}

/** @throws {RangeError} The file has no rows yet. */
export function kafkaChart(rows: ComparisonRows): TopLevelSpec {
  const panels = SCHEDULES.flatMap((schedule) =>
    PANELS.map(([figure, title]) => panel(rows, schedule, figure, title)),
  ).filter((each) => each !== undefined);
  if (panels.length === 0) throw new RangeError('the file has no rows yet');
  const subtitle = 'medians; synced: sync-each, log.flush.interval.messages=1; unsynced: no syncs';
  return chart('WalrusMQ and Apache Kafka, the same clients', subtitle, panels);
}
