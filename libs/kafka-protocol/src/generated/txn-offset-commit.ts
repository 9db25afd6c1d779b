// Generated from schemas/txn-offset-commit.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface TxnOffsetCommitRequest {
  readonly transactionalId: string;
  readonly groupId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Versions 3+. Default -1. */
  readonly generationId?: number;
  /** Versions 3+. */
  readonly memberId?: string;
  /** Versions 3+. */
  readonly groupInstanceId?: string | null;
  readonly topics: readonly TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic[];
}
export declare namespace TxnOffsetCommitRequest {
  export interface TxnOffsetCommitRequestPartition {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    /** Versions 2+. Default -1. */
    readonly committedLeaderEpoch?: number;
    readonly committedMetadata: string | null;
  }
  export interface TxnOffsetCommitRequestTopic {
    readonly name: string;
    readonly partitions: readonly TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition[];
  }
}

export interface TxnOffsetCommitResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic[];
}
export declare namespace TxnOffsetCommitResponse {
  export interface TxnOffsetCommitResponsePartition {
    readonly partitionIndex: number;
    readonly errorCode: number;
  }
  export interface TxnOffsetCommitResponseTopic {
    readonly name: string;
    readonly partitions: readonly TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition[];
  }
}

function readTxnOffsetCommitRequestTxnOffsetCommitRequestPartition(r: WireReader, v: number): Decoded<TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition> {
  const partitionIndex = r.int32();
  const committedOffset = r.int64();
  const committedLeaderEpoch = v >= 2 ? r.int32() : -1;
  const committedMetadata = v >= 3 ? r.compactNullableString() : r.nullableString();
  if (v >= 3) r.skipTaggedFields();
  return { partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata };
}

function readTxnOffsetCommitRequestTxnOffsetCommitRequestPartitionArray(r: WireReader, v: number, length: number): Decoded<TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition>[] {
  const values: Decoded<TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readTxnOffsetCommitRequestTxnOffsetCommitRequestPartition(r, v));
  return values;
}

function readTxnOffsetCommitRequestTxnOffsetCommitRequestTopic(r: WireReader, v: number): Decoded<TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic> {
  const name = v >= 3 ? r.compactString() : r.string();
  const partitions = v >= 3 ? readTxnOffsetCommitRequestTxnOffsetCommitRequestPartitionArray(r, v, r.compactArrayLength(18)) : readTxnOffsetCommitRequestTxnOffsetCommitRequestPartitionArray(r, v, r.arrayLength(14));
  if (v >= 3) r.skipTaggedFields();
  return { name, partitions };
}

function readTxnOffsetCommitRequestTxnOffsetCommitRequestTopicArray(r: WireReader, v: number, length: number): Decoded<TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic>[] {
  const values: Decoded<TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readTxnOffsetCommitRequestTxnOffsetCommitRequestTopic(r, v));
  return values;
}

function readTxnOffsetCommitRequest(r: WireReader, v: number): Decoded<TxnOffsetCommitRequest> {
  const transactionalId = v >= 3 ? r.compactString() : r.string();
  const groupId = v >= 3 ? r.compactString() : r.string();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const generationId = v >= 3 ? r.int32() : -1;
  const memberId = v >= 3 ? r.compactString() : "";
  const groupInstanceId = v >= 3 ? r.compactNullableString() : null;
  const topics = v >= 3 ? readTxnOffsetCommitRequestTxnOffsetCommitRequestTopicArray(r, v, r.compactArrayLength(3)) : readTxnOffsetCommitRequestTxnOffsetCommitRequestTopicArray(r, v, r.arrayLength(6));
  if (v >= 3) r.skipTaggedFields();
  return { transactionalId, groupId, producerId, producerEpoch, generationId, memberId, groupInstanceId, topics };
}

