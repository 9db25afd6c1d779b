// Generated from schemas/elect-leaders.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ElectLeadersRequest {
  /** Versions 1+. */
  readonly electionType?: number;
  readonly topicPartitions: readonly ElectLeadersRequest.TopicPartitions[] | null;
  /** Default 60000. */
  readonly timeoutMs?: number;
}
export declare namespace ElectLeadersRequest {
  export interface TopicPartitions {
    readonly topic: string;
    readonly partitions: readonly number[];
  }
}

export interface ElectLeadersResponse {
  readonly throttleTimeMs: number;
  /** Versions 1+. */
  readonly errorCode?: number;
  readonly replicaElectionResults: readonly ElectLeadersResponse.ReplicaElectionResult[];
}
export declare namespace ElectLeadersResponse {
  export interface PartitionResult {
    readonly partitionId: number;
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }
  export interface ReplicaElectionResult {
    readonly topic: string;
    readonly partitionResult: readonly ElectLeadersResponse.PartitionResult[];
  }
}

function readElectLeadersRequestTopicPartitions(r: WireReader, v: number): Decoded<ElectLeadersRequest.TopicPartitions> {
  const topic = v >= 2 ? r.compactString() : r.string();
  const partitions = v >= 2 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { topic, partitions };
}

function readElectLeadersRequestTopicPartitionsArray(r: WireReader, v: number, length: number): Decoded<ElectLeadersRequest.TopicPartitions>[] {
  const values: Decoded<ElectLeadersRequest.TopicPartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readElectLeadersRequestTopicPartitions(r, v));
  return values;
}

function readElectLeadersRequestTopicPartitionsArrayOrNull(r: WireReader, v: number, length: number): Decoded<ElectLeadersRequest.TopicPartitions>[] | null {
  return length < 0 ? null : readElectLeadersRequestTopicPartitionsArray(r, v, length);
}

function readElectLeadersRequest(r: WireReader, v: number): Decoded<ElectLeadersRequest> {
  const electionType = v >= 1 ? r.int8() : 0;
  const topicPartitions = v >= 2 ? readElectLeadersRequestTopicPartitionsArrayOrNull(r, v, r.compactNullableArrayLength(3)) : readElectLeadersRequestTopicPartitionsArrayOrNull(r, v, r.nullableArrayLength(6));
  const timeoutMs = r.int32();
  if (v >= 2) r.skipTaggedFields();
  return { electionType, topicPartitions, timeoutMs };
}

function writeElectLeadersRequestTopicPartitions(w: WireWriter, m: ElectLeadersRequest.TopicPartitions, v: number): void {
  const topic = m.topic;
  if (v >= 2) {
    w.compactString(topic);
  } else {
    w.string(topic);
  }
  const partitions = m.partitions;
  if (v >= 2) {
    w.compactArrayLength(partitions.length);
    writeInt32s(w, partitions);
  } else {
    w.arrayLength(partitions.length);
    writeInt32s(w, partitions);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeElectLeadersRequest(w: WireWriter, m: ElectLeadersRequest, v: number): void {
  const electionType = m.electionType ?? 0;
  if (v >= 1) {
    w.int8(electionType);
  } else {
    if (electionType !== 0) throw notInVersion('ElectLeadersRequest', 'electionType', v);
  }
  const topicPartitions = m.topicPartitions;
  if (v >= 2) {
    w.compactArrayLength(topicPartitions === null ? -1 : topicPartitions.length);
    if (topicPartitions !== null) for (const one of topicPartitions) writeElectLeadersRequestTopicPartitions(w, one, v);
  } else {
    w.arrayLength(topicPartitions === null ? -1 : topicPartitions.length);
    if (topicPartitions !== null) for (const one of topicPartitions) writeElectLeadersRequestTopicPartitions(w, one, v);
  }
  const timeoutMs = m.timeoutMs ?? 60000;
  w.int32(timeoutMs);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readElectLeadersResponsePartitionResult(r: WireReader, v: number): Decoded<ElectLeadersResponse.PartitionResult> {
  const partitionId = r.int32();
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : r.nullableString();
  if (v >= 2) r.skipTaggedFields();
  return { partitionId, errorCode, errorMessage };
}

function readElectLeadersResponsePartitionResultArray(r: WireReader, v: number, length: number): Decoded<ElectLeadersResponse.PartitionResult>[] {
  const values: Decoded<ElectLeadersResponse.PartitionResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readElectLeadersResponsePartitionResult(r, v));
  return values;
}

function readElectLeadersResponseReplicaElectionResult(r: WireReader, v: number): Decoded<ElectLeadersResponse.ReplicaElectionResult> {
  const topic = v >= 2 ? r.compactString() : r.string();
  const partitionResult = v >= 2 ? readElectLeadersResponsePartitionResultArray(r, v, r.compactArrayLength(8)) : readElectLeadersResponsePartitionResultArray(r, v, r.arrayLength(8));
  if (v >= 2) r.skipTaggedFields();
  return { topic, partitionResult };
}

function readElectLeadersResponseReplicaElectionResultArray(r: WireReader, v: number, length: number): Decoded<ElectLeadersResponse.ReplicaElectionResult>[] {
  const values: Decoded<ElectLeadersResponse.ReplicaElectionResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readElectLeadersResponseReplicaElectionResult(r, v));
  return values;
}

function readElectLeadersResponse(r: WireReader, v: number): Decoded<ElectLeadersResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = v >= 1 ? r.int16() : 0;
  const replicaElectionResults = v >= 2 ? readElectLeadersResponseReplicaElectionResultArray(r, v, r.compactArrayLength(3)) : readElectLeadersResponseReplicaElectionResultArray(r, v, r.arrayLength(6));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, replicaElectionResults };
}

function writeElectLeadersResponsePartitionResult(w: WireWriter, m: ElectLeadersResponse.PartitionResult, v: number): void {
  const partitionId = m.partitionId;
  w.int32(partitionId);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  } else {
    w.nullableString(errorMessage);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeElectLeadersResponseReplicaElectionResult(w: WireWriter, m: ElectLeadersResponse.ReplicaElectionResult, v: number): void {
  const topic = m.topic;
  if (v >= 2) {
    w.compactString(topic);
  } else {
    w.string(topic);
  }
  const partitionResult = m.partitionResult;
  if (v >= 2) {
    w.compactArrayLength(partitionResult.length);
    for (const one of partitionResult) writeElectLeadersResponsePartitionResult(w, one, v);
  } else {
    w.arrayLength(partitionResult.length);
    for (const one of partitionResult) writeElectLeadersResponsePartitionResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeElectLeadersResponse(w: WireWriter, m: ElectLeadersResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode ?? 0;
  if (v >= 1) {
    w.int16(errorCode);
  } else {
    if (errorCode !== 0) throw notInVersion('ElectLeadersResponse', 'errorCode', v);
  }
  const replicaElectionResults = m.replicaElectionResults;
  if (v >= 2) {
    w.compactArrayLength(replicaElectionResults.length);
    for (const one of replicaElectionResults) writeElectLeadersResponseReplicaElectionResult(w, one, v);
  } else {
    w.arrayLength(replicaElectionResults.length);
    for (const one of replicaElectionResults) writeElectLeadersResponseReplicaElectionResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const electLeadersCodec: ApiCodec<ElectLeadersRequest, ElectLeadersResponse> = {
  key: 43,
  name: 'ElectLeaders',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: {
    name: 'ElectLeadersRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readElectLeadersRequest,
    write: writeElectLeadersRequest,
  },
  response: {
    name: 'ElectLeadersResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readElectLeadersResponse,
    write: writeElectLeadersResponse,
  },
};
