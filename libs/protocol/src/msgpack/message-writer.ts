// Writes the head of a frame. msgpackr is not used for this direction: it sends integers beyond
// 32 bits (every timestamp) as floats, which a client in another language would have to convert
// back, and `undefined` as an extension type.

const INITIAL_BYTES = 256;
const DEPTH_MAX = 32;
const SHORT_TEXT_LENGTH = 32;
const TWO_32 = 2 ** 32;

/**
 * Appends msgpack values to a buffer that grows.
 *
 * Life: one writer per frame; `take` ends it.
 */
export class MessageWriter {
  private buffer: Buffer;
  private end: number;

  /** @param reservedBytes Left free at the start, for what is known only at the end. */
  constructor(reservedBytes: number) {
    this.buffer = Buffer.allocUnsafe(INITIAL_BYTES);
    this.end = reservedBytes;
  }

  /** What was written, the reserved bytes included. */
  take(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  /** The header of an array of so many values, which the caller writes next. */
  writeArrayHeader(count: number): void {
    this.writeSize(count, count < 16 ? 0x90 | count : 0, 0, 0xdc, 0xdd);
  }

  /** The header of so many bytes, which the caller sends behind what `take` returns. */
  writeBinHeader(length: number): void {
    this.writeSize(length, 0, 0xc4, 0xc5, 0xc6);
  }

  /**
   * Any value of null, booleans, numbers, strings, bytes, arrays and plain objects. A property
   * that is undefined is left out; elsewhere undefined is nil.
   *
   * @throws {TypeError} Another type, or nesting over 32 deep (a cycle, most likely).
   */
  write(value: unknown, depth = 0): void {
    if (typeof value === 'string') this.writeText(value);
    else if (typeof value === 'number') this.writeNumber(value);
    else if (value === null || value === undefined) this.writeByte(0xc0);
    else if (typeof value === 'boolean') this.writeByte(value ? 0xc3 : 0xc2);
    else if (typeof value !== 'object') throw new TypeError(`cannot write a ${typeof value}`);
    else if (value instanceof Uint8Array) this.writeBytes(value);
    else if (depth === DEPTH_MAX) throw new TypeError(`values nest over ${DEPTH_MAX} deep`);
    else if (Array.isArray(value)) {
      this.writeArrayHeader(value.length);
      for (const element of value) this.write(element, depth + 1);
    } else this.writeMap(value as Record<string, unknown>, depth);
  }

  private writeMap(map: Record<string, unknown>, depth: number): void {
    if (map instanceof Date || map instanceof Map || map instanceof Set) {
      throw new TypeError(`cannot write a ${map.constructor.name}`);
    }
    const keys = Object.keys(map);
    let count = 0;
    for (const key of keys) if (map[key] !== undefined) count++;
    this.writeSize(count, count < 16 ? 0x80 | count : 0, 0, 0xde, 0xdf);
    for (const key of keys) {
      if (map[key] === undefined) continue;
      this.writeText(key);
      this.write(map[key], depth + 1);
    }
  }

  private writeNumber(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.reserve(9);
      this.buffer[this.end] = 0xcb;
      this.end = this.buffer.writeDoubleBE(value, this.end + 1);
    } else if (value >= 0) this.writeUnsigned(value);
    else this.writeNegative(value);
  }

  private writeUnsigned(value: number): void {
    if (value < 0x80) this.writeByte(value);
    else if (value < TWO_32) this.writeSize(value, 0, 0xcc, 0xcd, 0xce);
    else {
      this.reserve(9);
      this.buffer[this.end] = 0xcf;
      this.buffer.writeUInt32BE(Math.floor(value / TWO_32), this.end + 1);
      this.end = this.buffer.writeUInt32BE(value % TWO_32, this.end + 5);
    }
  }

  private writeNegative(value: number): void {
    this.reserve(9);
    if (value >= -0x20) {
      this.buffer[this.end++] = value & 0xff;
    } else if (value >= -0x80) {
      this.buffer[this.end] = 0xd0;
      this.end = this.buffer.writeInt8(value, this.end + 1);
    } else if (value >= -0x8000) {
      this.buffer[this.end] = 0xd1;
      this.end = this.buffer.writeInt16BE(value, this.end + 1);
    } else if (value >= -0x80000000) {
      this.buffer[this.end] = 0xd2;
      this.end = this.buffer.writeInt32BE(value, this.end + 1);
    } else {
      this.buffer[this.end] = 0xd3;
      this.buffer.writeInt32BE(Math.floor(value / TWO_32), this.end + 1);
      this.end = this.buffer.writeUInt32BE(value >>> 0, this.end + 5);
    }
  }

  private writeText(text: string): void {
    if (text.length < SHORT_TEXT_LENGTH && this.writeShortText(text)) return;
    const length = Buffer.byteLength(text);
    this.writeSize(length, length < 32 ? 0xa0 | length : 0, 0xd9, 0xda, 0xdb);
    this.reserve(length);
    this.end += this.buffer.write(text, this.end, 'utf8');
  }

  /** ASCII of up to 31 characters, without a call into the runtime; false if it is not ASCII. */
  private writeShortText(text: string): boolean {
    const length = text.length;
    this.reserve(1 + length);
    const start = this.end + 1;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      this.buffer[start + index] = code;
    }
    this.buffer[this.end] = 0xa0 | length;
    this.end = start + length;
    return true;
  }

  private writeBytes(bytes: Uint8Array): void {
    this.writeBinHeader(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** The shortest header for a size; a code of 0 means that the form does not exist. */
  private writeSize(size: number, fixed: number, one: number, two: number, four: number): void {
    this.reserve(5);
    if (fixed !== 0) this.buffer[this.end++] = fixed;
    else if (one !== 0 && size < 0x100) {
      this.buffer[this.end++] = one;
      this.buffer[this.end++] = size;
    } else if (size < 0x10000) {
      this.buffer[this.end] = two;
      this.end = this.buffer.writeUInt16BE(size, this.end + 1);
    } else {
      this.buffer[this.end] = four;
      this.end = this.buffer.writeUInt32BE(size, this.end + 1);
    }
  }

  private writeByte(byte: number): void {
    this.reserve(1);
    this.buffer[this.end++] = byte;
  }

  private reserve(bytes: number): void {
    const needed = this.end + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.end);
    this.buffer = grown;
  }
}
