// Generated from schemas/offset-fetch.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion, notNullable } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface OffsetFetchRequest {
  /** Versions 1-7. */
  readonly groupId?: string;
  /** Versions 1-7. Null in versions 2-7. */
  readonly topics?: readonly OffsetFetchRequest.OffsetFetchRequestTopic[] | null;
  /** Versions 8+. */
  readonly groups?: readonly OffsetFetchRequest.OffsetFetchRequestGroup[];
  /** Versions 7+. */
  readonly requireStable?: boolean;
}
export declare namespace OffsetFetchRequest {
  export interface OffsetFetchRequestTopic {
    readonly name: string;
    readonly partitionIndexes: readonly number[];
  }
  export interface OffsetFetchRequestTopics {
    /** Versions 8-9. */
    readonly name?: string;
    /** Versions 10+. */
    readonly topicId?: string;
    readonly partitionIndexes: readonly number[];
  }
  export interface OffsetFetchRequestGroup {
    readonly groupId: string;
    /** Versions 9+. */
    readonly memberId?: string | null;
    /** Versions 9+. Default -1. */
    readonly memberEpoch?: number;
    readonly topics: readonly OffsetFetchRequest.OffsetFetchRequestTopics[] | null;
  }
}

export interface OffsetFetchResponse {
  /** Versions 3+. */
  readonly throttleTimeMs?: number;
  /** Versions 1-7. */
  readonly topics?: readonly OffsetFetchResponse.OffsetFetchResponseTopic[];
  /** Versions 2-7. */
  readonly errorCode?: number;
  /** Versions 8+. */
  readonly groups?: readonly OffsetFetchResponse.OffsetFetchResponseGroup[];
}
export declare namespace OffsetFetchResponse {
  export interface OffsetFetchResponsePartition {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    /** Versions 5+. Default -1. */
    readonly committedLeaderEpoch?: number;
    readonly metadata: string | null;
    readonly errorCode: number;
  }
  export interface OffsetFetchResponseTopic {
    readonly name: string;
    readonly partitions: readonly OffsetFetchResponse.OffsetFetchResponsePartition[];
  }
  export interface OffsetFetchResponsePartitions {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    /** Default -1. */
    readonly committedLeaderEpoch?: number;
    readonly metadata: string | null;
    readonly errorCode: number;
  }
  export interface OffsetFetchResponseTopics {
    /** Versions 8-9. */
    readonly name?: string;
    /** Versions 10+. */
    readonly topicId?: string;
    readonly partitions: readonly OffsetFetchResponse.OffsetFetchResponsePartitions[];
  }
  export interface OffsetFetchResponseGroup {
    readonly groupId: string;
    readonly topics: readonly OffsetFetchResponse.OffsetFetchResponseTopics[];
    readonly errorCode: number;
  }
}

function readOffsetFetchRequestOffsetFetchRequestTopic(r: WireReader, v: number): Decoded<OffsetFetchRequest.OffsetFetchRequestTopic> {
  const name = v >= 6 ? r.compactString() : r.string();
  const partitionIndexes = v >= 6 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 6) r.skipTaggedFields();
  return { name, partitionIndexes };
}

function readOffsetFetchRequestOffsetFetchRequestTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchRequest.OffsetFetchRequestTopic>[] {
  const values: Decoded<OffsetFetchRequest.OffsetFetchRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchRequestOffsetFetchRequestTopic(r, v));
  return values;
}

function readOffsetFetchRequestOffsetFetchRequestTopicArrayOrNull(r: WireReader, v: number, length: number): Decoded<OffsetFetchRequest.OffsetFetchRequestTopic>[] | null {
  return length < 0 ? null : readOffsetFetchRequestOffsetFetchRequestTopicArray(r, v, length);
}

function readOffsetFetchRequestOffsetFetchRequestTopics(r: WireReader, v: number): Decoded<OffsetFetchRequest.OffsetFetchRequestTopics> {
  const name = v >= 10 ? "" : r.compactString();
  const topicId = v >= 10 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitionIndexes = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { name, topicId, partitionIndexes };
}

function readOffsetFetchRequestOffsetFetchRequestTopicsArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchRequest.OffsetFetchRequestTopics>[] {
  const values: Decoded<OffsetFetchRequest.OffsetFetchRequestTopics>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchRequestOffsetFetchRequestTopics(r, v));
  return values;
}

function readOffsetFetchRequestOffsetFetchRequestTopicsArrayOrNull(r: WireReader, v: number, length: number): Decoded<OffsetFetchRequest.OffsetFetchRequestTopics>[] | null {
  return length < 0 ? null : readOffsetFetchRequestOffsetFetchRequestTopicsArray(r, v, length);
}

