// SDK → broker → SDK beside NATS JetStream with its npm client, both on files, in the same rounds.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Admin } from '@walrusmq/client';
import { BrokerProcess } from '../../test/crash/broker-process';
import { rateRow, type RowPlan, type Sample } from '../figures';
import { describeMachine } from '../machine';
import { renderReport, type Section } from '../report';
import type { Answer, Task } from '../sdk-driver';
import { WorkerProcess } from '../worker-process';
import type { NatsAnswer, NatsTask } from './nats-driver';
import { buildNatsServer, NATS_VERSION, NatsServer } from './nats-server';

const HELP = `usage: npm run bench:nats -- [--rounds N] [--scale N] [--dir PATH] [--json]

  --rounds N   counted, behind one that warms up (default 5)
  --scale N    times as many records (default 1)
`;
const SCHEDULES = ['no-fsync', 'sync-each'] as const;
type Schedule = (typeof SCHEDULES)[number];
const SIZES = [100, 1_024] as const;
type Way = 'batched' | 'single';

/** Records of a run: some tenths of a second at least. With `always` NATS syncs each of its own. */
function countOf(schedule: Schedule, side: 'ours' | 'nats', way: Way, recordBytes: number): number {
  if (schedule === 'sync-each' && side === 'nats') return 1_000;
  const count = side === 'ours' ? 200_000 : 40_000;
  return (way === 'single' ? count / 2 : count) / (recordBytes > 100 ? 2 : 1);
}

const NOTES = [
  `One process each: broker, nats-server ${NATS_VERSION}, the SDK, NATS's npm client. One`,
  'partition, one stream; files on both sides. sendMany: 10,000 records a call, acks=all.',
  'Fast ingest: an acknowledgement per 500 messages, three of them under way. send and publish:',
  'a promise each, 20,000 of ours and 4,000 of theirs under way. Consume: eachBatch; pulls of',
  '10,000 messages.',
];

/** One schedule's two servers. */
class Pair {
  readonly samples: Sample[] = [];
  private readonly broker: BrokerProcess;
  private readonly nats: NatsServer;
  private runCount = 0;

  constructor(
    private readonly schedule: Schedule,
    private readonly scale: number,
    directory: string,
    program: string,
    private readonly ours: WorkerProcess<Task, Answer>,
    private readonly theirs: WorkerProcess<NatsTask, NatsAnswer>,
  ) {
    const folder = join(directory, schedule);
    this.broker = new BrokerProcess({
      dataDir: join(folder, 'broker'),
      flags: ['--fsync', schedule, '--log-level', 'warn', '--log-format', 'json'],
    });
    const sync = schedule === 'sync-each' ? 'always' : undefined;
    this.nats = new NatsServer(program, join(folder, 'nats'), sync);
  }

  /** Produces in both ways and consumes what was batched, on both sides in turn. */
  async runRound(round: number): Promise<void> {
    for (const recordBytes of SIZES) {
      for (const way of ['batched', 'single'] as const) {
        this.runCount += 1;
        const sides = [
          this.runOurs(round, way, recordBytes),
          this.runNats(round, way, recordBytes),
        ];
        for (const run of round % 2 === 0 ? sides : sides.reverse()) await run();
      }
    }
  }

  async end(): Promise<void> {
    await Promise.all([this.broker.kill(), this.nats.end()]);
  }

  private runOurs(round: number, way: Way, recordBytes: number): () => Promise<void> {
    const recordCount = this.scale * countOf(this.schedule, 'ours', way, recordBytes);
    const topic = `bench-${this.runCount}`;
    return async () => {
      const broker = await this.broker.ready;
      const admin = new Admin({ broker });
      await admin.createTopic(topic);
      await admin.close();
      const common = { broker, topic, recordBytes };
      const call = way === 'batched' ? 'sendMany' : 'send';
      const ask = async (name: string, task: Task): Promise<void> =>
        this.note(`ours-${name}`, round, recordBytes, recordCount, await this.ours.ask(task));
      await ask(way, { kind: 'produce', ...common, recordCount, call });
      // One record more: the one that the producer connected with.
      if (way === 'single') return;
      await ask('consume', { kind: 'consume', ...common, recordCount: recordCount + 1 });
    };
  }

