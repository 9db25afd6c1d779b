// The primitive types of the Kafka protocol, read from one frame. What a message is made of is in
// generated/; this file knows no message.
import { KafkaCodecError } from './kafka-codec-error';
import type { KafkaCodecErrorCode } from './kafka-codec-error';

const TWO_32 = 2 ** 32;
const TWO_28 = 2 ** 28;
/** The upper half of an int64 is below this for every value that a number holds exactly. */
const HIGH_SAFE_MAX = 2 ** 21;

/** What a reader takes by default: more elements than any client sends, and 64 MB of objects. */
export const ELEMENTS_MAX = 1_000_000;

/** Bytes of a string, of whatever kind: as many as an int16 counts, as in Kafka. */
const STRING_BYTES_MAX = 32_767;
/** What is no UTF-8 takes three times as many once it is U+FFFD. */
const GROWING_BYTES_MIN = Math.floor(STRING_BYTES_MAX / 3);

export const ZERO_UUID = '00000000-0000-0000-0000-000000000000';

export interface WireReaderOptions {
  /** Array elements that one frame may hold, over all its arrays. */
  readonly elementsMax?: number;
}

/**
 * Reads values of the Kafka protocol from a part of a buffer, never past its end.
 *
 * Life: one reader per frame. After an error `position` is somewhere inside the part, and the
 * reader is of no further use.
 *
 * Invariants:
 *  (1) `position` never exceeds `end`, whatever the bytes are.
 *  (2) A length is held against the bytes that are left before anything is allocated for it, and
 *      an array's length against the bytes that so many elements take at least.
 *  (3) Bytes and records are slices of the buffer: it must not be written to while they are used.
 *
 * Every method throws KafkaCodecError: TRUNCATED where the value does not fit, MALFORMED where it
 * is none.
 */
export class WireReader {
  position: number;
  private readonly elementsMax: number;
  private elementsLeft: number;

  constructor(
    readonly bytes: Buffer,
    start = 0,
    readonly end = bytes.length,
    options: WireReaderOptions = {},
  ) {
    this.position = start;
    this.elementsMax = options.elementsMax ?? ELEMENTS_MAX;
    this.elementsLeft = this.elementsMax;
  }

  /** Array elements that were read so far. */
  get elementCount(): number {
    return this.elementsMax - this.elementsLeft;
  }

  /** Bytes that have not been read. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** Zero is false, every other byte is true, as in Kafka. */
  bool(): boolean {
    return this.bytes[this.take(1)] !== 0;
  }

  /** A signed byte. */
  int8(): number {
    return (this.bytes[this.take(1)]! << 24) >> 24;
  }

  /** A signed 16-bit integer. */
  int16(): number {
    const at = this.take(2);
    return ((this.bytes[at]! << 24) >> 16) | this.bytes[at + 1]!;
  }

  /** An unsigned 16-bit integer. */
  uint16(): number {
    const at = this.take(2);
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!;
  }

  /** A signed 32-bit integer. */
  int32(): number {
    return this.int32At(this.take(4));
  }

  /**
   * A signed 64-bit integer.
   *
   * @throws {KafkaCodecError} UNSAFE_INTEGER: it is beyond 2^53, so that a number cannot hold it.
   */
  int64(): number {
    const at = this.take(8);
    const high = this.int32At(at);
    const value = high * TWO_32 + (this.int32At(at + 4) >>> 0);
    if (high < HIGH_SAFE_MAX && high > -HIGH_SAFE_MAX) return value;
    if (Number.isSafeInteger(value)) return value;
    throw this.failure('UNSAFE_INTEGER', at, 'int64 is beyond 2^53');
  }

  /** As {@link int64}, but what is beyond 2^53 becomes the greatest or least safe integer. */
  int64Clamped(): number {
    const at = this.take(8);
    const value = this.int32At(at) * TWO_32 + (this.int32At(at + 4) >>> 0);
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
  }

  /** A 64-bit floating-point number, NaN and infinities among them. */
  float64(): number {
    return this.bytes.readDoubleBE(this.take(8));
  }

