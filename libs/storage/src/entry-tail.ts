import type { StoredEntry } from './walrus-options';

/** Where a tail gets its entries from. */
export interface TailSource {
  /** The next entry now; undefined when there is none. */
  next(): Promise<StoredEntry | undefined>;
  /** Waits for the next one; undefined when `isEnded` is true before it comes. */
  wait(isEnded: () => boolean): Promise<StoredEntry | undefined>;
  /** Wakes who waits, so that `isEnded` is asked. */
  wake(): void;
}

/**
 * The entries of a topic as they come, for `for await`.
 *
 * Life: from the first `next` to `return`, the signal, or the end of its Walrus; then every `next`
 * is done. The process stays alive while a `next` waits.
 * Order: calls of `next` answer in their order, also when they overlap.
 */
export class EntryTail implements AsyncIterableIterator<StoredEntry> {
  private hasEnded = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly source: TailSource,
    private readonly isClosed: () => boolean,
    private readonly signal?: AbortSignal,
  ) {
    signal?.addEventListener('abort', this.end, { once: true });
    if (signal?.aborted === true) this.end();
  }

  /** Itself: a tail is iterated once. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Rejects as `readNext` throws; CLOSED when the topic was deleted. */
  next(): Promise<IteratorResult<StoredEntry, undefined>> {
    const result = this.last.then(() => this.pull());
    // The caller of this `next` hears of it; the one after it has its own turn.
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Ends the tail; a `next` that waits is done. */
  return(): Promise<IteratorResult<StoredEntry, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  private async pull(): Promise<IteratorResult<StoredEntry, undefined>> {
    if (this.isEnded()) return { done: true, value: undefined };
    const found = (await this.source.next()) ?? (await this.source.wait(this.isEnded));
    if (found !== undefined) return { done: false, value: found };
    this.end();
    return { done: true, value: undefined };
  }

  private readonly isEnded = (): boolean => this.hasEnded || this.isClosed();

  private readonly end = (): void => {
    if (this.hasEnded) return;
    this.hasEnded = true;
    this.signal?.removeEventListener('abort', this.end);
    this.source.wake();
  };
}
