import fc from 'fast-check';
import { assignPartitions, type AssignableMember, type AssignorName } from './server-assignors';

// Properties take their time on a machine that is busy with other things.
jest.setTimeout(60_000);

function memberOf(
  memberId: string,
  topicIds: readonly string[],
  current: Iterable<string> = [],
  instanceId: string | null = null,
): AssignableMember {
  return { memberId, instanceId, topicIds: new Set(topicIds), current: new Set(current) };
}

/** How many partitions of `after` each member had before. */
function keptCount(
  before: ReadonlyMap<string, ReadonlySet<string>>,
  after: ReadonlyMap<string, ReadonlySet<string>>,
): number {
  let kept = 0;
  for (const [memberId, target] of after) {
    for (const key of target) if (before.get(memberId)?.has(key) === true) kept += 1;
  }
  return kept;
}

const TOPICS = ['t0', 't1', 't2', 't3'];
const world = fc.record({
  counts: fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 4, maxLength: 4 }),
  subscriptions: fc.array(fc.subarray(TOPICS, { minLength: 1 }), { minLength: 1, maxLength: 7 }),
});

describe.each<AssignorName>(['uniform', 'range'])('the assignor %s', (assignor) => {
  it('gives each partition to exactly one of its subscribers, again and again the same', () => {
    fc.assert(
      fc.property(world, ({ counts, subscriptions }) => {
        const topics = new Map(TOPICS.map((id, index) => [id, counts[index] ?? 1]));
        const wanted = new Map([...topics].filter(([id]) => subscriptions.flat().includes(id)));
        const members = subscriptions.map((each, index) => memberOf(`m${index}`, each));
        const targets = assignPartitions(assignor, members, wanted);
        const seen = new Map<string, string>();
        for (const [memberId, keys] of targets) {
          const member = members.find((each) => each.memberId === memberId);
          for (const key of keys) {
            expect(seen.has(key)).toBe(false);
            expect(member?.topicIds.has(key.split('/')[0] ?? '')).toBe(true);
            seen.set(key, memberId);
          }
        }
        expect(seen.size).toBe([...wanted.values()].reduce((sum, count) => sum + count, 0));
        const shuffled = assignPartitions(assignor, [...members].reverse(), wanted);
        expect(shuffled).toEqual(targets);
      }),
    );
  });
});

describe('the assignor uniform', () => {
  it('differs by one at most between members that subscribe to the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(40), (memberCount, count) => {
        const members = Array.from({ length: memberCount }, (_, index) =>
          memberOf(`m${index}`, ['t']),
        );
        const targets = assignPartitions('uniform', members, new Map([['t', count]]));
        const sizes = [...targets.values()].map(({ size }) => size);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('moves no more than it has to when a member comes or goes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 40 }),
        (size, count) => {
          const topics = new Map([['t', count]]);
          const ids = Array.from({ length: size + 1 }, (_, index) => `m${index}`);
          const fresh = (kept: readonly string[]) => kept.map((id) => memberOf(id, ['t']));
          const few = assignPartitions('uniform', fresh(ids.slice(1)), topics);
          const held = ids.map((id) => memberOf(id, ['t'], few.get(id)));
          const more = assignPartitions('uniform', held, topics);
          // Only what the newcomer gets moves.
          expect(keptCount(few, more)).toBe(count - (more.get('m0')?.size ?? 0));
          const left = ids.slice(1).map((id) => memberOf(id, ['t'], more.get(id)));
          const after = assignPartitions('uniform', left, topics);
          expect(keptCount(more, after)).toBe(count - (more.get('m0')?.size ?? 0));
        },
      ),
    );
  });

  it('evens out what differing subscriptions allow', () => {
    const members = [memberOf('a', ['t0', 't1']), memberOf('b', ['t0']), memberOf('c', ['t1'])];
    const topics = new Map([
      ['t0', 6],
      ['t1', 6],
    ]);
    const sizes = [...assignPartitions('uniform', members, topics).values()].map(
      ({ size }) => size,
    );
    expect(sizes).toEqual([4, 4, 4]);
    const lopsided = [memberOf('a', ['t0', 't1'], ['t0/0', 't0/1', 't0/2', 't0/3']), members[1]!];
    const counts = new Map([
      ['t0', 4],
      ['t1', 2],
    ]);
    const targets = assignPartitions('uniform', lopsided, counts);
    expect([...targets.values()].map(({ size }) => size)).toEqual([3, 3]);
  });

  it('assigns 10,000 partitions to 1,000 members in one turn of the event loop or so', () => {
    const topics = new Map(Array.from({ length: 100 }, (_, index) => [`t${index}`, 100]));
    const members = Array.from({ length: 1_000 }, (_, index) =>
      memberOf(`m${index}`, [...topics.keys()]),
    );
    const targets = assignPartitions('uniform', members, topics);
    for (const { size } of targets.values()) expect(size).toBe(10);
  });
});

describe('the assignor range', () => {
  it('gives equal members equal numbers of topics that have as many partitions', () => {
    const members = [memberOf('b', ['t0', 't1'], [], 'i0'), memberOf('a', ['t0', 't1'], [], 'i1')];
    const topics = new Map([
      ['t0', 5],
      ['t1', 5],
    ]);
    const targets = assignPartitions('range', members, topics);
    // Static members stand in the order of their instances: that outlasts their ids.
    expect([...(targets.get('b') ?? [])]).toEqual(['t0/0', 't0/1', 't0/2', 't1/0', 't1/1', 't1/2']);
    expect([...(targets.get('a') ?? [])]).toEqual(['t0/3', 't0/4', 't1/3', 't1/4']);
  });
});
