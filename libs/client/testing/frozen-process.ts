// Has the process stand still, as one that the system has stopped: no timer fires and no socket is
// read meanwhile, and all of them are due at once afterwards. For tests only.

/** More than enough for the fake broker to have answered what it is answering. */
const ANSWER_TICKS = 50;

/** Stands still for so long. */
export function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/**
 * Calls back in this turn of the event loop, once the fake broker has written what it answers to
 * the request that is intercepted: the client has not read that yet.
 */
export async function onceAnswered(then: () => void): Promise<void> {
  for (let tick = 0; tick < ANSWER_TICKS; tick++) await Promise.resolve();
  then();
}
