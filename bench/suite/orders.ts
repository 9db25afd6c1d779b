// What the main thread and its worker threads tell each other.
import type { Settings } from './settings';

export type Phase = 'write' | 'read';

/** What a worker thread starts with. */
export interface WorkerOrders {
  readonly directory: string;
  /** From 0. */
  readonly thread: number;
  readonly settings: Settings;
  /** This thread's share of the payload, in bytes. */
  readonly maxBytes: number;
  readonly tallies: SharedArrayBuffer;
  readonly signals: SharedArrayBuffer;
}

/** When a thread's loop ran, in ms of the system's clock, and the syncs meanwhile. */
export interface PhaseReport {
  readonly startedMs: number;
  readonly endedMs: number;
  /** What the engine had synced before and after, whichever thread asked for it. */
  readonly syncsBefore: number;
  readonly syncsAfter: number;
}
