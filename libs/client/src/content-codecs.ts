// JSON, msgpack and text to bytes and back; what each of them refuses.
import { isUtf8 } from 'node:buffer';
import { Packr } from 'msgpackr';
import { asError, SerialisationError } from './errors';

// Plain msgpack that every other language reads: no record extension, no shared structures. Whole
// numbers of 64 bits come back as numbers where that is exact, else as bigints.
const packr = new Packr({
  useRecords: false,
  mapsAsObjects: true,
  // Its type leaves out this value, which its documentation and code have.
  int64AsType: 'auto' as 'number',
});

/** Typed as it is: what has no JSON gives undefined. */
const toJson: (value: unknown) => string | undefined = JSON.stringify;

/**
 * A value as JSON.
 *
 * @throws {SerialisationError} It has none: undefined, a function, a symbol, a cycle, a bigint.
 */
export function stringifyJson(value: unknown): Buffer {
  let json: string | undefined;
  try {
    json = toJson(value);
  } catch (error) {
    throw new SerialisationError(`value cannot be written as JSON: ${asError(error).message}`, {
      cause: error,
    });
  }
  if (json === undefined) throw unwritable(value);
  return Buffer.from(json);
}

/** The value of JSON bytes; throws a SyntaxError for others. */
export function parseJson(bytes: Buffer): unknown {
  return JSON.parse(bytes.toString()) as unknown;
}

/**
 * A value as msgpack.
 *
 * @throws {SerialisationError} It has none: undefined, a function, a symbol, a cycle, a bigint of
 *   more than 64 bits.
 */
export function packMessage(value: unknown): Buffer {
  if (value === undefined || typeof value === 'function' || typeof value === 'symbol') {
    throw unwritable(value);
  }
  try {
    return packr.pack(value);
  } catch (error) {
    throw new SerialisationError(`value cannot be written as msgpack: ${asError(error).message}`, {
      cause: error,
    });
  }
}

/** The value of msgpack bytes; throws for others and for bytes behind it. */
export function unpackMessage(bytes: Buffer): unknown {
  return packr.unpack(bytes) as unknown;
}

/** Text of UTF-8; throws for bytes that are none, which would come back as other bytes. */
export function readText(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw new Error('the bytes are not UTF-8');
  return bytes.toString();
}

function unwritable(value: unknown): SerialisationError {
  return new SerialisationError(
    `a value of type ${typeof value} cannot be written; pass null for a tombstone`,
  );
}
