/** Longest that records are handed over without the sockets and timers having their turn. */
const TURN_MS = 10;
/** Records between two looks at the clock, at most. */
const STRIDE_MAX = 32;
/** A stride that takes less than this may be longer. */
const STRIDE_MS = 1;

/**
 * Cuts the handing over of records into pieces, so that handlers that wait for nothing leave the
 * event loop to heartbeats, commits and what the broker sends.
 *
 * The clock is looked at rarely while records are quick, and at each record once they are not.
 *
 * Life: holds nothing and keeps nothing alive while nobody asks.
 */
export class TurnBudget {
  /** Whether others are to have their turn now. */
  isUsedUp = false;
  private endMs = 0;
  private lookedMs = 0;
  private stride = 1;
  private left = 0;
  private isRunning = false;

  /** @param onNextTurn Called once others had their turn, if somebody was told to wait for it. */
  constructor(private readonly onNextTurn: () => void) {}

  /** Whether the turn is used up: then nothing more is to be handed over before `onNextTurn`. */
  isOver(): boolean {
    if (this.isUsedUp) return true;
    if (!this.isRunning) this.begin();
    else if (this.left > 0) this.left -= 1;
    else this.look();
    return this.isUsedUp;
  }

  private begin(): void {
    this.isRunning = true;
    this.lookedMs = performance.now();
    this.endMs = this.lookedMs + TURN_MS;
    this.stride = 1;
    this.left = 0;
    setImmediate(() => {
      this.isRunning = false;
      if (!this.isUsedUp) return;
      this.isUsedUp = false;
      this.onNextTurn();
    });
  }

  private look(): void {
    const nowMs = performance.now();
    this.isUsedUp = nowMs >= this.endMs;
    const isQuick = nowMs - this.lookedMs < STRIDE_MS;
    this.stride = isQuick ? Math.min(2 * this.stride, STRIDE_MAX) : 1;
    this.left = this.stride - 1;
    this.lookedMs = nowMs;
  }
}
