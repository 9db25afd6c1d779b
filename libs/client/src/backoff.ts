/** How long to wait between attempts, in milliseconds. */
export interface BackoffOptions {
  /** Before the second attempt. Default 50. */
  readonly initialMs?: number;
  /** The delay doubles up to this. Default 2000. */
  readonly maxMs?: number;
}

/**
 * Capped exponential backoff with jitter: the n-th delay lies between half of and the whole of
 * `min(maxMs, initialMs · 2^n)`, so that many clients of a restarted broker do not come at once and
 * none comes without a pause.
 */
export class Backoff {
  private readonly initialMs: number;
  private readonly maxMs: number;
  private attempts = 0;

  /** @param random Numbers in [0, 1). */
  constructor(
    options: BackoffOptions = {},
    private readonly random: () => number = Math.random,
  ) {
    this.initialMs = options.initialMs ?? 50;
    this.maxMs = options.maxMs ?? 2_000;
  }

  /** Failures since the last `reset`. */
  get failureCount(): number {
    return this.attempts;
  }

  /** Counts one failure and returns the delay in milliseconds before the next attempt. */
  next(): number {
    // Doubling past 2^30 changes nothing but would reach Infinity.
    const ceiling = Math.min(this.maxMs, this.initialMs * 2 ** Math.min(this.attempts, 30));
    this.attempts += 1;
    return (ceiling * (1 + this.random())) / 2;
  }

  /** The next failure counts as the first one. */
  reset(): void {
    this.attempts = 0;
  }
}
