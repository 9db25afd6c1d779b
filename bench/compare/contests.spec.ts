import { readContests, writeContests } from './contests';
import { seedArguments } from './sides';
import { operationsFor } from './sync-table';

const LIMITS = { maxBytes: 5e8, seconds: 10 };
const contests = [...writeContests(LIMITS), ...readContests(LIMITS)];

function budgets(name: string): [string, number | undefined][] {
  const found = contests.find((contest) => contest.name === name);
  return (found?.rows ?? []).map(({ peer, budget }) => [peer, budget?.bound]);
}

describe('the contests', () => {
  it('hold the ratios that the targets name', () => {
    expect(budgets('writes')[0]).toEqual(['writes/seed', 1.5]);
    expect(budgets('batch')[0]).toEqual(['batch/seed', 3]);
    expect(budgets('reads')[0]).toEqual(['reads/seed', 3]);
    expect(budgets('reads-batch')[0]).toEqual(['reads-batch/seed', 3]);
    expect(budgets('reads-strict')[0]).toEqual(['reads-strict/seed', 100]);
    expect(budgets('reads-strict-sync-each')).toEqual([
      ['reads-strict-sync-each/pwrite-sync', 1 / 1.2],
    ]);
  });

  it('give each side the same load, and have its own side first', () => {
    for (const { name, sides, rows, load } of contests) {
      const [ours, ...peers] = Object.keys(sides);
      expect(ours).toBe('WalrusMQ');
      expect(rows.map(({ peer }) => peer)).toEqual(peers.map((peer) => `${name}/${peer}`));
      expect(rows.every((row) => row.load === `${name}/WalrusMQ`)).toBe(true);
      expect(load.maxBytes).toBeLessThanOrEqual(LIMITS.maxBytes);
    }
  });

  it('write with ten threads, one append per record or batches of 2,000', () => {
    const [writes, batch] = ['writes', 'batch'].map((wanted) =>
      contests.find(({ name }) => name === wanted),
    );
    expect(writes?.load).toMatchObject({ threads: 10, batchEntries: 0, persistEvery: 50 });
    expect(batch?.load).toMatchObject({ threads: 10, batchEntries: 2000 });
  });
});

describe('seedArguments', () => {
  it('say the whole load', () => {
    const strict = contests.find(({ name }) => name === 'reads-strict');
    const text = strict === undefined ? '' : seedArguments(strict.load).join(' ');
    expect(text).toBe(
      'load --threads 10 --batch 0 --seconds 10 --read-seconds 10 --max-bytes 60000000 ' +
        '--persist-every 1 --fsync 1000ms --reads next',
    );
  });
});

describe('operationsFor', () => {
  it('counts the payloads that reach a share of the bytes', () => {
    // The first payloads have 500, 697 and 894 bytes.
    expect(operationsFor(500, 1)).toBe(1);
    expect(operationsFor(501, 1)).toBe(2);
    expect(operationsFor(2 * 1197, 2)).toBe(4);
    expect(operationsFor(2 * 1198, 2)).toBe(6);
  });
});
