// The primitive types of the Kafka protocol, written to a list of chunks. What a message is made of
// is in generated/; this file knows no message.
import { KafkaCodecError } from './kafka-codec-error';

const TWO_32 = 2 ** 32;
const INT16_MAX = 0x7fff;
const INT32_MAX = 0x7fffffff;

const SCRATCH_BYTES = 16 * 1024;
/** A scratch buffer that has grown beyond this is given back to the garbage collector. */
const SCRATCH_KEPT_BYTES_MAX = 1024 * 1024;
/** Shorter byte strings are copied: that costs less than one more piece of a write. */
const COPIED_BYTES_MAX = 1024;

/** What all writers of this thread start from, one after the other. */
let idleScratch: Buffer | undefined;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Writes values of the Kafka protocol; gives them out as chunks, in which long byte strings are the
 * very buffers that were handed in.
 *
 * Life: one writer per message, ended by one call of `finish` or `finishFrame`. A writer that an
 * error stopped is dropped. Messages may be written inside one another.
 *
 * Everything between byte strings is written to a scratch buffer that the writers of a thread share
 * one after the other, and copied out once at the end: messages are mostly short, and one exact
 * allocation costs less than a buffer that has to grow.
 *
 * Every method throws KafkaCodecError with UNENCODABLE for a value that its type cannot carry.
 */
export class WireWriter {
  private scratch: Buffer;
  private position = 0;
  private readonly longBytes: Buffer[] = [];
  /** Where in `scratch` each of `longBytes` goes in between. */
  private readonly cuts: number[] = [];
  private longBytesLength = 0;

  constructor() {
    this.scratch = idleScratch ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    idleScratch = undefined;
  }

  /** One byte: 1 or 0. */
  bool(value: boolean): void {
    const at = this.reserve(1);
    this.scratch[at] = value ? 1 : 0;
  }

  /** A signed byte. */
  int8(value: number): void {
    if ((value << 24) >> 24 !== value) throw outOfRange('int8', value);
    const at = this.reserve(1);
    this.scratch[at] = value;
  }

  /** A signed 16-bit integer. */
  int16(value: number): void {
    if ((value << 16) >> 16 !== value) throw outOfRange('int16', value);
    const at = this.reserve(2);
    this.scratch[at] = value >> 8;
    this.scratch[at + 1] = value;
  }

  /** An unsigned 16-bit integer. */
  uint16(value: number): void {
    if ((value & 0xffff) !== value) throw outOfRange('uint16', value);
    const at = this.reserve(2);
    this.scratch[at] = value >> 8;
    this.scratch[at + 1] = value;
  }

  /** A signed 32-bit integer. */
  int32(value: number): void {
    if ((value | 0) !== value) throw outOfRange('int32', value);
    this.putInt32(this.reserve(4), value);
  }

