// Whole frames: header and body together, in either direction. A frame as it is read is what stands
// behind the length; a frame as it is written begins with the length.
import { KafkaCodecError } from './kafka-codec-error';
import { requestHeaderCodec, type RequestHeader } from './generated/request-header';
import { responseHeaderCodec } from './generated/response-header';
import type { AnyApiCodec, ApiCodec, Decoded } from './message-codec';
import { WireReader, type WireReaderOptions } from './wire-reader';
import { WireWriter } from './wire-writer';

const API_VERSIONS_KEY = 18;

/** What every request begins with, whatever its API and version. */
export interface RequestStart {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
}

/**
 * The first eight bytes of a request. They are the same in every version, so that a broker can
 * refuse a version it does not know (KIP-511) or find the codec.
 *
 * @throws {KafkaCodecError} TRUNCATED: the frame is shorter.
 */
export function readRequestStart(frame: Buffer): RequestStart {
  const { requestApiKey, requestApiVersion, correlationId } = requestHeaderCodec.read(
    new WireReader(frame),
    0,
  );
  return { apiKey: requestApiKey, apiVersion: requestApiVersion, correlationId };
}

/** 2 for flexible versions, 1 for others. Version 0 was for one API that is no more. */
export function requestHeaderVersion(codec: AnyApiCodec, version: number): number {
  return isFlexible(codec, version) ? 2 : 1;
}

/**
 * 1 for flexible versions, 0 for others, and always 0 for ApiVersions: a client that asks which
 * versions there are has to understand the answer of every broker (KIP-511).
 */
export function responseHeaderVersion(codec: AnyApiCodec, version: number): number {
  return isFlexible(codec, version) && codec.key !== API_VERSIONS_KEY ? 1 : 0;
}

export interface DecodedRequest<Request> {
  readonly header: Decoded<RequestHeader>;
  readonly request: Decoded<Request>;
  /** Elements of all its arrays. */
  readonly elementCount: number;
}

/**
 * Reads a request. Its byte strings and records are slices of the frame. Bytes behind the request
 * are ignored, as in Kafka.
 *
 * @throws {KafkaCodecError} UNSUPPORTED_VERSION: it is of another API, or of a version without a
 *   codec; otherwise as {@link WireReader}.
 */
export function decodeRequest<Request, Response>(
  codec: ApiCodec<Request, Response>,
  frame: Buffer,
  options?: WireReaderOptions,
): DecodedRequest<Request> {
  const { apiKey, apiVersion } = readRequestStart(frame);
  if (apiKey !== codec.key) {
    const text = `a request of API ${apiKey}, wanted ${codec.name} (${codec.key})`;
    throw new KafkaCodecError('UNSUPPORTED_VERSION', text);
  }
  checkVersion(codec, apiVersion);
  const reader = new WireReader(frame, 0, frame.length, options);
  const header = requestHeaderCodec.read(reader, requestHeaderVersion(codec, apiVersion));
  const request = codec.request.read(reader, apiVersion);
  return { header, request, elementCount: reader.elementCount };
}

export interface RequestOrigin {
  readonly correlationId: number;
  readonly clientId: string | null;
}

/**
 * A request as a frame, in chunks; long byte strings are the very buffers of `request`.
 *
 * @throws {KafkaCodecError} UNSUPPORTED_VERSION or UNENCODABLE.
 */
export function encodeRequest<Request, Response>(
  codec: ApiCodec<Request, Response>,
  version: number,
  origin: RequestOrigin,
  request: Request,
): Buffer[] {
  checkVersion(codec, version);
  const writer = new WireWriter();
  writer.int32(0);
  const header = { requestApiKey: codec.key, requestApiVersion: version, ...origin };
  requestHeaderCodec.write(writer, header, requestHeaderVersion(codec, version));
  codec.request.write(writer, request, version);
  return writer.finishFrame();
}

/**
 * A response as a frame, in chunks: record bytes are the very buffers of `response`, to be written
 * to a socket one after the other.
 *
 * @throws {KafkaCodecError} UNSUPPORTED_VERSION or UNENCODABLE.
 */
export function encodeResponse<Request, Response>(
  codec: ApiCodec<Request, Response>,
  version: number,
  correlationId: number,
  response: Response,
): Buffer[] {
  checkVersion(codec, version);
  const writer = new WireWriter();
  writer.int32(0);
  responseHeaderCodec.write(writer, { correlationId }, responseHeaderVersion(codec, version));
  codec.response.write(writer, response, version);
  return writer.finishFrame();
}

export interface DecodedResponse<Response> {
  readonly correlationId: number;
  readonly response: Decoded<Response>;
}

/**
 * Reads the response to a request of a version. Its byte strings and records are slices of the
 * frame. Bytes behind the response are ignored.
 *
 * @throws {KafkaCodecError} UNSUPPORTED_VERSION, or as {@link WireReader}.
 */
export function decodeResponse<Request, Response>(
  codec: ApiCodec<Request, Response>,
  version: number,
  frame: Buffer,
): DecodedResponse<Response> {
  checkVersion(codec, version);
  const reader = new WireReader(frame);
  const headerVersion = responseHeaderVersion(codec, version);
  const { correlationId } = responseHeaderCodec.read(reader, headerVersion);
  return { correlationId, response: codec.response.read(reader, version) };
}

function isFlexible({ flexibleFrom }: AnyApiCodec, version: number): boolean {
  return flexibleFrom !== undefined && version >= flexibleFrom;
}

function checkVersion({ name, minVersion, maxVersion }: AnyApiCodec, version: number): void {
  if (version >= minVersion && version <= maxVersion) return;
  const text = `${name} version ${version}; there are ${minVersion} to ${maxVersion}`;
  throw new KafkaCodecError('UNSUPPORTED_VERSION', text);
}
