// `make live-…`: follows the CSV file of a benchmark that runs in another terminal.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { readCsv } from '../suite/csv';
import { short } from '../suite/progress';
import { terminalChart } from './terminal-chart';

const USAGE = `usage: npm run bench:live -- writes|scaling [--dir PATH] [--once]

Draws what a benchmark has written so far, again every half second until Ctrl-C; --once, or no
terminal, draws it one time. PATH is where the CSV files are (default: here).
`;
const REFRESH_MS = 500;
const CHART_ROWS = 8;
const CLEAR = '\u001b[H\u001b[2J';

/** What a live view shows of its file. */
interface View {
  readonly file: 'benchmark_throughput.csv' | 'scaling_results_live.csv';
  readonly target: string;
  readonly render: (path: string, columns: number) => string[];
}

function writesView(path: string, columns: number): string[] {
  const rows = readCsv('benchmark_throughput.csv', path).slice(1);
  const column = (name: 'writes_per_second' | 'bytes_per_second' | 'dirty_ratio_percent') =>
    rows.map((row) => Number(row[name]));
  const last = rows.at(-1);
  const [writes, bytes, dirty] = [
    column('writes_per_second'),
    column('bytes_per_second'),
    column('dirty_ratio_percent'),
  ];
  return [
    `${last?.elapsed_seconds ?? '0'} s, ${short(Number(last?.total_writes ?? 0))} writes`,
    `writes per second: ${short(writes.at(-1) ?? 0)}`,
    ...terminalChart(writes, columns, CHART_ROWS, short),
    `bytes per second: ${short(bytes.at(-1) ?? 0)}B`,
    ...terminalChart(bytes, columns, CHART_ROWS, (value) => `${short(value)}B`),
    `dirty pages: ${(dirty.at(-1) ?? 0).toFixed(2)} % of memory`,
    ...terminalChart(dirty, columns, CHART_ROWS / 2, (value) => `${value.toFixed(1)} %`),
  ];
}

function scalingView(path: string, columns: number): string[] {
  const rows = readCsv('scaling_results_live.csv', path);
  const highest = Math.max(1, ...rows.map(({ throughput }) => Number(throughput)));
  const barColumns = Math.max(10, columns - 30);
  return rows.map(({ threads, throughput }) => {
    const value = Number(throughput);
    const bar = '█'.repeat(Math.round((value / highest) * barColumns));
    return `${threads.padStart(4)} threads ${short(value).padStart(7)}/s ${bar}`;
  });
}

const VIEWS: Readonly<Record<string, View>> = {
  writes: { file: 'benchmark_throughput.csv', target: 'bench-writes', render: writesView },
  scaling: { file: 'scaling_results_live.csv', target: 'bench-scaling', render: scalingView },
};

/**
 * What the view shows at this moment; a sentence when its benchmark has not begun.
 * @throws {RangeError} There is no view of that name.
 * @throws {CsvError} The file is something else.
 */
export function liveLines(name: string, directory: string, columns: number): string[] {
  const view = VIEWS[name];
  if (view === undefined) {
    throw new RangeError(
      `there is no live view ${name}; there are ${Object.keys(VIEWS).join(', ')}`,
    );
  }
  const path = join(directory, view.file);
  if (!existsSync(path))
    return [`waiting for ${path}: run make ${view.target} in another terminal`];
  return view.render(path, columns);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      dir: { type: 'string', default: '.' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const [name] = positionals;
  if (values.help || name === undefined) {
    process.stdout.write(USAGE);
    return;
  }
  const { stdout } = process;
  const isLive = stdout.isTTY && !values.once;
  for (;;) {
    const lines = liveLines(name, values.dir, stdout.isTTY ? stdout.columns : 80);
    stdout.write(`${isLive ? CLEAR : ''}${lines.join('\n')}\n`);
    if (!isLive) return;
    await sleep(REFRESH_MS);
  }
}

if (require.main === module) {
  main().catch((error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