  /** A signed 64-bit integer that a number holds exactly. */
  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw outOfRange('int64', value);
    const at = this.reserve(8);
    this.putInt32(at, Math.floor(value / TWO_32));
    this.putInt32(at + 4, value | 0);
  }

  /** A 64-bit floating-point number. */
  float64(value: number): void {
    const at = this.reserve(8);
    this.scratch.writeDoubleBE(value, at);
  }

  /** 16 bytes, given as 36 characters with dashes. */
  uuid(value: string): void {
    if (!UUID.test(value)) throw unencodable(`${JSON.stringify(value)} is no uuid`);
    const at = this.reserve(16);
    this.scratch.write(value.replaceAll('-', ''), at, 16, 'hex');
  }

  /** An unsigned varint of at most 32 bits (KIP-482). */
  uvarint(value: number): void {
    const at = this.reserve(5);
    this.position = this.putUvarint(at, value);
  }

  /** A string after its length as an int16. */
  string(value: string): void {
    const length = Buffer.byteLength(value);
    if (length > INT16_MAX) throw unencodable(`a string of ${length} bytes, at most ${INT16_MAX}`);
    this.int16(length);
    this.text(value, length);
  }

  /** As {@link string}, with null as length -1. */
  nullableString(value: string | null): void {
    if (value === null) this.int16(-1);
    else this.string(value);
  }

  /** A string after its length plus one as an unsigned varint. */
  compactString(value: string): void {
    const length = Buffer.byteLength(value);
    // Kafka's own limit, though the length could carry more.
    if (length > INT16_MAX) throw unencodable(`a string of ${length} bytes, at most ${INT16_MAX}`);
    this.uvarint(length + 1);
    this.text(value, length);
  }

  /** As {@link compactString}, with null as 0. */
  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0);
    else this.compactString(value);
  }

  /** Bytes after their length as an int32. A long buffer is not copied: leave it as it is. */
  byteString(value: Buffer): void {
    this.int32(value.length);
    this.append(value);
  }

  /** As {@link byteString}, with null as length -1. */
  nullableByteString(value: Buffer | null): void {
    if (value === null) this.int32(-1);
    else this.byteString(value);
  }

  /** Bytes after their length plus one as an unsigned varint. */
  compactByteString(value: Buffer): void {
    this.uvarint(value.length + 1);
    this.append(value);
  }

  /** As {@link compactByteString}, with null as 0. */
  compactNullableByteString(value: Buffer | null): void {
    if (value === null) this.uvarint(0);
    else this.compactByteString(value);
  }

  /** Several buffers as one byte string, after the length of all as an int32. */
  chunks(value: readonly Buffer[]): void {
    this.int32(chunksLength(value));
    for (const chunk of value) this.append(chunk);
  }

  /** As {@link chunks}, with null as length -1. */
  nullableChunks(value: readonly Buffer[] | null): void {
    if (value === null) this.int32(-1);
    else this.chunks(value);
  }

  /** As {@link chunks}, after the length plus one as an unsigned varint. */
  compactChunks(value: readonly Buffer[]): void {
    this.uvarint(chunksLength(value) + 1);
    for (const chunk of value) this.append(chunk);
  }

  /** As {@link compactChunks}, with null as 0. */
  compactNullableChunks(value: readonly Buffer[] | null): void {
    if (value === null) this.uvarint(0);
    else this.compactChunks(value);
  }

  /** The length of an array; its elements are written next. -1 for null. */
  arrayLength(length: number): void {
    this.int32(length);
  }

  /** As {@link arrayLength}, of a compact array. */
  compactArrayLength(length: number): void {
    this.uvarint(length + 1);
  }

  /** Says whether a nullable struct follows. */
  presence(isPresent: boolean): void {
    this.int8(isPresent ? 1 : -1);
  }

  /** Begins a tagged field; its value is written next. Returns what `endTagged` takes. */
  beginTagged(tag: number): number {
    this.uvarint(tag);
    return this.reserve(1);
  }

  /**
   * Ends a tagged field that `beginTagged` began at `at`.
   *
   * REQUIRES: nothing in it was longer than what is copied; no tagged field of Kafka holds records.
   */
  endTagged(at: number): void {
    const start = at + 1;
    const end = this.position;
    const size = end - start;
    if (size >= 0x80) {
      // The size takes more than the one byte that was left for it.
      const shift = Math.ceil((32 - Math.clz32(size)) / 7) - 1;
      this.reserve(shift);
      this.scratch.copyWithin(start + shift, start, end);
    }
    this.putUvarint(at, size);
  }

  /** All that was written, in order; the writer takes nothing any more. */
  finish(): Buffer[] {
    const head = Buffer.allocUnsafe(this.position);
    this.scratch.copy(head, 0, 0, this.position);
    if (this.scratch.length <= SCRATCH_KEPT_BYTES_MAX) idleScratch = this.scratch;
    if (this.cuts.length === 0) return [head];
    const chunks: Buffer[] = [];
    let from = 0;
    this.cuts.forEach((cut, index) => {
      if (cut > from) chunks.push(head.subarray(from, cut));
      chunks.push(this.longBytes[index]!);
      from = cut;
    });
    if (from < head.length) chunks.push(head.subarray(from));
    return chunks;
  }

  /**
   * As {@link finish}, for a frame: its first four bytes, written as any int32, become the length
   * of what is behind them.
   */
  finishFrame(): Buffer[] {
    const length = this.position + this.longBytesLength - 4;
    if (length > INT32_MAX) throw unencodable(`a frame of ${length} bytes`);
    this.putInt32(0, length);
    return this.finish();
  }

  /** Returns the position behind it. */
  private putUvarint(at: number, value: number): number {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.scratch[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.scratch[at++] = rest;
    return at;
  }

  private putInt32(at: number, value: number): void {
    const { scratch } = this;
    scratch[at] = value >> 24;
    scratch[at + 1] = value >> 16;
    scratch[at + 2] = value >> 8;
    scratch[at + 3] = value;
  }

  /** Makes room for `count` bytes, and returns where they start. */
  private reserve(count: number): number {
    const at = this.position;
    const wanted = at + count;
    if (wanted > this.scratch.length) this.grow(wanted);
    this.position = wanted;
    return at;
  }

  private grow(wanted: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(wanted, this.scratch.length * 2));
    this.scratch.copy(grown, 0, 0, this.position);
    this.scratch = grown;
  }

  private text(value: string, length: number): void {
    const at = this.reserve(length);
    this.scratch.write(value, at, length, 'utf8');
  }

  private append(value: Buffer): void {
    if (value.length <= COPIED_BYTES_MAX) {
      const at = this.reserve(value.length);
      value.copy(this.scratch, at);
      return;
    }
    this.longBytes.push(value);
    this.longBytesLength += value.length;
    this.cuts.push(this.position);
  }
}

function chunksLength(chunks: readonly Buffer[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  if (length > INT32_MAX) throw unencodable(`${length} bytes in one field`);
  return length;
}

function outOfRange(type: string, value: number): KafkaCodecError {
  return unencodable(`${value} is no ${type}`);
}

function unencodable(message: string): KafkaCodecError {
  return new KafkaCodecError('UNENCODABLE', message);
}
