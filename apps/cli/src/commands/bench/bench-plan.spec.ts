import { duration } from './bench';
import { selectionOf } from './bench-consumer';
import { planOf, shareOf, type BenchOptions } from './bench-plan';

const DEFAULTS: BenchOptions = {
  broker: '127.0.0.1:9192',
  producers: 1,
  topics: 1,
  partitions: 4,
  size: 100,
  acks: 'all',
  compression: 'none',
  warmUp: 1_000,
  linger: 0,
  batch: 262_144,
  inFlight: 10_000,
  seed: 1,
};

describe('planOf', () => {
  it('ends after ten seconds, or after the count alone, or after what comes first', () => {
    const ends = (options: Partial<BenchOptions>) => {
      const { count, durationMs } = planOf({ ...DEFAULTS, ...options });
      return { count, durationMs };
    };
    expect(ends({})).toEqual({ count: Infinity, durationMs: 10_000 });
    expect(ends({ count: 50 })).toEqual({ count: 50, durationMs: Infinity });
    expect(ends({ count: 50, duration: 2_000 })).toEqual({ count: 50, durationMs: 2_000 });
  });

  it('measures end to end with one consumer unless told otherwise', () => {
    expect(planOf(DEFAULTS)).toMatchObject({ consumers: 0, endToEnd: false });
    expect(planOf({ ...DEFAULTS, endToEnd: true })).toMatchObject({ consumers: 1 });
    expect(planOf({ ...DEFAULTS, endToEnd: true, consumers: 3 })).toMatchObject({ consumers: 3 });
  });

  it('names topics that no other run has', () => {
    const topics = [1, 2].flatMap(() => planOf({ ...DEFAULTS, topics: 3 }).topics);
    expect(new Set(topics).size).toBe(6);
  });

  const refused: readonly (readonly [Partial<BenchOptions>, RegExp])[] = [
    [{ endToEnd: true, consumers: 0 }, /leave out --consumers 0/],
    [{ consumers: 5 }, /--consumers 5 share 4 partitions, .*raise --partitions/],
    [{ consumers: 1, size: 7 }, /--size must be at least 8 with consumers/],
    [{ producers: 3, count: 2 }, /--count 2 is less than one record for each of 3 producers/],
    [{ producers: 3, rate: 2 }, /--rate 2 is less than one record a second/],
  ];
  it.each(refused)('refuses %j', (options, message) => {
    expect(() => planOf({ ...DEFAULTS, ...options })).toThrow(message);
  });
});

describe('shares', () => {
  it('add up to the whole, and differ by one at most', () => {
    for (const [total, sharers] of [
      [10, 3],
      [3, 3],
      [1_000_001, 7],
    ] as const) {
      const shares = Array.from({ length: sharers }, (_, index) => shareOf(total, sharers, index));
      expect(shares.reduce((sum, share) => sum + share)).toBe(total);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }
    expect(shareOf(Infinity, 4, 3)).toBe(Infinity);
  });

  it('give every partition to one consumer, and every consumer a partition', () => {
    const plan = planOf({ ...DEFAULTS, topics: 3, partitions: 4, consumers: 5 });
    const seen = [0, 1, 2, 3, 4].map((index) =>
      selectionOf(plan, index).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => `${topic}/${partition}`),
      ),
    );
    expect(seen.every((own) => own.length >= 2)).toBe(true);
    expect(seen.flat()).toHaveLength(12);
    expect(new Set(seen.flat()).size).toBe(12);
  });
});

describe('duration', () => {
  it('reads units, and seconds without one', () => {
    const texts = ['500ms', '10s', '2m', '1h', '1.5s', '3'];
    expect(texts.map(duration('--x'))).toEqual([500, 10_000, 120_000, 3_600_000, 1_500, 3_000]);
  });

  it.each(['', 's', '-1s', '1d', '1 s', 'ten', '1e9'])('refuses "%s"', (text) => {
    expect(() => duration('--duration')(text)).toThrow(
      `--duration must be a duration such as 500ms, 10s or 2m, got "${text}"`,
    );
  });
});
