// Generated from schemas/offset-commit.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface OffsetCommitRequest {
  readonly groupId: string;
  /** Default -1. */
  readonly generationIdOrMemberEpoch?: number;
  readonly memberId: string;
  /** Versions 7+. */
  readonly groupInstanceId?: string | null;
  /** Versions 2-4. Default -1. */
  readonly retentionTimeMs?: number;
  readonly topics: readonly OffsetCommitRequest.OffsetCommitRequestTopic[];
}
export declare namespace OffsetCommitRequest {
  export interface OffsetCommitRequestPartition {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    /** Versions 6+. Default -1. */
    readonly committedLeaderEpoch?: number;
    readonly committedMetadata: string | null;
  }
  export interface OffsetCommitRequestTopic {
    /** Versions 2-9. */
    readonly name?: string;
    /** Versions 10+. */
    readonly topicId?: string;
    readonly partitions: readonly OffsetCommitRequest.OffsetCommitRequestPartition[];
  }
}

export interface OffsetCommitResponse {
  /** Versions 3+. */
  readonly throttleTimeMs?: number;
  readonly topics: readonly OffsetCommitResponse.OffsetCommitResponseTopic[];
}
export declare namespace OffsetCommitResponse {
  export interface OffsetCommitResponsePartition {
    readonly partitionIndex: number;
    readonly errorCode: number;
  }
  export interface OffsetCommitResponseTopic {
    /** Versions 2-9. */
    readonly name?: string;
    /** Versions 10+. */
    readonly topicId?: string;
    readonly partitions: readonly OffsetCommitResponse.OffsetCommitResponsePartition[];
  }
}

function readOffsetCommitRequestOffsetCommitRequestPartition(r: WireReader, v: number): Decoded<OffsetCommitRequest.OffsetCommitRequestPartition> {
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = v >= 6 ? r.int32() : -1;
  const committedMetadata = v >= 8 ? r.compactNullableString() : r.nullableString();
  if (v >= 8) r.skipTaggedFields();
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata };
}

function readOffsetCommitRequestOffsetCommitRequestPartitionArray(r: WireReader, v: number, length: number): Decoded<OffsetCommitRequest.OffsetCommitRequestPartition>[] {
  const values: Decoded<OffsetCommitRequest.OffsetCommitRequestPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetCommitRequestOffsetCommitRequestPartition(r, v));
  return values;
}

function readOffsetCommitRequestOffsetCommitRequestTopic(r: WireReader, v: number): Decoded<OffsetCommitRequest.OffsetCommitRequestTopic> {
  const name = v >= 10 ? "" : v >= 8 ? r.compactString() : r.string();
  const topicId = v >= 10 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitions = v >= 8 ? readOffsetCommitRequestOffsetCommitRequestPartitionArray(r, v, r.compactArrayLength(18)) : readOffsetCommitRequestOffsetCommitRequestPartitionArray(r, v, r.arrayLength(14));
  if (v >= 8) r.skipTaggedFields();
  return { name, topicId, partitions };
}

function readOffsetCommitRequestOffsetCommitRequestTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetCommitRequest.OffsetCommitRequestTopic>[] {
  const values: Decoded<OffsetCommitRequest.OffsetCommitRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetCommitRequestOffsetCommitRequestTopic(r, v));
  return values;
}

function readOffsetCommitRequest(r: WireReader, v: number): Decoded<OffsetCommitRequest> {
  const groupId = v >= 8 ? r.compactString() : r.string();
  const generationIdOrMemberEpoch = r.int32();
  const memberId = v >= 8 ? r.compactString() : r.string();
  const groupInstanceId = v >= 8 ? r.compactNullableString() : v >= 7 ? r.nullableString() : null;
  const retentionTimeMs = v >= 5 ? -1 : r.int64Clamped();
  const topics = v >= 8 ? readOffsetCommitRequestOffsetCommitRequestTopicArray(r, v, r.compactArrayLength(3)) : readOffsetCommitRequestOffsetCommitRequestTopicArray(r, v, r.arrayLength(6));
  if (v >= 8) r.skipTaggedFields();
  return { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId, retentionTimeMs, topics };
}

function writeOffsetCommitRequestOffsetCommitRequestPartition(w: WireWriter, m: OffsetCommitRequest.OffsetCommitRequestPartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const committedOffset = m.committedOffset;
  w.int64(committedOffset);
  const committedLeaderEpoch = m.committedLeaderEpoch ?? -1;
  if (v >= 6) {
    w.int32(committedLeaderEpoch);
  }
  const committedMetadata = m.committedMetadata;
  if (v >= 8) {
    w.compactNullableString(committedMetadata);
  } else {
    w.nullableString(committedMetadata);
  }
  if (v >= 8) {
    w.uvarint(0);
  }
}

function writeOffsetCommitRequestOffsetCommitRequestTopic(w: WireWriter, m: OffsetCommitRequest.OffsetCommitRequestTopic, v: number): void {
  const name = m.name ?? "";
  if (v >= 8 && v <= 9) {
    w.compactString(name);
  } else if (v <= 7) {
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 10) {
    w.uuid(topicId);
  }
  const partitions = m.partitions;
  if (v >= 8) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeOffsetCommitRequestOffsetCommitRequestPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeOffsetCommitRequestOffsetCommitRequestPartition(w, one, v);
  }
  if (v >= 8) {
    w.uvarint(0);
  }
}

