/** Time as processing sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Calls `run` once after `delayMs`. */
  setTimer(run: () => void, delayMs: number): unknown;
  /** The timer does not run any more. */
  clearTimer(timer: unknown): void;
}

export const SYSTEM_CLOCK: Clock = {
  nowMs: () => Date.now(),
  setTimer: (run, delayMs) => setTimeout(run, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
