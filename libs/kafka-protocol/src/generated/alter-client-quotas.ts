// Generated from schemas/alter-client-quotas.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AlterClientQuotasRequest {
  readonly entries: readonly AlterClientQuotasRequest.EntryData[];
  readonly validateOnly: boolean;
}
export declare namespace AlterClientQuotasRequest {
  export interface EntityData {
    readonly entityType: string;
    readonly entityName: string | null;
  }
  export interface OpData {
    readonly key: string;
    readonly value: number;
    readonly remove: boolean;
  }
  export interface EntryData {
    readonly entity: readonly AlterClientQuotasRequest.EntityData[];
    readonly ops: readonly AlterClientQuotasRequest.OpData[];
  }
}

export interface AlterClientQuotasResponse {
  readonly throttleTimeMs: number;
  readonly entries: readonly AlterClientQuotasResponse.EntryData[];
}
export declare namespace AlterClientQuotasResponse {
  export interface EntityData {
    readonly entityType: string;
    readonly entityName: string | null;
  }
  export interface EntryData {
    readonly errorCode: number;
    readonly errorMessage: string | null;
    readonly entity: readonly AlterClientQuotasResponse.EntityData[];
  }
}

function readAlterClientQuotasRequestEntityData(r: WireReader, v: number): Decoded<AlterClientQuotasRequest.EntityData> {
  const entityType = v >= 1 ? r.compactString() : r.string();
  const entityName = v >= 1 ? r.compactNullableString() : r.nullableString();
  if (v >= 1) r.skipTaggedFields();
  return { entityType, entityName };
}

function readAlterClientQuotasRequestEntityDataArray(r: WireReader, v: number, length: number): Decoded<AlterClientQuotasRequest.EntityData>[] {
  const values: Decoded<AlterClientQuotasRequest.EntityData>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterClientQuotasRequestEntityData(r, v));
  return values;
}

function readAlterClientQuotasRequestOpData(r: WireReader, v: number): Decoded<AlterClientQuotasRequest.OpData> {
  const key = v >= 1 ? r.compactString() : r.string();
  const value = r.float64();
  const remove = r.bool();
  if (v >= 1) r.skipTaggedFields();
  return { key, value, remove };
}

function readAlterClientQuotasRequestOpDataArray(r: WireReader, v: number, length: number): Decoded<AlterClientQuotasRequest.OpData>[] {
  const values: Decoded<AlterClientQuotasRequest.OpData>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterClientQuotasRequestOpData(r, v));
  return values;
}

function readAlterClientQuotasRequestEntryData(r: WireReader, v: number): Decoded<AlterClientQuotasRequest.EntryData> {
  const entity = v >= 1 ? readAlterClientQuotasRequestEntityDataArray(r, v, r.compactArrayLength(3)) : readAlterClientQuotasRequestEntityDataArray(r, v, r.arrayLength(4));
  const ops = v >= 1 ? readAlterClientQuotasRequestOpDataArray(r, v, r.compactArrayLength(11)) : readAlterClientQuotasRequestOpDataArray(r, v, r.arrayLength(11));
  if (v >= 1) r.skipTaggedFields();
  return { entity, ops };
}

function readAlterClientQuotasRequestEntryDataArray(r: WireReader, v: number, length: number): Decoded<AlterClientQuotasRequest.EntryData>[] {
  const values: Decoded<AlterClientQuotasRequest.EntryData>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterClientQuotasRequestEntryData(r, v));
  return values;
}

function readAlterClientQuotasRequest(r: WireReader, v: number): Decoded<AlterClientQuotasRequest> {
  const entries = v >= 1 ? readAlterClientQuotasRequestEntryDataArray(r, v, r.compactArrayLength(3)) : readAlterClientQuotasRequestEntryDataArray(r, v, r.arrayLength(8));
  const validateOnly = r.bool();
  if (v >= 1) r.skipTaggedFields();
  return { entries, validateOnly };
}

