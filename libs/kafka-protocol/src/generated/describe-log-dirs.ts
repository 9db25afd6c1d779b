// Generated from schemas/describe-log-dirs.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeLogDirsRequest {
  readonly topics: readonly DescribeLogDirsRequest.DescribableLogDirTopic[] | null;
}
export declare namespace DescribeLogDirsRequest {
  export interface DescribableLogDirTopic {
    readonly topic: string;
    readonly partitions: readonly number[];
  }
}

export interface DescribeLogDirsResponse {
  readonly throttleTimeMs: number;
  /** Versions 3+. */
  readonly errorCode?: number;
  readonly results: readonly DescribeLogDirsResponse.DescribeLogDirsResult[];
}
export declare namespace DescribeLogDirsResponse {
  export interface DescribeLogDirsPartition {
    readonly partitionIndex: number;
    readonly partitionSize: number;
    readonly offsetLag: number;
    readonly isFutureKey: boolean;
  }
  export interface DescribeLogDirsTopic {
    readonly name: string;
    readonly partitions: readonly DescribeLogDirsResponse.DescribeLogDirsPartition[];
  }
  export interface DescribeLogDirsResult {
    readonly errorCode: number;
    readonly logDir: string;
    readonly topics: readonly DescribeLogDirsResponse.DescribeLogDirsTopic[];
    /** Versions 4+. Default -1. */
    readonly totalBytes?: number;
    /** Versions 4+. Default -1. */
    readonly usableBytes?: number;
  }
}

function readDescribeLogDirsRequestDescribableLogDirTopic(r: WireReader, v: number): Decoded<DescribeLogDirsRequest.DescribableLogDirTopic> {
  const topic = v >= 2 ? r.compactString() : r.string();
  const partitions = v >= 2 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { topic, partitions };
}

function readDescribeLogDirsRequestDescribableLogDirTopicArray(r: WireReader, v: number, length: number): Decoded<DescribeLogDirsRequest.DescribableLogDirTopic>[] {
  const values: Decoded<DescribeLogDirsRequest.DescribableLogDirTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeLogDirsRequestDescribableLogDirTopic(r, v));
  return values;
}

function readDescribeLogDirsRequestDescribableLogDirTopicArrayOrNull(r: WireReader, v: number, length: number): Decoded<DescribeLogDirsRequest.DescribableLogDirTopic>[] | null {
  return length < 0 ? null : readDescribeLogDirsRequestDescribableLogDirTopicArray(r, v, length);
}

function readDescribeLogDirsRequest(r: WireReader, v: number): Decoded<DescribeLogDirsRequest> {
  const topics = v >= 2 ? readDescribeLogDirsRequestDescribableLogDirTopicArrayOrNull(r, v, r.compactNullableArrayLength(3)) : readDescribeLogDirsRequestDescribableLogDirTopicArrayOrNull(r, v, r.nullableArrayLength(6));
  if (v >= 2) r.skipTaggedFields();
  return { topics };
}

