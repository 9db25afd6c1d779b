// What `walrusmq bench` prints at its end.
import { counted, grouped, renderTable, sizeText } from '../../output/tables';
import type { BenchCounts } from './bench-messages';
import type { BenchPlan } from './bench-plan';
import type { LatencySummary } from './latencies';

/** One side of a run. */
export interface BenchSide {
  readonly records: number;
  /** Of values, uncompressed. */
  readonly bytes: number;
  /** From the beginning of the measured time to the last record. */
  readonly seconds: number;
  /** All that came in the measured time, also what was still out when the warm-up was over. */
  readonly recordsPerSecond: number;
  readonly bytesPerSecond: number;
  /** In ms; absent where none was measured. */
  readonly latencyMs?: LatencySummary;
}

/** The outcome of a run. */
export interface BenchReport {
  readonly plan: BenchPlan;
  readonly produce: BenchSide;
  /** Absent without consumers. */
  readonly consume?: BenchSide;
  /** Records that were sent and had not reached a consumer when the waiting ended. */
  readonly missingRecords: number;
}

/** A side's rates, from its counts. */
export function sideOf(
  { records, bytes, late, lastMs }: BenchCounts,
  sizeBytes: number,
  measuredFromMs: number,
  latencyMs: LatencySummary | undefined,
): BenchSide {
  const seconds = Math.max(lastMs - measuredFromMs, 0) / 1_000;
  const per = (count: number): number => (seconds > 0 ? count / seconds : 0);
  return {
    records,
    bytes,
    seconds,
    recordsPerSecond: per(records + late),
    bytesPerSecond: per(bytes + late * sizeBytes),
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
}

/** For scripts: one object, with what was asked for in `settings`. */
export function reportJson({ plan, ...rest }: BenchReport): string {
  const bound = (value: number): number | null => (Number.isFinite(value) ? value : null);
  const settings = { ...plan, count: bound(plan.count), durationMs: bound(plan.durationMs) };
  return JSON.stringify({ settings, ...rest });
}

const PERCENTILES = ['p50', 'p90', 'p99', 'p99.9', 'max'] as const;

/** For people. @param topics Those that were left there. */
export function reportText(
  { plan, produce, consume, missingRecords }: BenchReport,
  topics: readonly string[],
): string {
  const answered = plan.acks === 0 ? 'due to handed over' : 'due to acknowledged';
  const sides = [
    { name: 'produce', from: answered, side: produce },
    ...(consume === undefined ? [] : [{ name: 'consume', from: 'end to end', side: consume }]),
  ];
  const rates = renderTable(
    ['', 'records', 'seconds', 'records/s', 'per second'],
    sides.map(({ name, side }) => [
      name,
      grouped(side.records),
      side.seconds.toFixed(2),
      grouped(Math.round(side.recordsPerSecond)),
      sizeText(side.bytesPerSecond),
    ]),
  );
  const rows = sides.flatMap(({ from, side: { latencyMs } }) =>
    latencyMs === undefined
      ? []
      : [[from, ...PERCENTILES.map((name) => millisecondsText(latencyMs[name]))]],
  );
  const parts = [headline(plan), rates];
  if (rows.length > 0) parts.push(renderTable(['latency in ms', ...PERCENTILES], rows));
  if (missingRecords > 0) {
    parts.push(`${counted(missingRecords, 'record')} did not reach a consumer`);
  }
  if (topics.length > 0) parts.push(`left there: ${topics.join(', ')}`);
  return parts.join('\n');
}

function headline(plan: BenchPlan): string {
  const { producers, consumers, topics, partitions, sizeBytes, acks, compression, rate } = plan;
  return [
    `${counted(producers, 'producer')}, ${counted(consumers, 'consumer')}`,
    `${topics.length} × ${counted(partitions, 'partition')}`,
    `${grouped(sizeBytes)} B`,
    `acks ${acks}`,
    ...(compression === 'none' ? [] : [compression]),
    rate === undefined ? 'as fast as answered' : `${grouped(rate)} records/s`,
  ].join(', ');
}

/** Three digits, as many as the histogram has. */
function millisecondsText(ms: number): string {
  if (ms >= 100) return grouped(Math.round(ms));
  return ms >= 10 ? ms.toFixed(1) : ms.toFixed(ms >= 1 ? 2 : 3);
}
