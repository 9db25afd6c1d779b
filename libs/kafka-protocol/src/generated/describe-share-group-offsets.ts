// Generated from schemas/describe-share-group-offsets.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeShareGroupOffsetsRequest {
  readonly groups: readonly DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup[];
}
export declare namespace DescribeShareGroupOffsetsRequest {
  export interface DescribeShareGroupOffsetsRequestTopic {
    readonly topicName: string;
    readonly partitions: readonly number[];
  }
  export interface DescribeShareGroupOffsetsRequestGroup {
    readonly groupId: string;
    readonly topics: readonly DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic[] | null;
  }
}

export interface DescribeShareGroupOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup[];
}
export declare namespace DescribeShareGroupOffsetsResponse {
  export interface DescribeShareGroupOffsetsResponsePartition {
    readonly partitionIndex: number;
    readonly startOffset: number;
    readonly leaderEpoch: number;
    /** Versions 1+. Default -1. */
    readonly lag?: number;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
  }
  export interface DescribeShareGroupOffsetsResponseTopic {
    readonly topicName: string;
    readonly topicId: string;
    readonly partitions: readonly DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition[];
  }
  export interface DescribeShareGroupOffsetsResponseGroup {
    readonly groupId: string;
    readonly topics: readonly DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic[];
    readonly errorCode: number;
    readonly errorMessage?: string | null;
  }
}

function readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopic(r: WireReader, _v: number): Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic> {
  const topicName = r.compactString();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicName, partitions };
}

function readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopicArray(r: WireReader, v: number, length: number): Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic>[] {
  const values: Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopic(r, v));
  return values;
}

function readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopicArrayOrNull(r: WireReader, v: number, length: number): Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic>[] | null {
  return length < 0 ? null : readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopicArray(r, v, length);
}

function readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup(r: WireReader, v: number): Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup> {
  const groupId = r.compactString();
  const topics = readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopicArrayOrNull(r, v, r.compactNullableArrayLength(3));
  r.skipTaggedFields();
  return { groupId, topics };
}

function readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroupArray(r: WireReader, v: number, length: number): Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup>[] {
  const values: Decoded<DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup(r, v));
  return values;
}

function readDescribeShareGroupOffsetsRequest(r: WireReader, v: number): Decoded<DescribeShareGroupOffsetsRequest> {
  const groups = readDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroupArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { groups };
}

function writeDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopic(w: WireWriter, m: DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic, _v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup(w: WireWriter, m: DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const topics = m.topics;
  w.compactArrayLength(topics === null ? -1 : topics.length);
  if (topics !== null) for (const one of topics) writeDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestTopic(w, one, v);
  w.uvarint(0);
}

function writeDescribeShareGroupOffsetsRequest(w: WireWriter, m: DescribeShareGroupOffsetsRequest, v: number): void {
  const groups = m.groups;
  w.compactArrayLength(groups.length);
  for (const one of groups) writeDescribeShareGroupOffsetsRequestDescribeShareGroupOffsetsRequestGroup(w, one, v);
  w.uvarint(0);
}

function readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponsePartition(r: WireReader, v: number): Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition> {
  const partitionIndex = r.int32();
  const startOffset = r.int64();
  const leaderEpoch = r.int32();
  const lag = v >= 1 ? r.int64() : -1;
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { partitionIndex, startOffset, leaderEpoch, lag, errorCode, errorMessage };
}

function readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition>[] {
  const values: Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponsePartition(r, v));
  return values;
}

function readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseTopic(r: WireReader, v: number): Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic> {
  const topicName = r.compactString();
  const topicId = r.uuid();
  const partitions = readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponsePartitionArray(r, v, r.compactArrayLength(20));
  r.skipTaggedFields();
  return { topicName, topicId, partitions };
}

function readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseTopicArray(r: WireReader, v: number, length: number): Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic>[] {
  const values: Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseTopic(r, v));
  return values;
}

function readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup(r: WireReader, v: number): Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup> {
  const groupId = r.compactString();
  const topics = readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseTopicArray(r, v, r.compactArrayLength(19));
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { groupId, topics, errorCode, errorMessage };
}

function readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroupArray(r: WireReader, v: number, length: number): Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup>[] {
  const values: Decoded<DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup(r, v));
  return values;
}

function readDescribeShareGroupOffsetsResponse(r: WireReader, v: number): Decoded<DescribeShareGroupOffsetsResponse> {
  const throttleTimeMs = r.int32();
  const groups = readDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroupArray(r, v, r.compactArrayLength(6));
  r.skipTaggedFields();
  return { throttleTimeMs, groups };
}

function writeDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponsePartition(w: WireWriter, m: DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const startOffset = m.startOffset;
  w.int64(startOffset);
  const leaderEpoch = m.leaderEpoch;
  w.int32(leaderEpoch);
  const lag = m.lag ?? -1;
  if (v >= 1) {
    w.int64(lag);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseTopic(w: WireWriter, m: DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic, v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponsePartition(w, one, v);
  w.uvarint(0);
}

function writeDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup(w: WireWriter, m: DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseTopic(w, one, v);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeDescribeShareGroupOffsetsResponse(w: WireWriter, m: DescribeShareGroupOffsetsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const groups = m.groups;
  w.compactArrayLength(groups.length);
  for (const one of groups) writeDescribeShareGroupOffsetsResponseDescribeShareGroupOffsetsResponseGroup(w, one, v);
  w.uvarint(0);
}

export const describeShareGroupOffsetsCodec: ApiCodec<DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse> = {
  key: 90,
  name: 'DescribeShareGroupOffsets',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'DescribeShareGroupOffsetsRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readDescribeShareGroupOffsetsRequest,
    write: writeDescribeShareGroupOffsetsRequest,
  },
  response: {
    name: 'DescribeShareGroupOffsetsResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readDescribeShareGroupOffsetsResponse,
    write: writeDescribeShareGroupOffsetsResponse,
  },
};
