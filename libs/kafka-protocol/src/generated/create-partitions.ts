// Generated from schemas/create-partitions.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface CreatePartitionsRequest {
  readonly topics: readonly CreatePartitionsRequest.CreatePartitionsTopic[];
  readonly timeoutMs: number;
  readonly validateOnly: boolean;
}
export declare namespace CreatePartitionsRequest {
  export interface CreatePartitionsAssignment {
    readonly brokerIds: readonly number[];
  }
  export interface CreatePartitionsTopic {
    readonly name: string;
    readonly count: number;
    readonly assignments: readonly CreatePartitionsRequest.CreatePartitionsAssignment[] | null;
  }
}

export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly CreatePartitionsResponse.CreatePartitionsTopicResult[];
}
export declare namespace CreatePartitionsResponse {
  export interface CreatePartitionsTopicResult {
    readonly name: string;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
  }
}

function readCreatePartitionsRequestCreatePartitionsAssignment(r: WireReader, v: number): Decoded<CreatePartitionsRequest.CreatePartitionsAssignment> {
  const brokerIds = v >= 2 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { brokerIds };
}

function readCreatePartitionsRequestCreatePartitionsAssignmentArray(r: WireReader, v: number, length: number): Decoded<CreatePartitionsRequest.CreatePartitionsAssignment>[] {
  const values: Decoded<CreatePartitionsRequest.CreatePartitionsAssignment>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreatePartitionsRequestCreatePartitionsAssignment(r, v));
  return values;
}

function readCreatePartitionsRequestCreatePartitionsAssignmentArrayOrNull(r: WireReader, v: number, length: number): Decoded<CreatePartitionsRequest.CreatePartitionsAssignment>[] | null {
  return length < 0 ? null : readCreatePartitionsRequestCreatePartitionsAssignmentArray(r, v, length);
}

function readCreatePartitionsRequestCreatePartitionsTopic(r: WireReader, v: number): Decoded<CreatePartitionsRequest.CreatePartitionsTopic> {
  const name = v >= 2 ? r.compactString() : r.string();
  const count = r.int32();
  const assignments = v >= 2 ? readCreatePartitionsRequestCreatePartitionsAssignmentArrayOrNull(r, v, r.compactNullableArrayLength(2)) : readCreatePartitionsRequestCreatePartitionsAssignmentArrayOrNull(r, v, r.nullableArrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { name, count, assignments };
}

function readCreatePartitionsRequestCreatePartitionsTopicArray(r: WireReader, v: number, length: number): Decoded<CreatePartitionsRequest.CreatePartitionsTopic>[] {
  const values: Decoded<CreatePartitionsRequest.CreatePartitionsTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreatePartitionsRequestCreatePartitionsTopic(r, v));
  return values;
}

function readCreatePartitionsRequest(r: WireReader, v: number): Decoded<CreatePartitionsRequest> {
  const topics = v >= 2 ? readCreatePartitionsRequestCreatePartitionsTopicArray(r, v, r.compactArrayLength(7)) : readCreatePartitionsRequestCreatePartitionsTopicArray(r, v, r.arrayLength(10));
  const timeoutMs = r.int32();
  const validateOnly = r.bool();
  if (v >= 2) r.skipTaggedFields();
  return { topics, timeoutMs, validateOnly };
}

function writeCreatePartitionsRequestCreatePartitionsAssignment(w: WireWriter, m: CreatePartitionsRequest.CreatePartitionsAssignment, v: number): void {
  const brokerIds = m.brokerIds;
  if (v >= 2) {
    w.compactArrayLength(brokerIds.length);
    writeInt32s(w, brokerIds);
  } else {
    w.arrayLength(brokerIds.length);
    writeInt32s(w, brokerIds);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeCreatePartitionsRequestCreatePartitionsTopic(w: WireWriter, m: CreatePartitionsRequest.CreatePartitionsTopic, v: number): void {
  const name = m.name;
  if (v >= 2) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const count = m.count;
  w.int32(count);
  const assignments = m.assignments;
  if (v >= 2) {
    w.compactArrayLength(assignments === null ? -1 : assignments.length);
    if (assignments !== null) for (const one of assignments) writeCreatePartitionsRequestCreatePartitionsAssignment(w, one, v);
  } else {
    w.arrayLength(assignments === null ? -1 : assignments.length);
    if (assignments !== null) for (const one of assignments) writeCreatePartitionsRequestCreatePartitionsAssignment(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeCreatePartitionsRequest(w: WireWriter, m: CreatePartitionsRequest, v: number): void {
  const topics = m.topics;
  if (v >= 2) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeCreatePartitionsRequestCreatePartitionsTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeCreatePartitionsRequestCreatePartitionsTopic(w, one, v);
  }
  const timeoutMs = m.timeoutMs;
  w.int32(timeoutMs);
  const validateOnly = m.validateOnly;
  w.bool(validateOnly);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readCreatePartitionsResponseCreatePartitionsTopicResult(r: WireReader, v: number): Decoded<CreatePartitionsResponse.CreatePartitionsTopicResult> {
  const name = v >= 2 ? r.compactString() : r.string();
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  if (v >= 2) r.skipTaggedFields();
  return { name, errorCode, errorMessage };
}

function readCreatePartitionsResponseCreatePartitionsTopicResultArray(r: WireReader, v: number, length: number): Decoded<CreatePartitionsResponse.CreatePartitionsTopicResult>[] {
  const values: Decoded<CreatePartitionsResponse.CreatePartitionsTopicResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readCreatePartitionsResponseCreatePartitionsTopicResult(r, v));
  return values;
}

function readCreatePartitionsResponse(r: WireReader, v: number): Decoded<CreatePartitionsResponse> {
  const throttleTimeMs = r.int32();
  const results = v >= 2 ? readCreatePartitionsResponseCreatePartitionsTopicResultArray(r, v, r.compactArrayLength(5)) : readCreatePartitionsResponseCreatePartitionsTopicResultArray(r, v, r.arrayLength(6));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, results };
}

function writeCreatePartitionsResponseCreatePartitionsTopicResult(w: WireWriter, m: CreatePartitionsResponse.CreatePartitionsTopicResult, v: number): void {
  const name = m.name;
  if (v >= 2) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeCreatePartitionsResponse(w: WireWriter, m: CreatePartitionsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const results = m.results;
  if (v >= 2) {
    w.compactArrayLength(results.length);
    for (const one of results) writeCreatePartitionsResponseCreatePartitionsTopicResult(w, one, v);
  } else {
    w.arrayLength(results.length);
    for (const one of results) writeCreatePartitionsResponseCreatePartitionsTopicResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const createPartitionsCodec: ApiCodec<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: 'CreatePartitions',
  minVersion: 0,
  maxVersion: 3,
  flexibleFrom: 2,
  request: {
    name: 'CreatePartitionsRequest',
    minVersion: 0,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readCreatePartitionsRequest,
    write: writeCreatePartitionsRequest,
  },
  response: {
    name: 'CreatePartitionsResponse',
    minVersion: 0,
    maxVersion: 3,
    flexibleFrom: 2,
    read: readCreatePartitionsResponse,
    write: writeCreatePartitionsResponse,
  },
};
