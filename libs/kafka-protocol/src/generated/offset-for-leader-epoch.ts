// Generated from schemas/offset-for-leader-epoch.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface OffsetForLeaderEpochRequest {
  /** Versions 3+. Default -2. */
  readonly replicaId?: number;
  readonly topics: readonly OffsetForLeaderEpochRequest.OffsetForLeaderTopic[];
}
export declare namespace OffsetForLeaderEpochRequest {
  export interface OffsetForLeaderPartition {
    readonly partition: number;
    /** Default -1. */
    readonly currentLeaderEpoch?: number;
    readonly leaderEpoch: number;
  }
  export interface OffsetForLeaderTopic {
    readonly topic: string;
    readonly partitions: readonly OffsetForLeaderEpochRequest.OffsetForLeaderPartition[];
  }
}

export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult[];
}
export declare namespace OffsetForLeaderEpochResponse {
  export interface EpochEndOffset {
    readonly errorCode: number;
    readonly partition: number;
    /** Default -1. */
    readonly leaderEpoch?: number;
    /** Default -1. */
    readonly endOffset?: number;
  }
  export interface OffsetForLeaderTopicResult {
    readonly topic: string;
    readonly partitions: readonly OffsetForLeaderEpochResponse.EpochEndOffset[];
  }
}

function readOffsetForLeaderEpochRequestOffsetForLeaderPartition(r: WireReader, v: number): Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderPartition> {
  const partition = r.int32();
  const currentLeaderEpoch = r.int32();
  const leaderEpoch = r.int32();
  if (v >= 4) r.skipTaggedFields();
  return { partition, currentLeaderEpoch, leaderEpoch };
}

function readOffsetForLeaderEpochRequestOffsetForLeaderPartitionArray(r: WireReader, v: number, length: number): Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderPartition>[] {
  const values: Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetForLeaderEpochRequestOffsetForLeaderPartition(r, v));
  return values;
}

function readOffsetForLeaderEpochRequestOffsetForLeaderTopic(r: WireReader, v: number): Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderTopic> {
  const topic = v >= 4 ? r.compactString() : r.string();
  const partitions = v >= 4 ? readOffsetForLeaderEpochRequestOffsetForLeaderPartitionArray(r, v, r.compactArrayLength(13)) : readOffsetForLeaderEpochRequestOffsetForLeaderPartitionArray(r, v, r.arrayLength(12));
  if (v >= 4) r.skipTaggedFields();
  return { topic, partitions };
}

function readOffsetForLeaderEpochRequestOffsetForLeaderTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderTopic>[] {
  const values: Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetForLeaderEpochRequestOffsetForLeaderTopic(r, v));
  return values;
}

function readOffsetForLeaderEpochRequest(r: WireReader, v: number): Decoded<OffsetForLeaderEpochRequest> {
  const replicaId = v >= 3 ? r.int32() : -2;
  const topics = v >= 4 ? readOffsetForLeaderEpochRequestOffsetForLeaderTopicArray(r, v, r.compactArrayLength(3)) : readOffsetForLeaderEpochRequestOffsetForLeaderTopicArray(r, v, r.arrayLength(6));
  if (v >= 4) r.skipTaggedFields();
  return { replicaId, topics };
}

