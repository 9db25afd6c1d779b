// `make show-…`: the CSV files of a benchmark as PNG and SVG beside them.
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { TopLevelSpec } from 'vega-lite';
import { readCsv, type Column, type CsvName } from '../suite/csv';
import {
  batchChart,
  batchScalingChart,
  comparisonChart,
  costChart,
  readsChart,
  scalingChart,
  writesChart,
} from './charts';
import { kafkaChart } from './kafka-chart';
import { renderPng, renderSvg } from './render';

const USAGE = `usage: npm run bench:show -- NAME [--dir PATH]

NAME is one of writes, reads, scaling, batch-writes, batch-scaling, walrus-vs-rocksdb, connections,
partitions, vs-kafka. The plots stand beside the CSV files, in PATH (default: here). WALRUS_CSV and
ROCKSDB_CSV name the two files that walrus-vs-rocksdb compares.
`;

/** Thrown when there is nothing to show yet. */
export class NothingToShowError extends Error {}

/** Where the CSV files are, by the names they have. */
type Files = (name: CsvName) => string;

function load<Name extends CsvName>(
  files: Files,
  name: Name,
  target: string,
): Record<Column<Name>, string>[] {
  const path = files(name);
  if (!existsSync(path)) throw new NothingToShowError(`${path} is not there: make ${target} first`);
  return readCsv(name, path);
}

interface Plot {
  /** The file's name without extension. */
  readonly name: string;
  readonly chart: (files: Files) => TopLevelSpec;
}

const PLOTS: Readonly<Record<string, Plot>> = {
  writes: {
    name: 'benchmark_throughput',
    chart: (files) => writesChart(load(files, 'benchmark_throughput.csv', 'bench-writes')),
  },
  reads: {
    name: 'read_benchmark_throughput',
    chart: (files) => readsChart(load(files, 'read_benchmark_throughput.csv', 'bench-reads')),
  },
  scaling: {
    name: 'scaling_results',
    chart: (files) => scalingChart(load(files, 'scaling_results.csv', 'bench-scaling')),
  },
  'batch-writes': {
    name: 'batch_benchmark_throughput',
    chart: (files) => batchChart(load(files, 'batch_benchmark_throughput.csv', 'bench-batch')),
  },
  'batch-scaling': {
    name: 'batch_scaling_results',
    chart: (files) =>
      batchScalingChart(load(files, 'batch_scaling_results.csv', 'bench-batch-scaling')),
  },
  connections: {
    name: 'connections_cost',
    chart: (files) =>
      costChart('connections', load(files, 'connections_cost.csv', 'bench-connections')),
  },
  partitions: {
    name: 'partitions_cost',
    chart: (files) =>
      costChart('partitions', load(files, 'partitions_cost.csv', 'bench-partitions')),
  },
  'vs-kafka': {
    name: 'kafka_comparison',
    chart: (files) => kafkaChart(load(files, 'kafka_comparison.csv', 'bench-vs-kafka')),
  },
  'walrus-vs-rocksdb': {
    name: 'walrus_vs_rocksdb',
    chart: (files) => {
      const target = 'bench-walrus-vs-rocksdb';
      return comparisonChart(
        load(files, 'benchmark_throughput.csv', target),
        load(files, 'rocksdb_benchmark_throughput.csv', target),
      );
    },
  },
};

/**
 * Draws one plot.
 *
 * @param directory Where its CSV files are and where the pictures go.
 * @returns The paths of the SVG and of the PNG.
 * @throws {NothingToShowError} A file is missing, or there is no plot of that name.
 * @throws {CsvError} A file is something else.
 */
export function show(name: string, directory: string, environment: NodeJS.ProcessEnv): string[] {
  const plot = PLOTS[name];
  if (plot === undefined) {
    const known = Object.keys(PLOTS).join(', ');
    throw new NothingToShowError(`there is no plot ${name}; there are ${known}`);
  }
  const given: Partial<Record<CsvName, string>> =
    name === 'walrus-vs-rocksdb'
      ? {
          ...(environment['WALRUS_CSV']
            ? { 'benchmark_throughput.csv': environment['WALRUS_CSV'] }
            : {}),
          ...(environment['ROCKSDB_CSV']
            ? { 'rocksdb_benchmark_throughput.csv': environment['ROCKSDB_CSV'] }
            : {}),
        }
      : {};
  const svg = renderSvg(plot.chart((file) => given[file] ?? join(directory, file)));
  const paths = ['svg', 'png'].map((extension) => join(directory, `${plot.name}.${extension}`));
  const [svgPath = '', pngPath = ''] = paths;
  writeFileSync(svgPath, svg);
  writeFileSync(pngPath, renderPng(svg));
  return paths;
}

function main(): void {
  const { values, positionals } = parseArgs({
    options: {
      dir: { type: 'string', default: '.' },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name] = positionals;
  if (values.help || name === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  for (const path of show(name, values.dir, process.env)) {
    process.stdout.write(`${dirname(path) === '.' ? `./${path}` : path}\n`);
  }
}

if (require.main === module) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
