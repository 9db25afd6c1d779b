// Generated from schemas/list-offsets.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ListOffsetsRequest {
  readonly replicaId: number;
  /** Versions 2+. */
  readonly isolationLevel?: number;
  readonly topics: readonly ListOffsetsRequest.ListOffsetsTopic[];
  /** Versions 10+. */
  readonly timeoutMs?: number;
}
export declare namespace ListOffsetsRequest {
  export interface ListOffsetsPartition {
    readonly partitionIndex: number;
    /** Versions 4+. Default -1. */
    readonly currentLeaderEpoch?: number;
    readonly timestamp: number;
  }
  export interface ListOffsetsTopic {
    readonly name: string;
    readonly partitions: readonly ListOffsetsRequest.ListOffsetsPartition[];
  }
}

export interface ListOffsetsResponse {
  /** Versions 2+. */
  readonly throttleTimeMs?: number;
  readonly topics: readonly ListOffsetsResponse.ListOffsetsTopicResponse[];
}
export declare namespace ListOffsetsResponse {
  export interface ListOffsetsPartitionResponse {
    readonly partitionIndex: number;
    readonly errorCode: number;
    /** Default -1. */
    readonly timestamp?: number;
    /** Default -1. */
    readonly offset?: number;
    /** Versions 4+. Default -1. */
    readonly leaderEpoch?: number;
  }
  export interface ListOffsetsTopicResponse {
    readonly name: string;
    readonly partitions: readonly ListOffsetsResponse.ListOffsetsPartitionResponse[];
  }
}

function readListOffsetsRequestListOffsetsPartition(r: WireReader, v: number): Decoded<ListOffsetsRequest.ListOffsetsPartition> {
  const partitionIndex = r.int32();
  const currentLeaderEpoch = v >= 4 ? r.int32() : -1;
  const timestamp = r.int64Clamped();
  if (v >= 6) r.skipTaggedFields();
  return { partitionIndex, currentLeaderEpoch, timestamp };
}

function readListOffsetsRequestListOffsetsPartitionArray(r: WireReader, v: number, length: number): Decoded<ListOffsetsRequest.ListOffsetsPartition>[] {
  const values: Decoded<ListOffsetsRequest.ListOffsetsPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readListOffsetsRequestListOffsetsPartition(r, v));
  return values;
}

function readListOffsetsRequestListOffsetsTopic(r: WireReader, v: number): Decoded<ListOffsetsRequest.ListOffsetsTopic> {
  const name = v >= 6 ? r.compactString() : r.string();
  const partitions = v >= 6 ? readListOffsetsRequestListOffsetsPartitionArray(r, v, r.compactArrayLength(17)) : readListOffsetsRequestListOffsetsPartitionArray(r, v, r.arrayLength(12));
  if (v >= 6) r.skipTaggedFields();
  return { name, partitions };
}

function readListOffsetsRequestListOffsetsTopicArray(r: WireReader, v: number, length: number): Decoded<ListOffsetsRequest.ListOffsetsTopic>[] {
  const values: Decoded<ListOffsetsRequest.ListOffsetsTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readListOffsetsRequestListOffsetsTopic(r, v));
  return values;
}

function readListOffsetsRequest(r: WireReader, v: number): Decoded<ListOffsetsRequest> {
  const replicaId = r.int32();
  const isolationLevel = v >= 2 ? r.int8() : 0;
  const topics = v >= 6 ? readListOffsetsRequestListOffsetsTopicArray(r, v, r.compactArrayLength(3)) : readListOffsetsRequestListOffsetsTopicArray(r, v, r.arrayLength(6));
  const timeoutMs = v >= 10 ? r.int32() : 0;
  if (v >= 6) r.skipTaggedFields();
  return { replicaId, isolationLevel, topics, timeoutMs };
}

