// Generated from schemas/delete-records.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DeleteRecordsRequest {
  readonly topics: readonly DeleteRecordsRequest.DeleteRecordsTopic[];
  readonly timeoutMs: number;
}
export declare namespace DeleteRecordsRequest {
  export interface DeleteRecordsPartition {
    readonly partitionIndex: number;
    readonly offset: number;
  }
  export interface DeleteRecordsTopic {
    readonly name: string;
    readonly partitions: readonly DeleteRecordsRequest.DeleteRecordsPartition[];
  }
}

export interface DeleteRecordsResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DeleteRecordsResponse.DeleteRecordsTopicResult[];
}
export declare namespace DeleteRecordsResponse {
  export interface DeleteRecordsPartitionResult {
    readonly partitionIndex: number;
    readonly lowWatermark: number;
    readonly errorCode: number;
  }
  export interface DeleteRecordsTopicResult {
    readonly name: string;
    readonly partitions: readonly DeleteRecordsResponse.DeleteRecordsPartitionResult[];
  }
}

function readDeleteRecordsRequestDeleteRecordsPartition(r: WireReader, v: number): Decoded<DeleteRecordsRequest.DeleteRecordsPartition> {
  const partitionIndex = r.int32();
  const offset = r.int64Clamped();
  if (v >= 2) r.skipTaggedFields();
  return { partitionIndex, offset };
}

function readDeleteRecordsRequestDeleteRecordsPartitionArray(r: WireReader, v: number, length: number): Decoded<DeleteRecordsRequest.DeleteRecordsPartition>[] {
  const values: Decoded<DeleteRecordsRequest.DeleteRecordsPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteRecordsRequestDeleteRecordsPartition(r, v));
  return values;
}

function readDeleteRecordsRequestDeleteRecordsTopic(r: WireReader, v: number): Decoded<DeleteRecordsRequest.DeleteRecordsTopic> {
  const name = v >= 2 ? r.compactString() : r.string();
  const partitions = v >= 2 ? readDeleteRecordsRequestDeleteRecordsPartitionArray(r, v, r.compactArrayLength(13)) : readDeleteRecordsRequestDeleteRecordsPartitionArray(r, v, r.arrayLength(12));
  if (v >= 2) r.skipTaggedFields();
  return { name, partitions };
}

function readDeleteRecordsRequestDeleteRecordsTopicArray(r: WireReader, v: number, length: number): Decoded<DeleteRecordsRequest.DeleteRecordsTopic>[] {
  const values: Decoded<DeleteRecordsRequest.DeleteRecordsTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteRecordsRequestDeleteRecordsTopic(r, v));
  return values;
}

function readDeleteRecordsRequest(r: WireReader, v: number): Decoded<DeleteRecordsRequest> {
  const topics = v >= 2 ? readDeleteRecordsRequestDeleteRecordsTopicArray(r, v, r.compactArrayLength(3)) : readDeleteRecordsRequestDeleteRecordsTopicArray(r, v, r.arrayLength(6));
  const timeoutMs = r.int32();
  if (v >= 2) r.skipTaggedFields();
  return { topics, timeoutMs };
}

function writeDeleteRecordsRequestDeleteRecordsPartition(w: WireWriter, m: DeleteRecordsRequest.DeleteRecordsPartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const offset = m.offset;
  w.int64(offset);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteRecordsRequestDeleteRecordsTopic(w: WireWriter, m: DeleteRecordsRequest.DeleteRecordsTopic, v: number): void {
  const name = m.name;
  if (v >= 2) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 2) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeDeleteRecordsRequestDeleteRecordsPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeDeleteRecordsRequestDeleteRecordsPartition(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteRecordsRequest(w: WireWriter, m: DeleteRecordsRequest, v: number): void {
  const topics = m.topics;
  if (v >= 2) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeDeleteRecordsRequestDeleteRecordsTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeDeleteRecordsRequestDeleteRecordsTopic(w, one, v);
  }
  const timeoutMs = m.timeoutMs;
  w.int32(timeoutMs);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readDeleteRecordsResponseDeleteRecordsPartitionResult(r: WireReader, v: number): Decoded<DeleteRecordsResponse.DeleteRecordsPartitionResult> {
  const partitionIndex = r.int32();
  const lowWatermark = r.int64();
  const errorCode = r.int16();
  if (v >= 2) r.skipTaggedFields();
  return { partitionIndex, lowWatermark, errorCode };
}

function readDeleteRecordsResponseDeleteRecordsPartitionResultArray(r: WireReader, v: number, length: number): Decoded<DeleteRecordsResponse.DeleteRecordsPartitionResult>[] {
  const values: Decoded<DeleteRecordsResponse.DeleteRecordsPartitionResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteRecordsResponseDeleteRecordsPartitionResult(r, v));
  return values;
}

function readDeleteRecordsResponseDeleteRecordsTopicResult(r: WireReader, v: number): Decoded<DeleteRecordsResponse.DeleteRecordsTopicResult> {
  const name = v >= 2 ? r.compactString() : r.string();
  const partitions = v >= 2 ? readDeleteRecordsResponseDeleteRecordsPartitionResultArray(r, v, r.compactArrayLength(15)) : readDeleteRecordsResponseDeleteRecordsPartitionResultArray(r, v, r.arrayLength(14));
  if (v >= 2) r.skipTaggedFields();
  return { name, partitions };
}

function readDeleteRecordsResponseDeleteRecordsTopicResultArray(r: WireReader, v: number, length: number): Decoded<DeleteRecordsResponse.DeleteRecordsTopicResult>[] {
  const values: Decoded<DeleteRecordsResponse.DeleteRecordsTopicResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteRecordsResponseDeleteRecordsTopicResult(r, v));
  return values;
}

function readDeleteRecordsResponse(r: WireReader, v: number): Decoded<DeleteRecordsResponse> {
  const throttleTimeMs = r.int32();
  const topics = v >= 2 ? readDeleteRecordsResponseDeleteRecordsTopicResultArray(r, v, r.compactArrayLength(3)) : readDeleteRecordsResponseDeleteRecordsTopicResultArray(r, v, r.arrayLength(6));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeDeleteRecordsResponseDeleteRecordsPartitionResult(w: WireWriter, m: DeleteRecordsResponse.DeleteRecordsPartitionResult, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const lowWatermark = m.lowWatermark;
  w.int64(lowWatermark);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteRecordsResponseDeleteRecordsTopicResult(w: WireWriter, m: DeleteRecordsResponse.DeleteRecordsTopicResult, v: number): void {
  const name = m.name;
  if (v >= 2) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 2) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeDeleteRecordsResponseDeleteRecordsPartitionResult(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeDeleteRecordsResponseDeleteRecordsPartitionResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteRecordsResponse(w: WireWriter, m: DeleteRecordsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  if (v >= 2) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeDeleteRecordsResponseDeleteRecordsTopicResult(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeDeleteRecordsResponseDeleteRecordsTopicResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const deleteRecordsCodec: ApiCodec<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: 21,
  name: 'DeleteRecords',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: {
    name: 'DeleteRecordsRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readDeleteRecordsRequest,
    write: writeDeleteRecordsRequest,
  },
  response: {
    name: 'DeleteRecordsResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readDeleteRecordsResponse,
    write: writeDeleteRecordsResponse,
  },
};
