// Values that nobody wrote: the same seed gives the same bytes, on every machine.

const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** Four times the SDK's batch size: within a batch nothing comes twice. */
const POOL_BYTES = 1024 * 1024;
/** Of 6 bits each, from one number of 32. */
const CHARACTERS_PER_NUMBER = 5;

/** A pseudo-random generator of 32 bits (mulberry32, public domain). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/**
 * Values of one size: random characters that stay on one line (64 kinds, so a codec saves a quarter
 * at most).
 */
export class GeneratedValues {
  private readonly pool: Buffer;

  /**
   * @param sizeBytes From 1.
   * @param seed A whole number from 0 to 2^32 - 1.
   */
  constructor(
    readonly sizeBytes: number,
    seed: number,
  ) {
    const next = seeded(seed);
    this.pool = Buffer.allocUnsafe(Math.max(POOL_BYTES, sizeBytes));
    let bits = 0;
    for (let place = 0; place < this.pool.length; place += 1) {
      bits = place % CHARACTERS_PER_NUMBER === 0 ? next() : bits >>> 6;
      this.pool[place] = CHARACTERS.charCodeAt(bits & 63);
    }
  }

  /** The value of record `index`; a view that others share: it must not be written to. */
  at(index: number): Buffer {
    const count = Math.floor(this.pool.length / this.sizeBytes);
    const from = (index % count) * this.sizeBytes;
    return this.pool.subarray(from, from + this.sizeBytes);
  }
}
