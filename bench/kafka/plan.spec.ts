import {
  fullPlan,
  loadTitle,
  LOAD_CLIENTS,
  PARTS,
  shortPlan,
  WRITTEN_BYTES_MAX,
  writtenBytes,
} from './plan';

const ALL = { clients: LOAD_CLIENTS, parts: PARTS };

describe('fullPlan', () => {
  const plan = fullPlan({ ...ALL, rounds: 3, megabytes: 32 });

  it('crosses clients, sizes, partitions and acks', () => {
    const cells = plan.loads.flatMap((cell) =>
      cell.acks.map((acks) => `${loadTitle(cell)} ${acks}`),
    );
    expect(cells).toHaveLength(16);
    expect(new Set(cells).size).toBe(16);
    expect(cells).toContain('librdkafka, 100 B, 100 partitions 1');
    expect(plan.latencies.map(({ client, rate }) => [client, rate])).toEqual([
      ['java', 1_000],
      ['java', 10_000],
      ['librdkafka', 1_000],
      ['librdkafka', 10_000],
    ]);
  });

  it('writes less than the disk would have a say in', () => {
    expect(writtenBytes(plan)).toBeGreaterThan(1e9);
    expect(writtenBytes(plan)).toBeLessThanOrEqual(WRITTEN_BYTES_MAX);
  });

  it('counts what each part writes, warm-ups included', () => {
    const part = (name: (typeof PARTS)[number]) =>
      writtenBytes(fullPlan({ clients: ['java'], parts: [name], rounds: 1, megabytes: 30 }));
    expect(part('load')).toBe(30e6 * (8 + 2 * 2));
    expect(part('latency')).toBe(11_000 * 1_024 * 6);
    expect(part('node')).toBe(3 * 2 * 75e6);
  });
});

describe('shortPlan', () => {
  it('has every part, in a few megabytes', () => {
    const plan = shortPlan(ALL);
    expect([plan.loads.length, plan.latencies.length, plan.nodeSizes.length]).toEqual([2, 2, 1]);
    expect(writtenBytes(plan)).toBeLessThan(20e6);
  });
});
