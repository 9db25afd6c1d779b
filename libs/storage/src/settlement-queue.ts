import type { NativeFailure } from './native-binding';
import type { PendingAppend } from './pending-append';
import { StorageError } from './storage-error';

const COMPACT_COUNT = 1024;

/** A log whose readable end follows what has settled. */
export interface SettlingLog {
  /**
   * Records below `endOffset` became readable; many calls may come before one `announceReadable`.
   */
  advanceReadable(endOffset: number): void;
  /** Tells the listeners. */
  announceReadable(): void;
}

interface Entry {
  readonly pending: PendingAppend;
  /** Undefined for a cursor commit, which makes nothing readable. */
  readonly log: SettlingLog | undefined;
}

/**
 * The numbered operations of one native handle that have not settled, oldest first.
 *
 * Place: `WalLog` pushes what the addon accepted; the addon's `onSettled` callback pops.
 * Order: operations settle in the order of `push`, across all logs of the instance.
 *
 * Invariant: what is pushed n-th is what the addon numbered n; so `push` follows the addon's call
 * without anything in between.
 */
export class SettlementQueue {
  /** Entries of the numbers `synced + 1 - head` and up; those before `head` are done with. */
  private entries: Entry[] = [];
  private head = 0;
  private written = 0;
  private synced = 0;

  /**
   * @param isReadableWhenSynced Readers wait for the sync (`SyncEach`), else for the write.
   * @param onNoSpace Told of each operation that failed because the disk is full.
   */
  constructor(
    private readonly isReadableWhenSynced: boolean,
    private readonly onNoSpace: () => void = () => undefined,
  ) {}

  /** Adds the operation that the addon has just accepted; `log` is what it makes readable. */
  push(pending: PendingAppend, log?: SettlingLog): void {
    this.entries.push({ pending, log });
  }

  /** What the addon tells: how many operations are written and synced, and which failed. */
  readonly settle = (written: number, synced: number, failures: readonly NativeFailure[]): void => {
    const touched = new Set<SettlingLog>();
    for (const failure of failures) this.fail(failure);
    while (this.written < written) {
      this.written += 1;
      const entry = this.entryOf(this.written);
      entry.pending.settleWritten();
      if (!this.isReadableWhenSynced) advance(entry, touched);
    }
    while (this.synced < synced) {
      const entry = this.entryOf(this.synced + 1);
      this.synced += 1;
      this.head += 1;
      entry.pending.settleSynced();
      if (this.isReadableWhenSynced) advance(entry, touched);
    }
    this.compact();
    for (const log of touched) log.announceReadable();
  };

  private entryOf(sequence: number): Entry {
    return this.entries[this.head + (sequence - this.synced - 1)] as Entry;
  }

  private fail([sequence, code, message]: NativeFailure): void {
    const error = StorageError.from(Object.assign(new Error(message), { code }));
    this.entryOf(sequence).pending.fail(error);
    if (error.code === 'NO_SPACE') this.onNoSpace();
  }

  /** Drops settled entries now and then, so that popping costs nothing per operation. */
  private compact(): void {
    if (this.head < COMPACT_COUNT && this.head < this.entries.length) return;
    this.entries = this.entries.slice(this.head);
    this.head = 0;
  }
}

function advance({ pending, log }: Entry, touched: Set<SettlingLog>): void {
  if (log === undefined || pending.hasFailed) return;
  log.advanceReadable(pending.baseOffset + pending.recordCount);
  touched.add(log);
}
