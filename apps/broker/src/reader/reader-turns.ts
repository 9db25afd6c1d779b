/**
 * One change of a named reader at a time, and word of it to those who wait for its records.
 *
 * Bounds: an entry for each reader that somebody changes or waits for now.
 */
export class ReaderTurns {
  private readonly tails = new Map<string, Promise<void>>();
  private readonly watchers = new Map<string, Set<() => void>>();

  /** Runs `work` once every earlier one of the same key has ended; at once where there is none. */
  async run<Value>(key: string, work: () => Promise<Value>): Promise<Value> {
    const before = this.tails.get(key);
    const result = before === undefined ? work() : before.then(work);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    this.tails.set(key, ended);
    try {
      return await result;
    } finally {
      if (this.tails.get(key) === ended) this.tails.delete(key);
    }
  }

  /** Calls `watcher` when somebody else has moved or taken the reader; returns what ends that. */
  watch(key: string, watcher: () => void): () => void {
    const watchers = this.watchers.get(key) ?? new Set();
    this.watchers.set(key, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.watchers.get(key) === watchers) this.watchers.delete(key);
    };
  }

  /** Wakes those who wait for the reader's records. */
  wake(key: string): void {
    for (const watcher of this.watchers.get(key) ?? []) watcher();
  }
}

/** What turns and attachments of a reader on a topic go by. */
export function keyOf(topicId: string, reader: string): string {
  return `${topicId}/${reader}`;
}
