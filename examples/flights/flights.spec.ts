import { FlightTotals, loadFlights, totalsOf, type Flight } from './flights';
import { groupChecks, groupTable, type GroupOutcome } from './group-report';
import { checksOf, originsTable, repeatsByReading, repeatsByRetry, type Outcome } from './report';

const FLIGHTS: readonly Flight[] = [
  { delay: 10, distance: 1, origin: 'ADA' },
  { delay: -4, distance: 1, origin: 'BOB' },
  { delay: 3, distance: 1, origin: 'ADA' },
];

/** Totals of the flights at these positions, as they came. */
function totalsAt(...positions: readonly number[]): FlightTotals {
  const totals = new FlightTotals(FLIGHTS.length);
  for (const position of positions) {
    const flight = FLIGHTS[position] as Flight;
    totals.add(position, flight, flight.origin);
  }
  return totals;
}

const EXPECTED = totalsOf({ name: 'test', flights: FLIGHTS });

function outcome(given: Partial<Outcome>): Outcome {
  const rate = { records: 5, bytes: 50, seconds: 1 };
  return {
    file: 'test',
    topic: 'flights',
    reader: 'mean',
    expected: EXPECTED,
    read: totalsAt(0, 1, 2),
    stored: 3,
    offsetsRead: 3,
    inFlightAtKill: 1,
    unreadAtKill: 1,
    produced: rate,
    consumed: rate,
    restartSeconds: [],
    ...given,
  };
}

const broken = (given: Partial<Outcome>): string[] =>
  checksOf(outcome(given))
    .filter(({ holds }) => !holds)
    .map(({ what }) => what);

describe('FlightTotals', () => {
  it('counts each position once, however often it comes', () => {
    const totals = totalsAt(0, 1, 0, 1, 2, 2);
    expect([totals.distinct, totals.repeats, totals.outOfOrder]).toEqual([3, 3, 0]);
    expect(totals.meanDelay).toBe(3);
    expect(totals.equals(EXPECTED)).toBe(true);
    expect([...totals.perOrigin]).toEqual([
      ['ADA', 2],
      ['BOB', 1],
    ]);
  });

  it('sees first appearances out of order within a key, not between keys', () => {
    expect(totalsAt(1, 0, 2).outOfOrder).toBe(0);
    expect(totalsAt(2, 0, 1).outOfOrder).toBe(1);
    // What comes again may come late.
    expect(totalsAt(0, 2, 0).outOfOrder).toBe(0);
  });

  it('refuses a position that the file does not have', () => {
    const totals = new FlightTotals(3);
    for (const position of [3, -1, 0.5, Number.NaN]) {
      expect(() => totals.add(position, FLIGHTS[0] as Flight, undefined)).toThrow(RangeError);
    }
  });
});

describe('the checks of the demo', () => {
  it('hold for what came through whole', () => {
    expect(broken({})).toEqual([]);
  });

  it.each([
    ['a lost record', { read: totalsAt(0, 1) }, /totals over distinct positions/],
    ['an altered record', { read: altered() }, /totals over distinct positions/],
    ['a changed order', { read: totalsAt(2, 1, 0) }, /first appearances of each key/],
    ['a stored record that nobody read', { stored: 4 }, /every stored record was read/],
    ['a first kill that hit nothing', { inFlightAtKill: 0 }, /in flight at the first kill/],
    ['a second kill that hit nothing', { unreadAtKill: 0 }, /unread at the second kill/],
  ])('see %s', (_, given, what) => {
    expect(broken(given)).toEqual([expect.stringMatching(what)]);
  });

  function altered(): FlightTotals {
    const totals = new FlightTotals(FLIGHTS.length);
    const flights = [...FLIGHTS.slice(0, 2), { delay: 4, distance: 1, origin: 'ADA' }];
    flights.forEach((flight, position) => totals.add(position, flight, flight.origin));
    return totals;
  }
});

describe('the report of the demo', () => {
  it('tells repeats by retry from repeats by re-reading', () => {
    const consumed = { records: 9, bytes: 90, seconds: 1 };
    const found = outcome({ stored: 5, offsetsRead: 5, consumed });
    expect([repeatsByRetry(found), repeatsByReading(found)]).toEqual([2, 4]);
  });

  it('lists the origins that differ', () => {
    const table = originsTable(outcome({ read: totalsAt(0, 1) }));
    expect(table).toMatch(/ADA +│ 2 +│ 1 /);
    expect(table).not.toContain('BOB');
    expect(table).toContain('2 origins, 1 of them with another count');
  });
});

describe('the checks of the group', () => {
  const member = { records: 2, partitions: [0], ending: 'left' };
  const group = (given: Partial<GroupOutcome>): GroupOutcome => ({
    group: 'g',
    topic: 'flights',
    stored: 3,
    unread: 1,
    seconds: 1,
    read: totalsAt(0, 1, 2, 1),
    records: 4,
    offsetsRead: 3,
    committed: { offsets: 3, members: 0 },
    members: [
      { ...member, name: 'killed' },
      { ...member, name: 'came' },
    ],
    ...given,
  });
  const brokenInGroup = (given: Partial<GroupOutcome>): string[] =>
    groupChecks(group(given), EXPECTED)
      .filter(({ holds }) => !holds)
      .map(({ what }) => what);

  it('hold for what came through whole', () => {
    expect(brokenInGroup({})).toEqual([]);
    expect(groupTable(group({}))).toContain('3 records of flights, 1 of them twice');
  });

  it.each([
    ['a lost record', { read: totalsAt(0, 2) }, /totals over distinct positions/],
    ['a stored record that nobody read', { offsetsRead: 2 }, /every stored record was read/],
    ['a kill that hit nothing', { unread: 0 }, /had records unread/],
    [
      'a member that came for nothing',
      { members: [{ ...member, name: 'came', partitions: [] }] },
      /got partitions/,
    ],
    [
      'progress that was not saved',
      { committed: { offsets: 2, members: 0 } },
      /everything is committed/,
    ],
    [
      'a member that did not leave',
      { committed: { offsets: 3, members: 1 } },
      /all members have left/,
    ],
  ])('see %s', (_, given, what) => {
    expect(brokenInGroup(given)).toEqual([expect.stringMatching(what)]);
  });
});

describe('loadFlights', () => {
  it('finds the records of the package', async () => {
    const { flights } = await loadFlights('flights-20k.json');
    expect(flights).toHaveLength(20_000);
    expect(flights[0]).toMatchObject({ delay: 66, origin: 'DTW' });
  });
});
