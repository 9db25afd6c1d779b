import { SeededRandom } from './seeded-random';

const POOL_BYTES = 256 * 1024;
const LARGE_BYTES_MAX = 50 * 1024;
const SMALL_BYTES_MAX = 1200;

/** A record as it is sent: the key is the id in decimal digits. */
export interface SourceRecord {
  readonly key: Buffer;
  /** null in one record of 61. */
  readonly value: Buffer | null;
}

/**
 * Records that are made anew from seed and id alone, so that nothing has to be kept to check what
 * is read back. Values have 0 bytes to 50 KiB; most are small.
 */
export class RecordSource {
  private readonly pool = Buffer.alloc(POOL_BYTES);

  constructor(private readonly seed: number) {
    const random = new SeededRandom(seed);
    for (let at = 0; at < POOL_BYTES; at += 4) this.pool.writeUInt32LE(random.word(), at);
  }

  /** The record of this id, the same one at every call. */
  record(id: number): SourceRecord {
    return { key: Buffer.from(String(id)), value: this.value(id) };
  }

  /** The id a key stands for; undefined when no record of ours has such a key. */
  static idOf(key: Buffer | null): number | undefined {
    const text = key?.toString('latin1') ?? '';
    return /^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : undefined;
  }

  private value(id: number): Buffer | null {
    if (id % 61 === 60) return null;
    const random = new SeededRandom(this.seed ^ Math.imul(id + 1, 0x9e3779b1));
    const size = random.between(0, random.chance(0.05) ? LARGE_BYTES_MAX : SMALL_BYTES_MAX);
    const length = random.chance(0.04) ? 0 : size;
    const from = random.between(0, POOL_BYTES - LARGE_BYTES_MAX);
    const value = Buffer.from(this.pool.subarray(from, from + length));
    // Two values of one size never agree by having been cut from the same place.
    if (length >= 4) value.writeUInt32LE(id >>> 0, 0);
    return value;
  }
}
