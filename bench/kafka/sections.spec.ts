import type { Row } from '../figures';
import { sectionsOf } from './sections';
import { Tallies } from './tallies';

function rows(tallies: Tallies): Row[] {
  return sectionsOf(tallies, [100]).flatMap((section) => section.rows);
}

/** Both sides of one cell under one schedule. */
function withLoad(share: number): Tallies {
  const tallies = new Tallies();
  for (const [side, cpuPerGb, mbPerSecond] of [
    ['walrusmq', 1, 120],
    ['kafka', 2, 110],
  ] as const) {
    const place = { side, schedule: 'unsynced', cell: 'produce, x' } as const;
    tallies.note(place, { cpuPerGb, mbPerSecond, recordsPerSecond: 1, clientShare: share });
  }
  return tallies;
}

describe('sectionsOf', () => {
  it('holds the broker’s processor time against its target', () => {
    const [cpu] = rows(withLoad(0.5));
    expect(cpu).toMatchObject({ title: 'produce, x: broker CPU', unit: 's/GB', value: 1 });
    expect(cpu?.ratio.median).toBe(0.5);
    expect(cpu?.verdict).toMatchObject({ met: true, text: '≤ 0.8 × Kafka' });
  });

  it('has a target for MB/s only where the client had room', () => {
    const [, free] = rows(withLoad(0.5));
    expect(free?.verdict).toMatchObject({ met: false, text: '≥ 1.2 × Kafka' });
    const [, bound] = rows(withLoad(0.95));
    expect(bound?.title).toBe('produce, x (client at 95 % and 95 %)');
    expect(bound?.verdict).toBeUndefined();
  });

  it('shows the defaults beside each other without a target', () => {
    const tallies = new Tallies();
    const cell = '';
    tallies.note({ side: 'walrusmq', schedule: 'synced', cell }, { startSeconds: 0.2 });
    tallies.note({ side: 'kafka', schedule: 'unsynced', cell }, { startSeconds: 2 });
    expect(sectionsOf(tallies, []).map(({ title }) => title)).toEqual([
      'both defaults: sync-each beside no syncs',
    ]);
    expect(rows(tallies)).toEqual([
      expect.objectContaining({ title: 'start to first served request', value: 0.2, peerValue: 2 }),
    ]);
    expect(rows(tallies)[0]?.verdict).toBeUndefined();
  });

  it('compares the SDK with a client on the broker where that one is faster', () => {
    const tallies = new Tallies();
    const note = (side: 'walrusmq' | 'kafka', cell: string, recordsPerSecond: number) =>
      tallies.note({ side, schedule: 'synced', cell }, { recordsPerSecond });
    note('walrusmq', 'produce, sdk, 100 B', 300);
    note('walrusmq', 'produce, kafkajs, 100 B', 50);
    note('kafka', 'produce, kafkajs, 100 B', 75);
    const [row] = rows(tallies);
    expect(row).toMatchObject({ peerTitle: 'kafkajs on Apache Kafka', peerValue: 75 });
    expect(row?.verdict).toMatchObject({ met: true, text: '≥ 3 × kafkajs' });
  });
});

describe('Tallies', () => {
  it('refuses what is no figure', () => {
    const place = { side: 'kafka', schedule: 'synced', cell: 'x' } as const;
    expect(() => new Tallies().note(place, { p50Ms: Number.NaN })).toThrow('p50Ms is NaN');
  });
});
