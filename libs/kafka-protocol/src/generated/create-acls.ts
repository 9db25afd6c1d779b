// Generated from schemas/create-acls.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface CreateAclsRequest {
  readonly creations: readonly CreateAclsRequest.AclCreation[];
}
export declare namespace CreateAclsRequest {
  export interface AclCreation {
    readonly resourceType: number;
    readonly resourceName: string;
    /** Default 3. */
    readonly resourcePatternType?: number;
    readonly principal: string;
    readonly host: string;
    readonly operation: number;
    readonly permissionType: number;
  }
}

export interface CreateAclsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly CreateAclsResponse.AclCreationResult[];
}
export declare namespace CreateAclsResponse {
  export interface AclCreationResult {
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }
}

function readCreateAclsRequestAclCreation(r: WireReader, v: number): Decoded<CreateAclsRequest.AclCreation> {
  const resourceType = r.int8();
  const resourceName = v >= 2 ? r.compactString() : r.string();
  const resourcePatternType = r.int8();
  const principal = v >= 2 ? r.compactString() : r.string();
  const host = v >= 2 ? r.compactString() : r.string();
  const operation = r.int8();
  const permissionType = r.int8();
  if (v >= 2) r.skipTaggedFields();
  return { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType };
}

function readCreateAclsRequestAclCreationArray(r: WireReader, v: number, length: number): Decoded<CreateAclsRequest.AclCreation>[] {
  const values: Decoded<CreateAclsRequest.AclCreation>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateAclsRequestAclCreation(r, v));
  return values;
}

function readCreateAclsRequest(r: WireReader, v: number): Decoded<CreateAclsRequest> {
  const creations = v >= 2 ? readCreateAclsRequestAclCreationArray(r, v, r.compactArrayLength(8)) : readCreateAclsRequestAclCreationArray(r, v, r.arrayLength(10));
  if (v >= 2) r.skipTaggedFields();
  return { creations };
}

function writeCreateAclsRequestAclCreation(w: WireWriter, m: CreateAclsRequest.AclCreation, v: number): void {
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 2) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  const resourcePatternType = m.resourcePatternType ?? 3;
  w.int8(resourcePatternType);
  const principal = m.principal;
  if (v >= 2) {
    w.compactString(principal);
  } else {
    w.string(principal);
  }
  const host = m.host;
  if (v >= 2) {
    w.compactString(host);
  } else {
    w.string(host);
  }
  const operation = m.operation;
  w.int8(operation);
  const permissionType = m.permissionType;
  w.int8(permissionType);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeCreateAclsRequest(w: WireWriter, m: CreateAclsRequest, v: number): void {
  const creations = m.creations;
  if (v >= 2) {
    w.compactArrayLength(creations.length);
    for (const one of creations) writeCreateAclsRequestAclCreation(w, one, v);
  } else {
    w.arrayLength(creations.length);
    for (const one of creations) writeCreateAclsRequestAclCreation(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readCreateAclsResponseAclCreationResult(r: WireReader, v: number): Decoded<CreateAclsResponse.AclCreationResult> {
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  if (v >= 2) r.skipTaggedFields();
  return { errorCode, errorMessage };
}

function readCreateAclsResponseAclCreationResultArray(r: WireReader, v: number, length: number): Decoded<CreateAclsResponse.AclCreationResult>[] {
  const values: Decoded<CreateAclsResponse.AclCreationResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateAclsResponseAclCreationResult(r, v));
  return values;
}

function readCreateAclsResponse(r: WireReader, v: number): Decoded<CreateAclsResponse> {
  const throttleTimeMs = r.int32();
  const results = v >= 2 ? readCreateAclsResponseAclCreationResultArray(r, v, r.compactArrayLength(4)) : readCreateAclsResponseAclCreationResultArray(r, v, r.arrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, results };
}

function writeCreateAclsResponseAclCreationResult(w: WireWriter, m: CreateAclsResponse.AclCreationResult, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeCreateAclsResponse(w: WireWriter, m: CreateAclsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const results = m.results;
  if (v >= 2) {
    w.compactArrayLength(results.length);
    for (const one of results) writeCreateAclsResponseAclCreationResult(w, one, v);
  } else {
    w.arrayLength(results.length);
    for (const one of results) writeCreateAclsResponseAclCreationResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const createAclsCodec: ApiCodec<CreateAclsRequest, CreateAclsResponse> = {
  key: 30,
  name: 'CreateAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  request: {
    name: 'CreateAclsRequest',
    minVersion: 1,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readCreateAclsRequest,
    write: writeCreateAclsRequest,
  },
  response: {
    name: 'CreateAclsResponse',
    minVersion: 1,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readCreateAclsResponse,
    write: writeCreateAclsResponse,
  },
};
