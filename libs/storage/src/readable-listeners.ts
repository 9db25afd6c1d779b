/** The listeners of one log; each is told of every move of the readable end after it was added. */
export class ReadableListeners {
  private readonly listeners = new Set<{ readonly call: (readableEnd: number) => void }>();

  /**
   * Adds a listener; the same function may be added twice.
   * @returns A function that removes it.
   */
  add(call: (readableEnd: number) => void): () => void {
    const entry = { call };
    this.listeners.add(entry);
    return () => void this.listeners.delete(entry);
  }

  /** Calls every listener. One that throws does not keep the others from hearing of it. */
  notify(readableEnd: number): void {
    for (const listener of this.listeners) {
      try {
        listener.call(readableEnd);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
