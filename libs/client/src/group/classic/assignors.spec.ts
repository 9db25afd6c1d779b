import fc from 'fast-check';
import type { TopicPartition } from '../../admin-topics';
import { inTurn, type Assignment, type Assignor, type AssignorMember } from './assignor';
import { cooperativeStickyAssignor } from './cooperative-sticky-assignor';
import { checkAssignment, withoutHeldByOthers } from './hand-over-check';
import { rangeAssignor } from './range-assignor';
import { roundRobinAssignor } from './round-robin-assignor';

const keysOf = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => `${topic}/${partition}`);

function memberOf(member: string, topics: readonly string[]): AssignorMember {
  return { member, instanceId: null, topics, owned: [], generation: -1, userData: null };
}

function assign(
  assignor: Assignor,
  members: readonly AssignorMember[],
  counts: Readonly<Record<string, number>>,
): Map<string, string[]> {
  const assignment = assignor.assign(inTurn(members), new Map(Object.entries(counts)));
  return new Map([...(assignment as Assignment)].map(([id, those]) => [id, keysOf(those)]));
}

/** The examples in the documentation of Kafka's assignors. */
describe('range', () => {
  it('gives each subscriber a run of each topic, the first ones one more', () => {
    const members = [memberOf('C0', ['t0', 't1']), memberOf('C1', ['t0', 't1'])];
    expect(assign(rangeAssignor, members, { t0: 3, t1: 3 })).toEqual(
      new Map([
        ['C0', ['t0/0', 't0/1', 't1/0', 't1/1']],
        ['C1', ['t0/2', 't1/2']],
      ]),
    );
  });

  it('gives nothing to members that are more than the partitions', () => {
    const members = ['C0', 'C1', 'C2'].map((id) => memberOf(id, ['t']));
    expect(assign(rangeAssignor, members, { t: 2 })).toEqual(
      new Map([
        ['C0', ['t/0']],
        ['C1', ['t/1']],
        ['C2', []],
      ]),
    );
  });

  it('has static members take their turn by their instance ids, before the others', () => {
    const members = [
      memberOf('a', ['t']),
      { ...memberOf('c', ['t']), instanceId: 'i1' },
      { ...memberOf('b', ['t']), instanceId: 'i2' },
    ];
    expect([...assign(rangeAssignor, members, { t: 4 }).entries()]).toEqual([
      ['c', ['t/0', 't/1']],
      ['b', ['t/2']],
      ['a', ['t/3']],
    ]);
  });
});

describe('round-robin', () => {
  it('deals the partitions of all topics out in turn', () => {
    const members = [memberOf('C0', ['t0', 't1']), memberOf('C1', ['t0', 't1'])];
    expect(assign(roundRobinAssignor, members, { t0: 3, t1: 3 })).toEqual(
      new Map([
        ['C0', ['t0/0', 't0/2', 't1/1']],
        ['C1', ['t0/1', 't1/0', 't1/2']],
      ]),
    );
  });

  it('passes over members that do not subscribe', () => {
    const members = [
      memberOf('C0', ['t0']),
      memberOf('C1', ['t0', 't1']),
      memberOf('C2', ['t0', 't1', 't2']),
    ];
    expect(assign(roundRobinAssignor, members, { t0: 1, t1: 2, t2: 3 })).toEqual(
      new Map([
        ['C0', ['t0/0']],
        ['C1', ['t1/0']],
        ['C2', ['t1/1', 't2/0', 't2/1', 't2/2']],
      ]),
    );
  });
});

