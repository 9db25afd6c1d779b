/** Where the coordinator's time comes from; tests turn their own. */
export interface GroupClock {
  /** The wall clock in milliseconds, as people read it; it may jump. */
  nowMs(): number;

  /** Milliseconds that only grow: what timeouts are counted by. */
  monotonicMs(): number;

  /**
   * Calls `callback` once, after `delayMs`.
   * @returns A function that keeps it from being called.
   */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** Longest delay that Node's timers take. */
const DELAY_MS_MAX = 0x7fff_ffff;

/** The clock of the machine. Its timers do not keep the process alive. */
export const systemClock: GroupClock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, Math.min(Math.ceil(delayMs), DELAY_MS_MAX));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
