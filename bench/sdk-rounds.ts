// SDK → broker → SDK, in processes of their own, beside a socket and a file (see
// socket-file-server.ts).
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Admin } from '@walrusmq/client';
import { BrokerProcess } from '../test/crash/broker-process';
import { rateRow, type RowPlan, type Sample } from './figures';
import type { Section } from './report';
import type { Answer, Task } from './sdk-driver';
import { WorkerProcess } from './worker-process';

const PARTITIONS = 4;
/** The client and the brokers are compiled as they run. */
const WARM_UP_ROUNDS = 2;

export const SCHEDULES = ['no-fsync', 'sync-each'] as const;
type Schedule = (typeof SCHEDULES)[number];

interface Shape {
  readonly recordBytes: number;
  readonly recordCount: number;
  readonly call: 'sendMany' | 'send';
}

const SHAPES: readonly Shape[] = [
  { recordBytes: 100, recordCount: 100_000, call: 'sendMany' },
  { recordBytes: 100, recordCount: 100_000, call: 'send' },
  { recordBytes: 1024, recordCount: 20_000, call: 'sendMany' },
];

const NOTES = [
  'Broker, client and peer are one process each; 4 partitions, no keys, acks = all, SDK defaults.',
  'Out: connecting, making the values. In: first call to last acknowledgement or record.',
  'The peer moves the same payload bytes through a socket to one file and back, 256 KiB at a time,',
  '5 MiB under way, writes that wait share one (and one fdatasync with sync-each): no records.',
];

export interface SdkRoundsOptions {
  /** Empty, on the file system that is measured. */
  readonly directory: string;
  readonly rounds: number;
  readonly onProgress: (text: string) => void;
}

function loadName(kind: string, schedule: Schedule, { recordBytes, call }: Shape): string {
  return `${kind}-${schedule}-${recordBytes}-${call}`;
}

/** One schedule's broker, its peer, and the client process that all share. */
class Bench {
  readonly samples: Sample[] = [];
  private readonly broker: BrokerProcess;
  private readonly peer: WorkerProcess<never, number>;
  private port: number | undefined;
  private topicCount = 0;

  constructor(
    private readonly schedule: Schedule,
    private readonly client: WorkerProcess<Task, Answer>,
    directory: string,
  ) {
    const folder = join(directory, schedule);
    mkdirSync(folder);
    this.broker = new BrokerProcess({
      dataDir: join(folder, 'broker'),
      flags: ['--fsync', schedule, '--log-level', 'warn', '--log-format', 'json'],
    });
    this.peer = new WorkerProcess('socket-file-server', [join(folder, 'peer'), schedule]);
  }

  /** Runs every shape once; a negative round warms up. */
  async runRound(round: number): Promise<void> {
    const broker = await this.broker.ready;
    this.port ??= await this.peer.next();
    const admin = new Admin({ broker });
    try {
      for (const shape of SHAPES) await this.runShape(admin, broker, this.port, shape, round);
    } finally {
      await admin.close();
    }
  }

  /** @throws {Error} The broker did not end as it should. */
  async stop(): Promise<void> {
    await this.peer.end();
    const code = await this.broker.stop();
    if (code !== 0)
      throw new Error(`the broker ended with ${String(code)}:\n${this.broker.stderr}`);
  }

  /** Ends both after a failure, or again. */
  async abandon(): Promise<void> {
    await this.broker.kill();
    await this.peer.end();
  }

  private async runShape(
    admin: Admin,
    broker: string,
    port: number,
    shape: Shape,
    round: number,
  ): Promise<void> {
    this.topicCount += 1;
    const topic = `bench-${this.topicCount}`;
    const { recordBytes, recordCount, call } = shape;
    const totalBytes = recordBytes * recordCount;
    await admin.createTopic(topic, { partitions: PARTITIONS });
    const common = { broker, topic, recordBytes };
    const measure = async (name: string, task: Task): Promise<void> => {
      const answer = await this.client.ask(task);
      if ('error' in answer) {
        throw new Error(`${name}: ${answer.error}\nthe broker wrote:\n${this.broker.stderr}`);
      }
      const load = loadName(name, this.schedule, shape);
      const { seconds } = answer;
      this.samples.push({
        load,
        round,
        operations: recordCount,
        payloadBytes: totalBytes,
        seconds,
      });
    };
    await measure('produce', { kind: 'produce', ...common, recordCount, call });
    await measure('write', { kind: 'write', port, totalBytes });
    if (call === 'send') return;
    // One record more: the one that the producer connected with.
    await measure('consume', { kind: 'consume', ...common, recordCount: recordCount + 1 });
    await measure('read', { kind: 'read', port, totalBytes });
  }
}

/** Runs all shapes under all schedules, a round of each in turn. */
export async function runSdkRounds(options: SdkRoundsOptions): Promise<Sample[]> {
  const { rounds, onProgress } = options;
  const client = new WorkerProcess<Task, Answer>('sdk-driver');
  const benches = SCHEDULES.map((schedule) => new Bench(schedule, client, options.directory));
  try {
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      onProgress(round < 0 ? 'broker: warm-up' : `broker: round ${round + 1} of ${rounds}`);
      for (const bench of round % 2 === 0 ? benches : [...benches].reverse()) {
        await bench.runRound(round);
      }
    }
    for (const bench of benches) await bench.stop();
  } finally {
    await Promise.all(benches.map((bench) => bench.abandon()));
    await client.end();
  }
  return benches.flatMap(({ samples }) => samples);
}

function plansOf(schedule: Schedule): RowPlan[] {
  return SHAPES.flatMap((shape): RowPlan[] => {
    const { recordBytes, call } = shape;
    const plan = (own: string, peer: string, title: string, peerTitle: string): RowPlan => ({
      title: `${title}, ${recordBytes} B`,
      load: loadName(own, schedule, shape),
      peer: loadName(peer, schedule, shape),
      peerTitle,
      measure: 'bytes',
    });
    const written = schedule === 'sync-each' ? 'socket → file, fdatasync' : 'socket → file';
    return [
      plan('produce', 'write', `produce, ${call}`, written),
      ...(call === 'send' ? [] : [plan('consume', 'read', 'consume', 'file → socket')]),
    ];
  });
}

/** The sections of the broker, one per schedule. */
export function sdkSections(samples: readonly Sample[]): Section[] {
  return SCHEDULES.map((schedule) => ({
    title: `SDK → broker → SDK, --fsync ${schedule}${schedule === 'sync-each' ? ' (default)' : ''}`,
    notes: schedule === 'sync-each' ? [] : NOTES,
    rows: plansOf(schedule).map((plan) => rateRow(plan, samples)),
  }));
}