function readOffsetFetchRequestOffsetFetchRequestGroup(r: WireReader, v: number): Decoded<OffsetFetchRequest.OffsetFetchRequestGroup> {
  const groupId = r.compactString();
  const memberId = v >= 9 ? r.compactNullableString() : null;
  const memberEpoch = v >= 9 ? r.int32() : -1;
  const topics = readOffsetFetchRequestOffsetFetchRequestTopicsArrayOrNull(r, v, r.compactNullableArrayLength(3));
  r.skipTaggedFields();
  return { groupId, memberId, memberEpoch, topics };
}

function readOffsetFetchRequestOffsetFetchRequestGroupArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchRequest.OffsetFetchRequestGroup>[] {
  const values: Decoded<OffsetFetchRequest.OffsetFetchRequestGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchRequestOffsetFetchRequestGroup(r, v));
  return values;
}

function readOffsetFetchRequest(r: WireReader, v: number): Decoded<OffsetFetchRequest> {
  const groupId = v >= 8 ? "" : v >= 6 ? r.compactString() : r.string();
  const topics = v >= 8 ? [] : v >= 6 ? readOffsetFetchRequestOffsetFetchRequestTopicArrayOrNull(r, v, r.compactNullableArrayLength(3)) : v >= 2 ? readOffsetFetchRequestOffsetFetchRequestTopicArrayOrNull(r, v, r.nullableArrayLength(6)) : readOffsetFetchRequestOffsetFetchRequestTopicArray(r, v, r.arrayLength(6));
  const groups = v >= 8 ? readOffsetFetchRequestOffsetFetchRequestGroupArray(r, v, r.compactArrayLength(3)) : [];
  const requireStable = v >= 7 ? r.bool() : false;
  if (v >= 6) r.skipTaggedFields();
  return { groupId, topics, groups, requireStable };
}

