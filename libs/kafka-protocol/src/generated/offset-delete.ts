// Generated from schemas/offset-delete.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface OffsetDeleteRequest {
  readonly groupId: string;
  readonly topics: readonly OffsetDeleteRequest.OffsetDeleteRequestTopic[];
}
export declare namespace OffsetDeleteRequest {
  export interface OffsetDeleteRequestPartition {
    readonly partitionIndex: number;
  }
  export interface OffsetDeleteRequestTopic {
    readonly name: string;
    readonly partitions: readonly OffsetDeleteRequest.OffsetDeleteRequestPartition[];
  }
}

export interface OffsetDeleteResponse {
  readonly errorCode: number;
  readonly throttleTimeMs: number;
  readonly topics: readonly OffsetDeleteResponse.OffsetDeleteResponseTopic[];
}
export declare namespace OffsetDeleteResponse {
  export interface OffsetDeleteResponsePartition {
    readonly partitionIndex: number;
    readonly errorCode: number;
  }
  export interface OffsetDeleteResponseTopic {
    readonly name: string;
    readonly partitions: readonly OffsetDeleteResponse.OffsetDeleteResponsePartition[];
  }
}

function readOffsetDeleteRequestOffsetDeleteRequestPartition(r: WireReader, _v: number): Decoded<OffsetDeleteRequest.OffsetDeleteRequestPartition> {
  const partitionIndex = r.int32();
  return { partitionIndex };
}

function readOffsetDeleteRequestOffsetDeleteRequestPartitionArray(r: WireReader, v: number, length: number): Decoded<OffsetDeleteRequest.OffsetDeleteRequestPartition>[] {
  const values: Decoded<OffsetDeleteRequest.OffsetDeleteRequestPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetDeleteRequestOffsetDeleteRequestPartition(r, v));
  return values;
}

function readOffsetDeleteRequestOffsetDeleteRequestTopic(r: WireReader, v: number): Decoded<OffsetDeleteRequest.OffsetDeleteRequestTopic> {
  const name = r.string();
  const partitions = readOffsetDeleteRequestOffsetDeleteRequestPartitionArray(r, v, r.arrayLength(4));
  return { name, partitions };
}

function readOffsetDeleteRequestOffsetDeleteRequestTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetDeleteRequest.OffsetDeleteRequestTopic>[] {
  const values: Decoded<OffsetDeleteRequest.OffsetDeleteRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetDeleteRequestOffsetDeleteRequestTopic(r, v));
  return values;
}

function readOffsetDeleteRequest(r: WireReader, v: number): Decoded<OffsetDeleteRequest> {
  const groupId = r.string();
  const topics = readOffsetDeleteRequestOffsetDeleteRequestTopicArray(r, v, r.arrayLength(6));
  return { groupId, topics };
}

function writeOffsetDeleteRequestOffsetDeleteRequestPartition(w: WireWriter, m: OffsetDeleteRequest.OffsetDeleteRequestPartition, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
}

function writeOffsetDeleteRequestOffsetDeleteRequestTopic(w: WireWriter, m: OffsetDeleteRequest.OffsetDeleteRequestTopic, v: number): void {
  const name = m.name;
  w.string(name);
  const partitions = m.partitions;
  w.arrayLength(partitions.length);
  for (const one of partitions) writeOffsetDeleteRequestOffsetDeleteRequestPartition(w, one, v);
}

function writeOffsetDeleteRequest(w: WireWriter, m: OffsetDeleteRequest, v: number): void {
  const groupId = m.groupId;
  w.string(groupId);
  const topics = m.topics;
  w.arrayLength(topics.length);
  for (const one of topics) writeOffsetDeleteRequestOffsetDeleteRequestTopic(w, one, v);
}

function readOffsetDeleteResponseOffsetDeleteResponsePartition(r: WireReader, _v: number): Decoded<OffsetDeleteResponse.OffsetDeleteResponsePartition> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  return { partitionIndex, errorCode };
}

function readOffsetDeleteResponseOffsetDeleteResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<OffsetDeleteResponse.OffsetDeleteResponsePartition>[] {
  const values: Decoded<OffsetDeleteResponse.OffsetDeleteResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetDeleteResponseOffsetDeleteResponsePartition(r, v));
  return values;
}

function readOffsetDeleteResponseOffsetDeleteResponseTopic(r: WireReader, v: number): Decoded<OffsetDeleteResponse.OffsetDeleteResponseTopic> {
  const name = r.string();
  const partitions = readOffsetDeleteResponseOffsetDeleteResponsePartitionArray(r, v, r.arrayLength(6));
  return { name, partitions };
}

function readOffsetDeleteResponseOffsetDeleteResponseTopicArray(r: WireReader, v: number, length: number): Decoded<OffsetDeleteResponse.OffsetDeleteResponseTopic>[] {
  const values: Decoded<OffsetDeleteResponse.OffsetDeleteResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readOffsetDeleteResponseOffsetDeleteResponseTopic(r, v));
  return values;
}

function readOffsetDeleteResponse(r: WireReader, v: number): Decoded<OffsetDeleteResponse> {
  const errorCode = r.int16();
  const throttleTimeMs = r.int32();
  const topics = readOffsetDeleteResponseOffsetDeleteResponseTopicArray(r, v, r.arrayLength(6));
  return { errorCode, throttleTimeMs, topics };
}

function writeOffsetDeleteResponseOffsetDeleteResponsePartition(w: WireWriter, m: OffsetDeleteResponse.OffsetDeleteResponsePartition, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
}

function writeOffsetDeleteResponseOffsetDeleteResponseTopic(w: WireWriter, m: OffsetDeleteResponse.OffsetDeleteResponseTopic, v: number): void {
  const name = m.name;
  w.string(name);
  const partitions = m.partitions;
  w.arrayLength(partitions.length);
  for (const one of partitions) writeOffsetDeleteResponseOffsetDeleteResponsePartition(w, one, v);
}

function writeOffsetDeleteResponse(w: WireWriter, m: OffsetDeleteResponse, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  w.arrayLength(topics.length);
  for (const one of topics) writeOffsetDeleteResponseOffsetDeleteResponseTopic(w, one, v);
}

export const offsetDeleteCodec: ApiCodec<OffsetDeleteRequest, OffsetDeleteResponse> = {
  key: 47,
  name: 'OffsetDelete',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: undefined,
  request: {
    name: 'OffsetDeleteRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: undefined,
    read: readOffsetDeleteRequest,
    write: writeOffsetDeleteRequest,
  },
  response: {
    name: 'OffsetDeleteResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: undefined,
    read: readOffsetDeleteResponse,
    write: writeOffsetDeleteResponse,
  },
};
