// Generated from schemas/alter-share-group-offsets.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AlterShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic[];
}
export declare namespace AlterShareGroupOffsetsRequest {
  export interface AlterShareGroupOffsetsRequestPartition {
    readonly partitionIndex: number;
    readonly startOffset: number;
  }
  export interface AlterShareGroupOffsetsRequestTopic {
    readonly topicName: string;
    readonly partitions: readonly AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition[];
  }
}

export interface AlterShareGroupOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly responses: readonly AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic[];
}
export declare namespace AlterShareGroupOffsetsResponse {
  export interface AlterShareGroupOffsetsResponsePartition {
    readonly partitionIndex: number;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
  }
  export interface AlterShareGroupOffsetsResponseTopic {
    readonly topicName: string;
    readonly topicId: string;
    readonly partitions: readonly AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition[];
  }
}

function readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestPartition(r: WireReader, _v: number): Decoded<AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition> {
  const partitionIndex = r.int32();
  const startOffset = r.int64();
  r.skipTaggedFields();
  return { partitionIndex, startOffset };
}

function readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestPartitionArray(r: WireReader, v: number, length: number): Decoded<AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition>[] {
  const values: Decoded<AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestPartition(r, v));
  return values;
}

function readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestTopic(r: WireReader, v: number): Decoded<AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic> {
  const topicName = r.compactString();
  const partitions = readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestPartitionArray(r, v, r.compactArrayLength(13));
  r.skipTaggedFields();
  return { topicName, partitions };
}

function readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestTopicArray(r: WireReader, v: number, length: number): Decoded<AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic>[] {
  const values: Decoded<AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestTopic(r, v));
  return values;
}

function readAlterShareGroupOffsetsRequest(r: WireReader, v: number): Decoded<AlterShareGroupOffsetsRequest> {
  const groupId = r.compactString();
  const topics = readAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestTopicArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { groupId, topics };
}

function writeAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestPartition(w: WireWriter, m: AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const startOffset = m.startOffset;
  w.int64(startOffset);
  w.uvarint(0);
}

function writeAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestTopic(w: WireWriter, m: AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic, v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestPartition(w, one, v);
  w.uvarint(0);
}

function writeAlterShareGroupOffsetsRequest(w: WireWriter, m: AlterShareGroupOffsetsRequest, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeAlterShareGroupOffsetsRequestAlterShareGroupOffsetsRequestTopic(w, one, v);
  w.uvarint(0);
}

function readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponsePartition(r: WireReader, _v: number): Decoded<AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage };
}

function readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition>[] {
  const values: Decoded<AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponsePartition(r, v));
  return values;
}

function readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponseTopic(r: WireReader, v: number): Decoded<AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic> {
  const topicName = r.compactString();
  const topicId = r.uuid();
  const partitions = readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponsePartitionArray(r, v, r.compactArrayLength(8));
  r.skipTaggedFields();
  return { topicName, topicId, partitions };
}

function readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponseTopicArray(r: WireReader, v: number, length: number): Decoded<AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic>[] {
  const values: Decoded<AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponseTopic(r, v));
  return values;
}

function readAlterShareGroupOffsetsResponse(r: WireReader, v: number): Decoded<AlterShareGroupOffsetsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const responses = readAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponseTopicArray(r, v, r.compactArrayLength(19));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, responses };
}

function writeAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponsePartition(w: WireWriter, m: AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponseTopic(w: WireWriter, m: AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic, v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponsePartition(w, one, v);
  w.uvarint(0);
}

function writeAlterShareGroupOffsetsResponse(w: WireWriter, m: AlterShareGroupOffsetsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const responses = m.responses;
  w.compactArrayLength(responses.length);
  for (const one of responses) writeAlterShareGroupOffsetsResponseAlterShareGroupOffsetsResponseTopic(w, one, v);
  w.uvarint(0);
}

export const alterShareGroupOffsetsCodec: ApiCodec<AlterShareGroupOffsetsRequest, AlterShareGroupOffsetsResponse> = {
  key: 91,
  name: 'AlterShareGroupOffsets',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'AlterShareGroupOffsetsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readAlterShareGroupOffsetsRequest,
    write: writeAlterShareGroupOffsetsRequest,
  },
  response: {
    name: 'AlterShareGroupOffsetsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readAlterShareGroupOffsetsResponse,
    write: writeAlterShareGroupOffsetsResponse,
  },
};
