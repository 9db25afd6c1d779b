// Generated from schemas/describe-producers.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeProducersRequest {
  readonly topics: readonly DescribeProducersRequest.TopicRequest[];
}
export declare namespace DescribeProducersRequest {
  export interface TopicRequest {
    readonly name: string;
    readonly partitionIndexes: readonly number[];
  }
}

export interface DescribeProducersResponse {
  readonly throttleTimeMs: number;
  readonly topics: readonly DescribeProducersResponse.TopicResponse[];
}
export declare namespace DescribeProducersResponse {
  export interface ProducerState {
    readonly producerId: number;
    readonly producerEpoch: number;
    /** Default -1. */
    readonly lastSequence?: number;
    /** Default -1. */
    readonly lastTimestamp?: number;
    readonly coordinatorEpoch: number;
    /** Default -1. */
    readonly currentTxnStartOffset?: number;
  }
  export interface PartitionResponse {
    readonly partitionIndex: number;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
    readonly activeProducers: readonly DescribeProducersResponse.ProducerState[];
  }
  export interface TopicResponse {
    readonly name: string;
    readonly partitions: readonly DescribeProducersResponse.PartitionResponse[];
  }
}

function readDescribeProducersRequestTopicRequest(r: WireReader, _v: number): Decoded<DescribeProducersRequest.TopicRequest> {
  const name = r.compactString();
  const partitionIndexes = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { name, partitionIndexes };
}

function readDescribeProducersRequestTopicRequestArray(r: WireReader, v: number, length: number): Decoded<DescribeProducersRequest.TopicRequest>[] {
  const values: Decoded<DescribeProducersRequest.TopicRequest>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeProducersRequestTopicRequest(r, v));
  return values;
}

function readDescribeProducersRequest(r: WireReader, v: number): Decoded<DescribeProducersRequest> {
  const topics = readDescribeProducersRequestTopicRequestArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { topics };
}

function writeDescribeProducersRequestTopicRequest(w: WireWriter, m: DescribeProducersRequest.TopicRequest, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const partitionIndexes = m.partitionIndexes;
  w.compactArrayLength(partitionIndexes.length);
  writeInt32s(w, partitionIndexes);
  w.uvarint(0);
}

function writeDescribeProducersRequest(w: WireWriter, m: DescribeProducersRequest, v: number): void {
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeProducersRequestTopicRequest(w, one, v);
  w.uvarint(0);
}

function readDescribeProducersResponseProducerState(r: WireReader, _v: number): Decoded<DescribeProducersResponse.ProducerState> {
  const producerId = r.int64();
  const producerEpoch = r.int32();
  const lastSequence = r.int32();
  const lastTimestamp = r.int64();
  const coordinatorEpoch = r.int32();
  const currentTxnStartOffset = r.int64();
  r.skipTaggedFields();
  return { producerId, producerEpoch, lastSequence, lastTimestamp, coordinatorEpoch, currentTxnStartOffset };
}

function readDescribeProducersResponseProducerStateArray(r: WireReader, v: number, length: number): Decoded<DescribeProducersResponse.ProducerState>[] {
  const values: Decoded<DescribeProducersResponse.ProducerState>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeProducersResponseProducerState(r, v));
  return values;
}

function readDescribeProducersResponsePartitionResponse(r: WireReader, v: number): Decoded<DescribeProducersResponse.PartitionResponse> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const activeProducers = readDescribeProducersResponseProducerStateArray(r, v, r.compactArrayLength(37));
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage, activeProducers };
}

function readDescribeProducersResponsePartitionResponseArray(r: WireReader, v: number, length: number): Decoded<DescribeProducersResponse.PartitionResponse>[] {
  const values: Decoded<DescribeProducersResponse.PartitionResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeProducersResponsePartitionResponse(r, v));
  return values;
}

function readDescribeProducersResponseTopicResponse(r: WireReader, v: number): Decoded<DescribeProducersResponse.TopicResponse> {
  const name = r.compactString();
  const partitions = readDescribeProducersResponsePartitionResponseArray(r, v, r.compactArrayLength(9));
  r.skipTaggedFields();
  return { name, partitions };
}

function readDescribeProducersResponseTopicResponseArray(r: WireReader, v: number, length: number): Decoded<DescribeProducersResponse.TopicResponse>[] {
  const values: Decoded<DescribeProducersResponse.TopicResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeProducersResponseTopicResponse(r, v));
  return values;
}

function readDescribeProducersResponse(r: WireReader, v: number): Decoded<DescribeProducersResponse> {
  const throttleTimeMs = r.int32();
  const topics = readDescribeProducersResponseTopicResponseArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { throttleTimeMs, topics };
}

function writeDescribeProducersResponseProducerState(w: WireWriter, m: DescribeProducersResponse.ProducerState, _v: number): void {
  const producerId = m.producerId;
  w.int64(producerId);
  const producerEpoch = m.producerEpoch;
  w.int32(producerEpoch);
  const lastSequence = m.lastSequence ?? -1;
  w.int32(lastSequence);
  const lastTimestamp = m.lastTimestamp ?? -1;
  w.int64(lastTimestamp);
  const coordinatorEpoch = m.coordinatorEpoch;
  w.int32(coordinatorEpoch);
  const currentTxnStartOffset = m.currentTxnStartOffset ?? -1;
  w.int64(currentTxnStartOffset);
  w.uvarint(0);
}

function writeDescribeProducersResponsePartitionResponse(w: WireWriter, m: DescribeProducersResponse.PartitionResponse, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const activeProducers = m.activeProducers;
  w.compactArrayLength(activeProducers.length);
  for (const one of activeProducers) writeDescribeProducersResponseProducerState(w, one, v);
  w.uvarint(0);
}

function writeDescribeProducersResponseTopicResponse(w: WireWriter, m: DescribeProducersResponse.TopicResponse, v: number): void {
  const name = m.name;
  w.compactString(name);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeDescribeProducersResponsePartitionResponse(w, one, v);
  w.uvarint(0);
}

function writeDescribeProducersResponse(w: WireWriter, m: DescribeProducersResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeProducersResponseTopicResponse(w, one, v);
  w.uvarint(0);
}

export const describeProducersCodec: ApiCodec<DescribeProducersRequest, DescribeProducersResponse> = {
  key: 61,
  name: 'DescribeProducers',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'DescribeProducersRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeProducersRequest,
    write: writeDescribeProducersRequest,
  },
  response: {
    name: 'DescribeProducersResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeProducersResponse,
    write: writeDescribeProducersResponse,
  },
};
