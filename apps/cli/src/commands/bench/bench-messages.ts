// What the threads of a bench say to each other.
import type { RecordableHistogram } from 'node:perf_hooks';
import type { BenchPlan } from './bench-plan';

/** What a worker thread is started with. */
export interface BenchTask {
  readonly kind: 'producer' | 'consumer';
  readonly index: number;
  readonly plan: BenchPlan;
  /** `process.hrtime` at moment 0 of the clock that all threads share. */
  readonly originNs: bigint;
  readonly tally: SharedArrayBuffer;
}

/** From the main thread. Times are in ms of the shared clock. */
export type BenchOrder =
  | { readonly kind: 'start'; readonly startMs: number; readonly measuredFromMs: number }
  | { readonly kind: 'stop' };

/** From a worker. */
export type BenchNotice =
  /** Connected; the histogram is one that both threads see. */
  | { readonly kind: 'ready'; readonly latencies: RecordableHistogram }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | undefined };

/** Sums of tallies, whose words they are. */
export type BenchCounts = Readonly<Record<'all' | 'records' | 'bytes' | 'late' | 'lastMs', number>>;

/**
 * Counts that one worker writes and the main thread reads while it does, which may then be behind
 * by one update.
 */
export class Tally {
  private readonly cells: Float64Array;

  constructor(buffer: SharedArrayBuffer) {
    this.cells = new Float64Array(buffer);
  }

  /** Memory for one tally, all zero. */
  static allocate(): SharedArrayBuffer {
    return new SharedArrayBuffer(5 * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Records acknowledged or received, those of the warm-up and those that connect included. */
  get all(): number {
    return this.cells[0] ?? 0;
  }
  /** Measured ones: those due behind the warm-up. */
  get records(): number {
    return this.cells[1] ?? 0;
  }
  /** Bytes of their values. */
  get bytes(): number {
    return this.cells[2] ?? 0;
  }
  /** When the last of them was acknowledged or received; 0 before the first. */
  get lastMs(): number {
    return this.cells[3] ?? 0;
  }
  /** Records due in the warm-up that came behind it: they took their share of the measured time. */
  get late(): number {
    return this.cells[4] ?? 0;
  }

  /**
   * Adds counts.
   *
   * @param nowMs When the last of them came.
   * @param measuredFromMs When the warm-up was over.
   */
  add(all: number, records: number, bytes: number, nowMs: number, measuredFromMs: number): void {
    this.cells[0] = this.all + all;
    if (nowMs >= measuredFromMs) this.cells[4] = this.late + all - records;
    if (records === 0) return;
    this.cells[1] = this.records + records;
    this.cells[2] = this.bytes + bytes;
    this.cells[3] = nowMs;
  }
}

/**
 * The clock of all threads, in ms.
 *
 * @param originNs Its moment 0, of `process.hrtime.bigint`.
 */
export function sharedClock(originNs: bigint): () => number {
  const behindMs = Number(process.hrtime.bigint() - originNs) / 1e6 - performance.now();
  return () => performance.now() + behindMs;
}
