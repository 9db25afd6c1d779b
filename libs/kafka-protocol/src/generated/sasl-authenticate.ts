// Generated from schemas/sasl-authenticate.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface SaslAuthenticateRequest {
  readonly authBytes: Buffer;
}

export interface SaslAuthenticateResponse {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly authBytes: Buffer;
  /** Versions 1+. */
  readonly sessionLifetimeMs?: number;
}

function readSaslAuthenticateRequest(r: WireReader, v: number): Decoded<SaslAuthenticateRequest> {
  const authBytes = v >= 2 ? r.compactByteString() : r.byteString();
  if (v >= 2) r.skipTaggedFields();
  return { authBytes };
}

function writeSaslAuthenticateRequest(w: WireWriter, m: SaslAuthenticateRequest, v: number): void {
  const authBytes = m.authBytes;
  if (v >= 2) {
    w.compactByteString(authBytes);
  } else {
    w.byteString(authBytes);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readSaslAuthenticateResponse(r: WireReader, v: number): Decoded<SaslAuthenticateResponse> {
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  const authBytes = v >= 2 ? r.compactByteString() : r.byteString();
  const sessionLifetimeMs = v >= 1 ? r.int64() : 0;
  if (v >= 2) r.skipTaggedFields();
  return { errorCode, errorMessage, authBytes, sessionLifetimeMs };
}

function writeSaslAuthenticateResponse(w: WireWriter, m: SaslAuthenticateResponse, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const authBytes = m.authBytes;
  if (v >= 2) {
    w.compactByteString(authBytes);
  } else {
    w.byteString(authBytes);
  }
  const sessionLifetimeMs = m.sessionLifetimeMs ?? 0;
  if (v >= 1) {
    w.int64(sessionLifetimeMs);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const saslAuthenticateCodec: ApiCodec<SaslAuthenticateRequest, SaslAuthenticateResponse> = {
  key: 36,
  name: 'SaslAuthenticate',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: {
    name: 'SaslAuthenticateRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readSaslAuthenticateRequest,
    write: writeSaslAuthenticateRequest,
  },
  response: {
    name: 'SaslAuthenticateResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readSaslAuthenticateResponse,
    write: writeSaslAuthenticateResponse,
  },
};
