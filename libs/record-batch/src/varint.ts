// Zigzag varints (32 bits) and varlongs (64 bits, as far as a number is exact), as in Protobuf.
import { RecordBatchError } from './record-batch-error';

const TWO_27 = 2 ** 27;
const TWO_28 = 2 ** 28;
const TWO_55 = 2 ** 55;
const INT32_MAX = 0x7fffffff;

/** Bytes that {@link writeVarint} takes for a 32-bit integer. */
export function varintBytes(value: number): number {
  const unsigned = ((value << 1) ^ (value >> 31)) >>> 0;
  if (unsigned < 0x80) return 1;
  if (unsigned < 0x4000) return 2;
  if (unsigned < 0x200000) return 3;
  return unsigned < 0x10000000 ? 4 : 5;
}

/** Writes a 32-bit integer and returns the position behind it. */
export function writeVarint(target: Buffer, value: number, position: number): number {
  let unsigned = ((value << 1) ^ (value >> 31)) >>> 0;
  while (unsigned >= 0x80) {
    target[position++] = (unsigned & 0x7f) | 0x80;
    unsigned >>>= 7;
  }
  target[position++] = unsigned;
  return position;
}

/** Bytes that {@link writeVarlong} takes for a safe integer. */
export function varlongBytes(value: number): number {
  if (value >= -INT32_MAX && value <= INT32_MAX) return varintBytes(value);
  // The first byte carries six bits of the magnitude beside the sign, every other one seven.
  let magnitude = value < 0 ? -(value + 1) : value;
  let bytes = 1;
  for (magnitude = Math.floor(magnitude / 64); magnitude > 0; bytes++) {
    magnitude = Math.floor(magnitude / 128);
  }
  return bytes;
}

/** Writes a safe integer and returns the position behind it. */
export function writeVarlong(target: Buffer, value: number, position: number): number {
  if (value >= -INT32_MAX && value <= INT32_MAX) return writeVarint(target, value, position);
  // Zigzag doubles the value, which may leave the exact range: the sign bit goes in by hand.
  const sign = value < 0 ? 1 : 0;
  let magnitude = value < 0 ? -(value + 1) : value;
  let septet = ((magnitude % 64) << 1) | sign;
  magnitude = Math.floor(magnitude / 64);
  while (magnitude > 0) {
    target[position++] = septet | 0x80;
    septet = magnitude % 128;
    magnitude = Math.floor(magnitude / 128);
  }
  target[position++] = septet;
  return position;
}

/**
 * Reads varints from a part of a buffer, never past its end.
 *
 * A value that is out of range or unfinished at the end throws MALFORMED; `position` is then
 * somewhere inside the part and the reader is of no further use.
 */
export class VarintReader {
  position: number;

  constructor(
    readonly bytes: Buffer,
    start: number,
    public end: number,
  ) {
    this.position = start;
  }

  /** The next 32-bit integer. */
  readVarint(): number {
    const first = this.position < this.end ? this.bytes[this.position]! : 0x80;
    if (first < 0x80) {
      this.position++;
      return (first >>> 1) ^ -(first & 1);
    }
    return this.readLongVarint();
  }

  /** The next 64-bit integer, which must be a safe one. */
  readVarlong(): number {
    const start = this.position;
    const low = this.readSeptets(4);
    const middle = this.goesOn() ? this.readSeptets(4) : 0;
    const high = this.goesOn() ? this.readSeptets(2) : 0;
    if (this.goesOn() || (this.position - start === 10 && this.bytes[this.position - 1]! > 1)) {
      throw new RecordBatchError('MALFORMED', `varlong at byte ${start} has more than 64 bits`);
    }
    const magnitude = (low >>> 1) + middle * TWO_27 + high * TWO_55;
    const value = (low & 1) === 0 ? magnitude : -magnitude - 1;
    if (Number.isSafeInteger(value)) return value;
    throw new RecordBatchError('MALFORMED', `varlong at byte ${start} is beyond 2^53`);
  }

  private readLongVarint(): number {
    const start = this.position;
    const low = this.readSeptets(4);
    if (!this.goesOn()) return (low >>> 1) ^ -(low & 1);
    const high = this.readSeptets(1);
    if (high > 0x0f || this.goesOn()) {
      throw new RecordBatchError('MALFORMED', `varint at byte ${start} has more than 32 bits`);
    }
    const unsigned = high * TWO_28 + low;
    return (unsigned & 1) === 0 ? unsigned / 2 : -(unsigned + 1) / 2;
  }

  /** Up to `count` bytes of seven bits each, the lowest first. */
  private readSeptets(count: number): number {
    let value = 0;
    for (let shift = 0; shift < count * 7; shift += 7) {
      if (this.position >= this.end) throw this.unfinished();
      const byte = this.bytes[this.position++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** Whether the byte read last says that another one of the same varint follows. */
  private goesOn(): boolean {
    return this.bytes[this.position - 1]! >= 0x80;
  }

  private unfinished(): RecordBatchError {
    return new RecordBatchError('MALFORMED', `records end inside a varint at byte ${this.end}`);
  }
}
