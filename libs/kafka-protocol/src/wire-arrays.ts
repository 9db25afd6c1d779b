// Arrays of primitive types, and what the two directions make of records. Lengths are read and
// written by the caller, who knows which form they have.
import type { WireReader } from './wire-reader';
import type { WireWriter } from './wire-writer';

export const EMPTY_BYTES = Buffer.alloc(0);

/** `length` values of 8 bits. */
export function readInt8s(reader: WireReader, length: number): number[] {
  const values: number[] = [];
  for (let i = 0; i < length; i++) values.push(reader.int8());
  return values;
}

/** `length` values of 32 bits. */
export function readInt32s(reader: WireReader, length: number): number[] {
  const values: number[] = [];
  for (let i = 0; i < length; i++) values.push(reader.int32());
  return values;
}

/** As {@link readInt32s}; null for length -1. */
export function readInt32sOrNull(reader: WireReader, length: number): number[] | null {
  return length < 0 ? null : readInt32s(reader, length);
}

/** `length` values of 64 bits. */
export function readInt64s(reader: WireReader, length: number): number[] {
  const values: number[] = [];
  for (let i = 0; i < length; i++) values.push(reader.int64());
  return values;
}

/** `length` strings, in the form that flexible versions have or in the older one. */
export function readStrings(reader: WireReader, length: number, isCompact: boolean): string[] {
  const values: string[] = [];
  for (let i = 0; i < length; i++) {
    values.push(isCompact ? reader.compactString() : reader.string());
  }
  return values;
}

/** As {@link readStrings}; null for length -1. */
export function readStringsOrNull(
  reader: WireReader,
  length: number,
  isCompact: boolean,
): string[] | null {
  return length < 0 ? null : readStrings(reader, length, isCompact);
}

export function writeInt8s(writer: WireWriter, values: readonly number[]): void {
  for (const value of values) writer.int8(value);
}

export function writeInt32s(writer: WireWriter, values: readonly number[]): void {
  for (const value of values) writer.int32(value);
}

export function writeInt64s(writer: WireWriter, values: readonly number[]): void {
  for (const value of values) writer.int64(value);
}

/** Strings in the form that flexible versions have, or in the older one. */
export function writeStrings(
  writer: WireWriter,
  values: readonly string[],
  isCompact: boolean,
): void {
  for (const value of values) {
    if (isCompact) writer.compactString(value);
    else writer.string(value);
  }
}

/** Records as a response has them: the chunks that they came in, here one, or none when empty. */
export function asChunks(records: Buffer): readonly Buffer[] {
  return records.length === 0 ? [] : [records];
}

/** As {@link asChunks}; null stays null. */
export function asChunksOrNull(records: Buffer | null): readonly Buffer[] | null {
  return records === null ? null : asChunks(records);
}