function writeOffsetFetchRequestOffsetFetchRequestTopic(w: WireWriter, m: OffsetFetchRequest.OffsetFetchRequestTopic, v: number): void {
  const name = m.name;
  if (v >= 6) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitionIndexes = m.partitionIndexes;
  if (v >= 6) {
    w.compactArrayLength(partitionIndexes.length);
    writeInt32s(w, partitionIndexes);
  } else {
    w.arrayLength(partitionIndexes.length);
    writeInt32s(w, partitionIndexes);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeOffsetFetchRequestOffsetFetchRequestTopics(w: WireWriter, m: OffsetFetchRequest.OffsetFetchRequestTopics, v: number): void {
  const name = m.name ?? "";
  if (v <= 9) {
    w.compactString(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 10) {
    w.uuid(topicId);
  }
  const partitionIndexes = m.partitionIndexes;
  w.compactArrayLength(partitionIndexes.length);
  writeInt32s(w, partitionIndexes);
  w.uvarint(0);
}

function writeOffsetFetchRequestOffsetFetchRequestGroup(w: WireWriter, m: OffsetFetchRequest.OffsetFetchRequestGroup, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const memberId = m.memberId ?? null;
  if (v >= 9) {
    w.compactNullableString(memberId);
  }
  const memberEpoch = m.memberEpoch ?? -1;
  if (v >= 9) {
    w.int32(memberEpoch);
  }
  const topics = m.topics;
  w.compactArrayLength(topics === null ? -1 : topics.length);
  if (topics !== null) for (const one of topics) writeOffsetFetchRequestOffsetFetchRequestTopics(w, one, v);
  w.uvarint(0);
}

function writeOffsetFetchRequest(w: WireWriter, m: OffsetFetchRequest, v: number): void {
  const groupId = m.groupId ?? "";
  if (v >= 8) {
    if (groupId !== "") throw notInVersion('OffsetFetchRequest', 'groupId', v);
  } else if (v >= 6) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const topics = m.topics === undefined ? [] : m.topics;
  if (v >= 8) {
    if ((topics === null || topics.length !== 0)) throw notInVersion('OffsetFetchRequest', 'topics', v);
  } else if (v >= 6) {
    w.compactArrayLength(topics === null ? -1 : topics.length);
    if (topics !== null) for (const one of topics) writeOffsetFetchRequestOffsetFetchRequestTopic(w, one, v);
  } else if (v >= 2) {
    w.arrayLength(topics === null ? -1 : topics.length);
    if (topics !== null) for (const one of topics) writeOffsetFetchRequestOffsetFetchRequestTopic(w, one, v);
  } else {
    if (topics === null) throw notNullable('OffsetFetchRequest', 'topics', v);
    w.arrayLength(topics.length);
    for (const one of topics) writeOffsetFetchRequestOffsetFetchRequestTopic(w, one, v);
  }
  const groups = m.groups ?? [];
  if (v >= 8) {
    w.compactArrayLength(groups.length);
    for (const one of groups) writeOffsetFetchRequestOffsetFetchRequestGroup(w, one, v);
  } else {
    if (groups.length !== 0) throw notInVersion('OffsetFetchRequest', 'groups', v);
  }
  const requireStable = m.requireStable ?? false;
  if (v >= 7) {
    w.bool(requireStable);
  } else {
    if (requireStable !== false) throw notInVersion('OffsetFetchRequest', 'requireStable', v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function readOffsetFetchResponseOffsetFetchResponsePartition(r: WireReader, v: number): Decoded<OffsetFetchResponse.OffsetFetchResponsePartition> {
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = v >= 5 ? r.int32() : -1;
  const metadata = v >= 6 ? r.compactNullableString() : r.nullableString();
  const errorCode = r.int16();
  if (v >= 6) r.skipTaggedFields();
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode };
}

function readOffsetFetchResponseOffsetFetchResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchResponse.OffsetFetchResponsePartition>[] {
  const values: Decoded<OffsetFetchResponse.OffsetFetchResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchResponseOffsetFetchResponsePartition(r, v));
  return values;
}

function readOffsetFetchResponseOffsetFetchResponseTopic(r: WireReader, v: number): Decoded<OffsetFetchResponse.OffsetFetchResponseTopic> {
  const name = v >= 6 ? r.compactString() : r.string();
  const partitions = v >= 6 ? readOffsetFetchResponseOffsetFetchResponsePartitionArray(r, v, r.compactArrayLength(20)) : readOffsetFetchResponseOffsetFetchResponsePartitionArray(r, v, r.arrayLength(16));
  if (v >= 6) r.skipTaggedFields();
  return { name, partitions };
}

function readOffsetFetchResponseOffsetFetchResponseTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchResponse.OffsetFetchResponseTopic>[] {
  const values: Decoded<OffsetFetchResponse.OffsetFetchResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchResponseOffsetFetchResponseTopic(r, v));
  return values;
}

function readOffsetFetchResponseOffsetFetchResponsePartitions(r: WireReader, _v: number): Decoded<OffsetFetchResponse.OffsetFetchResponsePartitions> {
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = r.int32();
  const metadata = r.compactNullableString();
  const errorCode = r.int16();
  r.skipTaggedFields();
  return { partitionIndex, committedOffset, committedLeaderEpoch, metadata, errorCode };
}

function readOffsetFetchResponseOffsetFetchResponsePartitionsArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchResponse.OffsetFetchResponsePartitions>[] {
  const values: Decoded<OffsetFetchResponse.OffsetFetchResponsePartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchResponseOffsetFetchResponsePartitions(r, v));
  return values;
}

function readOffsetFetchResponseOffsetFetchResponseTopics(r: WireReader, v: number): Decoded<OffsetFetchResponse.OffsetFetchResponseTopics> {
  const name = v >= 10 ? "" : r.compactString();
  const topicId = v >= 10 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitions = readOffsetFetchResponseOffsetFetchResponsePartitionsArray(r, v, r.compactArrayLength(20));
  r.skipTaggedFields();
  return { name, topicId, partitions };
}

function readOffsetFetchResponseOffsetFetchResponseTopicsArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchResponse.OffsetFetchResponseTopics>[] {
  const values: Decoded<OffsetFetchResponse.OffsetFetchResponseTopics>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchResponseOffsetFetchResponseTopics(r, v));
  return values;
}

function readOffsetFetchResponseOffsetFetchResponseGroup(r: WireReader, v: number): Decoded<OffsetFetchResponse.OffsetFetchResponseGroup> {
  const groupId = r.compactString();
  const topics = readOffsetFetchResponseOffsetFetchResponseTopicsArray(r, v, r.compactArrayLength(3));
  const errorCode = r.int16();
  r.skipTaggedFields();
  return { groupId, topics, errorCode };
}

function readOffsetFetchResponseOffsetFetchResponseGroupArray(r: WireReader, v: number, length: number): Decoded<OffsetFetchResponse.OffsetFetchResponseGroup>[] {
  const values: Decoded<OffsetFetchResponse.OffsetFetchResponseGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetFetchResponseOffsetFetchResponseGroup(r, v));
  return values;
}

