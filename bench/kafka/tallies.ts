// The figures of all rounds, by what was measured where.
import { median } from '../figures';
import type { Schedule, Side } from './brokers';

export const MEASURES = [
  'cpuPerGb',
  'mbPerSecond',
  'recordsPerSecond',
  'clientShare',
  'p50Ms',
  'p99Ms',
  'p999Ms',
  'startSeconds',
  'rssIdleMb',
  'rssLoadedMb',
] as const;
export type Measure = (typeof MEASURES)[number];

/** Where a figure was measured; the cell is empty for what a broker has one of. */
export interface Place {
  readonly side: Side;
  readonly schedule: Schedule;
  readonly cell: string;
}

const keyOf = ({ side, schedule, cell }: Place, measure: Measure): string =>
  [side, schedule, cell, measure].join('|');

/** Every figure once per round, in the order of the rounds. */
export class Tallies {
  private readonly figures = new Map<string, number[]>();
  private readonly seen = new Map<string, Place>();

  /** @throws {RangeError} The figure is no number. */
  note(place: Place, figures: Partial<Readonly<Record<Measure, number>>>): void {
    for (const measure of MEASURES) {
      const value = figures[measure];
      if (value === undefined) continue;
      const key = keyOf(place, measure);
      if (!Number.isFinite(value)) throw new RangeError(`${key} is ${value}`);
      const values = this.figures.get(key) ?? [];
      values.push(value);
      this.figures.set(key, values);
      this.seen.set(keyOf(place, MEASURES[0]), place);
    }
  }

  /** One per round; empty when it was not measured. */
  values(place: Place, measure: Measure): readonly number[] {
    return this.figures.get(keyOf(place, measure)) ?? [];
  }

  /** Undefined when it was not measured. */
  middle(place: Place, measure: Measure): number | undefined {
    const values = this.values(place, measure);
    return values.length === 0 ? undefined : median(values);
  }

  /** Every place with a figure, in the order of the first round. */
  places(): Place[] {
    return [...this.seen.values()];
  }
}
