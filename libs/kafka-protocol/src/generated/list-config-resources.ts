// Generated from schemas/list-config-resources.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt8s, writeInt8s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ListConfigResourcesRequest {
  /** Versions 1+. */
  readonly resourceTypes?: readonly number[];
}

export interface ListConfigResourcesResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly configResources: readonly ListConfigResourcesResponse.ConfigResource[];
}
export declare namespace ListConfigResourcesResponse {
  export interface ConfigResource {
    readonly resourceName: string;
    /** Versions 1+. Default 16. */
    readonly resourceType?: number;
  }
}

function readListConfigResourcesRequest(r: WireReader, v: number): Decoded<ListConfigResourcesRequest> {
  const resourceTypes = v >= 1 ? readInt8s(r, r.compactArrayLength(1)) : [];
  r.skipTaggedFields();
  return { resourceTypes };
}

function writeListConfigResourcesRequest(w: WireWriter, m: ListConfigResourcesRequest, v: number): void {
  const resourceTypes = m.resourceTypes ?? [];
  if (v >= 1) {
    w.compactArrayLength(resourceTypes.length);
    writeInt8s(w, resourceTypes);
  } else {
    if (resourceTypes.length !== 0) throw notInVersion('ListConfigResourcesRequest', 'resourceTypes', v);
  }
  w.uvarint(0);
}

function readListConfigResourcesResponseConfigResource(r: WireReader, v: number): Decoded<ListConfigResourcesResponse.ConfigResource> {
  const resourceName = r.compactString();
  const resourceType = v >= 1 ? r.int8() : 16;
  r.skipTaggedFields();
  return { resourceName, resourceType };
}

function readListConfigResourcesResponseConfigResourceArray(r: WireReader, v: number, length: number): Decoded<ListConfigResourcesResponse.ConfigResource>[] {
  const values: Decoded<ListConfigResourcesResponse.ConfigResource>[] = [];
  for (let i = 0; i < length; i++) values.push(readListConfigResourcesResponseConfigResource(r, v));
  return values;
}

function readListConfigResourcesResponse(r: WireReader, v: number): Decoded<ListConfigResourcesResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const configResources = readListConfigResourcesResponseConfigResourceArray(r, v, r.compactArrayLength(2));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, configResources };
}

function writeListConfigResourcesResponseConfigResource(w: WireWriter, m: ListConfigResourcesResponse.ConfigResource, v: number): void {
  const resourceName = m.resourceName;
  w.compactString(resourceName);
  const resourceType = m.resourceType ?? 16;
  if (v >= 1) {
    w.int8(resourceType);
  }
  w.uvarint(0);
}

function writeListConfigResourcesResponse(w: WireWriter, m: ListConfigResourcesResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const configResources = m.configResources;
  w.compactArrayLength(configResources.length);
  for (const one of configResources) writeListConfigResourcesResponseConfigResource(w, one, v);
  w.uvarint(0);
}

export const listConfigResourcesCodec: ApiCodec<ListConfigResourcesRequest, ListConfigResourcesResponse> = {
  key: 74,
  name: 'ListConfigResources',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'ListConfigResourcesRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readListConfigResourcesRequest,
    write: writeListConfigResourcesRequest,
  },
  response: {
    name: 'ListConfigResourcesResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readListConfigResourcesResponse,
    write: writeListConfigResourcesResponse,
  },
};
