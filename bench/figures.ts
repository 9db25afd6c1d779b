// From runs of loads to figures: medians over rounds, ratios to a peer, verdicts against a budget.

/** One run of a load in one round. */
export interface Sample {
  readonly load: string;
  /** Below 0: a warm-up, which counts as written and for nothing else. */
  readonly round: number;
  readonly operations: number;
  readonly payloadBytes: number;
  readonly seconds: number;
}

/** What two loads are compared by; 'value' is for figures that are no rates. */
export type Measure = 'operations' | 'bytes';

/** A bound on the ratio (ours ÷ peer) or, where the row has no peer, on the value itself. */
export interface Budget {
  readonly kind: 'at least' | 'at most';
  readonly bound: number;
  /** In the words of the design. */
  readonly text: string;
}

/** Which runs make a row of the report. */
export interface RowPlan {
  readonly title: string;
  readonly load: string;
  readonly peer: string;
  readonly peerTitle: string;
  readonly measure: Measure;
  readonly budget?: Budget;
}

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Verdict {
  readonly text: string;
  readonly met: boolean;
  /** How far inside (positive) or outside (negative) the bound, as a share of it. */
  readonly margin: number;
}

export interface Row {
  readonly title: string;
  readonly unit: string;
  readonly value: number;
  readonly megabytesPerSecond?: number;
  readonly peerTitle: string;
  /** Compared by bytes: in operations of our size. */
  readonly peerValue: number;
  readonly peerMegabytesPerSecond?: number;
  /** Ours ÷ peer, round by round. */
  readonly ratio: Spread;
  readonly rounds: number;
  readonly verdict?: Verdict;
}

/** @throws {RangeError} There is nothing to take the median of. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.ceil(sorted.length / 2) - 1];
  if (high === undefined || low === undefined) throw new RangeError('the median of nothing');
  return (low + high) / 2;
}

/** @throws {RangeError} There are no values. */
export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Holds a figure against its budget. */
export function verdictOf(value: number, { kind, bound, text }: Budget): Verdict {
  const margin = kind === 'at least' ? value / bound - 1 : 1 - value / bound;
  return { text, met: margin >= 0, margin };
}

function rate({ operations, payloadBytes, seconds }: Sample, measure: Measure): number {
  return (measure === 'operations' ? operations : payloadBytes) / seconds;
}

function runsOf(samples: readonly Sample[], load: string): Sample[] {
  return samples
    .filter((sample) => sample.load === load && sample.round >= 0)
    .sort((a, b) => a.round - b.round);
}

/**
 * One row of rates. Each round is compared with the peer's run of the same round, so that what
 * slows a whole round down does not count.
 *
 * @throws {RangeError} A load has no runs, or some round has only one of the two.
 */
export function rateRow(plan: RowPlan, samples: readonly Sample[]): Row {
  const ours = runsOf(samples, plan.load);
  const peers = runsOf(samples, plan.peer);
  if (ours.length === 0 || ours.length !== peers.length) {
    throw new RangeError(`${plan.load}: ${ours.length} runs, ${plan.peer}: ${peers.length}`);
  }
  const ratios = ours.map((sample, place) => {
    const peer = peers[place];
    if (peer?.round !== sample.round) throw new RangeError(`${plan.peer} misses a round`);
    return rate(sample, plan.measure) / rate(peer, plan.measure);
  });
  const medianOf = (runs: readonly Sample[], measure: Measure): number =>
    median(runs.map((sample) => rate(sample, measure)));
  const ratio = spread(ratios);
  const [first] = ours;
  // A peer that writes 64 records at once is shown in records, or its rate would say nothing.
  const recordBytes = first === undefined ? 1 : first.payloadBytes / first.operations;
  const peerBytes = medianOf(peers, 'bytes');
  return {
    title: plan.title,
    unit: '/s',
    value: medianOf(ours, 'operations'),
    megabytesPerSecond: medianOf(ours, 'bytes') / 1e6,
    peerTitle: plan.peerTitle,
    peerValue: plan.measure === 'bytes' ? peerBytes / recordBytes : medianOf(peers, 'operations'),
    peerMegabytesPerSecond: peerBytes / 1e6,
    ratio,
    rounds: ours.length,
    ...(plan.budget === undefined ? {} : { verdict: verdictOf(ratio.median, plan.budget) }),
  };
}

/** As `valueRow`; its budget bounds the ratio. */
export function ratioRow(
  title: string,
  unit: string,
  values: readonly number[],
  peerTitle: string,
  peerValues: readonly number[],
  budget?: Budget,
): Row {
  const row = valueRow(title, unit, values, peerTitle, peerValues);
  return budget === undefined ? row : { ...row, verdict: verdictOf(row.ratio.median, budget) };
}

/** One row of a size or a duration; its budget bounds the value, not the ratio. */
export function valueRow(
  title: string,
  unit: string,
  values: readonly number[],
  peerTitle: string,
  peerValues: readonly number[],
  budget?: Budget,
): Row {
  const value = median(values);
  return {
    title,
    unit,
    value,
    peerTitle,
    peerValue: median(peerValues),
    ratio: spread(values.map((own, place) => own / (peerValues[place] ?? Number.NaN))),
    rounds: values.length,
    ...(budget === undefined ? {} : { verdict: verdictOf(value, budget) }),
  };
}
