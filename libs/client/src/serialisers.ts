// The serialisations that a program chooses for keys and values, by name or as its own.
import type { RecordHeader } from '@walrusmq/record-batch';
import { packMessage, parseJson, readText, stringifyJson, unpackMessage } from './content-codecs';
import { asError, InvalidOptionError, SerialisationError } from './errors';
import { checkNames, type OptionNames } from './option-names';
import {
  contentTypeHeaders,
  decodeValue,
  encodeBytes,
  encodeKey,
  encodeValue,
  isJsonValue,
  JSON_CONTENT_TYPE,
  JSON_HEADERS,
  MSGPACK_CONTENT_TYPE,
  TEXT_CONTENT_TYPE,
} from './serialisation';

/**
 * A serialisation of the SDK's own: 'json' and 'msgpack' take what each can hold, text and bytes
 * included; 'string' takes and gives strings; 'raw' takes bytes, or text as UTF-8, and gives bytes.
 */
export type SerialisationName = 'json' | 'msgpack' | 'string' | 'raw';

/** Writes keys or values. Null never comes here: it is no key, or a tombstone. */
export interface Serialiser<T> {
  /** The `content-type` header of a record whose value it wrote, unless the record has one. */
  readonly contentType?: string | undefined;
  /** The bytes, or text for UTF-8. What it throws fails that record with `INVALID_VALUE`. */
  serialise(value: T): Uint8Array | string;
}

/** Reads keys or values. Null never comes here. */
export interface Deserialiser<T> {
  /** What it throws is the cause of the `SerialisationError` that reading the record gives. */
  deserialise(bytes: Buffer, headers: readonly RecordHeader[]): T;
}

/** Both directions: one object for the producer and the consumer of a topic. */
export interface Serialisation<T> extends Serialiser<T>, Deserialiser<T> {}

/** How a producer writes. */
export interface ProducerSerialisation<K, V> {
  /** Default: text as UTF-8, bytes as they are. */
  readonly key?: SerialisationName | Serialiser<K> | undefined;
  /**
   * Default: text as UTF-8, bytes as they are, all else as JSON with its `content-type`. Where one
   * is named it writes every value, text and bytes too.
   */
  readonly value?: SerialisationName | Serialiser<V> | undefined;
}

/** How a consumer reads. */
export interface ConsumerSerialisation<K, V> {
  /** Default 'raw': bytes. */
  readonly key?: SerialisationName | Deserialiser<K> | undefined;
  /** Default: by the `content-type` header. Where one is named, headers do not matter. */
  readonly value?: SerialisationName | Deserialiser<V> | undefined;
}

/** What a producer writes records with. */
export interface RecordEncoding {
  readonly key: (key: unknown) => Buffer | null;
  readonly value: (value: unknown) => Buffer | null;
  /** The headers to add for a value. */
  readonly headers: (value: unknown) => readonly RecordHeader[] | undefined;
}

/** What a consumer reads records with; both throw `SerialisationError`. */
export interface RecordDecoding {
  readonly key: (bytes: Buffer | null, headers: readonly RecordHeader[]) => unknown;
  readonly value: (bytes: Buffer | null, headers: readonly RecordHeader[]) => unknown;
}

const ENCODING_NAMES: OptionNames<ProducerSerialisation<never, never>> = { key: true, value: true };
const DECODING_NAMES: OptionNames<ConsumerSerialisation<never, never>> = { key: true, value: true };

const BY_NAME: Readonly<Record<SerialisationName, Serialisation<unknown>>> = {
  json: { contentType: JSON_CONTENT_TYPE, serialise: stringifyJson, deserialise: parseJson },
  msgpack: {
    contentType: MSGPACK_CONTENT_TYPE,
    serialise: packMessage,
    deserialise: unpackMessage,
  },
  string: { contentType: TEXT_CONTENT_TYPE, serialise: text, deserialise: readText },
  raw: { serialise: bytesOrText, deserialise: (bytes) => bytes },
};

/** Text and bytes as they are, all else as JSON. */
export const DEFAULT_ENCODING: RecordEncoding = Object.freeze({
  key: (key: unknown) => encodeKey(key as string | Uint8Array | null | undefined),
  value: encodeValue,
  headers: (value: unknown) => (isJsonValue(value) ? JSON_HEADERS : undefined),
});

/** Keys as bytes, values by their headers. */
export const DEFAULT_DECODING: RecordDecoding = Object.freeze({
  key: (bytes: Buffer | null) => bytes,
  value: decodeValue,
});

/** Keys and values as bytes. */
export const RAW_DECODING: RecordDecoding = Object.freeze({
  key: (bytes: Buffer | null) => bytes,
  value: (bytes: Buffer | null) => bytes,
});

