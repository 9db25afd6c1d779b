import type { LogAppend } from './partition-log';
import { StorageError } from './storage-error';

type Progress = 'queued' | 'written' | 'synced' | StorageError;

/** A promise and its two ends, made only when somebody asks for it. */
class Settlement {
  readonly promise: Promise<void>;
  resolve!: () => void;
  reject!: (error: StorageError) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // The failure reaches whoever awaits `promise`; a caller that only wanted `synced` must not be
    // killed by an unhandled rejection of `written`.
    this.promise.catch(() => undefined);
  }
}

/**
 * An append (or a cursor commit) on its way to the disk.
 *
 * Place: made by a log, settled by whoever hears from the disk. The promises are made on first use,
 * because most callers watch one of the two.
 */
export class PendingAppend implements LogAppend {
  private progress: Progress = 'queued';
  private writtenSettlement: Settlement | undefined;
  private syncedSettlement: Settlement | undefined;

  constructor(
    readonly baseOffset: number,
    readonly recordCount: number,
  ) {}

  get written(): Promise<void> {
    this.writtenSettlement ??= this.newSettlement(this.progress === 'written');
    return this.writtenSettlement.promise;
  }

  get synced(): Promise<void> {
    this.syncedSettlement ??= this.newSettlement(false);
    return this.syncedSettlement.promise;
  }

  /** Whether `fail` was called. */
  get hasFailed(): boolean {
    return this.progress instanceof StorageError;
  }

  /** The records are in the files. Without effect after `fail`. */
  settleWritten(): void {
    if (this.progress !== 'queued') return;
    this.progress = 'written';
    this.writtenSettlement?.resolve();
  }

  /** The schedule's promise holds. Without effect after `fail`. */
  settleSynced(): void {
    this.settleWritten();
    if (this.progress !== 'written') return;
    this.progress = 'synced';
    this.syncedSettlement?.resolve();
  }

  /** Rejects what has not been resolved yet. */
  fail(error: StorageError): void {
    if (this.progress === 'queued') this.writtenSettlement?.reject(error);
    else if (this.progress !== 'written') return;
    this.progress = error;
    this.syncedSettlement?.reject(error);
  }

  private newSettlement(isReached: boolean): Settlement {
    const settlement = new Settlement();
    if (isReached || this.progress === 'synced') settlement.resolve();
    else if (this.progress instanceof StorageError) {
      settlement.reject(this.progress);
    }
    return settlement;
  }
}
