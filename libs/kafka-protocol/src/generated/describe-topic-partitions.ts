// Generated from schemas/describe-topic-partitions.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, readInt32sOrNull, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeTopicPartitionsRequest {
  readonly topics: readonly DescribeTopicPartitionsRequest.TopicRequest[];
  /** Default 2000. */
  readonly responsePartitionLimit?: number;
  readonly cursor?: DescribeTopicPartitionsRequest.Cursor | null;
}
export declare namespace DescribeTopicPartitionsRequest {
  export interface TopicRequest {
    readonly name: string;
  }
  export interface Cursor {
    readonly topicName: string;
    readonly partitionIndex: number;
  }
}

export interface DescribeTopicPartitionsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic[];
  readonly nextCursor?: DescribeTopicPartitionsResponse.Cursor | null;
}
export declare namespace DescribeTopicPartitionsResponse {
  export interface DescribeTopicPartitionsResponsePartition {
    readonly errorCode: number;
    readonly partitionIndex: number;
    readonly leaderId: number;
    /** Default -1. */
    readonly leaderEpoch?: number;
    readonly replicaNodes: readonly number[];
    readonly isrNodes: readonly number[];
    readonly eligibleLeaderReplicas?: readonly number[] | null;
    readonly lastKnownElr?: readonly number[] | null;
    readonly offlineReplicas: readonly number[];
  }
  export interface DescribeTopicPartitionsResponseTopic {
    readonly errorCode: number;
    readonly name: string | null;
    readonly topicId: string;
    readonly isInternal: boolean;
    readonly partitions: readonly DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition[];
    /** Default -2147483648. */
    readonly topicAuthorizedOperations?: number;
  }
  export interface Cursor {
    readonly topicName: string;
    readonly partitionIndex: number;
  }
}

function readDescribeTopicPartitionsRequestTopicRequest(r: WireReader, _v: number): Decoded<DescribeTopicPartitionsRequest.TopicRequest> {
  const name = r.compactString();
  r.skipTaggedFields();
  return { name };
}

function readDescribeTopicPartitionsRequestTopicRequestArray(r: WireReader, v: number, length: number): Decoded<DescribeTopicPartitionsRequest.TopicRequest>[] {
  const values: Decoded<DescribeTopicPartitionsRequest.TopicRequest>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeTopicPartitionsRequestTopicRequest(r, v));
  return values;
}

function readDescribeTopicPartitionsRequestCursor(r: WireReader, _v: number): Decoded<DescribeTopicPartitionsRequest.Cursor> {
  const topicName = r.compactString();
  const partitionIndex = r.int32();
  r.skipTaggedFields();
  return { topicName, partitionIndex };
}

function readDescribeTopicPartitionsRequest(r: WireReader, v: number): Decoded<DescribeTopicPartitionsRequest> {
  const topics = readDescribeTopicPartitionsRequestTopicRequestArray(r, v, r.compactArrayLength(2));
  const responsePartitionLimit = r.int32();
  const cursor = (r.isPresent() ? readDescribeTopicPartitionsRequestCursor(r, v) : null);
  r.skipTaggedFields();
  return { topics, responsePartitionLimit, cursor };
}

function writeDescribeTopicPartitionsRequestTopicRequest(w: WireWriter, m: DescribeTopicPartitionsRequest.TopicRequest, _v: number): void {
  const name = m.name;
  w.compactString(name);
  w.uvarint(0);
}

function writeDescribeTopicPartitionsRequestCursor(w: WireWriter, m: DescribeTopicPartitionsRequest.Cursor, _v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  w.uvarint(0);
}

function writeDescribeTopicPartitionsRequest(w: WireWriter, m: DescribeTopicPartitionsRequest, v: number): void {
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeTopicPartitionsRequestTopicRequest(w, one, v);
  const responsePartitionLimit = m.responsePartitionLimit ?? 2000;
  w.int32(responsePartitionLimit);
  const cursor = m.cursor ?? null;
  w.presence(cursor !== null);
  if (cursor !== null) writeDescribeTopicPartitionsRequestCursor(w, cursor, v);
  w.uvarint(0);
}

function readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartition(r: WireReader, _v: number): Decoded<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition> {
  const errorCode = r.int16();
  const partitionIndex = r.int32();
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  const replicaNodes = readInt32s(r, r.compactArrayLength(4));
  const isrNodes = readInt32s(r, r.compactArrayLength(4));
  const eligibleLeaderReplicas = readInt32sOrNull(r, r.compactNullableArrayLength(4));
  const lastKnownElr = readInt32sOrNull(r, r.compactNullableArrayLength(4));
  const offlineReplicas = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, eligibleLeaderReplicas, lastKnownElr, offlineReplicas };
}

function readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition>[] {
  const values: Decoded<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartition(r, v));
  return values;
}

function readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic(r: WireReader, v: number): Decoded<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic> {
  const errorCode = r.int16();
  const name = r.compactNullableString();
  const topicId = r.uuid();
  const isInternal = r.bool();
  const partitions = readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartitionArray(r, v, r.compactArrayLength(20));
  const topicAuthorizedOperations = r.int32();
  r.skipTaggedFields();
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations };
}

function readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopicArray(r: WireReader, v: number, length: number): Decoded<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic>[] {
  const values: Decoded<DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic(r, v));
  return values;
}

function readDescribeTopicPartitionsResponseCursor(r: WireReader, _v: number): Decoded<DescribeTopicPartitionsResponse.Cursor> {
  const topicName = r.compactString();
  const partitionIndex = r.int32();
  r.skipTaggedFields();
  return { topicName, partitionIndex };
}

function readDescribeTopicPartitionsResponse(r: WireReader, v: number): Decoded<DescribeTopicPartitionsResponse> {
  const throttleTimeMs = r.int32();
  const topics = readDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopicArray(r, v, r.compactArrayLength(26));
  const nextCursor = (r.isPresent() ? readDescribeTopicPartitionsResponseCursor(r, v) : null);
  r.skipTaggedFields();
  return { throttleTimeMs, topics, nextCursor };
}

function writeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartition(w: WireWriter, m: DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition, _v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const leaderId = m.leaderId;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch ?? -1;
  w.int32(leaderEpoch);
  const replicaNodes = m.replicaNodes;
  w.compactArrayLength(replicaNodes.length);
  writeInt32s(w, replicaNodes);
  const isrNodes = m.isrNodes;
  w.compactArrayLength(isrNodes.length);
  writeInt32s(w, isrNodes);
  const eligibleLeaderReplicas = m.eligibleLeaderReplicas ?? null;
  w.compactArrayLength(eligibleLeaderReplicas === null ? -1 : eligibleLeaderReplicas.length);
  if (eligibleLeaderReplicas !== null) writeInt32s(w, eligibleLeaderReplicas);
  const lastKnownElr = m.lastKnownElr ?? null;
  w.compactArrayLength(lastKnownElr === null ? -1 : lastKnownElr.length);
  if (lastKnownElr !== null) writeInt32s(w, lastKnownElr);
  const offlineReplicas = m.offlineReplicas;
  w.compactArrayLength(offlineReplicas.length);
  writeInt32s(w, offlineReplicas);
  w.uvarint(0);
}

function writeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic(w: WireWriter, m: DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const name = m.name;
  w.compactNullableString(name);
  const topicId = m.topicId;
  w.uuid(topicId);
  const isInternal = m.isInternal;
  w.bool(isInternal);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponsePartition(w, one, v);
  const topicAuthorizedOperations = m.topicAuthorizedOperations ?? -2147483648;
  w.int32(topicAuthorizedOperations);
  w.uvarint(0);
}

function writeDescribeTopicPartitionsResponseCursor(w: WireWriter, m: DescribeTopicPartitionsResponse.Cursor, _v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  w.uvarint(0);
}

function writeDescribeTopicPartitionsResponse(w: WireWriter, m: DescribeTopicPartitionsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeTopicPartitionsResponseDescribeTopicPartitionsResponseTopic(w, one, v);
  const nextCursor = m.nextCursor ?? null;
  w.presence(nextCursor !== null);
  if (nextCursor !== null) writeDescribeTopicPartitionsResponseCursor(w, nextCursor, v);
  w.uvarint(0);
}

export const describeTopicPartitionsCodec: ApiCodec<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse> = {
  key: 75,
  name: 'DescribeTopicPartitions',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'DescribeTopicPartitionsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeTopicPartitionsRequest,
    write: writeDescribeTopicPartitionsRequest,
  },
  response: {
    name: 'DescribeTopicPartitionsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeTopicPartitionsResponse,
    write: writeDescribeTopicPartitionsResponse,
  },
};
