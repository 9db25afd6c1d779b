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
  /** Records in the topic beyond the file's: written twice because an answer was lost. */
  readonly repeatsByRetry: number;
  readonly produced: Rate;
  readonly consumed: Rate;
}

/** Whether every total equals the file's and no key's first appearances came out of order. */
export function isEqual({ expected, read }: Outcome): boolean {
  return read.equals(expected) && read.outOfOrder === 0;
}

const number = (value: number): string => value.toLocaleString('en-US');
const mean = (totals: FlightTotals): string => totals.meanDelay.toFixed(6);

function speed({ records, bytes, seconds }: Rate): string {
  const megabytes = bytes / 1e6 / seconds;
  return `${number(Math.round(records / seconds))} records/s, ${megabytes.toFixed(1)} MB/s`;
}

/** The totals of every file beside those that came through the broker. */
export function totalsTable(outcomes: readonly Outcome[]): string {
  const table = new Table({
    head: ['', ...outcomes.map(({ file }) => file)],
    style: { head: [], border: [] },
  });
  const row = (name: string, cell: (outcome: Outcome) => string): void => {
    table.push([name, ...outcomes.map(cell)]);
  };
  row('topic, reader', ({ topic, reader }) => `${topic}, ${reader}`);
  row('records in the file', ({ expected }) => number(expected.distinct));
  row('distinct records read', ({ read }) => number(read.distinct));
  row('mean delay in the file', ({ expected }) => mean(expected));
  row('mean delay read', ({ read }) => mean(read));
  row('origins in the file', ({ expected }) => number(expected.perOrigin.size));
  row('origins read', ({ read }) => number(read.perOrigin.size));
  row('first appearances out of order', ({ read }) => number(read.outOfOrder));
  row('repeats by retry', ({ repeatsByRetry }) => number(repeatsByRetry));
  row('repeats by re-reading', ({ read, repeatsByRetry }) => number(read.repeats - repeatsByRetry));
  row('produced, with a kill', ({ produced }) => speed(produced));
  row('consumed, with a kill', ({ consumed }) => speed(consumed));
  row('totals equal', (outcome) => (isEqual(outcome) ? 'yes' : 'NO'));
  return table.toString();
}

/** Flights per origin, in the file and as read; only origins that differ when `onlyDifferences`. */
export function originsTable({ expected, read }: Outcome, onlyDifferences: boolean): string {
  const table = new Table({
    head: ['origin', 'in the file', 'read'],
    style: { head: [], border: [] },
  });
  const counted = read.perOrigin;
  const names = new Set([...expected.perOrigin.keys(), ...counted.keys()]);
  for (const name of [...names].sort()) {
    const inFile = expected.perOrigin.get(name) ?? 0;
    const inTopic = counted.get(name) ?? 0;
    if (!onlyDifferences || inFile !== inTopic) table.push([name, number(inFile), number(inTopic)]);
  }
  return table.toString();
}
