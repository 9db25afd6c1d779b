// Values between programs and bytes: what is written for each kind, and what is read back by
// header.
import type { RecordHeader } from '@walrusmq/record-batch';
import { asError, SerialisationError } from './errors';
import type { HeaderValue } from './record';

export const CONTENT_TYPE = 'content-type';
export const JSON_CONTENT_TYPE = 'application/json';

const JSON_HEADER: RecordHeader = Object.freeze({
  key: CONTENT_TYPE,
  value: Buffer.from(JSON_CONTENT_TYPE),
});
const JSON_HEADER_ONLY: readonly RecordHeader[] = Object.freeze([JSON_HEADER]);

/** The bytes of a key: text as UTF-8, none as null. */
export function encodeKey(key: string | Uint8Array | null | undefined): Buffer | null {
  if (key === null || key === undefined) return null;
  return encodeBytes(key);
}

/** Text as UTF-8, bytes as they are, without a copy. */
export function encodeBytes(bytes: string | Uint8Array): Buffer {
  if (typeof bytes === 'string') return Buffer.from(bytes);
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether `encodeValue` writes this value as JSON. */
export function isJsonValue(value: unknown): boolean {
  return typeof value !== 'string' && value !== null && !(value instanceof Uint8Array);
}

/**
 * The bytes of a value, null for a tombstone.
 *
 * @throws {SerialisationError} It has no JSON: undefined, a function, a symbol, a cycle, a bigint.
 */
export function encodeValue(value: unknown): Buffer | null {
  if (value === null) return null;
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return encodeBytes(value);
  let json: string | undefined;
  try {
    json = toJson(value);
  } catch (error) {
    throw new SerialisationError(`value cannot be written as JSON: ${asError(error).message}`, {
      cause: error,
    });
  }
  if (json === undefined) {
    throw new SerialisationError(
      `a value of type ${typeof value} cannot be written; pass null for a tombstone`,
    );
  }
  return Buffer.from(json);
}

/** The headers as they are written: those given, and the content type of a JSON value. */
export function encodeHeaders(
  headers: Readonly<Record<string, HeaderValue>> | undefined,
  isJson: boolean,
): readonly RecordHeader[] | undefined {
  if (headers === undefined) return isJson ? JSON_HEADER_ONLY : undefined;
  const encoded: RecordHeader[] = [];
  for (const key of Object.keys(headers)) {
    const value = headers[key] ?? null;
    encoded.push({ key, value: value === null ? null : encodeBytes(value) });
  }
  if (isJson && !Object.hasOwn(headers, CONTENT_TYPE)) encoded.push(JSON_HEADER);
  return encoded;
}

/**
 * What a value means by its headers: parsed if the content type is JSON, else the bytes.
 *
 * @throws {SerialisationError} The content type says JSON and the bytes are none.
 */
export function decodeValue(bytes: Buffer | null, headers: readonly RecordHeader[]): unknown {
  if (bytes === null || !saysJson(headers)) return bytes;
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch (error) {
    throw new SerialisationError(`the value is not the JSON its ${CONTENT_TYPE} header says`, {
      cause: error,
    });
  }
}

/** Typed as it is: what has no JSON gives undefined. */
const toJson: (value: unknown) => string | undefined = JSON.stringify;

function saysJson(headers: readonly RecordHeader[]): boolean {
  for (const { key, value } of headers) {
    if (key !== CONTENT_TYPE || value === null) continue;
    // Parameters such as "; charset=utf-8" may follow.
    const type = value.toString('latin1').split(';', 1)[0]?.trim().toLowerCase() ?? '';
    return type === JSON_CONTENT_TYPE || type.endsWith('+json');
  }
  return false;
}
