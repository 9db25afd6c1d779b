// Generated from schemas/alter-configs.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AlterConfigsRequest {
  readonly resources: readonly AlterConfigsRequest.AlterConfigsResource[];
  readonly validateOnly: boolean;
}
export declare namespace AlterConfigsRequest {
  export interface AlterableConfig {
    readonly name: string;
    readonly value: string | null;
  }
  export interface AlterConfigsResource {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly configs: readonly AlterConfigsRequest.AlterableConfig[];
  }
}

export interface AlterConfigsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly AlterConfigsResponse.AlterConfigsResourceResponse[];
}
export declare namespace AlterConfigsResponse {
  export interface AlterConfigsResourceResponse {
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly resourceType: number;
    readonly resourceName: string;
  }
}

function readAlterConfigsRequestAlterableConfig(r: WireReader, v: number): Decoded<AlterConfigsRequest.AlterableConfig> {
  const name = v >= 2 ? r.compactString() : r.string();
  const value = v >= 2 ? r.compactNullableString() : r.nullableString();
  if (v >= 2) r.skipTaggedFields();
  return { name, value };
}

function readAlterConfigsRequestAlterableConfigArray(r: WireReader, v: number, length: number): Decoded<AlterConfigsRequest.AlterableConfig>[] {
  const values: Decoded<AlterConfigsRequest.AlterableConfig>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterConfigsRequestAlterableConfig(r, v));
  return values;
}

function readAlterConfigsRequestAlterConfigsResource(r: WireReader, v: number): Decoded<AlterConfigsRequest.AlterConfigsResource> {
  const resourceType = r.int8();
  const resourceName = v >= 2 ? r.compactString() : r.string();
  const configs = v >= 2 ? readAlterConfigsRequestAlterableConfigArray(r, v, r.compactArrayLength(3)) : readAlterConfigsRequestAlterableConfigArray(r, v, r.arrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { resourceType, resourceName, configs };
}

function readAlterConfigsRequestAlterConfigsResourceArray(r: WireReader, v: number, length: number): Decoded<AlterConfigsRequest.AlterConfigsResource>[] {
  const values: Decoded<AlterConfigsRequest.AlterConfigsResource>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterConfigsRequestAlterConfigsResource(r, v));
  return values;
}

function readAlterConfigsRequest(r: WireReader, v: number): Decoded<AlterConfigsRequest> {
  const resources = v >= 2 ? readAlterConfigsRequestAlterConfigsResourceArray(r, v, r.compactArrayLength(4)) : readAlterConfigsRequestAlterConfigsResourceArray(r, v, r.arrayLength(7));
  const validateOnly = r.bool();
  if (v >= 2) r.skipTaggedFields();
  return { resources, validateOnly };
}

function writeAlterConfigsRequestAlterableConfig(w: WireWriter, m: AlterConfigsRequest.AlterableConfig, v: number): void {
  const name = m.name;
  if (v >= 2) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const value = m.value;
  if (v >= 2) {
    w.compactNullableString(value);
  } else {
    w.nullableString(value);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeAlterConfigsRequestAlterConfigsResource(w: WireWriter, m: AlterConfigsRequest.AlterConfigsResource, v: number): void {
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 2) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  const configs = m.configs;
  if (v >= 2) {
    w.compactArrayLength(configs.length);
    for (const one of configs) writeAlterConfigsRequestAlterableConfig(w, one, v);
  } else {
    w.arrayLength(configs.length);
    for (const one of configs) writeAlterConfigsRequestAlterableConfig(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeAlterConfigsRequest(w: WireWriter, m: AlterConfigsRequest, v: number): void {
  const resources = m.resources;
  if (v >= 2) {
    w.compactArrayLength(resources.length);
    for (const one of resources) writeAlterConfigsRequestAlterConfigsResource(w, one, v);
  } else {
    w.arrayLength(resources.length);
    for (const one of resources) writeAlterConfigsRequestAlterConfigsResource(w, one, v);
  }
  const validateOnly = m.validateOnly;
  w.bool(validateOnly);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readAlterConfigsResponseAlterConfigsResourceResponse(r: WireReader, v: number): Decoded<AlterConfigsResponse.AlterConfigsResourceResponse> {
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  const resourceType = r.int8();
  const resourceName = v >= 2 ? r.compactString() : r.string();
  if (v >= 2) r.skipTaggedFields();
  return { errorCode, errorMessage, resourceType, resourceName };
}

function readAlterConfigsResponseAlterConfigsResourceResponseArray(r: WireReader, v: number, length: number): Decoded<AlterConfigsResponse.AlterConfigsResourceResponse>[] {
  const values: Decoded<AlterConfigsResponse.AlterConfigsResourceResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterConfigsResponseAlterConfigsResourceResponse(r, v));
  return values;
}

function readAlterConfigsResponse(r: WireReader, v: number): Decoded<AlterConfigsResponse> {
  const throttleTimeMs = r.int32();
  const responses = v >= 2 ? readAlterConfigsResponseAlterConfigsResourceResponseArray(r, v, r.compactArrayLength(6)) : readAlterConfigsResponseAlterConfigsResourceResponseArray(r, v, r.arrayLength(7));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, responses };
}

function writeAlterConfigsResponseAlterConfigsResourceResponse(w: WireWriter, m: AlterConfigsResponse.AlterConfigsResourceResponse, v: number): void {
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
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeAlterConfigsResponse(w: WireWriter, m: AlterConfigsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const responses = m.responses;
  if (v >= 2) {
    w.compactArrayLength(responses.length);
    for (const one of responses) writeAlterConfigsResponseAlterConfigsResourceResponse(w, one, v);
  } else {
    w.arrayLength(responses.length);
    for (const one of responses) writeAlterConfigsResponseAlterConfigsResourceResponse(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const alterConfigsCodec: ApiCodec<AlterConfigsRequest, AlterConfigsResponse> = {
  key: 33,
  name: 'AlterConfigs',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: {
    name: 'AlterConfigsRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readAlterConfigsRequest,
    write: writeAlterConfigsRequest,
  },
  response: {
    name: 'AlterConfigsResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readAlterConfigsResponse,
    write: writeAlterConfigsResponse,
  },
};