function writeListOffsetsRequestListOffsetsPartition(w: WireWriter, m: ListOffsetsRequest.ListOffsetsPartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const currentLeaderEpoch = m.currentLeaderEpoch ?? -1;
  if (v >= 4) {
    w.int32(currentLeaderEpoch);
  }
  const timestamp = m.timestamp;
  w.int64(timestamp);
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeListOffsetsRequestListOffsetsTopic(w: WireWriter, m: ListOffsetsRequest.ListOffsetsTopic, v: number): void {
  const name = m.name;
  if (v >= 6) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 6) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeListOffsetsRequestListOffsetsPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeListOffsetsRequestListOffsetsPartition(w, one, v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeListOffsetsRequest(w: WireWriter, m: ListOffsetsRequest, v: number): void {
  const replicaId = m.replicaId;
  w.int32(replicaId);
  const isolationLevel = m.isolationLevel ?? 0;
  if (v >= 2) {
    w.int8(isolationLevel);
  } else {
    if (isolationLevel !== 0) throw notInVersion('ListOffsetsRequest', 'isolationLevel', v);
  }
  const topics = m.topics;
  if (v >= 6) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeListOffsetsRequestListOffsetsTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeListOffsetsRequestListOffsetsTopic(w, one, v);
  }
  const timeoutMs = m.timeoutMs ?? 0;
  if (v >= 10) {
    w.int32(timeoutMs);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function readListOffsetsResponseListOffsetsPartitionResponse(r: WireReader, v: number): Decoded<ListOffsetsResponse.ListOffsetsPartitionResponse> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const timestamp = r.int64();
  const offset = r.int64();
  const leaderEpoch = v >= 4 ? r.int32() : -1;
  if (v >= 6) r.skipTaggedFields();
  return { partitionIndex, errorCode, timestamp, offset, leaderEpoch };
}

function readListOffsetsResponseListOffsetsPartitionResponseArray(r: WireReader, v: number, length: number): Decoded<ListOffsetsResponse.ListOffsetsPartitionResponse>[] {
  const values: Decoded<ListOffsetsResponse.ListOffsetsPartitionResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readListOffsetsResponseListOffsetsPartitionResponse(r, v));
  return values;
}

function readListOffsetsResponseListOffsetsTopicResponse(r: WireReader, v: number): Decoded<ListOffsetsResponse.ListOffsetsTopicResponse> {
  const name = v >= 6 ? r.compactString() : r.string();
  const partitions = v >= 6 ? readListOffsetsResponseListOffsetsPartitionResponseArray(r, v, r.compactArrayLength(27)) : readListOffsetsResponseListOffsetsPartitionResponseArray(r, v, r.arrayLength(22));
  if (v >= 6) r.skipTaggedFields();
  return { name, partitions };
}

function readListOffsetsResponseListOffsetsTopicResponseArray(r: WireReader, v: number, length: number): Decoded<ListOffsetsResponse.ListOffsetsTopicResponse>[] {
  const values: Decoded<ListOffsetsResponse.ListOffsetsTopicResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readListOffsetsResponseListOffsetsTopicResponse(r, v));
  return values;
}

function readListOffsetsResponse(r: WireReader, v: number): Decoded<ListOffsetsResponse> {
  const throttleTimeMs = v >= 2 ? r.int32() : 0;
  const topics = v >= 6 ? readListOffsetsResponseListOffsetsTopicResponseArray(r, v, r.compactArrayLength(3)) : readListOffsetsResponseListOffsetsTopicResponseArray(r, v, r.arrayLength(6));
  if (v >= 6) r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeListOffsetsResponseListOffsetsPartitionResponse(w: WireWriter, m: ListOffsetsResponse.ListOffsetsPartitionResponse, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const timestamp = m.timestamp ?? -1;
  w.int64(timestamp);
  const offset = m.offset ?? -1;
  w.int64(offset);
  const leaderEpoch = m.leaderEpoch ?? -1;
  if (v >= 4) {
    w.int32(leaderEpoch);
  } else {
    if (leaderEpoch !== -1) throw notInVersion('ListOffsetsResponse', 'leaderEpoch', v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeListOffsetsResponseListOffsetsTopicResponse(w: WireWriter, m: ListOffsetsResponse.ListOffsetsTopicResponse, v: number): void {
  const name = m.name;
  if (v >= 6) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 6) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeListOffsetsResponseListOffsetsPartitionResponse(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeListOffsetsResponseListOffsetsPartitionResponse(w, one, v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeListOffsetsResponse(w: WireWriter, m: ListOffsetsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 2) {
    w.int32(throttleTimeMs);
  }
  const topics = m.topics;
  if (v >= 6) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeListOffsetsResponseListOffsetsTopicResponse(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeListOffsetsResponseListOffsetsTopicResponse(w, one, v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

export const listOffsetsCodec: ApiCodec<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  minVersion: 1,
  maxVersion: 11,
  flexibleFrom: 6,
  request: {
    name: 'ListOffsetsRequest',
    minVersion: 1,
    maxVersion: 11,
    flexibleFrom: 6,
    read: readListOffsetsRequest,
    write: writeListOffsetsRequest,
  },
  response: {
    name: 'ListOffsetsResponse',
    minVersion: 1,
    maxVersion: 11,
    flexibleFrom: 6,
    read: readListOffsetsResponse,
    write: writeListOffsetsResponse,
  },
};
