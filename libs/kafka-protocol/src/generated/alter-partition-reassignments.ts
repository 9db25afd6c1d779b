// Generated from schemas/alter-partition-reassignments.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt32sOrNull, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AlterPartitionReassignmentsRequest {
  /** Default 60000. */
  readonly timeoutMs?: number;
  /** Versions 1+. Default true. */
  readonly allowReplicationFactorChange?: boolean;
  readonly topics: readonly AlterPartitionReassignmentsRequest.ReassignableTopic[];
}
export declare namespace AlterPartitionReassignmentsRequest {
  export interface ReassignablePartition {
    readonly partitionIndex: number;
    readonly replicas?: readonly number[] | null;
  }
  export interface ReassignableTopic {
    readonly name: string;
    readonly partitions: readonly AlterPartitionReassignmentsRequest.ReassignablePartition[];
  }
}

export interface AlterPartitionReassignmentsResponse {
  readonly throttleTimeMs: number;
  /** Versions 1+. Default true. */
  readonly allowReplicationFactorChange?: boolean;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly responses: readonly AlterPartitionReassignmentsResponse.ReassignableTopicResponse[];
}
export declare namespace AlterPartitionReassignmentsResponse {
  export interface ReassignablePartitionResponse {
    readonly partitionIndex: number;
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }
  export interface ReassignableTopicResponse {
    readonly name: string;
    readonly partitions: readonly AlterPartitionReassignmentsResponse.ReassignablePartitionResponse[];
  }
}

function readAlterPartitionReassignmentsRequestReassignablePartition(r: WireReader, _v: number): Decoded<AlterPartitionReassignmentsRequest.ReassignablePartition> {
  const partitionIndex = r.int32();
  const replicas = readInt32sOrNull(r, r.compactNullableArrayLength(4));
  r.skipTaggedFields();
  return { partitionIndex, replicas };
}

function readAlterPartitionReassignmentsRequestReassignablePartitionArray(r: WireReader, v: number, length: number): Decoded<AlterPartitionReassignmentsRequest.ReassignablePartition>[] {
  const values: Decoded<AlterPartitionReassignmentsRequest.ReassignablePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterPartitionReassignmentsRequestReassignablePartition(r, v));
  return values;
}

function readAlterPartitionReassignmentsRequestReassignableTopic(r: WireReader, v: number): Decoded<AlterPartitionReassignmentsRequest.ReassignableTopic> {
  const name = r.compactString();
  const partitions = readAlterPartitionReassignmentsRequestReassignablePartitionArray(r, v, r.compactArrayLength(6));
  r.skipTaggedFields();
  return { name, partitions };
}

function readAlterPartitionReassignmentsRequestReassignableTopicArray(r: WireReader, v: number, length: number): Decoded<AlterPartitionReassignmentsRequest.ReassignableTopic>[] {
  const values: Decoded<AlterPartitionReassignmentsRequest.ReassignableTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterPartitionReassignmentsRequestReassignableTopic(r, v));
  return values;
}

function readAlterPartitionReassignmentsRequest(r: WireReader, v: number): Decoded<AlterPartitionReassignmentsRequest> {
  const timeoutMs = r.int32();
  const allowReplicationFactorChange = v >= 1 ? r.bool() : true;
  const topics = readAlterPartitionReassignmentsRequestReassignableTopicArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { timeoutMs, allowReplicationFactorChange, topics };
}

function writeAlterPartitionReassignmentsRequestReassignablePartition(w: WireWriter, m: AlterPartitionReassignmentsRequest.ReassignablePartition, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const replicas = m.replicas ?? null;
  w.compactArrayLength(replicas === null ? -1 : replicas.length);
  if (replicas !== null) writeInt32s(w, replicas);
  w.uvarint(0);
}

function writeAlterPartitionReassignmentsRequestReassignableTopic(w: WireWriter, m: AlterPartitionReassignmentsRequest.ReassignableTopic, v: number): void {
  const name = m.name;
  w.compactString(name);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeAlterPartitionReassignmentsRequestReassignablePartition(w, one, v);
  w.uvarint(0);
}