describe('cooperative-sticky', () => {
  const owning = (id: string, generation: number, ...numbers: number[]): AssignorMember => ({
    ...memberOf(id, ['t']),
    generation,
    owned: numbers.map((partition) => ({ topic: 't', partition })),
  });

  it('has a new member get its share and the others keep the rest', () => {
    const members = [owning('a', 3, 0, 1, 2), owning('b', 3, 3, 4, 5), memberOf('c', ['t'])];
    const given = assign(cooperativeStickyAssignor, members, { t: 6 });
    expect([...given.values()].map(({ length }) => length)).toEqual([2, 2, 2]);
    expect(['t/0', 't/1', 't/2']).toEqual(expect.arrayContaining(given.get('a') ?? []));
    expect(['t/3', 't/4', 't/5']).toEqual(expect.arrayContaining(given.get('b') ?? []));
  });

  it('believes the later generation, and none of two of the same', () => {
    const later = assign(cooperativeStickyAssignor, [owning('a', 2, 0), owning('b', 3, 0)], {
      t: 2,
    });
    expect(later).toEqual(
      new Map([
        ['a', ['t/1']],
        ['b', ['t/0']],
      ]),
    );
    const members = [owning('a', 3, 0, 1), owning('b', 3, 0)];
    const held = withoutHeldByOthers(
      cooperativeStickyAssignor.assign(members, new Map([['t', 2]])) as Assignment,
      members,
    );
    expect([...held.values()].flatMap(keysOf)).not.toContain('t/0');
  });

  it('forgets claims to what is gone, or is not subscribed to any more', () => {
    const members = [{ ...owning('a', 3, 0, 7), topics: ['u'] }, owning('b', 3, 9)];
    expect(assign(cooperativeStickyAssignor, members, { t: 1, u: 1 })).toEqual(
      new Map([
        ['a', ['u/0']],
        ['b', ['t/0']],
      ]),
    );
  });
});

const TOPICS = ['a', 'b', 'c', 'd'];
const group = fc.record({
  counts: fc
    .tuple(...TOPICS.map(() => fc.integer({ min: 0, max: 9 })))
    .map((counts) => new Map(TOPICS.map((topic, index) => [topic, counts[index] ?? 0]))),
  subscriptions: fc.array(fc.subarray(TOPICS, { minLength: 1 }), { minLength: 1, maxLength: 7 }),
});

const subscribed = (members: readonly AssignorMember[], counts: ReadonlyMap<string, number>) =>
  [...counts]
    .filter(([topic]) => members.some(({ topics }) => topics.includes(topic)))
    .flatMap(([topic, count]) => Array.from({ length: count }, (_, each) => `${topic}/${each}`));

const members = (subscriptions: readonly (readonly string[])[]): AssignorMember[] =>
  subscriptions.map((topics, index) => memberOf(`m${index}`, topics));

describe.each([rangeAssignor, roundRobinAssignor, cooperativeStickyAssignor])(
  'the assignor $name',
  (assignor) => {
    it('gives every subscribed partition to exactly one of its subscribers', () => {
      fc.assert(
        fc.property(group, ({ counts, subscriptions }) => {
          const all = members(subscriptions);
          const assignment = assignor.assign(all, counts) as Assignment;
          checkAssignment(assignor.name, assignment, all, counts);
          const given = [...assignment.values()].flatMap(keysOf).sort();
          expect(given).toEqual(subscribed(all, counts).sort());
          expect([...assignment.keys()].sort()).toEqual(all.map(({ member }) => member).sort());
        }),
        { numRuns: 200 },
      );
    });
  },
);

/**
 * Rebalances until nobody has to give anything up; what each has in the end, and how many moved.
 */
