import type { Cancellation } from '../partition/fetch-waiters';

/**
 * What the broker knows about one client: what it said in its hello, and what it waits for.
 *
 * Life: as long as the connection; `cancel` ends what waits when the client is gone or the broker
 * stops.
 */
export class Session implements Cancellation {
  /** The name the client gave itself, undefined until its hello was accepted. */
  client: string | undefined;
  /** Grows with each fetch, so that the partitions of a fetch take turns in being read first. */
  fetches = 0;

  private cancelled = false;
  private listeners: Set<() => void> | undefined;

  /** Whether `cancel` was called. */
  get isCancelled(): boolean {
    return this.cancelled;
  }

  /** Calls `listener` when the session is cancelled; returns a function that ends that. */
  onCancelled(listener: () => void): () => void {
    // Most connections never wait, and idle ones are many: the set is made by the first wait.
    this.listeners ??= new Set();
    this.listeners.add(listener);
    return () => this.listeners?.delete(listener);
  }

  /** Calls off everything that waits for this client. Idempotent. */
  cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    for (const listener of this.listeners ?? []) listener();
    this.listeners = undefined;
  }
}