function writeAlterPartitionReassignmentsRequest(w: WireWriter, m: AlterPartitionReassignmentsRequest, v: number): void {
  const timeoutMs = m.timeoutMs ?? 60000;
  w.int32(timeoutMs);
  const allowReplicationFactorChange = m.allowReplicationFactorChange ?? true;
  if (v >= 1) {
    w.bool(allowReplicationFactorChange);
  } else {
    if (allowReplicationFactorChange !== true) throw notInVersion('AlterPartitionReassignmentsRequest', 'allowReplicationFactorChange', v);
  }
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeAlterPartitionReassignmentsRequestReassignableTopic(w, one, v);
  w.uvarint(0);
}

function readAlterPartitionReassignmentsResponseReassignablePartitionResponse(r: WireReader, _v: number): Decoded<AlterPartitionReassignmentsResponse.ReassignablePartitionResponse> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage };
}

function readAlterPartitionReassignmentsResponseReassignablePartitionResponseArray(r: WireReader, v: number, length: number): Decoded<AlterPartitionReassignmentsResponse.ReassignablePartitionResponse>[] {
  const values: Decoded<AlterPartitionReassignmentsResponse.ReassignablePartitionResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterPartitionReassignmentsResponseReassignablePartitionResponse(r, v));
  return values;
}

function readAlterPartitionReassignmentsResponseReassignableTopicResponse(r: WireReader, v: number): Decoded<AlterPartitionReassignmentsResponse.ReassignableTopicResponse> {
  const name = r.compactString();
  const partitions = readAlterPartitionReassignmentsResponseReassignablePartitionResponseArray(r, v, r.compactArrayLength(8));
  r.skipTaggedFields();
  return { name, partitions };
}

function readAlterPartitionReassignmentsResponseReassignableTopicResponseArray(r: WireReader, v: number, length: number): Decoded<AlterPartitionReassignmentsResponse.ReassignableTopicResponse>[] {
  const values: Decoded<AlterPartitionReassignmentsResponse.ReassignableTopicResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterPartitionReassignmentsResponseReassignableTopicResponse(r, v));
  return values;
}

function readAlterPartitionReassignmentsResponse(r: WireReader, v: number): Decoded<AlterPartitionReassignmentsResponse> {
  const throttleTimeMs = r.int32();
  const allowReplicationFactorChange = v >= 1 ? r.bool() : true;
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const responses = readAlterPartitionReassignmentsResponseReassignableTopicResponseArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { throttleTimeMs, allowReplicationFactorChange, errorCode, errorMessage, responses };
}

function writeAlterPartitionReassignmentsResponseReassignablePartitionResponse(w: WireWriter, m: AlterPartitionReassignmentsResponse.ReassignablePartitionResponse, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeAlterPartitionReassignmentsResponseReassignableTopicResponse(w: WireWriter, m: AlterPartitionReassignmentsResponse.ReassignableTopicResponse, v: number): void {
  const name = m.name;
  w.compactString(name);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeAlterPartitionReassignmentsResponseReassignablePartitionResponse(w, one, v);
  w.uvarint(0);
}

function writeAlterPartitionReassignmentsResponse(w: WireWriter, m: AlterPartitionReassignmentsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const allowReplicationFactorChange = m.allowReplicationFactorChange ?? true;
  if (v >= 1) {
    w.bool(allowReplicationFactorChange);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  const responses = m.responses;
  w.compactArrayLength(responses.length);
  for (const one of responses) writeAlterPartitionReassignmentsResponseReassignableTopicResponse(w, one, v);
  w.uvarint(0);
}

export const alterPartitionReassignmentsCodec: ApiCodec<AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponse> = {
  key: 45,
  name: 'AlterPartitionReassignments',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'AlterPartitionReassignmentsRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readAlterPartitionReassignmentsRequest,
    write: writeAlterPartitionReassignmentsRequest,
  },
  response: {
    name: 'AlterPartitionReassignmentsResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readAlterPartitionReassignmentsResponse,
    write: writeAlterPartitionReassignmentsResponse,
  },
};
