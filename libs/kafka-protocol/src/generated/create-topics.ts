// Generated from schemas/create-topics.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface CreateTopicsRequest {
  readonly topics: readonly CreateTopicsRequest.CreatableTopic[];
  /** Default 60000. */
  readonly timeoutMs?: number;
  readonly validateOnly: boolean;
}
export declare namespace CreateTopicsRequest {
  export interface CreatableReplicaAssignment {
    readonly partitionIndex: number;
    readonly brokerIds: readonly number[];
  }
  export interface CreatableTopicConfig {
    readonly name: string;
    readonly value: string | null;
  }
  export interface CreatableTopic {
    readonly name: string;
    readonly numPartitions: number;
    readonly replicationFactor: number;
    readonly assignments: readonly CreateTopicsRequest.CreatableReplicaAssignment[];
    readonly configs: readonly CreateTopicsRequest.CreatableTopicConfig[];
  }
}

export interface CreateTopicsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly CreateTopicsResponse.CreatableTopicResult[];
}
export declare namespace CreateTopicsResponse {
  export interface CreatableTopicConfigs {
    readonly name: string;
    readonly value: string | null;
    readonly readOnly: boolean;
    /** Default -1. */
    readonly configSource?: number;
    readonly isSensitive: boolean;
  }
  export interface CreatableTopicResult {
    readonly name: string;
    /** Versions 7+. */
    readonly topicId?: string;
    readonly errorCode: number;
    readonly errorMessage: string | null;
    /** Versions 5+. */
    readonly topicConfigErrorCode?: number;
    /** Versions 5+. Default -1. */
    readonly numPartitions?: number;
    /** Versions 5+. Default -1. */
    readonly replicationFactor?: number;
    /** Versions 5+. */
    readonly configs?: readonly CreateTopicsResponse.CreatableTopicConfigs[] | null;
  }
}

function readCreateTopicsRequestCreatableReplicaAssignment(r: WireReader, v: number): Decoded<CreateTopicsRequest.CreatableReplicaAssignment> {
  const partitionIndex = r.int32();
  const brokerIds = v >= 5 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 5) r.skipTaggedFields();
  return { partitionIndex, brokerIds };
}

function readCreateTopicsRequestCreatableReplicaAssignmentArray(r: WireReader, v: number, length: number): Decoded<CreateTopicsRequest.CreatableReplicaAssignment>[] {
  const values: Decoded<CreateTopicsRequest.CreatableReplicaAssignment>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateTopicsRequestCreatableReplicaAssignment(r, v));
  return values;
}

function readCreateTopicsRequestCreatableTopicConfig(r: WireReader, v: number): Decoded<CreateTopicsRequest.CreatableTopicConfig> {
  const name = v >= 5 ? r.compactString() : r.string();
  const value = v >= 5 ? r.compactNullableString() : r.nullableString();
  if (v >= 5) r.skipTaggedFields();
  return { name, value };
}

function readCreateTopicsRequestCreatableTopicConfigArray(r: WireReader, v: number, length: number): Decoded<CreateTopicsRequest.CreatableTopicConfig>[] {
  const values: Decoded<CreateTopicsRequest.CreatableTopicConfig>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateTopicsRequestCreatableTopicConfig(r, v));
  return values;
}

function readCreateTopicsRequestCreatableTopic(r: WireReader, v: number): Decoded<CreateTopicsRequest.CreatableTopic> {
  const name = v >= 5 ? r.compactString() : r.string();
  const numPartitions = r.int32();
  const replicationFactor = r.int16();
  const assignments = v >= 5 ? readCreateTopicsRequestCreatableReplicaAssignmentArray(r, v, r.compactArrayLength(6)) : readCreateTopicsRequestCreatableReplicaAssignmentArray(r, v, r.arrayLength(8));
  const configs = v >= 5 ? readCreateTopicsRequestCreatableTopicConfigArray(r, v, r.compactArrayLength(3)) : readCreateTopicsRequestCreatableTopicConfigArray(r, v, r.arrayLength(4));
  if (v >= 5) r.skipTaggedFields();
  return { name, numPartitions, replicationFactor, assignments, configs };
}

