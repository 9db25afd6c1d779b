// Generated from schemas/incremental-alter-configs.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface IncrementalAlterConfigsRequest {
  readonly resources: readonly IncrementalAlterConfigsRequest.AlterConfigsResource[];
  readonly validateOnly: boolean;
}
export declare namespace IncrementalAlterConfigsRequest {
  export interface AlterableConfig {
    readonly name: string;
    readonly configOperation: number;
    readonly value: string | null;
  }
  export interface AlterConfigsResource {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly configs: readonly IncrementalAlterConfigsRequest.AlterableConfig[];
  }
}

export interface IncrementalAlterConfigsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly IncrementalAlterConfigsResponse.AlterConfigsResourceResponse[];
}
export declare namespace IncrementalAlterConfigsResponse {
  export interface AlterConfigsResourceResponse {
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly resourceType: number;
    readonly resourceName: string;
  }
}

function readIncrementalAlterConfigsRequestAlterableConfig(r: WireReader, v: number): Decoded<IncrementalAlterConfigsRequest.AlterableConfig> {
  const name = v >= 1 ? r.compactString() : r.string();
  const configOperation = r.int8();
  const value = v >= 1 ? r.compactNullableString() : r.nullableString();
  if (v >= 1) r.skipTaggedFields();
  return { name, configOperation, value };
}

function readIncrementalAlterConfigsRequestAlterableConfigArray(r: WireReader, v: number, length: number): Decoded<IncrementalAlterConfigsRequest.AlterableConfig>[] {
  const values: Decoded<IncrementalAlterConfigsRequest.AlterableConfig>[] = [];
  for (let i = 0; i < length; i++) values.push(readIncrementalAlterConfigsRequestAlterableConfig(r, v));
  return values;
}

function readIncrementalAlterConfigsRequestAlterConfigsResource(r: WireReader, v: number): Decoded<IncrementalAlterConfigsRequest.AlterConfigsResource> {
  const resourceType = r.int8();
  const resourceName = v >= 1 ? r.compactString() : r.string();
  const configs = v >= 1 ? readIncrementalAlterConfigsRequestAlterableConfigArray(r, v, r.compactArrayLength(4)) : readIncrementalAlterConfigsRequestAlterableConfigArray(r, v, r.arrayLength(5));
  if (v >= 1) r.skipTaggedFields();
  return { resourceType, resourceName, configs };
}

function readIncrementalAlterConfigsRequestAlterConfigsResourceArray(r: WireReader, v: number, length: number): Decoded<IncrementalAlterConfigsRequest.AlterConfigsResource>[] {
  const values: Decoded<IncrementalAlterConfigsRequest.AlterConfigsResource>[] = [];
  for (let i = 0; i < length; i++) values.push(readIncrementalAlterConfigsRequestAlterConfigsResource(r, v));
  return values;
}

function readIncrementalAlterConfigsRequest(r: WireReader, v: number): Decoded<IncrementalAlterConfigsRequest> {
  const resources = v >= 1 ? readIncrementalAlterConfigsRequestAlterConfigsResourceArray(r, v, r.compactArrayLength(4)) : readIncrementalAlterConfigsRequestAlterConfigsResourceArray(r, v, r.arrayLength(7));
  const validateOnly = r.bool();
  if (v >= 1) r.skipTaggedFields();
  return { resources, validateOnly };
}

function writeIncrementalAlterConfigsRequestAlterableConfig(w: WireWriter, m: IncrementalAlterConfigsRequest.AlterableConfig, v: number): void {
  const name = m.name;
  if (v >= 1) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const configOperation = m.configOperation;
  w.int8(configOperation);
  const value = m.value;
  if (v >= 1) {
    w.compactNullableString(value);
  } else {
    w.nullableString(value);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeIncrementalAlterConfigsRequestAlterConfigsResource(w: WireWriter, m: IncrementalAlterConfigsRequest.AlterConfigsResource, v: number): void {
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 1) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  const configs = m.configs;
  if (v >= 1) {
    w.compactArrayLength(configs.length);
    for (const one of configs) writeIncrementalAlterConfigsRequestAlterableConfig(w, one, v);
  } else {
    w.arrayLength(configs.length);
    for (const one of configs) writeIncrementalAlterConfigsRequestAlterableConfig(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeIncrementalAlterConfigsRequest(w: WireWriter, m: IncrementalAlterConfigsRequest, v: number): void {
  const resources = m.resources;
  if (v >= 1) {
    w.compactArrayLength(resources.length);
    for (const one of resources) writeIncrementalAlterConfigsRequestAlterConfigsResource(w, one, v);
  } else {
    w.arrayLength(resources.length);
    for (const one of resources) writeIncrementalAlterConfigsRequestAlterConfigsResource(w, one, v);
  }
  const validateOnly = m.validateOnly;
  w.bool(validateOnly);
  if (v >= 1) {
    w.uvarint(0);
  }
}

function readIncrementalAlterConfigsResponseAlterConfigsResourceResponse(r: WireReader, v: number): Decoded<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse> {
  const errorCode = r.int16();
  const errorMessage = v >= 1 ? r.compactNullableString() : r.nullableString();
  const resourceType = r.int8();
  const resourceName = v >= 1 ? r.compactString() : r.string();
  if (v >= 1) r.skipTaggedFields();
  return { errorCode, errorMessage, resourceType, resourceName };
}

function readIncrementalAlterConfigsResponseAlterConfigsResourceResponseArray(r: WireReader, v: number, length: number): Decoded<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse>[] {
  const values: Decoded<IncrementalAlterConfigsResponse.AlterConfigsResourceResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readIncrementalAlterConfigsResponseAlterConfigsResourceResponse(r, v));
  return values;
}

function readIncrementalAlterConfigsResponse(r: WireReader, v: number): Decoded<IncrementalAlterConfigsResponse> {
  const throttleTimeMs = r.int32();
  const responses = v >= 1 ? readIncrementalAlterConfigsResponseAlterConfigsResourceResponseArray(r, v, r.compactArrayLength(6)) : readIncrementalAlterConfigsResponseAlterConfigsResourceResponseArray(r, v, r.arrayLength(7));
  if (v >= 1) r.skipTaggedFields();
  return { throttleTimeMs, responses };
}

function writeIncrementalAlterConfigsResponseAlterConfigsResourceResponse(w: WireWriter, m: IncrementalAlterConfigsResponse.AlterConfigsResourceResponse, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 1) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 1) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeIncrementalAlterConfigsResponse(w: WireWriter, m: IncrementalAlterConfigsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const responses = m.responses;
  if (v >= 1) {
    w.compactArrayLength(responses.length);
    for (const one of responses) writeIncrementalAlterConfigsResponseAlterConfigsResourceResponse(w, one, v);
  } else {
    w.arrayLength(responses.length);
    for (const one of responses) writeIncrementalAlterConfigsResponseAlterConfigsResourceResponse(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

export const incrementalAlterConfigsCodec: ApiCodec<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse> = {
  key: 44,
  name: 'IncrementalAlterConfigs',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  request: {
    name: 'IncrementalAlterConfigsRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 1,
    read: readIncrementalAlterConfigsRequest,
    write: writeIncrementalAlterConfigsRequest,
  },
  response: {
    name: 'IncrementalAlterConfigsResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 1,
    read: readIncrementalAlterConfigsResponse,
    write: writeIncrementalAlterConfigsResponse,
  },
};
