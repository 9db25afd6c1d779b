import { callNative } from './native-binding';
import type { NativeWal } from './native-binding';

interface WatchedLog {
  count: number;
  /** Grows with every move. */
  version: number;
  readonly waiters: Set<() => void>;
}

/**
 * Lets callers wait until a log grows, on an event of the engine.
 *
 * Place: tails; over the addon's `watch`. The process stays alive while a log is watched.
 */
export class LogWatches {
  private readonly logs = new Map<number, WatchedLog>();
  private isClosed = false;

  constructor(private readonly native: NativeWal) {
    native.onReadable((handles) => {
      for (const handle of handles) this.moved(handle);
    });
  }

  /**
   * Runs `look` until it gives something, at once and after every move of a log that `logs` names
   * then; `until` ends it, with undefined. What `look` throws rejects.
   */
  async waitFor<T>(
    logs: () => readonly number[],
    look: () => Promise<T | undefined>,
    until: () => boolean,
  ): Promise<T | undefined> {
    for (;;) {
      // Before looking: what comes after the look is not missed.
      const handles = logs();
      for (const handle of handles) this.watch(handle);
      try {
        const versions = handles.map((handle) => this.logs.get(handle)?.version);
        const found = await look();
        if (found !== undefined || until()) return found;
        await this.changed(handles, versions, until);
        if (until()) return undefined;
      } finally {
        for (const handle of handles) this.unwatch(handle);
      }
    }
  }

  /** The addon's handle is being closed: wakes everybody who waits. */
  close(): void {
    this.isClosed = true;
    this.wakeAll();
  }

  /** Wakes everybody who waits: what they wait until may have come. */
  wakeAll(): void {
    for (const handle of this.logs.keys()) this.moved(handle);
  }

  private async changed(
    handles: readonly number[],
    versions: readonly (number | undefined)[],
    until: () => boolean,
  ): Promise<void> {
    const watched = handles.map((handle) => this.logs.get(handle) as WatchedLog);
    if (until() || watched.some((log, index) => log.version !== versions[index])) return;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        for (const log of watched) log.waiters.delete(wake);
        resolve();
      };
      for (const log of watched) log.waiters.add(wake);
    });
  }

  private moved(handle: number): void {
    const log = this.logs.get(handle);
    if (log === undefined) return;
    log.version += 1;
    for (const wake of [...log.waiters]) wake();
  }

  private watch(handle: number): void {
    const log = this.logs.get(handle);
    if (log !== undefined) {
      log.count += 1;
      return;
    }
    callNative(() => {
      this.native.watch(handle);
    });
    this.logs.set(handle, { count: 1, version: 0, waiters: new Set() });
  }

  private unwatch(handle: number): void {
    const log = this.logs.get(handle) as WatchedLog;
    log.count -= 1;
    if (log.count > 0) return;
    this.logs.delete(handle);
    if (!this.isClosed) this.native.unwatch(handle);
  }
}
