// Generated from schemas/describe-client-quotas.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeClientQuotasRequest {
  readonly components: readonly DescribeClientQuotasRequest.ComponentData[];
  readonly strict: boolean;
}
export declare namespace DescribeClientQuotasRequest {
  export interface ComponentData {
    readonly entityType: string;
    readonly matchType: number;
    readonly match: string | null;
  }
}

export interface DescribeClientQuotasResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly entries: readonly DescribeClientQuotasResponse.EntryData[] | null;
}
export declare namespace DescribeClientQuotasResponse {
  export interface EntityData {
    readonly entityType: string;
    readonly entityName: string | null;
  }
  export interface ValueData {
    readonly key: string;
    readonly value: number;
  }
  export interface EntryData {
    readonly entity: readonly DescribeClientQuotasResponse.EntityData[];
    readonly values: readonly DescribeClientQuotasResponse.ValueData[];
  }
}

function readDescribeClientQuotasRequestComponentData(r: WireReader, v: number): Decoded<DescribeClientQuotasRequest.ComponentData> {
  const entityType = v >= 1 ? r.compactString() : r.string();
  const matchType = r.int8();
  const match = v >= 1 ? r.compactNullableString() : r.nullableString();
  if (v >= 1) r.skipTaggedFields();
  return { entityType, matchType, match };
}

function readDescribeClientQuotasRequestComponentDataArray(r: WireReader, v: number, length: number): Decoded<DescribeClientQuotasRequest.ComponentData>[] {
  const values: Decoded<DescribeClientQuotasRequest.ComponentData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeClientQuotasRequestComponentData(r, v));
  return values;
}

function readDescribeClientQuotasRequest(r: WireReader, v: number): Decoded<DescribeClientQuotasRequest> {
  const components = v >= 1 ? readDescribeClientQuotasRequestComponentDataArray(r, v, r.compactArrayLength(4)) : readDescribeClientQuotasRequestComponentDataArray(r, v, r.arrayLength(5));
  const strict = r.bool();
  if (v >= 1) r.skipTaggedFields();
  return { components, strict };
}

function writeDescribeClientQuotasRequestComponentData(w: WireWriter, m: DescribeClientQuotasRequest.ComponentData, v: number): void {
  const entityType = m.entityType;
  if (v >= 1) {
    w.compactString(entityType);
  } else {
    w.string(entityType);
  }
  const matchType = m.matchType;
  w.int8(matchType);
  const match = m.match;
  if (v >= 1) {
    w.compactNullableString(match);
  } else {
    w.nullableString(match);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeDescribeClientQuotasRequest(w: WireWriter, m: DescribeClientQuotasRequest, v: number): void {
  const components = m.components;
  if (v >= 1) {
    w.compactArrayLength(components.length);
    for (const one of components) writeDescribeClientQuotasRequestComponentData(w, one, v);
  } else {
    w.arrayLength(components.length);
    for (const one of components) writeDescribeClientQuotasRequestComponentData(w, one, v);
  }
  const strict = m.strict;
  w.bool(strict);
  if (v >= 1) {
    w.uvarint(0);
  }
}

function readDescribeClientQuotasResponseEntityData(r: WireReader, v: number): Decoded<DescribeClientQuotasResponse.EntityData> {
  const entityType = v >= 1 ? r.compactString() : r.string();
  const entityName = v >= 1 ? r.compactNullableString() : r.nullableString();
  if (v >= 1) r.skipTaggedFields();
  return { entityType, entityName };
}

function readDescribeClientQuotasResponseEntityDataArray(r: WireReader, v: number, length: number): Decoded<DescribeClientQuotasResponse.EntityData>[] {
  const values: Decoded<DescribeClientQuotasResponse.EntityData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeClientQuotasResponseEntityData(r, v));
  return values;
}

function readDescribeClientQuotasResponseValueData(r: WireReader, v: number): Decoded<DescribeClientQuotasResponse.ValueData> {
  const key = v >= 1 ? r.compactString() : r.string();
  const value = r.float64();
  if (v >= 1) r.skipTaggedFields();
  return { key, value };
}

function readDescribeClientQuotasResponseValueDataArray(r: WireReader, v: number, length: number): Decoded<DescribeClientQuotasResponse.ValueData>[] {
  const values: Decoded<DescribeClientQuotasResponse.ValueData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeClientQuotasResponseValueData(r, v));
  return values;
}

