import { asError } from './errors';
import type { DeliveryFailure } from './producer-batch';

/** A call that waits: for room in the buffer, or for a partition count. */
export interface WaitingSend {
  /** Whether the call is done: all of it is in the buffer, or it has failed. */
  readonly attempt: () => boolean;
  /** Ends the call with this failure. */
  readonly fail: (failure: DeliveryFailure) => void;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
}

/**
 * Calls that wait, served in the order they came; taking the first costs the same for any length.
 */
export class WaitingSends {
  private calls: WaitingSend[] = [];
  private head = 0;
  private serving = false;

  /** How many wait. */
  get length(): number {
    return this.calls.length - this.head;
  }

  /** The earliest deadline, Infinity when nobody waits. */
  get deadlineMs(): number {
    let earliest = Infinity;
    for (const call of this.calls.slice(this.head)) {
      earliest = Math.min(earliest, call.deadlineMs);
    }
    return earliest;
  }

  /** Queues a call up. */
  push(call: WaitingSend): void {
    this.calls.push(call);
  }

  /** Serves calls from the front until one has to go on waiting. */
  serve(): void {
    // An attempt may free room itself, by a batch that fails; the loop below then sees it.
    if (this.serving) return;
    this.serving = true;
    try {
      for (let call = this.calls[this.head]; call !== undefined; call = this.calls[this.head]) {
        if (!isDone(call)) break;
        this.head += 1;
      }
    } finally {
      this.serving = false;
    }
    if (this.head > 1_024 || this.head === this.calls.length) {
      this.calls = this.calls.slice(this.head);
      this.head = 0;
    }
  }

  /** Takes all calls out. */
  takeAll(): readonly WaitingSend[] {
    const taken = this.calls.slice(this.head);
    this.calls = [];
    this.head = 0;
    return taken;
  }

  /** Takes those out whose deadline is not after `nowMs`. */
  takeExpired(nowMs: number): readonly WaitingSend[] {
    const all = this.takeAll();
    this.calls = all.filter((call) => call.deadlineMs > nowMs);
    return all.filter((call) => call.deadlineMs <= nowMs);
  }
}

/** Whether the call is over; one that throws has failed, and keeps nobody behind it waiting. */
function isDone(call: WaitingSend): boolean {
  try {
    return call.attempt();
  } catch (cause) {
    call.fail({ code: 'INTERNAL', message: asError(cause).message, cause });
    return true;
  }
}
