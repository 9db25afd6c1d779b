// Generated from schemas/describe-user-scram-credentials.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeUserScramCredentialsRequest {
  readonly users: readonly DescribeUserScramCredentialsRequest.UserName[] | null;
}
export declare namespace DescribeUserScramCredentialsRequest {
  export interface UserName {
    readonly name: string;
  }
}

export interface DescribeUserScramCredentialsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly results: readonly DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult[];
}
export declare namespace DescribeUserScramCredentialsResponse {
  export interface CredentialInfo {
    readonly mechanism: number;
    readonly iterations: number;
  }
  export interface DescribeUserScramCredentialsResult {
    readonly user: string;
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly credentialInfos: readonly DescribeUserScramCredentialsResponse.CredentialInfo[];
  }
}

function readDescribeUserScramCredentialsRequestUserName(r: WireReader, _v: number): Decoded<DescribeUserScramCredentialsRequest.UserName> {
  const name = r.compactString();
  r.skipTaggedFields();
  return { name };
}

function readDescribeUserScramCredentialsRequestUserNameArray(r: WireReader, v: number, length: number): Decoded<DescribeUserScramCredentialsRequest.UserName>[] {
  const values: Decoded<DescribeUserScramCredentialsRequest.UserName>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeUserScramCredentialsRequestUserName(r, v));
  return values;
}

function readDescribeUserScramCredentialsRequestUserNameArrayOrNull(r: WireReader, v: number, length: number): Decoded<DescribeUserScramCredentialsRequest.UserName>[] | null {
  return length < 0 ? null : readDescribeUserScramCredentialsRequestUserNameArray(r, v, length);
}

function readDescribeUserScramCredentialsRequest(r: WireReader, v: number): Decoded<DescribeUserScramCredentialsRequest> {
  const users = readDescribeUserScramCredentialsRequestUserNameArrayOrNull(r, v, r.compactNullableArrayLength(2));
  r.skipTaggedFields();
  return { users };
}

function writeDescribeUserScramCredentialsRequestUserName(w: WireWriter, m: DescribeUserScramCredentialsRequest.UserName, _v: number): void {
  const name = m.name;
  w.compactString(name);
  w.uvarint(0);
}

function writeDescribeUserScramCredentialsRequest(w: WireWriter, m: DescribeUserScramCredentialsRequest, v: number): void {
  const users = m.users;
  w.compactArrayLength(users === null ? -1 : users.length);
  if (users !== null) for (const one of users) writeDescribeUserScramCredentialsRequestUserName(w, one, v);
  w.uvarint(0);
}

function readDescribeUserScramCredentialsResponseCredentialInfo(r: WireReader, _v: number): Decoded<DescribeUserScramCredentialsResponse.CredentialInfo> {
  const mechanism = r.int8();
  const iterations = r.int32();
  r.skipTaggedFields();
  return { mechanism, iterations };
}

function readDescribeUserScramCredentialsResponseCredentialInfoArray(r: WireReader, v: number, length: number): Decoded<DescribeUserScramCredentialsResponse.CredentialInfo>[] {
  const values: Decoded<DescribeUserScramCredentialsResponse.CredentialInfo>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeUserScramCredentialsResponseCredentialInfo(r, v));
  return values;
}

function readDescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult(r: WireReader, v: number): Decoded<DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult> {
  const user = r.compactString();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const credentialInfos = readDescribeUserScramCredentialsResponseCredentialInfoArray(r, v, r.compactArrayLength(6));
  r.skipTaggedFields();
  return { user, errorCode, errorMessage, credentialInfos };
}

function readDescribeUserScramCredentialsResponseDescribeUserScramCredentialsResultArray(r: WireReader, v: number, length: number): Decoded<DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult>[] {
  const values: Decoded<DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult(r, v));
  return values;
}

function readDescribeUserScramCredentialsResponse(r: WireReader, v: number): Decoded<DescribeUserScramCredentialsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const results = readDescribeUserScramCredentialsResponseDescribeUserScramCredentialsResultArray(r, v, r.compactArrayLength(6));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, results };
}

function writeDescribeUserScramCredentialsResponseCredentialInfo(w: WireWriter, m: DescribeUserScramCredentialsResponse.CredentialInfo, _v: number): void {
  const mechanism = m.mechanism;
  w.int8(mechanism);
  const iterations = m.iterations;
  w.int32(iterations);
  w.uvarint(0);
}

function writeDescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult(w: WireWriter, m: DescribeUserScramCredentialsResponse.DescribeUserScramCredentialsResult, v: number): void {
  const user = m.user;
  w.compactString(user);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  const credentialInfos = m.credentialInfos;
  w.compactArrayLength(credentialInfos.length);
  for (const one of credentialInfos) writeDescribeUserScramCredentialsResponseCredentialInfo(w, one, v);
  w.uvarint(0);
}

function writeDescribeUserScramCredentialsResponse(w: WireWriter, m: DescribeUserScramCredentialsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  const results = m.results;
  w.compactArrayLength(results.length);
  for (const one of results) writeDescribeUserScramCredentialsResponseDescribeUserScramCredentialsResult(w, one, v);
  w.uvarint(0);
}

export const describeUserScramCredentialsCodec: ApiCodec<DescribeUserScramCredentialsRequest, DescribeUserScramCredentialsResponse> = {
  key: 50,
  name: 'DescribeUserScramCredentials',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'DescribeUserScramCredentialsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeUserScramCredentialsRequest,
    write: writeDescribeUserScramCredentialsRequest,
  },
  response: {
    name: 'DescribeUserScramCredentialsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeUserScramCredentialsResponse,
    write: writeDescribeUserScramCredentialsResponse,
  },
};
