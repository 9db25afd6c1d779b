// The five benchmarks: each runs its crew, writes its CSV files and returns its figures.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Crew, type Moment, type PhaseResult } from './crew';
import { CsvFile, type CsvName, type CsvRow } from './csv';
import { readDirtyPages } from './dirty-pages';
import type { Phase } from './orders';
import { startDisplay } from './progress';
import type { Settings } from './settings';
import { batchRow, ratesBetween, readsRow, writesRow, type Sampled } from './throughput-rows';

/** What a phase came to. */
export interface Figure {
  readonly label: string;
  readonly threads: number;
  readonly phase: Phase;
  readonly seconds: number;
  /** Calls of the engine. */
  readonly operations: number;
  readonly entries: number;
  /** Of payload. */
  readonly bytes: number;
  readonly syncs: number;
  readonly ranOutOfDisk: boolean;
}

const RATE_SECONDS_MIN = 0.25;

type OnSampled = (sampled: Sampled) => void;

/** Runs `work` in a new directory below `parent`, which is removed whatever happens. */
export async function inNewDirectory<T>(
  parent: string,
  work: (directory: string) => Promise<T>,
): Promise<T> {
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'bench-'));
  try {
    return await work(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * Adds the rates, the dirty pages and the time to each moment. A moment that follows hard upon the
 * last one gets the rates since the one before that: over a few ms they would say nothing.
 */
export function sampler(phase: Phase, start: Moment, onSampled: OnSampled) {
  let [older, before] = [start, start];
  const record = (moment: Moment): void => {
    if (moment.seconds - before.seconds >= RATE_SECONDS_MIN) older = before;
    const rates = ratesBetween(older, moment);
    before = moment;
    onSampled({ moment, rates, dirty: readDirtyPages(), timestamp: Date.now() / 1000 });
  };
  // The line at 0 seconds, as the seed's files have it.
  record({ phase, seconds: 0, totals: start.totals });
  return record;
}

async function runPhase(
  crew: Crew,
  phase: Phase,
  { label, seconds, onSampled }: { label: string; seconds: number; onSampled: OnSampled },
): Promise<PhaseResult> {
  const display = startDisplay(label, seconds);
  const record = sampler(phase, { phase, seconds: 0, totals: crew.totals }, (sampled) => {
    display.show(sampled);
    onSampled(sampled);
  });
  try {
    const result = await crew.run(phase, seconds, record);
    record({ phase, seconds: result.seconds, totals: result.totals });
    return result;
  } finally {
    display.end();
  }
}

function writeFigure(label: string, threads: number, result: PhaseResult): Figure {
  const { seconds, totals, syncs, ranOutOfDisk } = result;
  return {
    label,
    threads,
    phase: 'write',
    seconds,
    operations: totals.appends,
    entries: totals.writtenEntries,
    bytes: totals.writtenBytes,
    syncs,
    ranOutOfDisk,
  };
}

/** One write phase of so many threads on a new directory. */
async function runWriters(
  settings: Settings,
  threads: number,
  onSampled: OnSampled,
): Promise<Figure> {
  return inNewDirectory(settings.parent, async (directory) => {
    const crew = await Crew.start(settings, directory, threads);
    const label = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
    try {
      const seconds = settings.writeSeconds;
      return writeFigure(
        label,
        threads,
        await runPhase(crew, 'write', { label, seconds, onSampled }),
      );
    } finally {
      await crew.close();
    }
  });
}

function newCsv<Name extends CsvName>({ out }: Settings, name: Name): CsvFile<Name> {
  mkdirSync(out, { recursive: true });
  return new CsvFile(join(out, name), name);
}

/** The write benchmark and the batch benchmark. */
export async function runThroughput(settings: Settings): Promise<Figure[]> {
  const threads = settings.threads.last;
  if (settings.benchmark === 'batch') {
    const csv = newCsv(settings, 'batch_benchmark_throughput.csv');
    return [await runWriters(settings, threads, (sampled) => csv.append(batchRow(sampled)))];
  }
  const csv = newCsv(settings, 'benchmark_throughput.csv');
  return [await runWriters(settings, threads, (sampled) => csv.append(writesRow(sampled)))];
}

/** The read benchmark: writes, then reads and verifies what was written. */
export async function runReads(settings: Settings): Promise<Figure[]> {
  const threads = settings.threads.last;
  const csv = newCsv(settings, 'read_benchmark_throughput.csv');
  const onSampled: OnSampled = (sampled) => csv.append(readsRow(sampled));
  return inNewDirectory(settings.parent, async (directory) => {
    const crew = await Crew.start(settings, directory, threads);
    try {
      const write = { label: 'write', seconds: settings.writeSeconds, onSampled };
      const written = await runPhase(crew, 'write', write);
      const read = { label: 'read', seconds: settings.readSeconds, onSampled };
      const { seconds, totals, syncs } = await runPhase(crew, 'read', read);
      const figure: Figure = {
        label: 'read',
        threads,
        phase: 'read',
        seconds,
        operations: totals.readEntries,
        entries: totals.readEntries,
        bytes: totals.readBytes,
        syncs,
        ranOutOfDisk: false,
      };
      return [writeFigure('write', threads, written), figure];
    } finally {
      await crew.close();
    }
  });
}

function scalingRow(figure: Figure): CsvRow<'scaling_results.csv'> {
  return { threads: figure.threads, throughput: (figure.entries / figure.seconds).toFixed(2) };
}

function batchScalingRow(figure: Figure): CsvRow<'batch_scaling_results.csv'> {
  const rate = (count: number): string => (count / figure.seconds).toFixed(2);
  return {
    threads: figure.threads,
    entries_per_second: rate(figure.entries),
    mb_per_second: rate(figure.bytes / 2 ** 20),
    batches_per_second: rate(figure.operations),
  };
}

/** The scaling benchmarks: one step after another, from the first count of threads to the last. */
export async function runScaling(settings: Settings): Promise<Figure[]> {
  const { first, last } = settings.threads;
  const isBatch = settings.benchmark === 'batch-scaling';
  const live = isBatch ? undefined : newCsv(settings, 'scaling_results_live.csv');
  const figures: Figure[] = [];
  for (let threads = first; threads <= last; threads += 1) {
    const figure = await runWriters(settings, threads, () => undefined);
    figures.push(figure);
    live?.append(scalingRow(figure));
  }
  if (isBatch) {
    const csv = newCsv(settings, 'batch_scaling_results.csv');
    for (const figure of figures) csv.append(batchScalingRow(figure));
  } else {
    const csv = newCsv(settings, 'scaling_results.csv');
    for (const figure of figures) csv.append(scalingRow(figure));
  }
  return figures;
}
