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

/**
 * Resolves at a moment, or a little after it. Near to it the event loop is turned without a pause,
 * which costs a core and is exact to microseconds.
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
    if (left >= TIMER_MS_MIN) await setTimeout(left - 1, undefined, { signal });
    else await setImmediate(undefined, { signal });
  }
}
