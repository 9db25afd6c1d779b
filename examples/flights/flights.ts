// The flight records of the npm package vega-datasets, and the totals computed straight from the
// files.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** One flight of either file; only the smaller file names airports. */
export interface Flight {
  readonly delay: number;
  readonly distance: number;
  readonly origin?: string;
}

export interface FlightFile {
  readonly name: string;
  readonly flights: readonly Flight[];
}

/** @param name A file of the package's data folder, such as "flights-20k.json". */
export async function loadFlights(name: string): Promise<FlightFile> {
  const folder = dirname(require.resolve('vega-datasets'));
  const text = await readFile(join(folder, '..', 'data', name), 'utf8');
  return { name, flights: JSON.parse(text) as Flight[] };
}

/** What a reader computes: over distinct positions only, however often a record comes. */
export class FlightTotals {
  private readonly seen: Uint8Array;
  private delaySum = 0;
  private readonly origins = new Map<string, number>();
  private readonly lastPositionOfKey = new Map<string, number>();
  /** Distinct positions. */
  distinct = 0;
  /** Records that came again. */
  repeats = 0;
  /** First appearances that came after a later one of the same key; 0 when order held. */
  outOfOrder = 0;

  /** @param count Records in the source file; positions are 0 to count - 1. */
  constructor(private readonly count: number) {
    this.seen = new Uint8Array(count);
  }

  /**
   * Takes one record.
   * @param key The record's key, within which order is expected; undefined where none is.
   * @throws {RangeError} The position is not one of the file: the record was altered on its way.
   */
  add(position: number, flight: Flight, key: string | undefined): void {
    if (!Number.isInteger(position) || position < 0 || position >= this.count) {
      throw new RangeError(`a record carries position ${position}, but the file has ${this.count}`);
    }
    if (this.seen[position] === 1) {
      this.repeats += 1;
      return;
    }
    this.seen[position] = 1;
    this.distinct += 1;
    this.delaySum += flight.delay;
    if (flight.origin !== undefined) {
      this.origins.set(flight.origin, (this.origins.get(flight.origin) ?? 0) + 1);
    }
    if (key === undefined) return;
    if (position < (this.lastPositionOfKey.get(key) ?? -1)) this.outOfOrder += 1;
    else this.lastPositionOfKey.set(key, position);
  }

  get meanDelay(): number {
    return this.delaySum / this.distinct;
  }

  /** Flights per origin, by origin. */
  get perOrigin(): ReadonlyMap<string, number> {
    return new Map([...this.origins].sort(([a], [b]) => a.localeCompare(b)));
  }

  /** Whether two computations agree: same count, same sum, same count per origin. */
  equals(other: FlightTotals): boolean {
    const mine = [...this.perOrigin];
    const theirs = other.perOrigin;
    return (
      this.distinct === other.distinct &&
      this.delaySum === other.delaySum &&
      mine.length === theirs.size &&
      mine.every(([origin, count]) => theirs.get(origin) === count)
    );
  }
}

/** The totals straight from the file. */
export function totalsOf(file: FlightFile): FlightTotals {
  const totals = new FlightTotals(file.flights.length);
  file.flights.forEach((flight, position) => totals.add(position, flight, flight.origin));
  return totals;
}
