// Clients without sockets, and a clock that the test turns, for the rates that quotas allow.
import type { QuotaClock } from '../src/instance/quota-lane';
import type { FramePieces, Transport, TransportListener } from '../src/network/transport';

/** One timer at a time, which is what one lane has. */
export class LaneClock implements QuotaClock {
  nowMs = 0;
  private timer: { readonly atMs: number; readonly callback: () => void } | undefined;

  monotonicMs(): number {
    return this.nowMs;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    this.timer = { atMs: this.nowMs + Math.max(1, Math.ceil(delayMs)), callback };
    return () => (this.timer = undefined);
  }

  /** Goes on by a millisecond. */
  tick(): void {
    this.nowMs += 1;
    const due = this.timer;
    if (due === undefined || due.atMs > this.nowMs) return;
    this.timer = undefined;
    due.callback();
  }
}

/** A client of one connection that asks the same again as soon as it has a reply. */
export class QuotaClient implements Transport {
  readonly peer = 'test';
  readonly address = 'test';
  readonly isGone = false;
  readonly unsentBytes = 0;
  readonly isFull = false;
  readonly receivedBytes = 0;
  readonly bufferedBytes = 0;
  /** What it was sent. */
  sentBytes = 0;
  replies = 0;
  private listener: TransportListener | undefined;

  constructor(private readonly request: Buffer) {}

  open(listener: TransportListener): void {
    this.listener = listener;
  }

  write(frames: readonly FramePieces[]): void {
    for (const frame of frames) {
      this.replies += 1;
      this.sentBytes += frame.reduce((sum, { length }) => sum + length, 0);
      setImmediate(() => this.ask());
    }
  }

  /** Sends the request; nobody is held up by what is not read. */
  ask(): void {
    this.listener?.onData(this.request);
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
}