function readOffsetFetchResponse(r: WireReader, v: number): Decoded<OffsetFetchResponse> {
  const throttleTimeMs = v >= 3 ? r.int32() : 0;
  const topics = v >= 8 ? [] : v >= 6 ? readOffsetFetchResponseOffsetFetchResponseTopicArray(r, v, r.compactArrayLength(3)) : readOffsetFetchResponseOffsetFetchResponseTopicArray(r, v, r.arrayLength(6));
  const errorCode = v >= 8 ? 0 : v >= 2 ? r.int16() : 0;
  const groups = v >= 8 ? readOffsetFetchResponseOffsetFetchResponseGroupArray(r, v, r.compactArrayLength(5)) : [];
  if (v >= 6) r.skipTaggedFields();
  return { throttleTimeMs, topics, errorCode, groups };
}

function writeOffsetFetchResponseOffsetFetchResponsePartition(w: WireWriter, m: OffsetFetchResponse.OffsetFetchResponsePartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const committedOffset = m.committedOffset;
  w.int64(committedOffset);
  const committedLeaderEpoch = m.committedLeaderEpoch ?? -1;
  if (v >= 5) {
    w.int32(committedLeaderEpoch);
  }
  const metadata = m.metadata;
  if (v >= 6) {
    w.compactNullableString(metadata);
  } else {
    w.nullableString(metadata);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeOffsetFetchResponseOffsetFetchResponseTopic(w: WireWriter, m: OffsetFetchResponse.OffsetFetchResponseTopic, v: number): void {
  const name = m.name;
  if (v >= 6) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 6) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeOffsetFetchResponseOffsetFetchResponsePartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeOffsetFetchResponseOffsetFetchResponsePartition(w, one, v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeOffsetFetchResponseOffsetFetchResponsePartitions(w: WireWriter, m: OffsetFetchResponse.OffsetFetchResponsePartitions, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const committedOffset = m.committedOffset;
  w.int64(committedOffset);
  const committedLeaderEpoch = m.committedLeaderEpoch ?? -1;
  w.int32(committedLeaderEpoch);
  const metadata = m.metadata;
  w.compactNullableString(metadata);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  w.uvarint(0);
}

function writeOffsetFetchResponseOffsetFetchResponseTopics(w: WireWriter, m: OffsetFetchResponse.OffsetFetchResponseTopics, v: number): void {
  const name = m.name ?? "";
  if (v <= 9) {
    w.compactString(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 10) {
    w.uuid(topicId);
  }
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeOffsetFetchResponseOffsetFetchResponsePartitions(w, one, v);
  w.uvarint(0);
}

function writeOffsetFetchResponseOffsetFetchResponseGroup(w: WireWriter, m: OffsetFetchResponse.OffsetFetchResponseGroup, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeOffsetFetchResponseOffsetFetchResponseTopics(w, one, v);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  w.uvarint(0);
}

function writeOffsetFetchResponse(w: WireWriter, m: OffsetFetchResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 3) {
    w.int32(throttleTimeMs);
  }
  const topics = m.topics ?? [];
  if (v >= 8) {
    if (topics.length !== 0) throw notInVersion('OffsetFetchResponse', 'topics', v);
  } else if (v >= 6) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeOffsetFetchResponseOffsetFetchResponseTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeOffsetFetchResponseOffsetFetchResponseTopic(w, one, v);
  }
  const errorCode = m.errorCode ?? 0;
  if (v >= 2 && v <= 7) {
    w.int16(errorCode);
  }
  const groups = m.groups ?? [];
  if (v >= 8) {
    w.compactArrayLength(groups.length);
    for (const one of groups) writeOffsetFetchResponseOffsetFetchResponseGroup(w, one, v);
  } else {
    if (groups.length !== 0) throw notInVersion('OffsetFetchResponse', 'groups', v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

export const offsetFetchCodec: ApiCodec<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: 'OffsetFetch',
  minVersion: 1,
  maxVersion: 10,
  flexibleFrom: 6,
  request: {
    name: 'OffsetFetchRequest',
    minVersion: 1,
    maxVersion: 10,
    flexibleFrom: 6,
    read: readOffsetFetchRequest,
    write: writeOffsetFetchRequest,
  },
  response: {
    name: 'OffsetFetchResponse',
    minVersion: 1,
    maxVersion: 10,
    flexibleFrom: 6,
    read: readOffsetFetchResponse,
    write: writeOffsetFetchResponse,
  },
};
