// Generated from schemas/request-header.json by generator/main.ts: do not edit.
import type { MessageCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface RequestHeader {
  readonly requestApiKey: number;
  readonly requestApiVersion: number;
  readonly correlationId: number;
  /** Versions 1+. */
  readonly clientId?: string | null;
}

function readRequestHeader(r: WireReader, v: number): Decoded<RequestHeader> {
  const requestApiKey = r.int16();
  const requestApiVersion = r.int16();
  const correlationId = r.int32();
  const clientId = v >= 1 ? r.nullableString() : "";
  if (v >= 2) r.skipTaggedFields();
  return { requestApiKey, requestApiVersion, correlationId, clientId };
}

function writeRequestHeader(w: WireWriter, m: RequestHeader, v: number): void {
  const requestApiKey = m.requestApiKey;
  w.int16(requestApiKey);
  const requestApiVersion = m.requestApiVersion;
  w.int16(requestApiVersion);
  const correlationId = m.correlationId;
  w.int32(correlationId);
  const clientId = m.clientId === undefined ? "" : m.clientId;
  if (v >= 1) {
    w.nullableString(clientId);
  } else {
    if (clientId !== "") throw notInVersion('RequestHeader', 'clientId', v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const requestHeaderCodec: MessageCodec<RequestHeader> = {
  name: 'RequestHeader',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  read: readRequestHeader,
  write: writeRequestHeader,
};
