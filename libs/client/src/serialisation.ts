// Values between programs and bytes when the program names no serialisation: what is written for
// each kind, and what is read back by header.
import { types } from 'node:util';
import type { RecordHeader } from '@walrusmq/record-batch';
import { parseJson, readText, stringifyJson, unpackMessage } from './content-codecs';
import { asError, SerialisationError } from './errors';
import type { HeaderValue, ProducerHeader, ProducerHeaders } from './record';

export const CONTENT_TYPE = 'content-type';
export const JSON_CONTENT_TYPE = 'application/json';
export const MSGPACK_CONTENT_TYPE = 'application/msgpack';
export const TEXT_CONTENT_TYPE = 'text/plain; charset=utf-8';

// The names in use beside the registered one, `application/vnd.msgpack`.
const MSGPACK_TYPES: ReadonlySet<string> = new Set([
  MSGPACK_CONTENT_TYPE,
  'application/vnd.msgpack',
  'application/x-msgpack',
]);

/** What is added to the headers of a value; shared, never changed. */
export function contentTypeHeaders(contentType: string): readonly RecordHeader[] {
  return Object.freeze([Object.freeze({ key: CONTENT_TYPE, value: Buffer.from(contentType) })]);
}

export const JSON_HEADERS = contentTypeHeaders(JSON_CONTENT_TYPE);

/** The bytes of a key: text as UTF-8, none as null. */
export function encodeKey(key: string | Uint8Array | null | undefined): Buffer | null {
  if (key === null || key === undefined) return null;
  return encodeBytes(key, 'a key, for which a serialisation can be chosen,');
}

/**
 * Text as UTF-8, bytes as they are, without a copy.
 *
 * @param what It is, for the error.
 * @throws {SerialisationError} It is neither.
 */
export function encodeBytes(bytes: string | Uint8Array, what = 'this'): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes);
  if (Buffer.isBuffer(bytes)) return bytes;
  if (!isBytes(bytes)) {
    throw new SerialisationError(`${what} must be text or a Uint8Array, got ${kindOf(bytes)}`);
  }
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether `encodeValue` writes this value as JSON. */
export function isJsonValue(value: unknown): boolean {
  return typeof value !== 'string' && value !== null && !(value instanceof Uint8Array);
}

/**
 * The bytes of a value, null for a tombstone.
 *
 * @throws {SerialisationError} It has no JSON (undefined, a function, a symbol, a cycle, a bigint),
 *   or one without what is in it: a Map, a Set, an ArrayBuffer, or a view of one that is no
 *   Uint8Array. Inside of other values those are written as JSON.stringify does.
 */
export function encodeValue(value: unknown): Buffer | null {
  if (value === null) return null;
  if (typeof value === 'string') return Buffer.from(value);
  if (isBytes(value)) return encodeBytes(value);
  if (isCollection(value)) {
    throw new SerialisationError(
      `${kindOf(value)} has no JSON: pass bytes as a Uint8Array, and a Map or Set as an array`,
    );
  }
  return stringifyJson(value);
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}

/** Whether JSON.stringify would leave out what is in it. */
function isCollection(value: unknown): boolean {
  if (Array.isArray(value)) return false;
  return types.isMap(value) || types.isSet(value) || types.isAnyArrayBuffer(value) || isView(value);
}

function isView(value: unknown): boolean {
  return ArrayBuffer.isView(value);
}

/** What a program would call it. */
function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/**
 * The headers as they are written: those given, and those of the value's content type unless the
 * program gave one.
 */
export function encodeHeaders(
  headers: ProducerHeaders | undefined,
  contentType: readonly RecordHeader[] | undefined,
): readonly RecordHeader[] | undefined {
  if (headers === undefined) return contentType;
  const encoded: RecordHeader[] = [];
  let isTyped = contentType === undefined;
  const add = (key: string, value: HeaderValue | undefined): void => {
    const isNone = value === null || value === undefined;
    encoded.push({ key, value: isNone ? null : encodeBytes(value, `header "${key}"`) });
    isTyped ||= key === CONTENT_TYPE;
  };
  if (!isHeaders(headers)) {
    const kind = kindOf(headers);
    throw new SerialisationError(`headers must be an object, or [{ key, value }], got ${kind}`);
  }
  if (isHeaderList(headers)) for (const { key, value } of headers) add(headerName(key), value);
  else for (const key of Object.keys(headers)) add(key, headers[key]);
  if (!isTyped && contentType !== undefined) encoded.push(...contentType);
  return encoded;
}

/**
 * What a value means by its headers: parsed for JSON and msgpack, text for `text/plain`, else the
 * bytes.
 *
 * @throws {SerialisationError} The bytes are not what the content type says.
 */
export function decodeValue(bytes: Buffer | null, headers: readonly RecordHeader[]): unknown {
  if (bytes === null) return bytes;
  const decode = decoderFor(headers);
  if (decode === undefined) return bytes;
  try {
    return decode(bytes);
  } catch (error) {
    const type = String(headers.find(({ key }) => key === CONTENT_TYPE)?.value);
    throw new SerialisationError(
      `the value is not what its ${CONTENT_TYPE} header (${type}) says: ${asError(error).message}`,
      { cause: error },
    );
  }
}

function isHeaders(headers: unknown): boolean {
  return typeof headers === 'object' && headers !== null && !isCollection(headers);
}

function headerName(key: unknown): string {
  if (typeof key === 'string') return key;
  throw new SerialisationError(`the key of a header must be text, got ${kindOf(key)}`);
}

function isHeaderList(headers: ProducerHeaders): headers is readonly ProducerHeader[] {
  return Array.isArray(headers);
}

function decoderFor(headers: readonly RecordHeader[]): ((bytes: Buffer) => unknown) | undefined {
  for (const { key, value } of headers) {
    if (key !== CONTENT_TYPE || value === null) continue;
    // Parameters such as "; charset=utf-8" may follow.
    const type = value.toString('latin1').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    if (type === JSON_CONTENT_TYPE || type.endsWith('+json')) return parseJson;
    if (MSGPACK_TYPES.has(type)) return unpackMessage;
    return type === 'text/plain' ? readText : undefined;
  }
  return undefined;
}