function writeTxnOffsetCommitRequestTxnOffsetCommitRequestPartition(w: WireWriter, m: TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const committedOffset = m.committedOffset;
  w.int64(committedOffset);
  const committedLeaderEpoch = m.committedLeaderEpoch ?? -1;
  if (v >= 2) {
    w.int32(committedLeaderEpoch);
  }
  const committedMetadata = m.committedMetadata;
  if (v >= 3) {
    w.compactNullableString(committedMetadata);
  } else {
    w.nullableString(committedMetadata);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeTxnOffsetCommitRequestTxnOffsetCommitRequestTopic(w: WireWriter, m: TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic, v: number): void {
  const name = m.name;
  if (v >= 3) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 3) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeTxnOffsetCommitRequestTxnOffsetCommitRequestPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeTxnOffsetCommitRequestTxnOffsetCommitRequestPartition(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeTxnOffsetCommitRequest(w: WireWriter, m: TxnOffsetCommitRequest, v: number): void {
  const transactionalId = m.transactionalId;
  if (v >= 3) {
    w.compactString(transactionalId);
  } else {
    w.string(transactionalId);
  }
  const groupId = m.groupId;
  if (v >= 3) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const producerId = m.producerId;
  w.int64(producerId);
  const producerEpoch = m.producerEpoch;
  w.int16(producerEpoch);
  const generationId = m.generationId ?? -1;
  if (v >= 3) {
    w.int32(generationId);
  } else {
    if (generationId !== -1) throw notInVersion('TxnOffsetCommitRequest', 'generationId', v);
  }
  const memberId = m.memberId ?? "";
  if (v >= 3) {
    w.compactString(memberId);
  } else {
    if (memberId !== "") throw notInVersion('TxnOffsetCommitRequest', 'memberId', v);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 3) {
    w.compactNullableString(groupInstanceId);
  } else {
    if (groupInstanceId !== null) throw notInVersion('TxnOffsetCommitRequest', 'groupInstanceId', v);
  }
  const topics = m.topics;
  if (v >= 3) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeTxnOffsetCommitRequestTxnOffsetCommitRequestTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeTxnOffsetCommitRequestTxnOffsetCommitRequestTopic(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readTxnOffsetCommitResponseTxnOffsetCommitResponsePartition(r: WireReader, v: number): Decoded<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  if (v >= 3) r.skipTaggedFields();
  return { partitionIndex, errorCode };
}

function readTxnOffsetCommitResponseTxnOffsetCommitResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition>[] {
  const values: Decoded<TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readTxnOffsetCommitResponseTxnOffsetCommitResponsePartition(r, v));
  return values;
}

function readTxnOffsetCommitResponseTxnOffsetCommitResponseTopic(r: WireReader, v: number): Decoded<TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic> {
  const name = v >= 3 ? r.compactString() : r.string();
  const partitions = v >= 3 ? readTxnOffsetCommitResponseTxnOffsetCommitResponsePartitionArray(r, v, r.compactArrayLength(7)) : readTxnOffsetCommitResponseTxnOffsetCommitResponsePartitionArray(r, v, r.arrayLength(6));
  if (v >= 3) r.skipTaggedFields();
  return { name, partitions };
}

function readTxnOffsetCommitResponseTxnOffsetCommitResponseTopicArray(r: WireReader, v: number, length: number): Decoded<TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic>[] {
  const values: Decoded<TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readTxnOffsetCommitResponseTxnOffsetCommitResponseTopic(r, v));
  return values;
}

function readTxnOffsetCommitResponse(r: WireReader, v: number): Decoded<TxnOffsetCommitResponse> {
  const throttleTimeMs = r.int32();
  const topics = v >= 3 ? readTxnOffsetCommitResponseTxnOffsetCommitResponseTopicArray(r, v, r.compactArrayLength(3)) : readTxnOffsetCommitResponseTxnOffsetCommitResponseTopicArray(r, v, r.arrayLength(6));
  if (v >= 3) r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeTxnOffsetCommitResponseTxnOffsetCommitResponsePartition(w: WireWriter, m: TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeTxnOffsetCommitResponseTxnOffsetCommitResponseTopic(w: WireWriter, m: TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic, v: number): void {
  const name = m.name;
  if (v >= 3) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 3) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeTxnOffsetCommitResponseTxnOffsetCommitResponsePartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeTxnOffsetCommitResponseTxnOffsetCommitResponsePartition(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeTxnOffsetCommitResponse(w: WireWriter, m: TxnOffsetCommitResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  if (v >= 3) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeTxnOffsetCommitResponseTxnOffsetCommitResponseTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeTxnOffsetCommitResponseTxnOffsetCommitResponseTopic(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

export const txnOffsetCommitCodec: ApiCodec<TxnOffsetCommitRequest, TxnOffsetCommitResponse> = {
  key: 28,
  name: 'TxnOffsetCommit',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: {
    name: 'TxnOffsetCommitRequest',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readTxnOffsetCommitRequest,
    write: writeTxnOffsetCommitRequest,
  },
  response: {
    name: 'TxnOffsetCommitResponse',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readTxnOffsetCommitResponse,
    write: writeTxnOffsetCommitResponse,
  },
};
