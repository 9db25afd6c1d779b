import Table from 'cli-table3';
import type { Machine } from './machine';
import type { Row, Spread, Verdict } from './figures';

/** A part of the report: rows that were measured in the same rounds. */
export interface Section {
  readonly title: string;
  /** What is inside and outside the measured time, on both sides. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
}

export interface Report {
  readonly machine: Machine;
  readonly sections: readonly Section[];
  readonly seconds: number;
  /** Payload and more that each side wrote, in bytes. */
  readonly writtenBytes: Readonly<Record<string, number>>;
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US');
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function figure(value: number, unit: string, megabytesPerSecond: number | undefined): string {
  const text = unit === '/s' ? `${number(value)}/s` : `${number(value)} ${unit}`;
  return megabytesPerSecond === undefined ? text : `${text}\n${number(megabytesPerSecond)} MB/s`;
}

function ratio({ median, min, max }: Spread): string {
  const text = (value: number): string => value.toFixed(value < 10 ? 2 : 1);
  return `${text(median)}\n${text(min)}–${text(max)}`;
}

function verdict(given: Verdict | undefined): string {
  if (given === undefined) return '–';
  const percent = `${Math.abs(given.margin * 100).toFixed(0)} %`;
  return `${given.text}\n${given.met ? `met, ${percent} to spare` : `MISSED by ${percent}`}`;
}

function section({ title, notes, rows }: Section): string {
  const table = new Table({
    head: ['', 'WalrusMQ', 'peer', '', 'ratio', 'budget'],
    colAligns: ['left', 'right', 'left', 'right', 'right', 'left'],
    colWidths: [36, 16, 34, 16, 13, 32],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const row of rows) {
    table.push([
      row.title,
      figure(row.value, row.unit, row.megabytesPerSecond),
      row.peerTitle,
      figure(row.peerValue, row.unit, row.peerMegabytesPerSecond),
      ratio(row.ratio),
      verdict(row.verdict),
    ]);
  }
  const rounds = [...new Set(rows.map((row) => row.rounds))].join(' or ');
  return [`${title} (medians of ${rounds} rounds)`, ...notes, table.toString()].join('\n');
}

/** The report for people. */
export function renderReport({ machine, sections, seconds, writtenBytes }: Report): string {
  const { cores, processor, kernel, fileSystem, node } = machine;
  const written = Object.entries(writtenBytes)
    .map(([side, bytes]) => `${side} ${(bytes / 1e9).toFixed(2)} GB`)
    .join(', ');
  return [
    `${cores} cores (${processor}), Linux ${kernel}, ${fileSystem}, Node ${node}`,
    'ratio: WalrusMQ ÷ peer in the same round, median and extremes over the rounds',
    ...sections.map(section),
    `${seconds.toFixed(0)} s${written === '' ? '' : `; written: ${written}`}`,
  ].join('\n\n');
}
