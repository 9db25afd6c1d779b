import { setImmediate, setTimeout } from 'node:timers/promises';

/** Below this timers are too coarse to wait with. */
const TIMER_MS_MIN = 2;

/**
 * When each record of an even stream is due. Who is late stays on this plan, so that what a slow
 * broker delays is counted as its delay (no coordinated omission).
 */
export class Pace {
  /**
   * @param perSecond Records per second, above 0.
   * @param startMs When record 0 is due.
   */
  constructor(
    private readonly perSecond: number,
    private readonly startMs: number,
  ) {}

  /** When record `index` is due, in ms. */
  dueMs(index: number): number {
    return this.startMs + (index * 1_000) / this.perSecond;
  }
}

/** How long the thread sleeps at a time near the moment: so much later a reply is read at most. */
const NAP_MS_MAX = 0.1;
/** Nobody ever wakes who waits for it. */
const NOBODY = new Int32Array(new SharedArrayBuffer(4));

/**
 * Resolves at a moment, or some 50 µs after it. Near to it the event loop is turned with naps of
 * the whole thread between: timers are too coarse, and a thread that turns without them takes a
 * core away from the broker that it measures.
 *
 * @param clock Gives the time, in ms.
 * @throws {Error} The signal was aborted.
 */
export async function waitUntil(
  dueMs: number,
  clock: () => number,
  signal?: AbortSignal,
): Promise<void> {
  for (let left = dueMs - clock(); left > 0; left = dueMs - clock()) {
    if (left >= TIMER_MS_MIN) {
      await setTimeout(left - 1, undefined, { signal });
    } else {
      Atomics.wait(NOBODY, 0, 0, Math.min(left, NAP_MS_MAX));
      await setImmediate(undefined, { signal });
    }
  }
}
