import { TokenBucket } from './token-bucket';

/** Somebody who is held back by a quota and is told when it is their turn. */
export interface QuotaHolder {
  /** Takes what it has, as far as `mayTake` lets it. */
  onQuota(): void;
}

/** Where the time of quotas comes from; tests turn their own. */
export interface QuotaClock {
  /** Milliseconds that only grow. */
  monotonicMs(): number;
  /** Calls once after so long; the result keeps it from being called. */
  schedule(callback: () => void, delayMs: number): () => void;
}

/** The clock of the machine. Its timers do not keep the process alive. */
export const machineQuotaClock: QuotaClock = {
  monotonicMs: () => performance.now(),
  schedule: (callback, delayMs) => {
    const timer = setTimeout(callback, Math.ceil(delayMs));
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/**
 * What the line lends to those who are told how long to wait: so much of the rate. Kafka's quotas
 * are measured over about as long.
 */
export const LENT_MS_MAX = 10_000;

interface Waiting {
  readonly sinceMs: number;
  /** What it took of its next shares already: turns pass it by until that is worked off. */
  readonly debt: number;
}

/**
 * One quota of an instance: requests, bytes in or bytes out.
 *
 * Who may not take is put into a line, which moves as the quota fills up. Each in it takes the same
 * share per turn (deficit round robin): whoever asks for much at a time has fewer turns.
 *
 * Bounds: the line holds connections, of which there are at most `connectionsMax`.
 */
export class QuotaLane {
  /** What was taken so far. */
  taken = 0;
  /** For how long holders were in the line, added up. */
  private waitedMs = 0;
  private readonly bucket: TokenBucket;
  private readonly line = new Map<QuotaHolder, Waiting>();
  private serving: QuotaHolder | undefined;
  private servedNow = 0;
  /** Whose turn ended because nothing was left: it goes on before the others. */
  private interrupted: QuotaHolder | undefined;
  private cancelTimer: (() => void) | undefined;
  private isClosed = false;

  /** @param share What one holder may take per turn. */
  constructor(
    readonly perSecond: number,
    private readonly share: number,
    private readonly clock: QuotaClock,
  ) {
    this.bucket = new TokenBucket(perSecond, clock.monotonicMs());
  }

  /** For how long holders were held back, added up, those that still are included. */
  get throttledMs(): number {
    const nowMs = this.clock.monotonicMs();
    let total = this.waitedMs;
    for (const { sinceMs } of this.line.values()) total += nowMs - sinceMs;
    return total;
  }

  /** Milliseconds until somebody may take of it, as far as the line lets them; 0: now. */
  get waitMs(): number {
    return this.isClosed ? 0 : this.bucket.waitMs(this.clock.monotonicMs());
  }

  /**
   * As `mayTake`, for a holder that is told afterwards how long it has to wait, and does: while
   * nobody is in the line it is lent what is missing, up to LENT_MS_MAX of the rate. So it is
   * answered first and waits then, and yet cannot keep those in the line from their turns.
   */
  mayBorrow(holder: QuotaHolder, count: number): boolean {
    const isFree = this.line.size === 0 && this.serving === undefined;
    if (!isFree || this.isClosed || this.waitMs >= LENT_MS_MAX) return this.mayTake(holder, count);
    this.charge(holder, count);
    return true;
  }

  /**
   * Whether `holder` may take `count` now, which it then has; if not, `onQuota` tells it when to
   * ask again.
   */
  mayTake(holder: QuotaHolder, count: number): boolean {
    if (this.isClosed) return true;
    const isItsTurn = holder === this.serving && this.servedNow < this.share;
    const isFree = this.line.size === 0 && this.serving === undefined;
    if ((isItsTurn || isFree) && this.bucket.waitMs(this.clock.monotonicMs()) === 0) {
      this.charge(holder, count);
      return true;
    }
    this.wait(holder);
    return false;
  }

  /** Counts what `holder` took after `mayTake` let it take 0, not knowing how much it would be. */
  charge(holder: QuotaHolder, count: number): void {
    this.bucket.take(count);
    this.taken += count;
    if (holder === this.serving) this.servedNow += count;
  }

  /** Forgets a holder that is gone. */
  leave(holder: QuotaHolder): void {
    this.end(holder);
  }

  /** The quota holds no longer: everybody may take. */
  close(): void {
    this.isClosed = true;
    this.cancelTimer?.();
    for (const holder of [...this.line.keys()]) {
      this.end(holder);
      holder.onQuota();
    }
  }

  private wait(holder: QuotaHolder): void {
    if (!this.line.has(holder)) {
      const isItsTurn = holder === this.serving;
      const isOver = this.servedNow >= this.share;
      if (isItsTurn && !isOver) this.interrupted = holder;
      const debt = isItsTurn ? this.servedNow - (isOver ? this.share : 0) : 0;
      this.line.set(holder, { sinceMs: this.clock.monotonicMs(), debt });
    }
    if (this.serving === undefined) this.arm();
  }

  private end(holder: QuotaHolder): void {
    const waiting = this.line.get(holder);
    if (waiting === undefined) return;
    this.line.delete(holder);
    if (this.interrupted === holder) this.interrupted = undefined;
    this.waitedMs += this.clock.monotonicMs() - waiting.sinceMs;
  }

  private arm(): void {
    if (this.cancelTimer !== undefined || this.line.size === 0) return;
    const waitMs = this.bucket.waitMs(this.clock.monotonicMs());
    this.cancelTimer = this.clock.schedule(this.run, waitMs);
  }

  private readonly run = (): void => {
    this.cancelTimer = undefined;
    while (!this.isClosed && this.bucket.waitMs(this.clock.monotonicMs()) === 0) {
      const holder = this.interrupted ?? this.line.keys().next().value;
      const waiting = holder === undefined ? undefined : this.line.get(holder);
      if (holder === undefined || waiting === undefined) return;
      this.serve(holder, waiting);
    }
    this.arm();
  };

  private serve(holder: QuotaHolder, waiting: Waiting): void {
    if (waiting.debt >= this.share) {
      // Its turn passes it by, to the end of the line.
      this.line.delete(holder);
      this.line.set(holder, { ...waiting, debt: waiting.debt - this.share });
      return;
    }
    this.end(holder);
    this.serving = holder;
    this.servedNow = waiting.debt;
    holder.onQuota();
    this.serving = undefined;
  }
}