function readCreateTopicsRequestCreatableTopicArray(r: WireReader, v: number, length: number): Decoded<CreateTopicsRequest.CreatableTopic>[] {
  const values: Decoded<CreateTopicsRequest.CreatableTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateTopicsRequestCreatableTopic(r, v));
  return values;
}

function readCreateTopicsRequest(r: WireReader, v: number): Decoded<CreateTopicsRequest> {
  const topics = v >= 5 ? readCreateTopicsRequestCreatableTopicArray(r, v, r.compactArrayLength(10)) : readCreateTopicsRequestCreatableTopicArray(r, v, r.arrayLength(16));
  const timeoutMs = r.int32();
  const validateOnly = r.bool();
  if (v >= 5) r.skipTaggedFields();
  return { topics, timeoutMs, validateOnly };
}

function writeCreateTopicsRequestCreatableReplicaAssignment(w: WireWriter, m: CreateTopicsRequest.CreatableReplicaAssignment, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const brokerIds = m.brokerIds;
  if (v >= 5) {
    w.compactArrayLength(brokerIds.length);
    writeInt32s(w, brokerIds);
  } else {
    w.arrayLength(brokerIds.length);
    writeInt32s(w, brokerIds);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

function writeCreateTopicsRequestCreatableTopicConfig(w: WireWriter, m: CreateTopicsRequest.CreatableTopicConfig, v: number): void {
  const name = m.name;
  if (v >= 5) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const value = m.value;
  if (v >= 5) {
    w.compactNullableString(value);
  } else {
    w.nullableString(value);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

function writeCreateTopicsRequestCreatableTopic(w: WireWriter, m: CreateTopicsRequest.CreatableTopic, v: number): void {
  const name = m.name;
  if (v >= 5) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const numPartitions = m.numPartitions;
  w.int32(numPartitions);
  const replicationFactor = m.replicationFactor;
  w.int16(replicationFactor);
  const assignments = m.assignments;
  if (v >= 5) {
    w.compactArrayLength(assignments.length);
    for (const one of assignments) writeCreateTopicsRequestCreatableReplicaAssignment(w, one, v);
  } else {
    w.arrayLength(assignments.length);
    for (const one of assignments) writeCreateTopicsRequestCreatableReplicaAssignment(w, one, v);
  }
  const configs = m.configs;
  if (v >= 5) {
    w.compactArrayLength(configs.length);
    for (const one of configs) writeCreateTopicsRequestCreatableTopicConfig(w, one, v);
  } else {
    w.arrayLength(configs.length);
    for (const one of configs) writeCreateTopicsRequestCreatableTopicConfig(w, one, v);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

function writeCreateTopicsRequest(w: WireWriter, m: CreateTopicsRequest, v: number): void {
  const topics = m.topics;
  if (v >= 5) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeCreateTopicsRequestCreatableTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeCreateTopicsRequestCreatableTopic(w, one, v);
  }
  const timeoutMs = m.timeoutMs ?? 60000;
  w.int32(timeoutMs);
  const validateOnly = m.validateOnly;
  w.bool(validateOnly);
  if (v >= 5) {
    w.uvarint(0);
  }
}

function readCreateTopicsResponseCreatableTopicConfigs(r: WireReader, _v: number): Decoded<CreateTopicsResponse.CreatableTopicConfigs> {
  const name = r.compactString();
  const value = r.compactNullableString();
  const readOnly = r.bool();
  const configSource = r.int8();
  const isSensitive = r.bool();
  r.skipTaggedFields();
  return { name, value, readOnly, configSource, isSensitive };
}

function readCreateTopicsResponseCreatableTopicConfigsArray(r: WireReader, v: number, length: number): Decoded<CreateTopicsResponse.CreatableTopicConfigs>[] {
  const values: Decoded<CreateTopicsResponse.CreatableTopicConfigs>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateTopicsResponseCreatableTopicConfigs(r, v));
  return values;
}

function readCreateTopicsResponseCreatableTopicConfigsArrayOrNull(r: WireReader, v: number, length: number): Decoded<CreateTopicsResponse.CreatableTopicConfigs>[] | null {
  return length < 0 ? null : readCreateTopicsResponseCreatableTopicConfigsArray(r, v, length);
}

function readCreateTopicsResponseCreatableTopicResult(r: WireReader, v: number): Decoded<CreateTopicsResponse.CreatableTopicResult> {
  const name = v >= 5 ? r.compactString() : r.string();
  const topicId = v >= 7 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const errorCode = r.int16();
  const errorMessage = v >= 5 ? r.compactNullableString() : r.nullableString();
  let topicConfigErrorCode: Decoded<CreateTopicsResponse.CreatableTopicResult>['topicConfigErrorCode'] = 0;
  const numPartitions = v >= 5 ? r.int32() : -1;
  const replicationFactor = v >= 5 ? r.int16() : -1;
  const configs = v >= 5 ? readCreateTopicsResponseCreatableTopicConfigsArrayOrNull(r, v, r.compactNullableArrayLength(6)) : [];
  if (v >= 5) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0) {
        topicConfigErrorCode = r.int16();
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { name, topicId, errorCode, errorMessage, topicConfigErrorCode, numPartitions, replicationFactor, configs };
}

function readCreateTopicsResponseCreatableTopicResultArray(r: WireReader, v: number, length: number): Decoded<CreateTopicsResponse.CreatableTopicResult>[] {
  const values: Decoded<CreateTopicsResponse.CreatableTopicResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreateTopicsResponseCreatableTopicResult(r, v));
  return values;
}

function readCreateTopicsResponse(r: WireReader, v: number): Decoded<CreateTopicsResponse> {
  const throttleTimeMs = r.int32();
  const topics = v >= 5 ? readCreateTopicsResponseCreatableTopicResultArray(r, v, r.compactArrayLength(12)) : readCreateTopicsResponseCreatableTopicResultArray(r, v, r.arrayLength(6));
  if (v >= 5) r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeCreateTopicsResponseCreatableTopicConfigs(w: WireWriter, m: CreateTopicsResponse.CreatableTopicConfigs, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const value = m.value;
  w.compactNullableString(value);
  const readOnly = m.readOnly;
  w.bool(readOnly);
  const configSource = m.configSource ?? -1;
  w.int8(configSource);
  const isSensitive = m.isSensitive;
  w.bool(isSensitive);
  w.uvarint(0);
}

function writeCreateTopicsResponseCreatableTopicResult(w: WireWriter, m: CreateTopicsResponse.CreatableTopicResult, v: number): void {
  const name = m.name;
  if (v >= 5) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 7) {
    w.uuid(topicId);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 5) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  const topicConfigErrorCode = m.topicConfigErrorCode ?? 0;
  const numPartitions = m.numPartitions ?? -1;
  if (v >= 5) {
    w.int32(numPartitions);
  }
  const replicationFactor = m.replicationFactor ?? -1;
  if (v >= 5) {
    w.int16(replicationFactor);
  }
  const configs = m.configs === undefined ? [] : m.configs;
  if (v >= 5) {
    w.compactArrayLength(configs === null ? -1 : configs.length);
    if (configs !== null) for (const one of configs) writeCreateTopicsResponseCreatableTopicConfigs(w, one, v);
  }
  if (v >= 5) {
    const hasTopicConfigErrorCode = topicConfigErrorCode !== 0;
    w.uvarint(Number(hasTopicConfigErrorCode));
    if (hasTopicConfigErrorCode) {
      const at = w.beginTagged(0);
      w.int16(topicConfigErrorCode);
      w.endTagged(at);
    }
  }
}

function writeCreateTopicsResponse(w: WireWriter, m: CreateTopicsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  if (v >= 5) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeCreateTopicsResponseCreatableTopicResult(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeCreateTopicsResponseCreatableTopicResult(w, one, v);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

export const createTopicsCodec: ApiCodec<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 7,
  flexibleFrom: 5,
  request: {
    name: 'CreateTopicsRequest',
    minVersion: 2,
    maxVersion: 7,
    flexibleFrom: 5,
    read: readCreateTopicsRequest,
    write: writeCreateTopicsRequest,
  },
  response: {
    name: 'CreateTopicsResponse',
    minVersion: 2,
    maxVersion: 7,
    flexibleFrom: 5,
    read: readCreateTopicsResponse,
    write: writeCreateTopicsResponse,
  },
};