function writeDescribeLogDirsRequestDescribableLogDirTopic(w: WireWriter, m: DescribeLogDirsRequest.DescribableLogDirTopic, v: number): void {
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

function writeDescribeLogDirsRequest(w: WireWriter, m: DescribeLogDirsRequest, v: number): void {
  const topics = m.topics;
  if (v >= 2) {
    w.compactArrayLength(topics === null ? -1 : topics.length);
    if (topics !== null) for (const one of topics) writeDescribeLogDirsRequestDescribableLogDirTopic(w, one, v);
  } else {
    w.arrayLength(topics === null ? -1 : topics.length);
    if (topics !== null) for (const one of topics) writeDescribeLogDirsRequestDescribableLogDirTopic(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readDescribeLogDirsResponseDescribeLogDirsPartition(r: WireReader, v: number): Decoded<DescribeLogDirsResponse.DescribeLogDirsPartition> {
  const partitionIndex = r.int32();
  const partitionSize = r.int64();
  const offsetLag = r.int64();
  const isFutureKey = r.bool();
  if (v >= 2) r.skipTaggedFields();
  return { partitionIndex, partitionSize, offsetLag, isFutureKey };
}

function readDescribeLogDirsResponseDescribeLogDirsPartitionArray(r: WireReader, v: number, length: number): Decoded<DescribeLogDirsResponse.DescribeLogDirsPartition>[] {
  const values: Decoded<DescribeLogDirsResponse.DescribeLogDirsPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeLogDirsResponseDescribeLogDirsPartition(r, v));
  return values;
}

function readDescribeLogDirsResponseDescribeLogDirsTopic(r: WireReader, v: number): Decoded<DescribeLogDirsResponse.DescribeLogDirsTopic> {
  const name = v >= 2 ? r.compactString() : r.string();
  const partitions = v >= 2 ? readDescribeLogDirsResponseDescribeLogDirsPartitionArray(r, v, r.compactArrayLength(22)) : readDescribeLogDirsResponseDescribeLogDirsPartitionArray(r, v, r.arrayLength(21));
  if (v >= 2) r.skipTaggedFields();
  return { name, partitions };
}

function readDescribeLogDirsResponseDescribeLogDirsTopicArray(r: WireReader, v: number, length: number): Decoded<DescribeLogDirsResponse.DescribeLogDirsTopic>[] {
  const values: Decoded<DescribeLogDirsResponse.DescribeLogDirsTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeLogDirsResponseDescribeLogDirsTopic(r, v));
  return values;
}

function readDescribeLogDirsResponseDescribeLogDirsResult(r: WireReader, v: number): Decoded<DescribeLogDirsResponse.DescribeLogDirsResult> {
  const errorCode = r.int16();
  const logDir = v >= 2 ? r.compactString() : r.string();
  const topics = v >= 2 ? readDescribeLogDirsResponseDescribeLogDirsTopicArray(r, v, r.compactArrayLength(3)) : readDescribeLogDirsResponseDescribeLogDirsTopicArray(r, v, r.arrayLength(6));
  const totalBytes = v >= 4 ? r.int64() : -1;
  const usableBytes = v >= 4 ? r.int64() : -1;
  if (v >= 2) r.skipTaggedFields();
  return { errorCode, logDir, topics, totalBytes, usableBytes };
}

function readDescribeLogDirsResponseDescribeLogDirsResultArray(r: WireReader, v: number, length: number): Decoded<DescribeLogDirsResponse.DescribeLogDirsResult>[] {
  const values: Decoded<DescribeLogDirsResponse.DescribeLogDirsResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeLogDirsResponseDescribeLogDirsResult(r, v));
  return values;
}

function readDescribeLogDirsResponse(r: WireReader, v: number): Decoded<DescribeLogDirsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = v >= 3 ? r.int16() : 0;
  const results = v >= 2 ? readDescribeLogDirsResponseDescribeLogDirsResultArray(r, v, r.compactArrayLength(5)) : readDescribeLogDirsResponseDescribeLogDirsResultArray(r, v, r.arrayLength(8));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, results };
}

function writeDescribeLogDirsResponseDescribeLogDirsPartition(w: WireWriter, m: DescribeLogDirsResponse.DescribeLogDirsPartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const partitionSize = m.partitionSize;
  w.int64(partitionSize);
  const offsetLag = m.offsetLag;
  w.int64(offsetLag);
  const isFutureKey = m.isFutureKey;
  w.bool(isFutureKey);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDescribeLogDirsResponseDescribeLogDirsTopic(w: WireWriter, m: DescribeLogDirsResponse.DescribeLogDirsTopic, v: number): void {
  const name = m.name;
  if (v >= 2) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 2) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeDescribeLogDirsResponseDescribeLogDirsPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeDescribeLogDirsResponseDescribeLogDirsPartition(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDescribeLogDirsResponseDescribeLogDirsResult(w: WireWriter, m: DescribeLogDirsResponse.DescribeLogDirsResult, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const logDir = m.logDir;
  if (v >= 2) {
    w.compactString(logDir);
  } else {
    w.string(logDir);
  }
  const topics = m.topics;
  if (v >= 2) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeDescribeLogDirsResponseDescribeLogDirsTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeDescribeLogDirsResponseDescribeLogDirsTopic(w, one, v);
  }
  const totalBytes = m.totalBytes ?? -1;
  if (v >= 4) {
    w.int64(totalBytes);
  }
  const usableBytes = m.usableBytes ?? -1;
  if (v >= 4) {
    w.int64(usableBytes);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDescribeLogDirsResponse(w: WireWriter, m: DescribeLogDirsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode ?? 0;
  if (v >= 3) {
    w.int16(errorCode);
  }
  const results = m.results;
  if (v >= 2) {
    w.compactArrayLength(results.length);
    for (const one of results) writeDescribeLogDirsResponseDescribeLogDirsResult(w, one, v);
  } else {
    w.arrayLength(results.length);
    for (const one of results) writeDescribeLogDirsResponseDescribeLogDirsResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const describeLogDirsCodec: ApiCodec<DescribeLogDirsRequest, DescribeLogDirsResponse> = {
  key: 35,
  name: 'DescribeLogDirs',
  minVersion: 1,
  maxVersion: 4,
  flexibleFrom: 2,
  request: {
    name: 'DescribeLogDirsRequest',
    minVersion: 1,
    maxVersion: 4,
    flexibleFrom: 2,
    read: readDescribeLogDirsRequest,
    write: writeDescribeLogDirsRequest,
  },
  response: {
    name: 'DescribeLogDirsResponse',
    minVersion: 1,
    maxVersion: 4,
    flexibleFrom: 2,
    read: readDescribeLogDirsResponse,
    write: writeDescribeLogDirsResponse,
  },
};
