const DONE = Object.freeze({ done: true, value: undefined });

/** What an iterator goes over. */
export interface IteratorSource<T> {
  /** What is there already. */
  readonly pick: () => T | undefined;
  /** The next one, waited for; undefined at the end. */
  readonly take: () => Promise<T | undefined>;
  /** Called once, when the loop is over or was left. */
  readonly left: () => void;
}

/** An iterator that ends without an error when `take` finds nothing, and with the one it throws. */
export function asyncIterator<T>({
  pick,
  take,
  left,
}: IteratorSource<T>): AsyncIterableIterator<T> {
  let ended = false;
  const stop = (): Promise<IteratorReturnResult<undefined>> => {
    if (!ended) left();
    ended = true;
    return Promise.resolve(DONE as IteratorReturnResult<undefined>);
  };
  const later = async (): Promise<IteratorResult<T>> => {
    try {
      const value = await take();
      return value === undefined ? await stop() : { done: false, value };
    } catch (error) {
      await stop();
      throw error;
    }
  };
  const iterator: AsyncIterableIterator<T> = {
    next: () => {
      if (ended) return stop();
      // What is there already costs one settled promise and no turn of the loop.
      const value = pick();
      return value === undefined ? later() : Promise.resolve({ done: false, value });
    },
    return: stop,
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
