import Table from 'cli-table3';
import type { FlightTotals } from './flights';

/** How much went through, and how long it took. */
export interface Rate {
  readonly records: number;
  readonly bytes: number;
  readonly seconds: number;
}

/** One file's way through the broker. */
export interface Outcome {
  readonly file: string;
  readonly topic: string;
  readonly reader: string;
  readonly expected: FlightTotals;
  readonly read: FlightTotals;
  /** Records that the topic holds. */
  readonly stored: number;
  /** Different offsets that were read. */
  readonly offsetsRead: number;
  readonly inFlightAtKill: number;
  readonly unreadAtKill: number;
  readonly produced: Rate;
  readonly consumed: Rate;
  /** How long each kill kept the broker away. */
  readonly restartSeconds: readonly number[];
}

/** Something that must hold for an outcome. */
export interface Check {
  readonly what: string;
  readonly holds: boolean;
}

/** Everything that has to be true for the demo to have shown what it says. */
export function checksOf(outcome: Outcome): readonly Check[] {
  const { expected, read } = outcome;
  const check = (what: string, holds: boolean): Check => ({
    what: `${outcome.file}: ${what}`,
    holds,
  });
  return [
    check('the totals over distinct positions are those of the file', read.equals(expected)),
    check('the first appearances of each key are in order', read.outOfOrder === 0),
    check('every stored record was read', outcome.offsetsRead === outcome.stored),
    check('sends were in flight at the first kill', outcome.inFlightAtKill > 0),
    check('records were unread at the second kill', outcome.unreadAtKill > 0),
  ];
}

/** Records in the topic beyond the file's: written twice because an answer was lost. */
export function repeatsByRetry({ stored, expected }: Outcome): number {
  return stored - expected.distinct;
}

/** Records that were read more often than they are stored: read after the last commit. */
export function repeatsByReading({ consumed, offsetsRead }: Outcome): number {
  return consumed.records - offsetsRead;
}

const number = (value: number): string => value.toLocaleString('en-US');
const mean = (totals: FlightTotals): string => totals.meanDelay.toFixed(6);
const secondsText = (seconds: number): string => `${seconds.toFixed(2)} s`;
const plain = { style: { head: [], border: [], compact: true } };

function speed({ records, bytes, seconds }: Rate): string {
  const megabytes = bytes / 1e6 / seconds;
  return `${number(Math.round(records / seconds))} records/s, ${megabytes.toFixed(1)} MB/s`;
}

/** The totals of every file beside those that came through the broker. */
export function totalsTable(outcomes: readonly Outcome[]): string {
  const table = new Table({ head: ['', ...outcomes.map(({ file }) => file)], ...plain });
  const row = (name: string, cell: (outcome: Outcome) => string): void => {
    table.push([name, ...outcomes.map(cell)]);
  };
  row('topic', ({ topic }) => topic);
  row('named reader', ({ reader }) => reader);
  row('records in the file', ({ expected }) => number(expected.distinct));
  row('distinct records read', ({ read }) => number(read.distinct));
  row('mean delay in the file', ({ expected }) => mean(expected));
  row('mean delay read', ({ read }) => mean(read));
  row('origins in the file', ({ expected }) => number(expected.perOrigin.size));
  row('origins read', ({ read }) => number(read.perOrigin.size));
  row('first appearances out of order', ({ read }) => number(read.outOfOrder));
  row('in flight at the kill of the producing', ({ inFlightAtKill }) => number(inFlightAtKill));
  row('unread at the kill of the consuming', ({ unreadAtKill }) => number(unreadAtKill));
  row('repeats by retry', (outcome) => number(repeatsByRetry(outcome)));
  row('repeats by re-reading', (outcome) => number(repeatsByReading(outcome)));
  row('produced, restart left out', ({ produced }) => speed(produced));
  row('consumed, restart left out', ({ consumed }) => speed(consumed));
  row('restarts', ({ restartSeconds }) => restartSeconds.map(secondsText).join(', '));
  row('totals equal', ({ read, expected }) => (read.equals(expected) ? 'yes' : 'NO'));
  return table.toString();
}

const ORIGINS_SHOWN = 10;

/** Flights per origin in the file and as read: those that differ, or else the most frequent. */
export function originsTable({ expected, read }: Outcome): string {
  const table = new Table({ head: ['origin', 'in the file', 'read'], ...plain });
  const names = [...new Set([...expected.perOrigin.keys(), ...read.perOrigin.keys()])];
  const rows = names.map((name) => ({
    name,
    inFile: expected.perOrigin.get(name) ?? 0,
    counted: read.perOrigin.get(name) ?? 0,
  }));
  const different = rows.filter(({ inFile, counted }) => inFile !== counted);
  const shown = different.length > 0 ? different : rows.sort((a, b) => b.inFile - a.inFile);
  for (const { name, inFile, counted } of shown.slice(0, ORIGINS_SHOWN)) {
    table.push([name, number(inFile), number(counted)]);
  }
  const rest = `${rows.length} origins, ${different.length} of them with another count`;
  return `${table.toString()}\n${rest}`;
}
