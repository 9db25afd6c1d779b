// Generated from schemas/delete-acls.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DeleteAclsRequest {
  readonly filters: readonly DeleteAclsRequest.DeleteAclsFilter[];
}
export declare namespace DeleteAclsRequest {
  export interface DeleteAclsFilter {
    readonly resourceTypeFilter: number;
    readonly resourceNameFilter: string | null;
    /** Default 3. */
    readonly patternTypeFilter?: number;
    readonly principalFilter: string | null;
    readonly hostFilter: string | null;
    readonly operation: number;
    readonly permissionType: number;
  }
}

export interface DeleteAclsResponse {
  readonly throttleTimeMs: number;
  readonly filterResults: readonly DeleteAclsResponse.DeleteAclsFilterResult[];
}
export declare namespace DeleteAclsResponse {
  export interface DeleteAclsMatchingAcl {
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly resourceType: number;
    readonly resourceName: string;
    /** Default 3. */
    readonly patternType?: number;
    readonly principal: string;
    readonly host: string;
    readonly operation: number;
    readonly permissionType: number;
  }
  export interface DeleteAclsFilterResult {
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly matchingAcls: readonly DeleteAclsResponse.DeleteAclsMatchingAcl[];
  }
}

function readDeleteAclsRequestDeleteAclsFilter(r: WireReader, v: number): Decoded<DeleteAclsRequest.DeleteAclsFilter> {
  const resourceTypeFilter = r.int8();
  const resourceNameFilter = v >= 2 ? r.compactNullableString() : r.nullableString();
  const patternTypeFilter = r.int8();
  const principalFilter = v >= 2 ? r.compactNullableString() : r.nullableString();
  const hostFilter = v >= 2 ? r.compactNullableString() : r.nullableString();
  const operation = r.int8();
  const permissionType = r.int8();
  if (v >= 2) r.skipTaggedFields();
  return { resourceTypeFilter, resourceNameFilter, patternTypeFilter, principalFilter, hostFilter, operation, permissionType };
}

function readDeleteAclsRequestDeleteAclsFilterArray(r: WireReader, v: number, length: number): Decoded<DeleteAclsRequest.DeleteAclsFilter>[] {
  const values: Decoded<DeleteAclsRequest.DeleteAclsFilter>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteAclsRequestDeleteAclsFilter(r, v));
  return values;
}

function readDeleteAclsRequest(r: WireReader, v: number): Decoded<DeleteAclsRequest> {
  const filters = v >= 2 ? readDeleteAclsRequestDeleteAclsFilterArray(r, v, r.compactArrayLength(8)) : readDeleteAclsRequestDeleteAclsFilterArray(r, v, r.arrayLength(10));
  if (v >= 2) r.skipTaggedFields();
  return { filters };
}

