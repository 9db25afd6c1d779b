// Generated from schemas/response-header.json by generator/main.ts: do not edit.
import type { MessageCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ResponseHeader {
  readonly correlationId: number;
}

function readResponseHeader(r: WireReader, v: number): Decoded<ResponseHeader> {
  const correlationId = r.int32();
  if (v >= 1) r.skipTaggedFields();
  return { correlationId };
}

function writeResponseHeader(w: WireWriter, m: ResponseHeader, v: number): void {
  const correlationId = m.correlationId;
  w.int32(correlationId);
  if (v >= 1) {
    w.uvarint(0);
  }
}

export const responseHeaderCodec: MessageCodec<ResponseHeader> = {
  name: 'ResponseHeader',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  read: readResponseHeader,
  write: writeResponseHeader,
};