  private runNats(round: number, way: Way, recordBytes: number): () => Promise<void> {
    const recordCount = this.scale * countOf(this.schedule, 'nats', way, recordBytes);
    const stream = `bench-${this.runCount}`;
    return async () => {
      const common = { server: await this.nats.ready, stream, recordBytes, recordCount };
      const ask = async (name: string, kind: NatsTask['kind']): Promise<void> => {
        const answer = await this.theirs.ask({ kind, ...common });
        this.note(`nats-${name}`, round, recordBytes, recordCount, answer);
      };
      await ask(way, way === 'batched' ? 'fast ingest' : 'publish');
      if (way === 'batched') await ask('consume', 'consume');
    };
  }

  private note(
    name: string,
    round: number,
    recordBytes: number,
    operations: number,
    answer: Answer | NatsAnswer,
  ): void {
    if ('error' in answer) throw new Error(`${name}: ${answer.error}`);
    const load = `${name}-${this.schedule}-${recordBytes}`;
    const { seconds } = answer;
    this.samples.push({ load, round, operations, payloadBytes: operations * recordBytes, seconds });
  }
}

const TITLES = {
  batched: ['produce, sendMany', 'fast ingest'],
  single: ['produce, send', 'publish'],
  consume: ['consume', 'ordered consumer'],
} as const;

function sectionOf(schedule: Schedule, samples: readonly Sample[]): Section {
  const plans = SIZES.flatMap((recordBytes) =>
    Object.entries(TITLES).map(([name, [title, peerTitle]]): RowPlan => {
      const load = (side: string): string => `${side}-${name}-${schedule}-${recordBytes}`;
      return {
        title: `${title}, ${recordBytes} B`,
        load: load('ours'),
        peer: load('nats'),
        peerTitle: `NATS, ${peerTitle}`,
        measure: 'operations',
      };
    }),
  );
  const sync = schedule === 'sync-each' ? 'sync_interval: always' : 'default sync_interval';
  return {
    title: `--fsync ${schedule} beside ${sync}`,
    notes: schedule === 'no-fsync' ? NOTES : [],
    rows: plans.map((plan) => rateRow(plan, samples)),
  };
}

async function measure(rounds: number, scale: number, directory: string): Promise<Section[]> {
  process.stderr.write(`nats-server ${NATS_VERSION}: building, unless it is there\n`);
  const program = buildNatsServer();
  const ours = new WorkerProcess<Task, Answer>('sdk-driver');
  const theirs = new WorkerProcess<NatsTask, NatsAnswer>('nats/nats-driver');
  const pairs = SCHEDULES.map(
    (schedule) => new Pair(schedule, scale, directory, program, ours, theirs),
  );
  try {
    for (let round = -1; round < rounds; round += 1) {
      process.stderr.write(round < 0 ? 'warm-up\n' : `round ${round + 1} of ${rounds}\n`);
      for (const pair of pairs) await pair.runRound(round);
    }
  } finally {
    await Promise.all(pairs.map((pair) => pair.end()));
    await Promise.all([ours.end(), theirs.end()]);
  }
  const samples = pairs.flatMap((pair) => pair.samples);
  return SCHEDULES.map((schedule) => sectionOf(schedule, samples));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '5' },
      scale: { type: 'string', default: '1' },
      dir: { type: 'string', default: join(__dirname, '..', '..', '.make') },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  mkdirSync(values.dir, { recursive: true });
  const directory = mkdtempSync(join(values.dir, 'nats-'));
  const started = performance.now();
  try {
    const sections = await measure(Number(values.rounds), Number(values.scale), directory);
    const report = {
      machine: describeMachine(directory),
      sections,
      seconds: (performance.now() - started) / 1000,
      writtenBytes: {},
    };
    process.stdout.write(`${values.json ? JSON.stringify(report) : renderReport(report)}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`bench:nats: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