function writeDeleteAclsRequestDeleteAclsFilter(w: WireWriter, m: DeleteAclsRequest.DeleteAclsFilter, v: number): void {
  const resourceTypeFilter = m.resourceTypeFilter;
  w.int8(resourceTypeFilter);
  const resourceNameFilter = m.resourceNameFilter;
  if (v >= 2) {
    w.compactNullableString(resourceNameFilter);
  } else {
    w.nullableString(resourceNameFilter);
  }
  const patternTypeFilter = m.patternTypeFilter ?? 3;
  w.int8(patternTypeFilter);
  const principalFilter = m.principalFilter;
  if (v >= 2) {
    w.compactNullableString(principalFilter);
  } else {
    w.nullableString(principalFilter);
  }
  const hostFilter = m.hostFilter;
  if (v >= 2) {
    w.compactNullableString(hostFilter);
  } else {
    w.nullableString(hostFilter);
  }
  const operation = m.operation;
  w.int8(operation);
  const permissionType = m.permissionType;
  w.int8(permissionType);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteAclsRequest(w: WireWriter, m: DeleteAclsRequest, v: number): void {
  const filters = m.filters;
  if (v >= 2) {
    w.compactArrayLength(filters.length);
    for (const one of filters) writeDeleteAclsRequestDeleteAclsFilter(w, one, v);
  } else {
    w.arrayLength(filters.length);
    for (const one of filters) writeDeleteAclsRequestDeleteAclsFilter(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readDeleteAclsResponseDeleteAclsMatchingAcl(r: WireReader, v: number): Decoded<DeleteAclsResponse.DeleteAclsMatchingAcl> {
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  const resourceType = r.int8();
  const resourceName = v >= 2 ? r.compactString() : r.string();
  const patternType = r.int8();
  const principal = v >= 2 ? r.compactString() : r.string();
  const host = v >= 2 ? r.compactString() : r.string();
  const operation = r.int8();
  const permissionType = r.int8();
  if (v >= 2) r.skipTaggedFields();
  return { errorCode, errorMessage, resourceType, resourceName, patternType, principal, host, operation, permissionType };
}

function readDeleteAclsResponseDeleteAclsMatchingAclArray(r: WireReader, v: number, length: number): Decoded<DeleteAclsResponse.DeleteAclsMatchingAcl>[] {
  const values: Decoded<DeleteAclsResponse.DeleteAclsMatchingAcl>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteAclsResponseDeleteAclsMatchingAcl(r, v));
  return values;
}

function readDeleteAclsResponseDeleteAclsFilterResult(r: WireReader, v: number): Decoded<DeleteAclsResponse.DeleteAclsFilterResult> {
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  const matchingAcls = v >= 2 ? readDeleteAclsResponseDeleteAclsMatchingAclArray(r, v, r.compactArrayLength(11)) : readDeleteAclsResponseDeleteAclsMatchingAclArray(r, v, r.arrayLength(14));
  if (v >= 2) r.skipTaggedFields();
  return { errorCode, errorMessage, matchingAcls };
}

function readDeleteAclsResponseDeleteAclsFilterResultArray(r: WireReader, v: number, length: number): Decoded<DeleteAclsResponse.DeleteAclsFilterResult>[] {
  const values: Decoded<DeleteAclsResponse.DeleteAclsFilterResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteAclsResponseDeleteAclsFilterResult(r, v));
  return values;
}

function readDeleteAclsResponse(r: WireReader, v: number): Decoded<DeleteAclsResponse> {
  const throttleTimeMs = r.int32();
  const filterResults = v >= 2 ? readDeleteAclsResponseDeleteAclsFilterResultArray(r, v, r.compactArrayLength(5)) : readDeleteAclsResponseDeleteAclsFilterResultArray(r, v, r.arrayLength(8));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, filterResults };
}

function writeDeleteAclsResponseDeleteAclsMatchingAcl(w: WireWriter, m: DeleteAclsResponse.DeleteAclsMatchingAcl, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 2) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  const patternType = m.patternType ?? 3;
  w.int8(patternType);
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

function writeDeleteAclsResponseDeleteAclsFilterResult(w: WireWriter, m: DeleteAclsResponse.DeleteAclsFilterResult, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const matchingAcls = m.matchingAcls;
  if (v >= 2) {
    w.compactArrayLength(matchingAcls.length);
    for (const one of matchingAcls) writeDeleteAclsResponseDeleteAclsMatchingAcl(w, one, v);
  } else {
    w.arrayLength(matchingAcls.length);
    for (const one of matchingAcls) writeDeleteAclsResponseDeleteAclsMatchingAcl(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteAclsResponse(w: WireWriter, m: DeleteAclsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const filterResults = m.filterResults;
  if (v >= 2) {
    w.compactArrayLength(filterResults.length);
    for (const one of filterResults) writeDeleteAclsResponseDeleteAclsFilterResult(w, one, v);
  } else {
    w.arrayLength(filterResults.length);
    for (const one of filterResults) writeDeleteAclsResponseDeleteAclsFilterResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const deleteAclsCodec: ApiCodec<DeleteAclsRequest, DeleteAclsResponse> = {
  key: 31,
  name: 'DeleteAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  request: {
    name: 'DeleteAclsRequest',
    minVersion: 1,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readDeleteAclsRequest,
    write: writeDeleteAclsRequest,
  },
  response: {
    name: 'DeleteAclsResponse',
    minVersion: 1,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readDeleteAclsResponse,
    write: writeDeleteAclsResponse,
  },
};
