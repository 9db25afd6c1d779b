import Table from 'cli-table3';
import type { FlightTotals } from './flights';
import type { Check } from './report';

/** What became of one member. */
export interface MemberOutcome {
  readonly name: string;
  readonly records: number;
  /** All that it ever had. */
  readonly partitions: readonly number[];
  readonly ending: string;
}

/** A topic's way through a consumer group. */
export interface GroupOutcome {
  readonly group: string;
  readonly topic: string;
  /** Records that the topic holds. */
  readonly stored: number;
  /** Of the killed member's partitions when it was killed. */
  readonly unread: number;
  /** From the kill until all was read and all partitions had new owners. */
  readonly seconds: number;
  readonly read: FlightTotals;
  /** Handed over, repeats counted. */
  readonly records: number;
  /** Different offsets that were read. */
  readonly offsetsRead: number;
  /** At the end: the sum of the committed offsets, and the members left. */
  readonly committed: { readonly offsets: number; readonly members: number };
  readonly members: readonly MemberOutcome[];
}

/** Everything that has to be true for the group to have shown what it says. */
export function groupChecks(outcome: GroupOutcome, expected: FlightTotals): readonly Check[] {
  const { group, stored, read, offsetsRead, committed, unread, members } = outcome;
  const check = (what: string, holds: boolean): Check => ({
    what: `group ${group}: ${what}`,
    holds,
  });
  const came = members.at(-1);
  return [
    check('the totals over distinct positions are those of the file', read.equals(expected)),
    check('every stored record was read', offsetsRead === stored),
    check('the killed member had records unread', unread > 0),
    check('the member that came got partitions', (came?.partitions.length ?? 0) > 0),
    check('everything is committed', committed.offsets === stored),
    check('all members have left', committed.members === 0),
  ];
}

/** What each member did. */
export function groupTable(outcome: GroupOutcome): string {
  const { group, topic, stored, records, offsetsRead, seconds, members } = outcome;
  const number = (value: number): string => value.toLocaleString('en-US');
  const style = { head: [], border: [], compact: true };
  const table = new Table({ head: [`group ${group}`, 'records', 'partitions', 'end'], style });
  for (const { name, records: count, partitions, ending } of members) {
    table.push([name, number(count), partitions.join(), ending]);
  }
  const rest =
    `${number(stored)} records of ${topic}, ${number(records - offsetsRead)} of them twice; ` +
    `${seconds.toFixed(2)} s from the kill to the last record`;
  return `${table.toString()}\n${rest}`;
}
