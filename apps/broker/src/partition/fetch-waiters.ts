import type { Partition } from './partition';

/** Why a wait ended. */
export type WaitEnd = 'ready' | 'expired' | 'cancelled';

/** Something that can be called off, such as what a connection asked for. */
export interface Cancellation {
  readonly isCancelled: boolean;
  /** Calls `listener` once when it is called off; the returned function ends that. */
  readonly onCancelled: (listener: () => void) => () => void;
}

/** How long an answer is held back that had no room for a record. */
const HOLD_BACK_MS = 100;

/** What one wait is for. */
export interface FetchWait {
  readonly partitions: Iterable<Partition>;
  readonly maxWaitMs: number;
  /** Asked at once and after each change of a partition: whether there is enough to answer with. */
  readonly isReady: () => boolean;
  /** Ends the wait early, as when the connection closes. */
  readonly cancellation: Cancellation;
}

/**
 * The fetches that wait for records.
 *
 * A wait is woken by its partitions and never polls; one timer ends it at its maximum.
 *
 * Life: `close` ends every wait and lets no new one begin, so that a stop does not last as long as
 * the longest wait.
 *
 * Invariant: a wait that ended has no timer, no watcher and no place in the set.
 */
export class FetchWaiters {
  private readonly waits = new Set<(end: WaitEnd) => void>();
  private closed = false;

  /** How many fetches wait now. */
  get count(): number {
    return this.waits.size;
  }

  /**
   * Resolves when `isReady` says so, at the maximum, or when cancelled. A partition that closes
   * counts as a change.
   *
   * REQUIRES: no partition is closed yet.
   */
  wait(wait: FetchWait): Promise<WaitEnd> {
    if (this.closed || wait.cancellation.isCancelled) return Promise.resolve('cancelled');
    if (wait.isReady()) return Promise.resolve('ready');
    const undo: (() => void)[] = [];
    return new Promise<WaitEnd>((resolve) => {
      const end = (reason: WaitEnd): void => {
        if (!this.waits.delete(end)) return;
        clearTimeout(timer);
        for (const step of undo) step();
        resolve(reason);
      };
      const wake = (): void => {
        if (wait.isReady()) end('ready');
      };
      for (const partition of wait.partitions) undo.push(partition.watch(wake));
      undo.push(wait.cancellation.onCancelled(() => end('cancelled')));
      this.waits.add(end);
      const timer = setTimeout(end, wait.maxWaitMs, 'expired');
    });
  }

  /**
   * Resolves a little later, after `leftMs` at most, or when cancelled: before an answer that the
   * client would otherwise follow with the same request at once.
   */
  async holdBack(leftMs: number, cancellation: Cancellation): Promise<void> {
    if (leftMs <= 0) return;
    const maxWaitMs = Math.min(leftMs, HOLD_BACK_MS);
    await this.wait({ partitions: [], maxWaitMs, isReady: () => false, cancellation });
  }

  /** Ends every wait as cancelled; later ones end at once. */
  close(): void {
    this.closed = true;
    for (const end of this.waits) end('cancelled');
  }
}
