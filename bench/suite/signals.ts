const WORDS = 3;
const ARRIVED = 0;
const ROUND = 1;
const OVER = 2;

/**
 * Starts the loops of all threads at one moment and ends them at another.
 *
 * Threads: the workers call `arriveAndWait` and `isOver`, the main thread the rest.
 */
export class Signals {
  private readonly words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
  }

  /** Memory for one set of signals. */
  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer(WORDS * 4);
  }

  /** Returns when the main thread calls `start`; blocks this thread. */
  arriveAndWait(): void {
    const round = Atomics.load(this.words, ROUND);
    Atomics.add(this.words, ARRIVED, 1);
    while (Atomics.load(this.words, ROUND) === round) Atomics.wait(this.words, ROUND, round);
  }

  /** How many threads wait for `start`. */
  get arrived(): number {
    return Atomics.load(this.words, ARRIVED);
  }

  /** Lets all that wait go, and clears what `end` set. */
  start(): void {
    Atomics.store(this.words, OVER, 0);
    Atomics.store(this.words, ARRIVED, 0);
    Atomics.add(this.words, ROUND, 1);
    Atomics.notify(this.words, ROUND);
  }

  /** Asks the loops to end after the call they are in. */
  end(): void {
    Atomics.store(this.words, OVER, 1);
  }

  isOver(): boolean {
    return Atomics.load(this.words, OVER) !== 0;
  }
}
