// The shape of what is generated: one MessageCodec per request, response and header, one ApiCodec
// per API.
import { KafkaCodecError } from './kafka-codec-error';
import type { WireReader } from './wire-reader';
import type { WireWriter } from './wire-writer';

/**
 * A message as decoding gives it: every field is there, with its default where the version does not
 * have it. What is encoded may leave those out that are optional (`?`).
 */
export type Decoded<T> = T extends Buffer | string | number | boolean | null
  ? T
  : T extends readonly (infer Element)[]
    ? readonly Decoded<Element>[]
    : { readonly [Key in keyof T]-?: Decoded<Exclude<T[Key], undefined>> };

/** One kind of message in all its versions. */
export interface MessageCodec<T> {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** The first version with compact types and tagged fields; undefined when none has them. */
  readonly flexibleFrom: number | undefined;
  /**
   * Reads one message; the reader then stands behind it. REQUIRES: a version between the two above.
   *
   * @throws {KafkaCodecError} The bytes are no such message.
   */
  readonly read: (reader: WireReader, version: number) => Decoded<T>;
  /**
   * Writes one message. REQUIRES: a version between the two above.
   *
   * @throws {KafkaCodecError} UNENCODABLE: a field has a value that its type, or this version,
   *   cannot carry. The writer is then of no further use.
   */
  readonly write: (writer: WireWriter, message: T, version: number) => void;
}

/** A request and its response. */
export interface ApiCodec<Request, Response> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly flexibleFrom: number | undefined;
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

/** A codec whose types nobody needs to know: what is written is checked field by field anyway. */
export interface AnyMessageCodec {
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly flexibleFrom: number | undefined;
  readonly read: (reader: WireReader, version: number) => unknown;
  readonly write: (writer: WireWriter, message: never, version: number) => void;
}

/** An API of any types. */
export interface AnyApiCodec {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  readonly flexibleFrom: number | undefined;
  readonly request: AnyMessageCodec;
  readonly response: AnyMessageCodec;
}

/** What the generated code throws for a field that has a value and no place in this version. */
export function notInVersion(message: string, field: string, version: number): KafkaCodecError {
  const text = `${message} version ${version} has no field ${field}; leave it out`;
  return new KafkaCodecError('UNENCODABLE', text);
}

/** What the generated code throws for null in a version that does not allow it. */
export function notNullable(message: string, field: string, version: number): KafkaCodecError {
  const text = `${message} version ${version} does not allow null in ${field}`;
  return new KafkaCodecError('UNENCODABLE', text);
}