  /** 16 bytes, as 36 lower-case characters with dashes. */
  uuid(): string {
    const at = this.take(16);
    const hex = this.bytes.toString('hex', at, at + 16);
    const [a, b, c] = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16)];
    return `${a}-${b}-${c}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** An unsigned varint of at most 32 bits (KIP-482). */
  uvarint(): number {
    const start = this.position;
    const first = start < this.end ? this.bytes[start]! : 0x80;
    if (first < 0x80) {
      this.position = start + 1;
      return first;
    }
    return this.longUvarint();
  }

  /** A string after its length as an int16; bytes that are not UTF-8 become U+FFFD. */
  string(): string {
    return this.text(this.present(this.int16()));
  }

  /** As {@link string}, with null as length -1. */
  nullableString(): string | null {
    const length = this.length(this.int16());
    return length < 0 ? null : this.text(length);
  }

  /** A string after its length plus one as an unsigned varint. */
  compactString(): string {
    return this.text(this.present(this.uvarint() - 1));
  }

  /** As {@link compactString}, with null as 0. */
  compactNullableString(): string | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.text(length);
  }

  /** Bytes after their length as an int32: a slice of the frame. */
  byteString(): Buffer {
    return this.slice(this.present(this.int32()));
  }

  /** As {@link byteString}, with null as length -1. */
  nullableByteString(): Buffer | null {
    const length = this.length(this.int32());
    return length < 0 ? null : this.slice(length);
  }

  /** Bytes after their length plus one as an unsigned varint: a slice of the frame. */
  compactByteString(): Buffer {
    return this.slice(this.present(this.uvarint() - 1));
  }

  /** As {@link compactByteString}, with null as 0. */
  compactNullableByteString(): Buffer | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.slice(length);
  }

  /**
   * How many elements follow, none of them shorter than `elementBytesMin`.
   *
   * @throws {KafkaCodecError} TRUNCATED: so many do not fit into what is left. TOO_LARGE: the frame
   *   has more elements than the reader was told to take.
   */
  arrayLength(elementBytesMin: number): number {
    return this.elements(this.present(this.int32()), elementBytesMin);
  }

  /** As {@link arrayLength}; -1 for null. */
  nullableArrayLength(elementBytesMin: number): number {
    return this.elements(this.length(this.int32()), elementBytesMin);
  }

  /** As {@link arrayLength}, of a compact array. */
  compactArrayLength(elementBytesMin: number): number {
    return this.elements(this.present(this.uvarint() - 1), elementBytesMin);
  }

  /** As {@link nullableArrayLength}, of a compact array. */
  compactNullableArrayLength(elementBytesMin: number): number {
    return this.elements(this.uvarint() - 1, elementBytesMin);
  }

  /** Whether the nullable struct that follows is there; Kafka takes any negative byte for null. */
  isPresent(): boolean {
    return this.int8() >= 0;
  }

  /** Where the value of a tagged field ends, after its tag was read; it lies inside the frame. */
  taggedEnd(): number {
    const at = this.position;
    const size = this.uvarint();
    if (size <= this.end - this.position) return this.position + size;
    throw this.failure('TRUNCATED', at, `a tagged field of ${size} bytes ends behind the frame`);
  }

  /**
   * Checks that a tagged field was read to its end.
   *
   * @throws {KafkaCodecError} MALFORMED: its value is longer or shorter than its size.
   */
  expectEnd(end: number): void {
    if (this.position === end) return;
    throw this.failure('MALFORMED', this.position, `a tagged field should end at byte ${end}`);
  }

  /** Reads past all tagged fields of a struct that has none known to us. */
  skipTaggedFields(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.position = this.taggedEnd();
    }
  }

  private int32At(at: number): number {
    const { bytes } = this;
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }

  /** Moves on by `count` bytes, and returns where they start. */
  private take(count: number): number {
    const at = this.position;
    if (count <= this.end - at) {
      this.position = at + count;
      return at;
    }
    throw this.failure('TRUNCATED', at, `${count} bytes wanted, ${this.end - at} are left`);
  }

  private text(length: number): string {
    const at = this.take(length);
    const text = this.bytes.toString('utf8', at, at + length);
    // What could not be said in an answer had better not come in.
    if (length <= GROWING_BYTES_MIN || Buffer.byteLength(text) <= STRING_BYTES_MAX) return text;
    throw this.failure('MALFORMED', at, `a string of more than ${STRING_BYTES_MAX} bytes`);
  }

  private slice(length: number): Buffer {
    const at = this.take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** A length, or -1 for null. */
  private length(length: number): number {
    if (length >= -1) return length;
    throw this.failure('MALFORMED', this.position, `length ${length}`);
  }

  private present(length: number): number {
    if (length >= 0) return length;
    const what = length === -1 ? 'null where a value has to be' : `length ${length}`;
    throw this.failure('MALFORMED', this.position, what);
  }

  private elements(length: number, elementBytesMin: number): number {
    if (length <= 0) return length;
    const { position } = this;
    if (length * elementBytesMin > this.end - position) {
      const left = `${this.end - position} bytes are left`;
      throw this.failure('TRUNCATED', position, `an array of ${length} elements, ${left}`);
    }
    this.elementsLeft -= length;
    if (this.elementsLeft >= 0) return length;
    throw this.failure('TOO_LARGE', position, 'more array elements than a frame may have');
  }

  private longUvarint(): number {
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.bytes[this.take(1)]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.bytes[this.take(1)]!;
    if (last <= 0x0f) return value + last * TWO_28;
    throw this.failure('MALFORMED', start, 'varint of more than 32 bits');
  }

  private failure(code: KafkaCodecErrorCode, at: number, what: string): KafkaCodecError {
    return new KafkaCodecError(code, `byte ${at} of ${this.end}: ${what}`);
  }
}