function writeAlterClientQuotasRequestEntityData(w: WireWriter, m: AlterClientQuotasRequest.EntityData, v: number): void {
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

function writeAlterClientQuotasRequestOpData(w: WireWriter, m: AlterClientQuotasRequest.OpData, v: number): void {
  const key = m.key;
  if (v >= 1) {
    w.compactString(key);
  } else {
    w.string(key);
  }
  const value = m.value;
  w.float64(value);
  const remove = m.remove;
  w.bool(remove);
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeAlterClientQuotasRequestEntryData(w: WireWriter, m: AlterClientQuotasRequest.EntryData, v: number): void {
  const entity = m.entity;
  if (v >= 1) {
    w.compactArrayLength(entity.length);
    for (const one of entity) writeAlterClientQuotasRequestEntityData(w, one, v);
  } else {
    w.arrayLength(entity.length);
    for (const one of entity) writeAlterClientQuotasRequestEntityData(w, one, v);
  }
  const ops = m.ops;
  if (v >= 1) {
    w.compactArrayLength(ops.length);
    for (const one of ops) writeAlterClientQuotasRequestOpData(w, one, v);
  } else {
    w.arrayLength(ops.length);
    for (const one of ops) writeAlterClientQuotasRequestOpData(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeAlterClientQuotasRequest(w: WireWriter, m: AlterClientQuotasRequest, v: number): void {
  const entries = m.entries;
  if (v >= 1) {
    w.compactArrayLength(entries.length);
    for (const one of entries) writeAlterClientQuotasRequestEntryData(w, one, v);
  } else {
    w.arrayLength(entries.length);
    for (const one of entries) writeAlterClientQuotasRequestEntryData(w, one, v);
  }
  const validateOnly = m.validateOnly;
  w.bool(validateOnly);
  if (v >= 1) {
    w.uvarint(0);
  }
}

function readAlterClientQuotasResponseEntityData(r: WireReader, v: number): Decoded<AlterClientQuotasResponse.EntityData> {
  const entityType = v >= 1 ? r.compactString() : r.string();
  const entityName = v >= 1 ? r.compactNullableString() : r.nullableString();
  if (v >= 1) r.skipTaggedFields();
  return { entityType, entityName };
}

function readAlterClientQuotasResponseEntityDataArray(r: WireReader, v: number, length: number): Decoded<AlterClientQuotasResponse.EntityData>[] {
  const values: Decoded<AlterClientQuotasResponse.EntityData>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterClientQuotasResponseEntityData(r, v));
  return values;
}

function readAlterClientQuotasResponseEntryData(r: WireReader, v: number): Decoded<AlterClientQuotasResponse.EntryData> {
  const errorCode = r.int16();
  const errorMessage = v >= 1 ? r.compactNullableString() : r.nullableString();
  const entity = v >= 1 ? readAlterClientQuotasResponseEntityDataArray(r, v, r.compactArrayLength(3)) : readAlterClientQuotasResponseEntityDataArray(r, v, r.arrayLength(4));
  if (v >= 1) r.skipTaggedFields();
  return { errorCode, errorMessage, entity };
}

function readAlterClientQuotasResponseEntryDataArray(r: WireReader, v: number, length: number): Decoded<AlterClientQuotasResponse.EntryData>[] {
  const values: Decoded<AlterClientQuotasResponse.EntryData>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterClientQuotasResponseEntryData(r, v));
  return values;
}

function readAlterClientQuotasResponse(r: WireReader, v: number): Decoded<AlterClientQuotasResponse> {
  const throttleTimeMs = r.int32();
  const entries = v >= 1 ? readAlterClientQuotasResponseEntryDataArray(r, v, r.compactArrayLength(5)) : readAlterClientQuotasResponseEntryDataArray(r, v, r.arrayLength(8));
  if (v >= 1) r.skipTaggedFields();
  return { throttleTimeMs, entries };
}

function writeAlterClientQuotasResponseEntityData(w: WireWriter, m: AlterClientQuotasResponse.EntityData, v: number): void {
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

function writeAlterClientQuotasResponseEntryData(w: WireWriter, m: AlterClientQuotasResponse.EntryData, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 1) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const entity = m.entity;
  if (v >= 1) {
    w.compactArrayLength(entity.length);
    for (const one of entity) writeAlterClientQuotasResponseEntityData(w, one, v);
  } else {
    w.arrayLength(entity.length);
    for (const one of entity) writeAlterClientQuotasResponseEntityData(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

function writeAlterClientQuotasResponse(w: WireWriter, m: AlterClientQuotasResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const entries = m.entries;
  if (v >= 1) {
    w.compactArrayLength(entries.length);
    for (const one of entries) writeAlterClientQuotasResponseEntryData(w, one, v);
  } else {
    w.arrayLength(entries.length);
    for (const one of entries) writeAlterClientQuotasResponseEntryData(w, one, v);
  }
  if (v >= 1) {
    w.uvarint(0);
  }
}

export const alterClientQuotasCodec: ApiCodec<AlterClientQuotasRequest, AlterClientQuotasResponse> = {
  key: 49,
  name: 'AlterClientQuotas',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 1,
  request: {
    name: 'AlterClientQuotasRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 1,
    read: readAlterClientQuotasRequest,
    write: writeAlterClientQuotasRequest,
  },
  response: {
    name: 'AlterClientQuotasResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 1,
    read: readAlterClientQuotasResponse,
    write: writeAlterClientQuotasResponse,
  },
};
