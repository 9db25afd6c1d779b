// Generated from schemas/list-partition-reassignments.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ListPartitionReassignmentsRequest {
  /** Default 60000. */
  readonly timeoutMs?: number;
  readonly topics?: readonly ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics[] | null;
}
export declare namespace ListPartitionReassignmentsRequest {
  export interface ListPartitionReassignmentsTopics {
    readonly name: string;
    readonly partitionIndexes: readonly number[];
  }
}

export interface ListPartitionReassignmentsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly topics: readonly ListPartitionReassignmentsResponse.OngoingTopicReassignment[];
}
export declare namespace ListPartitionReassignmentsResponse {
  export interface OngoingPartitionReassignment {
    readonly partitionIndex: number;
    readonly replicas: readonly number[];
    readonly addingReplicas: readonly number[];
    readonly removingReplicas: readonly number[];
  }
  export interface OngoingTopicReassignment {
    readonly name: string;
    readonly partitions: readonly ListPartitionReassignmentsResponse.OngoingPartitionReassignment[];
  }
}

function readListPartitionReassignmentsRequestListPartitionReassignmentsTopics(r: WireReader, _v: number): Decoded<ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics> {
  const name = r.compactString();
  const partitionIndexes = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { name, partitionIndexes };
}

function readListPartitionReassignmentsRequestListPartitionReassignmentsTopicsArray(r: WireReader, v: number, length: number): Decoded<ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics>[] {
  const values: Decoded<ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics>[] = [];
  for (let i = 0; i < length; i++) values.push(readListPartitionReassignmentsRequestListPartitionReassignmentsTopics(r, v));
  return values;
}

function readListPartitionReassignmentsRequestListPartitionReassignmentsTopicsArrayOrNull(r: WireReader, v: number, length: number): Decoded<ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics>[] | null {
  return length < 0 ? null : readListPartitionReassignmentsRequestListPartitionReassignmentsTopicsArray(r, v, length);
}

function readListPartitionReassignmentsRequest(r: WireReader, v: number): Decoded<ListPartitionReassignmentsRequest> {
  const timeoutMs = r.int32();
  const topics = readListPartitionReassignmentsRequestListPartitionReassignmentsTopicsArrayOrNull(r, v, r.compactNullableArrayLength(3));
  r.skipTaggedFields();
  return { timeoutMs, topics };
}

function writeListPartitionReassignmentsRequestListPartitionReassignmentsTopics(w: WireWriter, m: ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const partitionIndexes = m.partitionIndexes;
  w.compactArrayLength(partitionIndexes.length);
  writeInt32s(w, partitionIndexes);
  w.uvarint(0);
}

function writeListPartitionReassignmentsRequest(w: WireWriter, m: ListPartitionReassignmentsRequest, v: number): void {
  const timeoutMs = m.timeoutMs ?? 60000;
  w.int32(timeoutMs);
  const topics = m.topics ?? null;
  w.compactArrayLength(topics === null ? -1 : topics.length);
  if (topics !== null) for (const one of topics) writeListPartitionReassignmentsRequestListPartitionReassignmentsTopics(w, one, v);
  w.uvarint(0);
}

function readListPartitionReassignmentsResponseOngoingPartitionReassignment(r: WireReader, _v: number): Decoded<ListPartitionReassignmentsResponse.OngoingPartitionReassignment> {
  const partitionIndex = r.int32();
  const replicas = readInt32s(r, r.compactArrayLength(4));
  const addingReplicas = readInt32s(r, r.compactArrayLength(4));
  const removingReplicas = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { partitionIndex, replicas, addingReplicas, removingReplicas };
}

function readListPartitionReassignmentsResponseOngoingPartitionReassignmentArray(r: WireReader, v: number, length: number): Decoded<ListPartitionReassignmentsResponse.OngoingPartitionReassignment>[] {
  const values: Decoded<ListPartitionReassignmentsResponse.OngoingPartitionReassignment>[] = [];
  for (let i = 0; i < length; i++) values.push(readListPartitionReassignmentsResponseOngoingPartitionReassignment(r, v));
  return values;
}

function readListPartitionReassignmentsResponseOngoingTopicReassignment(r: WireReader, v: number): Decoded<ListPartitionReassignmentsResponse.OngoingTopicReassignment> {
  const name = r.compactString();
  const partitions = readListPartitionReassignmentsResponseOngoingPartitionReassignmentArray(r, v, r.compactArrayLength(8));
  r.skipTaggedFields();
  return { name, partitions };
}

function readListPartitionReassignmentsResponseOngoingTopicReassignmentArray(r: WireReader, v: number, length: number): Decoded<ListPartitionReassignmentsResponse.OngoingTopicReassignment>[] {
  const values: Decoded<ListPartitionReassignmentsResponse.OngoingTopicReassignment>[] = [];
  for (let i = 0; i < length; i++) values.push(readListPartitionReassignmentsResponseOngoingTopicReassignment(r, v));
  return values;
}

function readListPartitionReassignmentsResponse(r: WireReader, v: number): Decoded<ListPartitionReassignmentsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const topics = readListPartitionReassignmentsResponseOngoingTopicReassignmentArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, topics };
}

function writeListPartitionReassignmentsResponseOngoingPartitionReassignment(w: WireWriter, m: ListPartitionReassignmentsResponse.OngoingPartitionReassignment, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const replicas = m.replicas;
  w.compactArrayLength(replicas.length);
  writeInt32s(w, replicas);
  const addingReplicas = m.addingReplicas;
  w.compactArrayLength(addingReplicas.length);
  writeInt32s(w, addingReplicas);
  const removingReplicas = m.removingReplicas;
  w.compactArrayLength(removingReplicas.length);
  writeInt32s(w, removingReplicas);
  w.uvarint(0);
}

function writeListPartitionReassignmentsResponseOngoingTopicReassignment(w: WireWriter, m: ListPartitionReassignmentsResponse.OngoingTopicReassignment, v: number): void {
  const name = m.name;
  w.compactString(name);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeListPartitionReassignmentsResponseOngoingPartitionReassignment(w, one, v);
  w.uvarint(0);
}

function writeListPartitionReassignmentsResponse(w: WireWriter, m: ListPartitionReassignmentsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeListPartitionReassignmentsResponseOngoingTopicReassignment(w, one, v);
  w.uvarint(0);
}

export const listPartitionReassignmentsCodec: ApiCodec<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> = {
  key: 46,
  name: 'ListPartitionReassignments',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'ListPartitionReassignmentsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readListPartitionReassignmentsRequest,
    write: writeListPartitionReassignmentsRequest,
  },
  response: {
    name: 'ListPartitionReassignmentsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readListPartitionReassignmentsResponse,
    write: writeListPartitionReassignmentsResponse,
  },
};
