// Generated from schemas/alter-user-scram-credentials.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AlterUserScramCredentialsRequest {
  readonly deletions: readonly AlterUserScramCredentialsRequest.ScramCredentialDeletion[];
  readonly upsertions: readonly AlterUserScramCredentialsRequest.ScramCredentialUpsertion[];
}
export declare namespace AlterUserScramCredentialsRequest {
  export interface ScramCredentialDeletion {
    readonly name: string;
    readonly mechanism: number;
  }
  export interface ScramCredentialUpsertion {
    readonly name: string;
    readonly mechanism: number;
    readonly iterations: number;
    readonly salt: Buffer;
    readonly saltedPassword: Buffer;
  }
}

export interface AlterUserScramCredentialsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult[];
}
export declare namespace AlterUserScramCredentialsResponse {
  export interface AlterUserScramCredentialsResult {
    readonly user: string;
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }
}

function readAlterUserScramCredentialsRequestScramCredentialDeletion(r: WireReader, _v: number): Decoded<AlterUserScramCredentialsRequest.ScramCredentialDeletion> {
  const name = r.compactString();
  const mechanism = r.int8();
  r.skipTaggedFields();
  return { name, mechanism };
}

function readAlterUserScramCredentialsRequestScramCredentialDeletionArray(r: WireReader, v: number, length: number): Decoded<AlterUserScramCredentialsRequest.ScramCredentialDeletion>[] {
  const values: Decoded<AlterUserScramCredentialsRequest.ScramCredentialDeletion>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterUserScramCredentialsRequestScramCredentialDeletion(r, v));
  return values;
}

function readAlterUserScramCredentialsRequestScramCredentialUpsertion(r: WireReader, _v: number): Decoded<AlterUserScramCredentialsRequest.ScramCredentialUpsertion> {
  const name = r.compactString();
  const mechanism = r.int8();
  const iterations = r.int32();
  const salt = r.compactByteString();
  const saltedPassword = r.compactByteString();
  r.skipTaggedFields();
  return { name, mechanism, iterations, salt, saltedPassword };
}

function readAlterUserScramCredentialsRequestScramCredentialUpsertionArray(r: WireReader, v: number, length: number): Decoded<AlterUserScramCredentialsRequest.ScramCredentialUpsertion>[] {
  const values: Decoded<AlterUserScramCredentialsRequest.ScramCredentialUpsertion>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterUserScramCredentialsRequestScramCredentialUpsertion(r, v));
  return values;
}

function readAlterUserScramCredentialsRequest(r: WireReader, v: number): Decoded<AlterUserScramCredentialsRequest> {
  const deletions = readAlterUserScramCredentialsRequestScramCredentialDeletionArray(r, v, r.compactArrayLength(3));
  const upsertions = readAlterUserScramCredentialsRequestScramCredentialUpsertionArray(r, v, r.compactArrayLength(9));
  r.skipTaggedFields();
  return { deletions, upsertions };
}

function writeAlterUserScramCredentialsRequestScramCredentialDeletion(w: WireWriter, m: AlterUserScramCredentialsRequest.ScramCredentialDeletion, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const mechanism = m.mechanism;
  w.int8(mechanism);
  w.uvarint(0);
}

function writeAlterUserScramCredentialsRequestScramCredentialUpsertion(w: WireWriter, m: AlterUserScramCredentialsRequest.ScramCredentialUpsertion, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const mechanism = m.mechanism;
  w.int8(mechanism);
  const iterations = m.iterations;
  w.int32(iterations);
  const salt = m.salt;
  w.compactByteString(salt);
  const saltedPassword = m.saltedPassword;
  w.compactByteString(saltedPassword);
  w.uvarint(0);
}

function writeAlterUserScramCredentialsRequest(w: WireWriter, m: AlterUserScramCredentialsRequest, v: number): void {
  const deletions = m.deletions;
  w.compactArrayLength(deletions.length);
  for (const one of deletions) writeAlterUserScramCredentialsRequestScramCredentialDeletion(w, one, v);
  const upsertions = m.upsertions;
  w.compactArrayLength(upsertions.length);
  for (const one of upsertions) writeAlterUserScramCredentialsRequestScramCredentialUpsertion(w, one, v);
  w.uvarint(0);
}

function readAlterUserScramCredentialsResponseAlterUserScramCredentialsResult(r: WireReader, _v: number): Decoded<AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult> {
  const user = r.compactString();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { user, errorCode, errorMessage };
}

function readAlterUserScramCredentialsResponseAlterUserScramCredentialsResultArray(r: WireReader, v: number, length: number): Decoded<AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult>[] {
  const values: Decoded<AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterUserScramCredentialsResponseAlterUserScramCredentialsResult(r, v));
  return values;
}

function readAlterUserScramCredentialsResponse(r: WireReader, v: number): Decoded<AlterUserScramCredentialsResponse> {
  const throttleTimeMs = r.int32();
  const results = readAlterUserScramCredentialsResponseAlterUserScramCredentialsResultArray(r, v, r.compactArrayLength(5));
  r.skipTaggedFields();
  return { throttleTimeMs, results };
}

function writeAlterUserScramCredentialsResponseAlterUserScramCredentialsResult(w: WireWriter, m: AlterUserScramCredentialsResponse.AlterUserScramCredentialsResult, _v: number): void {
  const user = m.user;
  w.compactString(user);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeAlterUserScramCredentialsResponse(w: WireWriter, m: AlterUserScramCredentialsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const results = m.results;
  w.compactArrayLength(results.length);
  for (const one of results) writeAlterUserScramCredentialsResponseAlterUserScramCredentialsResult(w, one, v);
  w.uvarint(0);
}

export const alterUserScramCredentialsCodec: ApiCodec<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> = {
  key: 51,
  name: 'AlterUserScramCredentials',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'AlterUserScramCredentialsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readAlterUserScramCredentialsRequest,
    write: writeAlterUserScramCredentialsRequest,
  },
  response: {
    name: 'AlterUserScramCredentialsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readAlterUserScramCredentialsResponse,
    write: writeAlterUserScramCredentialsResponse,
  },
};
