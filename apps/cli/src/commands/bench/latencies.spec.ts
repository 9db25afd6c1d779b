import { newLatencies, recordLatency, summarise } from './latencies';

describe('summarise', () => {
  it('joins histograms and gives percentiles to three digits', () => {
    const histograms = [newLatencies(), newLatencies()];
    for (let ms = 1; ms <= 1_000; ms += 1) recordLatency(histograms[ms % 2]!, ms);
    const summary = summarise(histograms)!;
    expect(summary.count).toBe(1_000);
    const near = { p50: 500, p90: 900, p99: 990, 'p99.9': 999, max: 1_000, mean: 500.5 };
    for (const [name, ms] of Object.entries(near)) {
      expect(Math.abs(summary[name as 'p50'] / ms - 1)).toBeLessThan(0.001);
    }
  });

  it('says nothing of nothing', () => {
    expect(summarise([])).toBeUndefined();
    expect(summarise([newLatencies()])).toBeUndefined();
  });

  it('keeps what is too short or too long, at its bound', () => {
    const histogram = newLatencies();
    for (const ms of [-3, 0, 1e9]) recordLatency(histogram, ms);
    const { count, max, p50 } = summarise([histogram])!;
    expect({ count, p50 }).toEqual({ count: 3, p50: 1e-6 });
    expect(max / 3_600_000).toBeCloseTo(1, 2);
  });
});
