// Generated from schemas/describe-acls.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeAclsRequest {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  /** Default 3. */
  readonly patternTypeFilter?: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

export interface DescribeAclsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly resources: readonly DescribeAclsResponse.DescribeAclsResource[];
}
export declare namespace DescribeAclsResponse {
  export interface AclDescription {
    readonly principal: string;
    readonly host: string;
    readonly operation: number;
    readonly permissionType: number;
  }
  export interface DescribeAclsResource {
    readonly resourceType: number;
    readonly resourceName: string;
    /** Default 3. */
    readonly patternType?: number;
    readonly acls: readonly DescribeAclsResponse.AclDescription[];
  }
}

function readDescribeAclsRequest(r: WireReader, v: number): Decoded<DescribeAclsRequest> {
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

function writeDescribeAclsRequest(w: WireWriter, m: DescribeAclsRequest, v: number): void {
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

function readDescribeAclsResponseAclDescription(r: WireReader, v: number): Decoded<DescribeAclsResponse.AclDescription> {
  const principal = v >= 2 ? r.compactString() : r.string();
  const host = v >= 2 ? r.compactString() : r.string();
  const operation = r.int8();
  const permissionType = r.int8();
  if (v >= 2) r.skipTaggedFields();
  return { principal, host, operation, permissionType };
}

function readDescribeAclsResponseAclDescriptionArray(r: WireReader, v: number, length: number): Decoded<DescribeAclsResponse.AclDescription>[] {
  const values: Decoded<DescribeAclsResponse.AclDescription>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeAclsResponseAclDescription(r, v));
  return values;
}

function readDescribeAclsResponseDescribeAclsResource(r: WireReader, v: number): Decoded<DescribeAclsResponse.DescribeAclsResource> {
  const resourceType = r.int8();
  const resourceName = v >= 2 ? r.compactString() : r.string();
  const patternType = r.int8();
  const acls = v >= 2 ? readDescribeAclsResponseAclDescriptionArray(r, v, r.compactArrayLength(5)) : readDescribeAclsResponseAclDescriptionArray(r, v, r.arrayLength(6));
  if (v >= 2) r.skipTaggedFields();
  return { resourceType, resourceName, patternType, acls };
}

function readDescribeAclsResponseDescribeAclsResourceArray(r: WireReader, v: number, length: number): Decoded<DescribeAclsResponse.DescribeAclsResource>[] {
  const values: Decoded<DescribeAclsResponse.DescribeAclsResource>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeAclsResponseDescribeAclsResource(r, v));
  return values;
}

function readDescribeAclsResponse(r: WireReader, v: number): Decoded<DescribeAclsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  const resources = v >= 2 ? readDescribeAclsResponseDescribeAclsResourceArray(r, v, r.compactArrayLength(5)) : readDescribeAclsResponseDescribeAclsResourceArray(r, v, r.arrayLength(8));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, resources };
}

function writeDescribeAclsResponseAclDescription(w: WireWriter, m: DescribeAclsResponse.AclDescription, v: number): void {
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

function writeDescribeAclsResponseDescribeAclsResource(w: WireWriter, m: DescribeAclsResponse.DescribeAclsResource, v: number): void {
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
  const acls = m.acls;
  if (v >= 2) {
    w.compactArrayLength(acls.length);
    for (const one of acls) writeDescribeAclsResponseAclDescription(w, one, v);
  } else {
    w.arrayLength(acls.length);
    for (const one of acls) writeDescribeAclsResponseAclDescription(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDescribeAclsResponse(w: WireWriter, m: DescribeAclsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const resources = m.resources;
  if (v >= 2) {
    w.compactArrayLength(resources.length);
    for (const one of resources) writeDescribeAclsResponseDescribeAclsResource(w, one, v);
  } else {
    w.arrayLength(resources.length);
    for (const one of resources) writeDescribeAclsResponseDescribeAclsResource(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const describeAclsCodec: ApiCodec<DescribeAclsRequest, DescribeAclsResponse> = {
  key: 29,
  name: 'DescribeAcls',
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 2,
  request: {
    name: 'DescribeAclsRequest',
    minVersion: 1,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readDescribeAclsRequest,
    write: writeDescribeAclsRequest,
  },
  response: {
    name: 'DescribeAclsResponse',
    minVersion: 1,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readDescribeAclsResponse,
    write: writeDescribeAclsResponse,
  },
};
