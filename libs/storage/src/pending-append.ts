import type { LogAppend } from './partition-log';
import type { StorageError } from './storage-error';

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
  private isWritten = false;
  private isSynced = false;
  private failure: StorageError | undefined;
  private writtenSettlement: Settlement | undefined;
  private syncedSettlement: Settlement | undefined;

  constructor(
    readonly baseOffset: number,
    readonly recordCount: number,
    readonly isDuplicate = false,
    readonly appendTimeMs?: number,
  ) {}

  get written(): Promise<void> {
    this.writtenSettlement ??= this.newSettlement(this.isWritten);
    return this.writtenSettlement.promise;
  }

  get synced(): Promise<void> {
    this.syncedSettlement ??= this.newSettlement(this.isSynced);
    return this.syncedSettlement.promise;
  }

  /** Whether `fail` was called. */
  get hasFailed(): boolean {
    return this.failure !== undefined;
  }

  /** The records are in the files. Without effect after `fail`. */
  settleWritten(): void {
    if (this.isWritten || this.hasFailed) return;
    this.isWritten = true;
    this.writtenSettlement?.resolve();
  }

  /** The schedule's promise holds. Without effect after `fail`. */
  settleSynced(): void {
    if (this.isSynced || this.hasFailed) return;
    this.settleWritten();
    this.isSynced = true;
    this.syncedSettlement?.resolve();
  }

  /** Rejects what has not been resolved yet. */
  fail(error: StorageError): void {
    if (this.isSynced || this.hasFailed) return;
    this.failure = error;
    if (!this.isWritten) this.writtenSettlement?.reject(error);
    this.syncedSettlement?.reject(error);
  }

  private newSettlement(isReached: boolean): Settlement {
    const settlement = new Settlement();
    if (isReached) settlement.resolve();
    else if (this.failure !== undefined) settlement.reject(this.failure);
    return settlement;
  }
}
