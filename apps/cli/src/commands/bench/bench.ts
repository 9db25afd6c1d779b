import type { Command } from 'commander';
import { CliError, ExitCode } from '../../cli-error';
import { counted } from '../../output/tables';
import { LineWriter, type Terminal } from '../../output/terminal';
import {
  checkLevel,
  withAdmin,
  wholeNumber,
  withClientOptions,
  withProducerOptions,
} from '../client-options';
import { planOf, type BenchOptions } from './bench-plan';

const THREADS_MAX = 256;
const RECORD_BYTES_MAX = 64 * 1024 * 1024;
const IN_FLIGHT_MAX = 1_000_000;

const EPILOGUE = `
Every producer and consumer is a thread with a connection of its own. With --rate a record is
measured from when it was due, not from when it was sent: what a slow broker delays counts. Without
it producers send whenever fewer than --in-flight of their records are unanswered, and latency
says mostly how long that queue is. Rates are of all that was answered behind the warm-up, records
and latencies of what was sent then.

Examples:
  walrusmq bench --duration 30s --producers 2
  walrusmq bench --rate 10000 --end-to-end --acks 1
  walrusmq bench --count 1000000 --size 1024 --compression lz4 --json`;

/** `walrusmq bench`. */
export function addBenchCommand(program: Command, terminal: Terminal): void {
  withProducerOptions(withClientOptions(program.command('bench')))
    .description('measure throughput and latency on topics of its own')
    .option('--producers <n>', 'producers', wholeNumber('--producers', 1, THREADS_MAX), 1)
    .option(
      '--consumers <n>',
      'consumers that share the partitions (default 0; 1 with --end-to-end)',
      wholeNumber('--consumers', 0, THREADS_MAX),
    )
    .option('--topics <n>', 'topics', wholeNumber('--topics', 1, 1_000), 1)
    .option('--partitions <n>', 'of each topic', wholeNumber('--partitions', 1, 10_000), 4)
    .option('--size <bytes>', 'of a value', wholeNumber('--size', 1, RECORD_BYTES_MAX), 100)
    .option(
      '--rate <n>',
      'records a second of all producers together (default: as many as are answered)',
      wholeNumber('--rate', 1, 100_000_000),
    )
    .option(
      '--count <n>',
      'stop after so many records behind the warm-up',
      wholeNumber('--count', 1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--duration <time>',
      'stop after so long behind the warm-up: 30s, 2m (default 10s, none with --count)',
      duration('--duration'),
    )
    .option('--warm-up <time>', 'sent before, not measured', duration('--warm-up'), 1_000)
    .option('--linger <ms>', 'wait of a batch for more', wholeNumber('--linger', 0, 60_000), 0)
    .option(
      '--batch <bytes>',
      'size of a batch',
      wholeNumber('--batch', 128, RECORD_BYTES_MAX),
      256 * 1024,
    )
    .option(
      '--in-flight <n>',
      'unanswered records of a producer at most',
      wholeNumber('--in-flight', 1, IN_FLIGHT_MAX),
      10_000,
    )
    .option('--end-to-end', 'measure until a consumer has the record, too')
    .option('--seed <n>', 'what the bytes depend on', wholeNumber('--seed', 0, 2 ** 32 - 1), 1)
    .option('--keep-topics', 'leave the topics and their records there')
    .addHelpText('after', EPILOGUE)
    .action((options: BenchOptions) => bench(options, terminal));
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Parses a duration such as `500ms`, `10s`, `2m`; a bare number is seconds. */
export function duration(name: string): (text: string) => number {
  return (text) => {
    const [, digits, unit = 's'] = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|m|h)?$/.exec(text) ?? [];
    const ms = Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
    if (Number.isFinite(ms)) return ms;
    throw new CliError(
      `${name} must be a duration such as 500ms, 10s or 2m, got "${text}"`,
      ExitCode.usage,
    );
  };
}

async function bench(options: BenchOptions, terminal: Terminal): Promise<void> {
  checkLevel(options);
  const plan = planOf(options);
  const [{ runBench }, { reportJson, reportText }] = await Promise.all([
    import('./run-bench.js'),
    import('./bench-report.js'),
  ]);
  const report = await withAdmin(options, undefined, (admin) =>
    runBench(plan, options.keepTopics === true, admin, terminal),
  );
  const writer = new LineWriter(terminal.stdout);
  const left = options.keepTopics === true ? plan.topics : [];
  await writer.write(options.json === true ? reportJson(report) : reportText(report, left));
  await writer.flush();
  if (report.missingRecords > 0) {
    const missing = counted(report.missingRecords, 'record');
    throw new CliError(`${missing} did not reach a consumer`);
  }
}
