// Generated from schemas/sasl-handshake.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readStrings, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface SaslHandshakeRequest {
  readonly mechanism: string;
}

export interface SaslHandshakeResponse {
  readonly errorCode: number;
  readonly mechanisms: readonly string[];
}

function readSaslHandshakeRequest(r: WireReader, _v: number): Decoded<SaslHandshakeRequest> {
  const mechanism = r.string();
  return { mechanism };
}

function writeSaslHandshakeRequest(w: WireWriter, m: SaslHandshakeRequest, _v: number): void {
  const mechanism = m.mechanism;
  w.string(mechanism);
}

function readSaslHandshakeResponse(r: WireReader, _v: number): Decoded<SaslHandshakeResponse> {
  const errorCode = r.int16();
  const mechanisms = readStrings(r, r.arrayLength(2), false);
  return { errorCode, mechanisms };
}

function writeSaslHandshakeResponse(w: WireWriter, m: SaslHandshakeResponse, _v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const mechanisms = m.mechanisms;
  w.arrayLength(mechanisms.length);
  writeStrings(w, mechanisms, false);
}

export const saslHandshakeCodec: ApiCodec<SaslHandshakeRequest, SaslHandshakeResponse> = {
  key: 17,
  name: 'SaslHandshake',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: undefined,
  request: {
    name: 'SaslHandshakeRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: undefined,
    read: readSaslHandshakeRequest,
    write: writeSaslHandshakeRequest,
  },
  response: {
    name: 'SaslHandshakeResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: undefined,
    read: readSaslHandshakeResponse,
    write: writeSaslHandshakeResponse,
  },
};