function rebalanceUntilSettled(
  before: readonly AssignorMember[],
  counts: ReadonlyMap<string, number>,
): { readonly settled: AssignorMember[]; readonly rounds: number; readonly moved: number } {
  let all = [...before];
  let moved = 0;
  for (let rounds = 1; ; rounds += 1) {
    const target = cooperativeStickyAssignor.assign(all, counts) as Assignment;
    const given = withoutHeldByOthers(target, all);
    // At no moment may two have the same: what others held is not in what anybody gets.
    for (const { member, owned } of all) {
      const others = [...given].filter(([id]) => id !== member).flatMap(([, each]) => keysOf(each));
      const mine = new Set(keysOf(owned));
      const twice = others.filter((key) => mine.has(key));
      if (twice.length > 0) throw new Error(`${twice.join()} of ${member} went to another`);
    }
    const after = all.map((each) => ({
      ...each,
      owned: given.get(each.member) ?? [],
      generation: rounds,
    }));
    const givenUp = all.flatMap(({ owned }, index) => {
      const kept = keysOf(after[index]?.owned ?? []);
      return keysOf(owned).filter((key) => !kept.includes(key));
    });
    moved += givenUp.length;
    all = after;
    if (givenUp.length === 0) return { settled: all, rounds, moved };
    if (rounds > 10) throw new Error('it does not settle');
  }
}

describe('a cooperative hand-over', () => {
  const grown = fc.record({
    group,
    joining: fc.array(fc.subarray(TOPICS, { minLength: 1 }), { maxLength: 3 }),
    leaving: fc.nat(2),
    growing: fc.nat(3),
  });

  it('settles with everything given out, after any change of members and partitions', () => {
    let roundsMax = 0;
    fc.assert(
      fc.property(grown, ({ group: { counts, subscriptions }, joining, leaving, growing }) => {
        const first = rebalanceUntilSettled(members(subscriptions), counts).settled;
        const stay = first.slice(Math.min(leaving, first.length - 1));
        const come = joining.map((topics, index) => memberOf(`n${index}`, topics));
        const more = new Map([...counts].map(([topic, count]) => [topic, count + growing]));
        const { settled, rounds } = rebalanceUntilSettled([...stay, ...come], more);
        roundsMax = Math.max(roundsMax, rounds);
        const given = settled.flatMap(({ owned }) => keysOf(owned)).sort();
        expect(given).toEqual(subscribed(settled, more).sort());
      }),
      { numRuns: 200 },
    );
    expect(roundsMax).toBeLessThanOrEqual(4);
  });

  it('takes two rebalances and moves no more than it must where all read the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(3),
        fc.nat(2),
        (count, size, coming, leaving) => {
          const counts = new Map([['a', count]]);
          const start = members(Array.from({ length: size }, () => ['a']));
          const first = rebalanceUntilSettled(start, counts).settled;
          const stay = first.slice(Math.min(leaving, size - 1));
          const come = Array.from({ length: coming }, (_, each) => memberOf(`n${each}`, ['a']));
          const { settled, rounds, moved } = rebalanceUntilSettled([...stay, ...come], counts);
          const loads = settled.map(({ owned }) => owned.length);
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
          expect(rounds).toBeLessThanOrEqual(2);
          // Whoever has more than the largest share gives up what is above it, and as few get down
          // to the smaller one as have to.
          const shares = stay.length + coming;
          const small = Math.floor(count / shares);
          const large = count % shares;
          const held = stay.map(({ owned }) => owned.length).sort((one, other) => other - one);
          const least = held.reduce(
            (sum, each, index) => sum + Math.max(0, each - small - (index < large ? 1 : 0)),
            0,
          );
          expect(moved).toBe(least);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the check of an assignment', () => {
  const all = [memberOf('a', ['t']), memberOf('b', ['u'])];
  const counts = new Map([
    ['t', 2],
    ['u', 1],
  ]);
  const t = (partition: number): TopicPartition => ({ topic: 't', partition });

  it.each([
    ['a partition twice', new Map([['a', [t(0), t(0)]]]), /t\/0 both to "a" and to "a"/],
    ['one that is not there', new Map([['a', [t(2)]]]), /no such partition/],
    ['one of no subscriber', new Map([['b', [t(0)]]]), /does not subscribe/],
    ['a stranger', new Map([['x', [t(0)]]]), /no member/],
  ])('refuses %s', (_, assignment, message) => {
    expect(() => checkAssignment('own', assignment, all, counts)).toThrow(message);
  });
});
