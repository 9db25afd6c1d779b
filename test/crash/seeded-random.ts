/** Random numbers that a seed repeats (mulberry32): the choices of a run, not its timing. */
export class SeededRandom {
  private state: number;

  /** @param seed Any whole number; its low 32 bits count. */
  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 to 2^32 - 1. */
  word(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + (this.word() % (max - min + 1));
  }

  /** True in `share` of all calls. */
  chance(share: number): boolean {
    return this.word() < share * 2 ** 32;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.word() % list.length]!;
  }
}