/**
 * What a producer with these options writes with.
 *
 * @throws {InvalidOptionError} An unknown name, or an object that cannot write.
 */
export function recordEncoding<K, V>(
  options: ProducerSerialisation<K, V> | undefined,
): RecordEncoding {
  if (options !== undefined) checkNames('serialisation', options, ENCODING_NAMES);
  if (options?.key === undefined && options?.value === undefined) return DEFAULT_ENCODING;
  const key = chosen('serialisation.key', options.key, 'serialise');
  const value = chosen('serialisation.value', options.value, 'serialise');
  const contentType = value?.contentType;
  const headers = contentType === undefined ? undefined : contentTypeHeaders(contentType);
  return {
    key: key === undefined ? DEFAULT_ENCODING.key : (given) => written('key', given, key),
    value: value === undefined ? encodeValue : (given) => written('value', given, value),
    headers:
      value === undefined
        ? DEFAULT_ENCODING.headers
        : (given) => (given === null ? undefined : headers),
  };
}

/**
 * What a consumer with these options reads with.
 *
 * @throws {InvalidOptionError} An unknown name, or an object that cannot read.
 */
export function recordDecoding<K, V>(
  options: ConsumerSerialisation<K, V> | undefined,
): RecordDecoding {
  if (options !== undefined) checkNames('serialisation', options, DECODING_NAMES);
  if (options?.key === undefined && options?.value === undefined) return DEFAULT_DECODING;
  const key = chosen('serialisation.key', options.key, 'deserialise');
  const value = chosen('serialisation.value', options.value, 'deserialise');
  return {
    key: key === undefined ? DEFAULT_DECODING.key : reader('key', key),
    value: value === undefined ? decodeValue : reader('value', value),
  };
}

/**
 * As `recordDecoding`, where `raw` is short for bytes as they are.
 *
 * @throws {InvalidOptionError} Both were given.
 */
export function decodingOf<K, V>(options: {
  readonly serialisation?: ConsumerSerialisation<K, V> | undefined;
  readonly raw?: boolean | undefined;
}): RecordDecoding {
  const { raw, serialisation } = options;
  if (raw === undefined || !raw) return recordDecoding(serialisation);
  if (serialisation === undefined) return RAW_DECODING;
  throw new InvalidOptionError('raw and serialisation exclude each other');
}

function chosen<T, M extends 'serialise' | 'deserialise'>(
  name: string,
  choice: SerialisationName | Pick<Serialisation<T>, M> | undefined,
  method: M,
): (Pick<Serialisation<unknown>, M> & Partial<Serialiser<unknown>>) | undefined {
  if (choice === undefined) return undefined;
  if (typeof choice === 'string' && Object.hasOwn(BY_NAME, choice)) return BY_NAME[choice];
  // Programs in JavaScript give anything, null included.
  const given = choice as Pick<Serialisation<unknown>, M> | null;
  if (typeof given === 'object' && typeof given?.[method] === 'function') return given;
  const names = Object.keys(BY_NAME).join(', ');
  throw new InvalidOptionError(`${name} must be one of ${names}, or an object with ${method}()`);
}

function written(part: string, given: unknown, serialiser: Serialiser<unknown>): Buffer | null {
  if (given === null) return null;
  if (given === undefined && part === 'value') {
    throw new SerialisationError('a value must be given; pass null for a tombstone');
  }
  try {
    const result = serialiser.serialise(given);
    if (typeof result === 'string' || result instanceof Uint8Array) return encodeBytes(result);
  } catch (error) {
    if (error instanceof SerialisationError) throw error;
    const { message } = asError(error);
    throw new SerialisationError(`the ${part} cannot be serialised: ${message}`, { cause: error });
  }
  throw new SerialisationError(`serialise() of the ${part} must return bytes or a string`);
}

function reader(
  part: string,
  deserialiser: Deserialiser<unknown>,
): (bytes: Buffer | null, headers: readonly RecordHeader[]) => unknown {
  return (bytes, headers) => {
    if (bytes === null) return null;
    try {
      return deserialiser.deserialise(bytes, headers);
    } catch (error) {
      const { message } = asError(error);
      throw new SerialisationError(`the ${part} cannot be deserialised: ${message}`, {
        cause: error,
      });
    }
  };
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new SerialisationError(`'string' takes strings, got a value of type ${typeof value}`);
}

function bytesOrText(value: unknown): string | Uint8Array {
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  throw new SerialisationError(`'raw' takes bytes or text, got a value of type ${typeof value}`);
}
