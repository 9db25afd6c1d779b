/** Of a rate: how much of what was not used is kept for later. */
const BURST_MS = 250;

/**
 * How much may be taken so that it is a rate over time.
 *
 * It may be taken from as long as it is not empty, however much that is: what was taken too much
 * is waited for by the next. So no size is too large for it, and any stretch of time sees at most
 * the rate, the burst of 250 ms and one take more.
 */
export class TokenBucket {
  private tokens: number;

  /** @param nowMs By a clock that only grows, as in all calls. */
  constructor(
    private readonly perSecond: number,
    private lastMs: number,
  ) {
    this.tokens = this.tokensMax;
  }

  /** Milliseconds until something may be taken; 0: now. */
  waitMs(nowMs: number): number {
    this.refill(nowMs);
    if (this.tokens > 0) return 0;
    // At least a token's thousandth more than none, so that rounding never wakes too early.
    return (-this.tokens / this.perSecond) * 1000 + Math.min(1, 1000 / this.perSecond);
  }

  /** Takes so much, even if that is more than there is. */
  take(count: number): void {
    this.tokens -= count;
  }

  private get tokensMax(): number {
    // One of whatever is counted is always within the burst.
    return Math.max(1, (this.perSecond * BURST_MS) / 1000);
  }

  private refill(nowMs: number): void {
    const gained = ((nowMs - this.lastMs) / 1000) * this.perSecond;
    this.lastMs = nowMs;
    this.tokens = Math.min(this.tokensMax, this.tokens + gained);
  }
}