function writeOffsetCommitRequest(w: WireWriter, m: OffsetCommitRequest, v: number): void {
  const groupId = m.groupId;
  if (v >= 8) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const generationIdOrMemberEpoch = m.generationIdOrMemberEpoch ?? -1;
  w.int32(generationIdOrMemberEpoch);
  const memberId = m.memberId;
  if (v >= 8) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 8) {
    w.compactNullableString(groupInstanceId);
  } else if (v >= 7) {
    w.nullableString(groupInstanceId);
  } else {
    if (groupInstanceId !== null) throw notInVersion('OffsetCommitRequest', 'groupInstanceId', v);
  }
  const retentionTimeMs = m.retentionTimeMs ?? -1;
  if (v <= 4) {
    w.int64(retentionTimeMs);
  }
  const topics = m.topics;
  if (v >= 8) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeOffsetCommitRequestOffsetCommitRequestTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeOffsetCommitRequestOffsetCommitRequestTopic(w, one, v);
  }
  if (v >= 8) {
    w.uvarint(0);
  }
}

function readOffsetCommitResponseOffsetCommitResponsePartition(r: WireReader, v: number): Decoded<OffsetCommitResponse.OffsetCommitResponsePartition> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  if (v >= 8) r.skipTaggedFields();
  return { partitionIndex, errorCode };
}

function readOffsetCommitResponseOffsetCommitResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<OffsetCommitResponse.OffsetCommitResponsePartition>[] {
  const values: Decoded<OffsetCommitResponse.OffsetCommitResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetCommitResponseOffsetCommitResponsePartition(r, v));
  return values;
}

function readOffsetCommitResponseOffsetCommitResponseTopic(r: WireReader, v: number): Decoded<OffsetCommitResponse.OffsetCommitResponseTopic> {
  const name = v >= 10 ? "" : v >= 8 ? r.compactString() : r.string();
  const topicId = v >= 10 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitions = v >= 8 ? readOffsetCommitResponseOffsetCommitResponsePartitionArray(r, v, r.compactArrayLength(7)) : readOffsetCommitResponseOffsetCommitResponsePartitionArray(r, v, r.arrayLength(6));
  if (v >= 8) r.skipTaggedFields();
  return { name, topicId, partitions };
}

function readOffsetCommitResponseOffsetCommitResponseTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetCommitResponse.OffsetCommitResponseTopic>[] {
  const values: Decoded<OffsetCommitResponse.OffsetCommitResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetCommitResponseOffsetCommitResponseTopic(r, v));
  return values;
}

function readOffsetCommitResponse(r: WireReader, v: number): Decoded<OffsetCommitResponse> {
  const throttleTimeMs = v >= 3 ? r.int32() : 0;
  const topics = v >= 8 ? readOffsetCommitResponseOffsetCommitResponseTopicArray(r, v, r.compactArrayLength(3)) : readOffsetCommitResponseOffsetCommitResponseTopicArray(r, v, r.arrayLength(6));
  if (v >= 8) r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeOffsetCommitResponseOffsetCommitResponsePartition(w: WireWriter, m: OffsetCommitResponse.OffsetCommitResponsePartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 8) {
    w.uvarint(0);
  }
}

function writeOffsetCommitResponseOffsetCommitResponseTopic(w: WireWriter, m: OffsetCommitResponse.OffsetCommitResponseTopic, v: number): void {
  const name = m.name ?? "";
  if (v >= 8 && v <= 9) {
    w.compactString(name);
  } else if (v <= 7) {
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 10) {
    w.uuid(topicId);
  }
  const partitions = m.partitions;
  if (v >= 8) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeOffsetCommitResponseOffsetCommitResponsePartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeOffsetCommitResponseOffsetCommitResponsePartition(w, one, v);
  }
  if (v >= 8) {
    w.uvarint(0);
  }
}

function writeOffsetCommitResponse(w: WireWriter, m: OffsetCommitResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 3) {
    w.int32(throttleTimeMs);
  }
  const topics = m.topics;
  if (v >= 8) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeOffsetCommitResponseOffsetCommitResponseTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeOffsetCommitResponseOffsetCommitResponseTopic(w, one, v);
  }
  if (v >= 8) {
    w.uvarint(0);
  }
}

export const offsetCommitCodec: ApiCodec<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: 'OffsetCommit',
  minVersion: 2,
  maxVersion: 10,
  flexibleFrom: 8,
  request: {
    name: 'OffsetCommitRequest',
    minVersion: 2,
    maxVersion: 10,
    flexibleFrom: 8,
    read: readOffsetCommitRequest,
    write: writeOffsetCommitRequest,
  },
  response: {
    name: 'OffsetCommitResponse',
    minVersion: 2,
    maxVersion: 10,
    flexibleFrom: 8,
    read: readOffsetCommitResponse,
    write: writeOffsetCommitResponse,
  },
};
