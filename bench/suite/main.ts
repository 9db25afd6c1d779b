// `npm run bench -- BENCHMARK`: runs one benchmark and prints what it came to.
import Table from 'cli-table3';
import { describeMachine } from '../machine';
import { short } from './progress';
import { runReads, runScaling, runThroughput, type Figure } from './run';
import { SettingsError, fsyncText } from './setting-values';
import { BENCHMARKS, readSettings, USAGE, type Benchmark, type Settings } from './settings';

const RUNS: Readonly<Record<Benchmark, (settings: Settings) => Promise<Figure[]>>> = {
  writes: runThroughput,
  reads: runReads,
  scaling: runScaling,
  batch: runThroughput,
  'batch-scaling': runScaling,
};

function title(settings: Settings): string {
  const { benchmark, threads, batchEntries, backend } = settings;
  const { first, last } = threads;
  const count = benchmark.endsWith('scaling') ? `${first} to ${last} threads` : `${last} threads`;
  return [
    `${benchmark}: ${count}`,
    batchEntries > 0 ? `batches of ${batchEntries}` : 'one append per record',
    'payloads of 500 to 1,024 bytes',
    `fsync ${fsyncText(settings.fsync)}`,
    `backend ${backend ?? 'default'}`,
  ].join(', ');
}

function render(figures: readonly Figure[]): string {
  const table = new Table({
    head: ['', 'seconds', 'entries/s', 'MB/s', 'entries', 'GB', 'syncs/call'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { label, seconds, operations, entries, bytes, syncs } of figures) {
    table.push([
      label,
      seconds.toFixed(2),
      short(entries / seconds),
      (bytes / seconds / 1e6).toFixed(1),
      short(entries),
      (bytes / 1e9).toFixed(3),
      (syncs / operations).toFixed(4),
    ]);
  }
  return table.toString();
}

async function main(): Promise<void> {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === '--help' || args.includes('--help')) {
    process.stdout.write(USAGE);
    return;
  }
  const benchmark = BENCHMARKS.find((known) => known === name);
  if (benchmark === undefined) {
    throw new SettingsError('the benchmark', name, BENCHMARKS.join(', '));
  }
  const settings = readSettings(benchmark, args, process.env);
  process.stderr.write(`${title(settings)}\n`);
  const figures = await RUNS[benchmark](settings);
  const { cores, processor, kernel, fileSystem, node } = describeMachine(settings.parent);
  process.stdout.write(
    `${title(settings)}\n${cores} cores (${processor}), Linux ${kernel}, ${fileSystem}, ` +
      `Node ${node}\n${render(figures)}\n`,
  );
  if (figures.some(({ ranOutOfDisk }) => ranOutOfDisk)) {
    process.stdout.write('Ended early: less than 8 GiB of disk were left.\n');
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
