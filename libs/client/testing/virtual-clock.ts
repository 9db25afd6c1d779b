// Time that goes on only when a test says so. For tests only.
import type { Clock } from '../src/processing/clock';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
}

export class VirtualClock implements Clock {
  private now = 1_000_000;
  private readonly timers = new Set<Timer>();

  nowMs(): number {
    return this.now;
  }

  get pendingCount(): number {
    return this.timers.size;
  }

  setTimer(run: () => void, delayMs: number): unknown {
    const timer = { atMs: this.now + delayMs, run };
    this.timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.timers.delete(timer as Timer);
  }

  /** Runs the timers that are due by then, each at its time. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = [...this.timers].filter(({ atMs }) => atMs <= end);
      const [next] = due.sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.timers.delete(next);
      this.now = Math.max(this.now, next.atMs);
      next.run();
    }
    this.now = end;
  }
}
