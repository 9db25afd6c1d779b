import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const NS_PER_MS = 1e6;
const LONGEST_NS = 3_600e9;
/** Of a value that the histogram gives back. */
const SIGNIFICANT_DIGITS = 3;

/** A summary in ms, exact to three digits. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly max: number;
  readonly mean: number;
}

/** An HDR histogram (Node's own) from 1 ns to an hour. Sent to another thread, it is shared. */
export function newLatencies(): RecordableHistogram {
  return createHistogram({ lowest: 1, highest: LONGEST_NS, figures: SIGNIFICANT_DIGITS });
}

/** Notes one latency; what is longer than an hour counts as an hour. */
export function recordLatency(latencies: RecordableHistogram, ms: number): void {
  latencies.record(Math.min(Math.max(Math.round(ms * NS_PER_MS), 1), LONGEST_NS - 1));
}

/** All of several histograms; undefined where nothing was recorded. */
export function summarise(all: readonly RecordableHistogram[]): LatencySummary | undefined {
  const sum = newLatencies();
  for (const latencies of all) sum.add(latencies);
  if (sum.count === 0) return undefined;
  const at = (percent: number): number => sum.percentile(percent) / NS_PER_MS;
  return {
    count: sum.count,
    p50: at(50),
    p90: at(90),
    p99: at(99),
    'p99.9': at(99.9),
    max: sum.max / NS_PER_MS,
    mean: sum.mean / NS_PER_MS,
  };
}
