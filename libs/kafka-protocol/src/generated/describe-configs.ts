// Generated from schemas/describe-configs.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readStringsOrNull, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeConfigsRequest {
  readonly resources: readonly DescribeConfigsRequest.DescribeConfigsResource[];
  readonly includeSynonyms: boolean;
  /** Versions 3+. */
  readonly includeDocumentation?: boolean;
}
export declare namespace DescribeConfigsRequest {
  export interface DescribeConfigsResource {
    readonly resourceType: number;
    readonly resourceName: string;
    readonly configurationKeys: readonly string[] | null;
  }
}

export interface DescribeConfigsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DescribeConfigsResponse.DescribeConfigsResult[];
}
export declare namespace DescribeConfigsResponse {
  export interface DescribeConfigsSynonym {
    readonly name: string;
    readonly value: string | null;
    readonly source: number;
  }
  export interface DescribeConfigsResourceResult {
    readonly name: string;
    readonly value: string | null;
    readonly readOnly: boolean;
    /** Default -1. */
    readonly configSource?: number;
    readonly isSensitive: boolean;
    readonly synonyms: readonly DescribeConfigsResponse.DescribeConfigsSynonym[];
    /** Versions 3+. */
    readonly configType?: number;
    /** Versions 3+. */
    readonly documentation?: string | null;
  }
  export interface DescribeConfigsResult {
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly resourceType: number;
    readonly resourceName: string;
    readonly configs: readonly DescribeConfigsResponse.DescribeConfigsResourceResult[];
  }
}

function readDescribeConfigsRequestDescribeConfigsResource(r: WireReader, v: number): Decoded<DescribeConfigsRequest.DescribeConfigsResource> {
  const resourceType = r.int8();
  const resourceName = v >= 4 ? r.compactString() : r.string();
  const configurationKeys = v >= 4 ? readStringsOrNull(r, r.compactNullableArrayLength(1), true) : readStringsOrNull(r, r.nullableArrayLength(2), false);
  if (v >= 4) r.skipTaggedFields();
  return { resourceType, resourceName, configurationKeys };
}

function readDescribeConfigsRequestDescribeConfigsResourceArray(r: WireReader, v: number, length: number): Decoded<DescribeConfigsRequest.DescribeConfigsResource>[] {
  const values: Decoded<DescribeConfigsRequest.DescribeConfigsResource>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeConfigsRequestDescribeConfigsResource(r, v));
  return values;
}

function readDescribeConfigsRequest(r: WireReader, v: number): Decoded<DescribeConfigsRequest> {
  const resources = v >= 4 ? readDescribeConfigsRequestDescribeConfigsResourceArray(r, v, r.compactArrayLength(4)) : readDescribeConfigsRequestDescribeConfigsResourceArray(r, v, r.arrayLength(7));
  const includeSynonyms = r.bool();
  const includeDocumentation = v >= 3 ? r.bool() : false;
  if (v >= 4) r.skipTaggedFields();
  return { resources, includeSynonyms, includeDocumentation };
}

