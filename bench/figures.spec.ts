import { median, rateRow, spread, valueRow, verdictOf, type RowPlan, type Sample } from './figures';

const plan: RowPlan = {
  title: 'ours',
  load: 'ours',
  peer: 'peer',
  peerTitle: 'theirs',
  measure: 'bytes',
  budget: { kind: 'at least', bound: 0.8, text: '≥ 80 %' },
};

function run(load: string, round: number, seconds: number, payloadBytes = 1e6): Sample {
  return { load, round, operations: 1000, payloadBytes, seconds };
}

describe('median', () => {
  it('takes the middle one, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([100, 1, 1])).toBe(1);
  });

  it('refuses to make one of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

describe('spread', () => {
  it('names the extremes', () => {
    expect(spread([2, 9, 1])).toEqual({ median: 2, min: 1, max: 9 });
  });
});

describe('verdictOf', () => {
  it.each([
    [{ kind: 'at least', bound: 0.8 }, 0.8, true, 0],
    [{ kind: 'at least', bound: 0.8 }, 0.6, false, -0.25],
    [{ kind: 'at most', bound: 300 }, 150, true, 0.5],
    [{ kind: 'at most', bound: 300 }, 330, false, -0.1],
  ] as const)('%j of %d: met %s', (budget, value, met, margin) => {
    const verdict = verdictOf(value, { ...budget, text: '' });
    expect(verdict.met).toBe(met);
    expect(verdict.margin).toBeCloseTo(margin);
  });
});

describe('rateRow', () => {
  it('compares runs of the same round and takes the median of the ratios', () => {
    // Round 1 is slow for both: the ratio does not see it.
    const ours = [run('ours', 0, 1), run('ours', 1, 10), run('ours', 2, 1)];
    const peers = [run('peer', 2, 0.5), run('peer', 0, 0.7), run('peer', 1, 7)];
    const row = rateRow(plan, [...ours, ...peers]);
    expect(row.ratio.median).toBeCloseTo(0.7);
    expect(row.ratio.min).toBeCloseTo(0.5);
    expect(row.value).toBe(1000);
    expect(row.megabytesPerSecond).toBe(1);
    expect(row.verdict?.met).toBe(false);
  });

  it('shows a peer with larger operations in operations of ours', () => {
    const large = { ...run('peer', 0, 1), operations: 10 };
    const samples = [run('ours', 0, 1), large];
    expect(rateRow(plan, samples)).toMatchObject({ peerValue: 1000 });
    expect(rateRow({ ...plan, measure: 'operations' }, samples)).toMatchObject({ peerValue: 10 });
  });

  it('leaves warm-ups out', () => {
    const samples = [-1, 0].flatMap((round) => [
      run('ours', round, 2 + round),
      run('peer', round, 1),
    ]);
    expect(rateRow(plan, samples)).toMatchObject({ rounds: 1, value: 500, peerValue: 1000 });
  });

  it('refuses a load without a run in some round', () => {
    const samples = [run('ours', 0, 1), run('ours', 1, 1), run('peer', 0, 1)];
    expect(() => rateRow(plan, samples)).toThrow(RangeError);
    expect(() => rateRow(plan, [run('ours', 0, 1), run('peer', 1, 1)])).toThrow(RangeError);
    expect(() => rateRow(plan, [])).toThrow(RangeError);
  });
});

describe('valueRow', () => {
  it('holds the value, not the ratio, against the budget', () => {
    const budget = { kind: 'at most', bound: 300, text: '' } as const;
    const row = valueRow('start', 'ms', [250, 260, 240], 'node', [50, 50, 50], budget);
    expect(row.value).toBe(250);
    expect(row.ratio.median).toBe(5);
    expect(row.verdict?.met).toBe(true);
  });
});
