// Latency at a fixed rate: records acknowledged as durable, beside a bare loop of write and
// fdatasync in the same rounds; and records pushed to a consumer.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { BenchReport } from '@walrusmq/cli';
import { BrokerProcess } from '../test/crash/broker-process';
import { AwakeCores } from './awake-cores';
import { valueRow, verdictOf, type Row } from './figures';
import { describeMachine } from './machine';
import { renderReport, type Section } from './report';
import type { Percentiles, SyncLoopAnswer, SyncLoopTask } from './sync-loop';
import { WorkerProcess } from './worker-process';

const HELP = `usage: npm run bench:latency -- [--rounds N] [--seconds N] [--dir PATH] [--json]
                                [--sleep]

10,000 records/s of 100 B, measured from when each was due. Needs about 4 × seconds a round.
`;
const COMMAND = join(__dirname, '..', 'bin', 'walrusmq');
const RECORDS_PER_SECOND = 10_000;
const RECORD_BYTES = 100;
const PERCENTILES = ['p50', 'p99', 'p999'] as const;
const LABELS = { p50: 'p50', p99: 'p99', p999: 'p99.9' } as const;
const DURABLE_BUDGET = { kind: 'at most', bound: 3, text: 'p99 ≤ 3 × write + fdatasync' } as const;
const PUSH_BUDGET = { kind: 'at most', bound: 1, text: 'p50 < 1 ms' } as const;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly directory: string;
  /** Lets the cores sleep between requests. */
  readonly sleep: boolean;
}

interface Round {
  readonly durable: Percentiles;
  readonly loop: SyncLoopAnswer;
  readonly pushed: Percentiles;
  /** Until the acknowledgement, in the run that also pushes. */
  readonly written: Percentiles;
}

/** `walrusmq bench` at the fixed rate: the SDK in threads of a process of its own. */
async function runBench(broker: string, seconds: number, flags: readonly string[]) {
  const args = [
    ...['bench', '--broker', broker, '--rate', String(RECORDS_PER_SECOND), '--json'],
    ...['--size', String(RECORD_BYTES), '--partitions', '1', '--duration', `${seconds}s`],
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, ...args, ...flags]);
  return JSON.parse(stdout) as BenchReport;
}

function percentilesOf(side: BenchReport['produce'] | undefined): Percentiles {
  const found = side?.latencyMs;
  if (found === undefined) throw new Error('walrusmq bench measured no latency');
  return { p50: found.p50, p99: found.p99, p999: found['p99.9'] };
}

class Bench {
  private readonly brokers: Readonly<Record<'sync-each' | 'no-fsync', BrokerProcess>>;
  readonly cores: AwakeCores;
  private readonly loop = new WorkerProcess<SyncLoopTask, SyncLoopAnswer>('sync-loop');

  constructor(private readonly options: Options) {
    this.cores = new AwakeCores(!options.sleep);
    const broker = (schedule: string): BrokerProcess =>
      new BrokerProcess({
        dataDir: join(options.directory, schedule),
        flags: ['--fsync', schedule, '--log-level', 'warn', '--log-format', 'json'],
      });
    this.brokers = { 'sync-each': broker('sync-each'), 'no-fsync': broker('no-fsync') };
  }

  async runRound(round: number): Promise<Round> {
    const { seconds, directory } = this.options;
    const loop = await this.loop.ask({
      path: join(directory, `loop-${round}`),
      recordsPerSecond: RECORDS_PER_SECOND,
      recordBytes: RECORD_BYTES,
      seconds,
    });
    const durable = await runBench(await this.brokers['sync-each'].ready, seconds, []);
    const pushing = await runBench(await this.brokers['no-fsync'].ready, seconds, ['--end-to-end']);
    return {
      loop,
      durable: percentilesOf(durable.produce),
      pushed: percentilesOf(pushing.consume),
      written: percentilesOf(pushing.produce),
    };
  }

  async end(): Promise<void> {
    await this.cores.end();
    await Promise.all(Object.values(this.brokers).map((broker) => broker.kill()));
    await this.loop.end();
  }
}

function durableSection(rounds: readonly Round[], note: string): Section {
  const rows = PERCENTILES.map((name): Row => {
    const own = rounds.map(({ durable }) => durable[name]);
    const bare = rounds.map(({ loop }) => loop.records[name]);
    const peer = 'write + fdatasync, from due';
    const row = valueRow(`acknowledged, ${LABELS[name]}`, 'ms', own, peer, bare);
    if (name !== 'p99') return row;
    return { ...row, verdict: verdictOf(row.ratio.median, DURABLE_BUDGET) };
  });
  const calls = PERCENTILES.map((name) => {
    const own = rounds.map(({ durable }) => durable[name]);
    const bare = rounds.map(({ loop }) => loop.calls[name]);
    return valueRow(`the same, ${LABELS[name]}`, 'ms', own, 'one write + fdatasync', bare);
  });
  return {
    title: `acks=all, sync-each, ${RECORDS_PER_SECOND} records/s of ${RECORD_BYTES} B`,
    notes: [
      'From when a record was due until its acknowledgement, through the SDK and a broker.',
      'Beside it a loop that writes what is due and calls fdatasync, one call after another:',
      'from when a record was due until it was synced, and what one call took.',
      note,
    ],
    rows: [...rows, ...calls],
  };
}

function pushSection(rounds: readonly Round[]): Section {
  const rows = PERCENTILES.map((name): Row => {
    const own = rounds.map(({ pushed }) => pushed[name]);
    const written = rounds.map(({ written: acknowledged }) => acknowledged[name]);
    const budget = name === 'p50' ? PUSH_BUDGET : undefined;
    return valueRow(
      `end to end, ${LABELS[name]}`,
      'ms',
      own,
      'until acknowledged',
      written,
      budget,
    );
  });
  return {
    title: `Push delivery, no-fsync, ${RECORDS_PER_SECOND} records/s of ${RECORD_BYTES} B`,
    notes: ['From when a record was due until the consumer of another thread has it.'],
    rows,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '5' },
      dir: { type: 'string', default: join(__dirname, '..', '.make') },
      sleep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  mkdirSync(values.dir, { recursive: true });
  const directory = mkdtempSync(join(values.dir, 'latency-'));
  const [count, seconds] = [Number(values.rounds), Number(values.seconds)];
  const started = performance.now();
  const bench = new Bench({ rounds: count, seconds, directory, sleep: values.sleep });
  try {
    const rounds: Round[] = [];
    // The first round warms up and is not counted.
    for (let round = 0; round <= count; round += 1) {
      process.stderr.write(round === 0 ? 'warm-up\n' : `round ${round} of ${count}\n`);
      const found = await bench.runRound(round);
      if (round > 0) rounds.push(found);
    }
    const report = {
      machine: describeMachine(directory),
      sections: [durableSection(rounds, bench.cores.note), pushSection(rounds)],
      seconds: (performance.now() - started) / 1000,
      writtenBytes: {},
    };
    process.stdout.write(`${values.json ? JSON.stringify(report) : renderReport(report)}\n`);
  } finally {
    await bench.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(
    `bench:latency: ${error instanceof Error ? error.message : String(error)}\n`,
  );
  process.exitCode = 1;
});