function writeOffsetForLeaderEpochRequestOffsetForLeaderPartition(w: WireWriter, m: OffsetForLeaderEpochRequest.OffsetForLeaderPartition, v: number): void {
  const partition = m.partition;
  w.int32(partition);
  const currentLeaderEpoch = m.currentLeaderEpoch ?? -1;
  w.int32(currentLeaderEpoch);
  const leaderEpoch = m.leaderEpoch;
  w.int32(leaderEpoch);
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeOffsetForLeaderEpochRequestOffsetForLeaderTopic(w: WireWriter, m: OffsetForLeaderEpochRequest.OffsetForLeaderTopic, v: number): void {
  const topic = m.topic;
  if (v >= 4) {
    w.compactString(topic);
  } else {
    w.string(topic);
  }
  const partitions = m.partitions;
  if (v >= 4) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeOffsetForLeaderEpochRequestOffsetForLeaderPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeOffsetForLeaderEpochRequestOffsetForLeaderPartition(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeOffsetForLeaderEpochRequest(w: WireWriter, m: OffsetForLeaderEpochRequest, v: number): void {
  const replicaId = m.replicaId ?? -2;
  if (v >= 3) {
    w.int32(replicaId);
  }
  const topics = m.topics;
  if (v >= 4) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeOffsetForLeaderEpochRequestOffsetForLeaderTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeOffsetForLeaderEpochRequestOffsetForLeaderTopic(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function readOffsetForLeaderEpochResponseEpochEndOffset(r: WireReader, v: number): Decoded<OffsetForLeaderEpochResponse.EpochEndOffset> {
  const errorCode = r.int16();
  const partition = r.int32();
  const leaderEpoch = r.int32();
  const endOffset = r.int64();
  if (v >= 4) r.skipTaggedFields();
  return { errorCode, partition, leaderEpoch, endOffset };
}

function readOffsetForLeaderEpochResponseEpochEndOffsetArray(r: WireReader, v: number, length: number): Decoded<OffsetForLeaderEpochResponse.EpochEndOffset>[] {
  const values: Decoded<OffsetForLeaderEpochResponse.EpochEndOffset>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetForLeaderEpochResponseEpochEndOffset(r, v));
  return values;
}

function readOffsetForLeaderEpochResponseOffsetForLeaderTopicResult(r: WireReader, v: number): Decoded<OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult> {
  const topic = v >= 4 ? r.compactString() : r.string();
  const partitions = v >= 4 ? readOffsetForLeaderEpochResponseEpochEndOffsetArray(r, v, r.compactArrayLength(19)) : readOffsetForLeaderEpochResponseEpochEndOffsetArray(r, v, r.arrayLength(18));
  if (v >= 4) r.skipTaggedFields();
  return { topic, partitions };
}

function readOffsetForLeaderEpochResponseOffsetForLeaderTopicResultArray(r: WireReader, v: number, length: number): Decoded<OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult>[] {
  const values: Decoded<OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetForLeaderEpochResponseOffsetForLeaderTopicResult(r, v));
  return values;
}

function readOffsetForLeaderEpochResponse(r: WireReader, v: number): Decoded<OffsetForLeaderEpochResponse> {
  const throttleTimeMs = r.int32();
  const topics = v >= 4 ? readOffsetForLeaderEpochResponseOffsetForLeaderTopicResultArray(r, v, r.compactArrayLength(3)) : readOffsetForLeaderEpochResponseOffsetForLeaderTopicResultArray(r, v, r.arrayLength(6));
  if (v >= 4) r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeOffsetForLeaderEpochResponseEpochEndOffset(w: WireWriter, m: OffsetForLeaderEpochResponse.EpochEndOffset, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const partition = m.partition;
  w.int32(partition);
  const leaderEpoch = m.leaderEpoch ?? -1;
  w.int32(leaderEpoch);
  const endOffset = m.endOffset ?? -1;
  w.int64(endOffset);
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult(w: WireWriter, m: OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult, v: number): void {
  const topic = m.topic;
  if (v >= 4) {
    w.compactString(topic);
  } else {
    w.string(topic);
  }
  const partitions = m.partitions;
  if (v >= 4) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeOffsetForLeaderEpochResponseEpochEndOffset(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeOffsetForLeaderEpochResponseEpochEndOffset(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeOffsetForLeaderEpochResponse(w: WireWriter, m: OffsetForLeaderEpochResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  if (v >= 4) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeOffsetForLeaderEpochResponseOffsetForLeaderTopicResult(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

export const offsetForLeaderEpochCodec: ApiCodec<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse> = {
  key: 23,
  name: 'OffsetForLeaderEpoch',
  minVersion: 2,
  maxVersion: 4,
  flexibleFrom: 4,
  request: {
    name: 'OffsetForLeaderEpochRequest',
    minVersion: 2,
    maxVersion: 4,
    flexibleFrom: 4,
    read: readOffsetForLeaderEpochRequest,
    write: writeOffsetForLeaderEpochRequest,
  },
  response: {
    name: 'OffsetForLeaderEpochResponse',
    minVersion: 2,
    maxVersion: 4,
    flexibleFrom: 4,
    read: readOffsetForLeaderEpochResponse,
    write: writeOffsetForLeaderEpochResponse,
  },
};
