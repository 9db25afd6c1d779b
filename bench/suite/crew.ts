import { once } from 'node:events';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { bundle } from './bundle';
import type { Phase, PhaseReport, WorkerOrders } from './orders';
import type { Settings } from './settings';
import { Signals } from './signals';
import { sumTallies, tallyMemory, type Totals } from './tallies';

const SAMPLE_MS = 500;
const FREE_BYTES_MIN = 8 * 2 ** 30;

/** One moment of a phase. */
export interface Moment {
  readonly phase: Phase;
  /** Since the phase began. */
  readonly seconds: number;
  readonly totals: Totals;
}

/** How a phase went. */
export interface PhaseResult {
  /** From the first thread's start to the last one's end. */
  readonly seconds: number;
  readonly totals: Totals;
  /** Syncs of the engine meanwhile, by its own count. */
  readonly syncs: number;
  /** The disk was nearly full, and the phase was ended early. */
  readonly ranOutOfDisk: boolean;
}

/**
 * The worker threads of one run, all of which do the same on topics of their own.
 *
 * Life: `start` resolves when every thread has its engine open and warm; phases run one after
 * another; `close` ends the threads. After an error nothing but `close` is left to do.
 */
export class Crew {
  private readonly tallies: SharedArrayBuffer;
  private readonly signals: Signals;
  private readonly workers: readonly Worker[];
  /** Rejects when a thread fails. */
  private readonly failed: Promise<never>;

  private constructor(
    settings: Settings,
    private readonly directory: string,
    threads: number,
  ) {
    const file = bundle(join(__dirname, 'load-worker.ts'));
    const signals = Signals.memory();
    this.tallies = tallyMemory(threads);
    this.signals = new Signals(signals);
    this.workers = Array.from({ length: threads }, (_, thread) => {
      const maxBytes = settings.maxBytes / threads;
      const { tallies } = this;
      const orders = { directory, thread, settings, maxBytes, tallies, signals };
      return new Worker(file, { workerData: orders satisfies WorkerOrders, execArgv: [] });
    });
    this.failed = Promise.race(
      this.workers.map(async (worker): Promise<never> => {
        const [error] = (await once(worker, 'error')) as [Error];
        this.signals.end();
        throw error;
      }),
    );
    // Nobody waits for a failure between phases; the next phase reports it.
    this.failed.catch(() => undefined);
  }

  /**
   * Starts `threads` threads on new engines in `directory`.
   * @throws {StorageError} An engine could not be opened; no thread is left.
   */
  static async start(settings: Settings, directory: string, threads: number): Promise<Crew> {
    const crew = new Crew(settings, directory, threads);
    try {
      await crew.answers();
      return crew;
    } catch (error) {
      await crew.terminate();
      throw error;
    }
  }

  /** Sums over all threads since the crew started. */
  get totals(): Totals {
    return sumTallies(this.tallies);
  }

  /**
   * Runs one phase on all threads, at most so long; they end earlier when they have no more to do.
   *
   * @param onMoment Called every half second while it runs.
   * @throws {Error} What a thread failed with.
   */
  async run(
    phase: Phase,
    seconds: number,
    onMoment: (moment: Moment) => void,
  ): Promise<PhaseResult> {
    const reports = this.answers<PhaseReport>();
    for (const worker of this.workers) worker.postMessage(phase);
    while (this.signals.arrived < this.workers.length) {
      await Promise.race([sleep(1), this.failed]);
    }
    this.signals.start();
    const started = performance.now();
    const timer = setTimeout(() => this.signals.end(), seconds * 1000);
    let ranOutOfDisk = false;
    const sampler = setInterval(() => {
      onMoment({ phase, seconds: (performance.now() - started) / 1000, totals: this.totals });
      void this.isDiskNearlyFull().then((isFull) => {
        if (!isFull || phase !== 'write') return;
        ranOutOfDisk = true;
        this.signals.end();
      });
    }, SAMPLE_MS);
    try {
      const times = await reports;
      const startMs = Math.min(...times.map(({ startedMs }) => startedMs));
      const endMs = Math.max(...times.map(({ endedMs }) => endedMs));
      const syncs =
        Math.max(...times.map(({ syncsAfter }) => syncsAfter)) -
        Math.min(...times.map(({ syncsBefore }) => syncsBefore));
      return { seconds: (endMs - startMs) / 1000, totals: this.totals, syncs, ranOutOfDisk };
    } finally {
      clearTimeout(timer);
      clearInterval(sampler);
    }
  }

  /**
   * Closes every engine and ends the threads.
   * @throws {Error} An engine could not be closed; the threads are gone all the same.
   */
  async close(): Promise<void> {
    const gone = this.workers.map((worker) => once(worker, 'exit'));
    for (const worker of this.workers) worker.postMessage('close');
    try {
      await Promise.race([Promise.all(gone), this.failed]);
    } finally {
      await this.terminate();
    }
  }

  private async terminate(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  /** The next message of every thread. */
  private answers<T>(): Promise<T[]> {
    const all = this.workers.map(async (worker) => {
      const [answer] = (await once(worker, 'message')) as [T];
      return answer;
    });
    return Promise.race([Promise.all(all), this.failed]);
  }

  private async isDiskNearlyFull(): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.directory);
    return bavail * bsize < FREE_BYTES_MIN;
  }
}
