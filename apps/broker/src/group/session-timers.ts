import type { GroupClock } from './group-clock';
import type { GroupTimer } from './group-step';

/** A timer of a group that is due. */
export interface DueTimer {
  readonly groupId: string;
  readonly timer: GroupTimer;
}

/** Ended timers that the heap may hold beside as many as run. */
const ENDED_MAX = 1_000;

interface Entry extends DueTimer {
  /** When it is due; a restart moves it. */
  deadlineMs: number;
  /** Where it stands in the heap's order: never after its deadline. */
  placedMs: number;
  isStopped: boolean;
}

/**
 * All timers of all groups, on one timer of the clock.
 *
 * To give a timer more time costs no more than a number: it is looked at again when its old time
 * has come. So a heartbeat costs nothing that grows with the number of members.
 *
 * Order: timers that are due are told in the order of their deadlines. One that was told of stays
 * until it is stopped or started anew (`isDue`).
 */
export class SessionTimers {
  private readonly groups = new Map<string, Map<GroupTimer, Entry>>();
  /** A binary heap by `placedMs`. */
  private readonly heap: Entry[] = [];
  private runningCount = 0;
  private cancel: (() => void) | undefined;
  private wakeMs = Infinity;

  constructor(
    private readonly clock: GroupClock,
    private readonly onDue: (due: DueTimer) => void,
  ) {}

  /** Starts a timer, anew where it runs. */
  start(groupId: string, timer: GroupTimer, afterMs: number): void {
    const deadlineMs = this.clock.monotonicMs() + afterMs;
    let timers = this.groups.get(groupId);
    if (timers === undefined) {
      timers = new Map<GroupTimer, Entry>();
      this.groups.set(groupId, timers);
    }
    const known = timers.get(timer);
    if (known !== undefined && known.placedMs <= deadlineMs) {
      known.deadlineMs = deadlineMs;
      return;
    }
    if (known === undefined) this.runningCount += 1;
    else known.isStopped = true;
    const entry = { groupId, timer, deadlineMs, placedMs: deadlineMs, isStopped: false };
    timers.set(timer, entry);
    this.push(entry);
    this.wakeAt(deadlineMs);
    this.forgetEnded();
  }

  /** Ends a timer; nothing happens where it does not run. */
  stop(groupId: string, timer: GroupTimer): void {
    const timers = this.groups.get(groupId);
    const entry = timers?.get(timer);
    if (timers === undefined || entry === undefined) return;
    entry.isStopped = true;
    this.runningCount -= 1;
    timers.delete(timer);
    if (timers.size === 0) this.groups.delete(groupId);
  }

  /** Ends all timers of a group. */
  stopAll(groupId: string): void {
    for (const timer of [...(this.groups.get(groupId)?.keys() ?? [])]) this.stop(groupId, timer);
  }

  /** Whether the timer runs and its time has come. */
  isDue(groupId: string, timer: GroupTimer): boolean {
    const entry = this.groups.get(groupId)?.get(timer);
    return entry !== undefined && entry.deadlineMs <= this.clock.monotonicMs();
  }

  /** Ends everything. */
  close(): void {
    this.cancel?.();
    this.groups.clear();
    this.heap.length = 0;
  }

  private wakeAt(timeMs: number): void {
    if (timeMs >= this.wakeMs) return;
    this.cancel?.();
    this.wakeMs = timeMs;
    const delayMs = Math.max(timeMs - this.clock.monotonicMs(), 0);
    this.cancel = this.clock.schedule(this.wake, delayMs);
  }

  private readonly wake = (): void => {
    this.wakeMs = Infinity;
    this.cancel = undefined;
    const nowMs = this.clock.monotonicMs();
    const due: Entry[] = [];
    for (let first = this.heap[0]; first !== undefined && first.placedMs <= nowMs;) {
      this.pop();
      if (!first.isStopped && first.deadlineMs > nowMs) {
        first.placedMs = first.deadlineMs;
        this.push(first);
      } else if (!first.isStopped) {
        // Out of the heap, so that a start places it again.
        first.placedMs = Infinity;
        due.push(first);
      }
      first = this.heap[0];
    }
    for (const { groupId, timer } of due) this.onDue({ groupId, timer });
    const next = this.heap[0];
    if (next !== undefined) this.wakeAt(next.placedMs);
  };

  /** Members that come and go leave timers behind whose time is far off. */
  private forgetEnded(): void {
    if (this.heap.length <= 2 * this.runningCount + ENDED_MAX) return;
    const running = this.heap.filter(({ isStopped }) => !isStopped);
    this.heap.length = 0;
    for (const entry of running) this.push(entry);
  }

  private push(entry: Entry): void {
    const { heap } = this;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Entry;
      if (parent.placedMs <= entry.placedMs) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      const right = heap[below + 1];
      if (right !== undefined && right.placedMs < (heap[below] as Entry).placedMs) below += 1;
      const child = heap[below] as Entry;
      if (child.placedMs >= last.placedMs) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}
