// The worker threads of a bench: started together, stopped together, and never left behind.
import { basename, join } from 'node:path';
import type { RecordableHistogram } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { CliError } from '../../cli-error';
import {
  Tally,
  type BenchCounts,
  type BenchNotice,
  type BenchOrder,
  type BenchTask,
} from './bench-messages';
import type { BenchPlan } from './bench-plan';

/** The program's own file, which runs a task where it finds itself in a worker thread. */
function programFile(): string {
  const isBundled = basename(__filename).endsWith('.bundle.cjs');
  return isBundled ? __filename : join(__dirname, '..', '..', 'main.js');
}

/** One thread. `ready` and `done` reject with what it failed with. */
class BenchThread {
  readonly tally: Tally;
  readonly ready: Promise<RecordableHistogram>;
  readonly done: Promise<void>;
  /** Its latencies, once it is ready. */
  latencies: RecordableHistogram | undefined;
  private readonly worker: Worker;

  constructor(task: BenchTask) {
    this.tally = new Tally(task.tally);
    this.worker = new Worker(programFile(), { workerData: task, argv: [] });
    const notices = new Map<BenchNotice['kind'], (notice: BenchNotice) => void>();
    const failed = new Promise<never>((_, reject) => {
      notices.set('failed', (notice) => reject(failureOf(task, notice)));
      this.worker.once('error', reject);
      this.worker.once('exit', (code) => {
        reject(new CliError(`${task.kind} ${task.index} ended with code ${code}`));
      });
    });
    const until = (kind: BenchNotice['kind']): Promise<BenchNotice> =>
      Promise.race([new Promise<BenchNotice>((resolve) => notices.set(kind, resolve)), failed]);
    this.ready = until('ready').then((notice) => {
      if (notice.kind !== 'ready') throw new CliError('a bench thread broke its protocol');
      this.latencies = notice.latencies;
      return notice.latencies;
    });
    this.done = until('done').then(() => undefined);
    // Whoever waits learns of it; a thread that nobody waits for any more is being ended.
    for (const promise of [this.ready, this.done]) promise.catch(() => undefined);
    this.worker.on('message', (notice: BenchNotice) => notices.get(notice.kind)?.(notice));
  }

  tell(order: BenchOrder): void {
    this.worker.postMessage(order);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }
}

function failureOf({ kind, index }: BenchTask, notice: BenchNotice): CliError {
  const message = notice.kind === 'failed' ? notice.message : notice.kind;
  return new CliError(`${kind} ${index}: ${message}`);
}

/** The threads of one side. */
export class BenchCrew {
  private readonly threads: readonly BenchThread[];

  constructor(kind: BenchTask['kind'], count: number, plan: BenchPlan, originNs: bigint) {
    this.threads = Array.from({ length: count }, (_, index) => {
      return new BenchThread({ kind, index, plan, originNs, tally: Tally.allocate() });
    });
  }

  /** Resolves when all are connected. */
  async ready(): Promise<void> {
    await Promise.all(this.threads.map(({ ready }) => ready));
  }

  /** Resolves when all have done their share. */
  async done(): Promise<void> {
    await Promise.all(this.threads.map(({ done }) => done));
  }

  /** Sends an order to all of them. */
  tell(order: BenchOrder): void {
    for (const thread of this.threads) thread.tell(order);
  }

  /** Ends what still runs; resolves when it is gone. */
  async end(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  /** All latencies so far. */
  latencies(): RecordableHistogram[] {
    return this.threads.flatMap(({ latencies }) => latencies ?? []);
  }

  /** What all of them have counted so far. */
  sum(): BenchCounts {
    const tallies = this.threads.map(({ tally }) => tally);
    const total = (read: (tally: Tally) => number): number =>
      tallies.reduce((sum, tally) => sum + read(tally), 0);
    return {
      all: total(({ all }) => all),
      records: total(({ records }) => records),
      bytes: total(({ bytes }) => bytes),
      late: total(({ late }) => late),
      lastMs: Math.max(0, ...tallies.map(({ lastMs }) => lastMs)),
    };
  }
}