function writeDescribeConfigsRequestDescribeConfigsResource(w: WireWriter, m: DescribeConfigsRequest.DescribeConfigsResource, v: number): void {
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 4) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  const configurationKeys = m.configurationKeys;
  if (v >= 4) {
    w.compactArrayLength(configurationKeys === null ? -1 : configurationKeys.length);
    if (configurationKeys !== null) writeStrings(w, configurationKeys, true);
  } else {
    w.arrayLength(configurationKeys === null ? -1 : configurationKeys.length);
    if (configurationKeys !== null) writeStrings(w, configurationKeys, false);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeDescribeConfigsRequest(w: WireWriter, m: DescribeConfigsRequest, v: number): void {
  const resources = m.resources;
  if (v >= 4) {
    w.compactArrayLength(resources.length);
    for (const one of resources) writeDescribeConfigsRequestDescribeConfigsResource(w, one, v);
  } else {
    w.arrayLength(resources.length);
    for (const one of resources) writeDescribeConfigsRequestDescribeConfigsResource(w, one, v);
  }
  const includeSynonyms = m.includeSynonyms;
  w.bool(includeSynonyms);
  const includeDocumentation = m.includeDocumentation ?? false;
  if (v >= 3) {
    w.bool(includeDocumentation);
  } else {
    if (includeDocumentation !== false) throw notInVersion('DescribeConfigsRequest', 'includeDocumentation', v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function readDescribeConfigsResponseDescribeConfigsSynonym(r: WireReader, v: number): Decoded<DescribeConfigsResponse.DescribeConfigsSynonym> {
  const name = v >= 4 ? r.compactString() : r.string();
  const value = v >= 4 ? r.compactNullableString() : r.nullableString();
  const source = r.int8();
  if (v >= 4) r.skipTaggedFields();
  return { name, value, source };
}

function readDescribeConfigsResponseDescribeConfigsSynonymArray(r: WireReader, v: number, length: number): Decoded<DescribeConfigsResponse.DescribeConfigsSynonym>[] {
  const values: Decoded<DescribeConfigsResponse.DescribeConfigsSynonym>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeConfigsResponseDescribeConfigsSynonym(r, v));
  return values;
}

function readDescribeConfigsResponseDescribeConfigsResourceResult(r: WireReader, v: number): Decoded<DescribeConfigsResponse.DescribeConfigsResourceResult> {
  const name = v >= 4 ? r.compactString() : r.string();
  const value = v >= 4 ? r.compactNullableString() : r.nullableString();
  const readOnly = r.bool();
  const configSource = r.int8();
  const isSensitive = r.bool();
  const synonyms = v >= 4 ? readDescribeConfigsResponseDescribeConfigsSynonymArray(r, v, r.compactArrayLength(4)) : readDescribeConfigsResponseDescribeConfigsSynonymArray(r, v, r.arrayLength(5));
  const configType = v >= 3 ? r.int8() : 0;
  const documentation = v >= 4 ? r.compactNullableString() : v >= 3 ? r.nullableString() : "";
  if (v >= 4) r.skipTaggedFields();
  return { name, value, readOnly, configSource, isSensitive, synonyms, configType, documentation };
}

function readDescribeConfigsResponseDescribeConfigsResourceResultArray(r: WireReader, v: number, length: number): Decoded<DescribeConfigsResponse.DescribeConfigsResourceResult>[] {
  const values: Decoded<DescribeConfigsResponse.DescribeConfigsResourceResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeConfigsResponseDescribeConfigsResourceResult(r, v));
  return values;
}

function readDescribeConfigsResponseDescribeConfigsResult(r: WireReader, v: number): Decoded<DescribeConfigsResponse.DescribeConfigsResult> {
  const errorCode = r.int16();
  const errorMessage = v >= 4 ? r.compactNullableString() : r.nullableString();
  const resourceType = r.int8();
  const resourceName = v >= 4 ? r.compactString() : r.string();
  const configs = v >= 4 ? readDescribeConfigsResponseDescribeConfigsResourceResultArray(r, v, r.compactArrayLength(9)) : readDescribeConfigsResponseDescribeConfigsResourceResultArray(r, v, r.arrayLength(11));
  if (v >= 4) r.skipTaggedFields();
  return { errorCode, errorMessage, resourceType, resourceName, configs };
}

function readDescribeConfigsResponseDescribeConfigsResultArray(r: WireReader, v: number, length: number): Decoded<DescribeConfigsResponse.DescribeConfigsResult>[] {
  const values: Decoded<DescribeConfigsResponse.DescribeConfigsResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeConfigsResponseDescribeConfigsResult(r, v));
  return values;
}

function readDescribeConfigsResponse(r: WireReader, v: number): Decoded<DescribeConfigsResponse> {
  const throttleTimeMs = r.int32();
  const results = v >= 4 ? readDescribeConfigsResponseDescribeConfigsResultArray(r, v, r.compactArrayLength(7)) : readDescribeConfigsResponseDescribeConfigsResultArray(r, v, r.arrayLength(11));
  if (v >= 4) r.skipTaggedFields();
  return { throttleTimeMs, results };
}

function writeDescribeConfigsResponseDescribeConfigsSynonym(w: WireWriter, m: DescribeConfigsResponse.DescribeConfigsSynonym, v: number): void {
  const name = m.name;
  if (v >= 4) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const value = m.value;
  if (v >= 4) {
    w.compactNullableString(value);
  } else {
    w.nullableString(value);
  }
  const source = m.source;
  w.int8(source);
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeDescribeConfigsResponseDescribeConfigsResourceResult(w: WireWriter, m: DescribeConfigsResponse.DescribeConfigsResourceResult, v: number): void {
  const name = m.name;
  if (v >= 4) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const value = m.value;
  if (v >= 4) {
    w.compactNullableString(value);
  } else {
    w.nullableString(value);
  }
  const readOnly = m.readOnly;
  w.bool(readOnly);
  const configSource = m.configSource ?? -1;
  w.int8(configSource);
  const isSensitive = m.isSensitive;
  w.bool(isSensitive);
  const synonyms = m.synonyms;
  if (v >= 4) {
    w.compactArrayLength(synonyms.length);
    for (const one of synonyms) writeDescribeConfigsResponseDescribeConfigsSynonym(w, one, v);
  } else {
    w.arrayLength(synonyms.length);
    for (const one of synonyms) writeDescribeConfigsResponseDescribeConfigsSynonym(w, one, v);
  }
  const configType = m.configType ?? 0;
  if (v >= 3) {
    w.int8(configType);
  }
  const documentation = m.documentation === undefined ? "" : m.documentation;
  if (v >= 4) {
    w.compactNullableString(documentation);
  } else if (v === 3) {
    w.nullableString(documentation);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeDescribeConfigsResponseDescribeConfigsResult(w: WireWriter, m: DescribeConfigsResponse.DescribeConfigsResult, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 4) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const resourceType = m.resourceType;
  w.int8(resourceType);
  const resourceName = m.resourceName;
  if (v >= 4) {
    w.compactString(resourceName);
  } else {
    w.string(resourceName);
  }
  const configs = m.configs;
  if (v >= 4) {
    w.compactArrayLength(configs.length);
    for (const one of configs) writeDescribeConfigsResponseDescribeConfigsResourceResult(w, one, v);
  } else {
    w.arrayLength(configs.length);
    for (const one of configs) writeDescribeConfigsResponseDescribeConfigsResourceResult(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeDescribeConfigsResponse(w: WireWriter, m: DescribeConfigsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const results = m.results;
  if (v >= 4) {
    w.compactArrayLength(results.length);
    for (const one of results) writeDescribeConfigsResponseDescribeConfigsResult(w, one, v);
  } else {
    w.arrayLength(results.length);
    for (const one of results) writeDescribeConfigsResponseDescribeConfigsResult(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

export const describeConfigsCodec: ApiCodec<DescribeConfigsRequest, DescribeConfigsResponse> = {
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 4,
  request: {
    name: 'DescribeConfigsRequest',
    minVersion: 1,
    maxVersion: 4,
    flexibleFrom: 4,
    read: readDescribeConfigsRequest,
    write: writeDescribeConfigsRequest,
  },
  response: {
    name: 'DescribeConfigsResponse',
    minVersion: 1,
    maxVersion: 4,
    flexibleFrom: 4,
    read: readDescribeConfigsResponse,
    write: writeDescribeConfigsResponse,
  },
};