function readDescribeClientQuotasResponseEntryData(r: WireReader, v: number): Decoded<DescribeClientQuotasResponse.EntryData> {
  const entity = v >= 1 ? readDescribeClientQuotasResponseEntityDataArray(r, v, r.compactArrayLength(3)) : readDescribeClientQuotasResponseEntityDataArray(r, v, r.arrayLength(4));
  const values = v >= 1 ? readDescribeClientQuotasResponseValueDataArray(r, v, r.compactArrayLength(10)) : readDescribeClientQuotasResponseValueDataArray(r, v, r.arrayLength(10));
  if (v >= 1) r.skipTaggedFields();
  return { entity, values };
}

function readDescribeClientQuotasResponseEntryDataArray(r: WireReader, v: number, length: number): Decoded<DescribeClientQuotasResponse.EntryData>[] {
  const values: Decoded<DescribeClientQuotasResponse.EntryData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeClientQuotasResponseEntryData(r, v));
  return values;
}

function readDescribeClientQuotasResponseEntryDataArrayOrNull(r: WireReader, v: number, length: number): Decoded<DescribeClientQuotasResponse.EntryData>[] | null {
  return length < 0 ? null : readDescribeClientQuotasResponseEntryDataArray(r, v, length);
}

function readDescribeClientQuotasResponse(r: WireReader, v: number): Decoded<DescribeClientQuotasResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = v >= 1 ? r.compactNullableString() : r.nullableString();
  const entries = v >= 1 ? readDescribeClientQuotasResponseEntryDataArrayOrNull(r, v, r.compactNullableArrayLength(3)) : readDescribeClientQuotasResponseEntryDataArrayOrNull(r, v, r.nullableArrayLength(8));
  if (v >= 1) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, entries };
}

function writeDescribeClientQuotasResponseEntityData(w: WireWriter, m: DescribeClientQuotasResponse.EntityData, v: number): void {
  const entityType = m.entityType;
  if (v >= 1) {
    w.compactString(entityType);
  } else {
    w.string(entityType);
  }
  const entityName = m.entityName;
  if (v >= 1) {
    w.compactNullableString(entityName);
  } else {
    w.nullableString(entityName);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeDescribeClientQuotasResponseValueData(w: WireWriter, m: DescribeClientQuotasResponse.ValueData, v: number): void {
  const key = m.key;
  if (v >= 1) {
    w.compactString(key);
  } else {
    w.string(key);
  }
  const value = m.value;
  w.float64(value);
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeDescribeClientQuotasResponseEntryData(w: WireWriter, m: DescribeClientQuotasResponse.EntryData, v: number): void {
  const entity = m.entity;
  if (v >= 1) {
    w.compactArrayLength(entity.length);
    for (const one of entity) writeDescribeClientQuotasResponseEntityData(w, one, v);
  } else {
    w.arrayLength(entity.length);
    for (const one of entity) writeDescribeClientQuotasResponseEntityData(w, one, v);
  }
  const values = m.values;
  if (v >= 1) {
    w.compactArrayLength(values.length);
    for (const one of values) writeDescribeClientQuotasResponseValueData(w, one, v);
  } else {
    w.arrayLength(values.length);
    for (const one of values) writeDescribeClientQuotasResponseValueData(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeDescribeClientQuotasResponse(w: WireWriter, m: DescribeClientQuotasResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 1) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const entries = m.entries;
  if (v >= 1) {
    w.compactArrayLength(entries === null ? -1 : entries.length);
    if (entries !== null) for (const one of entries) writeDescribeClientQuotasResponseEntryData(w, one, v);
  } else {
    w.arrayLength(entries === null ? -1 : entries.length);
    if (entries !== null) for (const one of entries) writeDescribeClientQuotasResponseEntryData(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

export const describeClientQuotasCodec: ApiCodec<DescribeClientQuotasRequest, DescribeClientQuotasResponse> = {
  key: 48,
  name: 'DescribeClientQuotas',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  request: {
    name: 'DescribeClientQuotasRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 1,
    read: readDescribeClientQuotasRequest,
    write: writeDescribeClientQuotasRequest,
  },
  response: {
    name: 'DescribeClientQuotasResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 1,
    read: readDescribeClientQuotasResponse,
    write: writeDescribeClientQuotasResponse,
  },
};
