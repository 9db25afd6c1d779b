// Generated from schemas/describe-transactions.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, readStrings, writeInt32s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeTransactionsRequest {
  readonly transactionalIds: readonly string[];
}

export interface DescribeTransactionsResponse {
  readonly throttleTimeMs: number;
  readonly transactionStates: readonly DescribeTransactionsResponse.TransactionState[];
}
export declare namespace DescribeTransactionsResponse {
  export interface TopicData {
    readonly topic: string;
    readonly partitions: readonly number[];
  }
  export interface TransactionState {
    readonly errorCode: number;
    readonly transactionalId: string;
    readonly transactionState: string;
    readonly transactionTimeoutMs: number;
    readonly transactionStartTimeMs: number;
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly topics: readonly DescribeTransactionsResponse.TopicData[];
  }
}

function readDescribeTransactionsRequest(r: WireReader, _v: number): Decoded<DescribeTransactionsRequest> {
  const transactionalIds = readStrings(r, r.compactArrayLength(1), true);
  r.skipTaggedFields();
  return { transactionalIds };
}

function writeDescribeTransactionsRequest(w: WireWriter, m: DescribeTransactionsRequest, _v: number): void {
  const transactionalIds = m.transactionalIds;
  w.compactArrayLength(transactionalIds.length);
  writeStrings(w, transactionalIds, true);
  w.uvarint(0);
}

function readDescribeTransactionsResponseTopicData(r: WireReader, _v: number): Decoded<DescribeTransactionsResponse.TopicData> {
  const topic = r.compactString();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topic, partitions };
}

function readDescribeTransactionsResponseTopicDataArray(r: WireReader, v: number, length: number): Decoded<DescribeTransactionsResponse.TopicData>[] {
  const values: Decoded<DescribeTransactionsResponse.TopicData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeTransactionsResponseTopicData(r, v));
  return values;
}

function readDescribeTransactionsResponseTransactionState(r: WireReader, v: number): Decoded<DescribeTransactionsResponse.TransactionState> {
  const errorCode = r.int16();
  const transactionalId = r.compactString();
  const transactionState = r.compactString();
  const transactionTimeoutMs = r.int32();
  const transactionStartTimeMs = r.int64();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const topics = readDescribeTransactionsResponseTopicDataArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { errorCode, transactionalId, transactionState, transactionTimeoutMs, transactionStartTimeMs, producerId, producerEpoch, topics };
}

function readDescribeTransactionsResponseTransactionStateArray(r: WireReader, v: number, length: number): Decoded<DescribeTransactionsResponse.TransactionState>[] {
  const values: Decoded<DescribeTransactionsResponse.TransactionState>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeTransactionsResponseTransactionState(r, v));
  return values;
}

function readDescribeTransactionsResponse(r: WireReader, v: number): Decoded<DescribeTransactionsResponse> {
  const throttleTimeMs = r.int32();
  const transactionStates = readDescribeTransactionsResponseTransactionStateArray(r, v, r.compactArrayLength(28));
  r.skipTaggedFields();
  return { throttleTimeMs, transactionStates };
}

function writeDescribeTransactionsResponseTopicData(w: WireWriter, m: DescribeTransactionsResponse.TopicData, _v: number): void {
  const topic = m.topic;
  w.compactString(topic);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeDescribeTransactionsResponseTransactionState(w: WireWriter, m: DescribeTransactionsResponse.TransactionState, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const transactionalId = m.transactionalId;
  w.compactString(transactionalId);
  const transactionState = m.transactionState;
  w.compactString(transactionState);
  const transactionTimeoutMs = m.transactionTimeoutMs;
  w.int32(transactionTimeoutMs);
  const transactionStartTimeMs = m.transactionStartTimeMs;
  w.int64(transactionStartTimeMs);
  const producerId = m.producerId;
  w.int64(producerId);
  const producerEpoch = m.producerEpoch;
  w.int16(producerEpoch);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeTransactionsResponseTopicData(w, one, v);
  w.uvarint(0);
}

function writeDescribeTransactionsResponse(w: WireWriter, m: DescribeTransactionsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const transactionStates = m.transactionStates;
  w.compactArrayLength(transactionStates.length);
  for (const one of transactionStates) writeDescribeTransactionsResponseTransactionState(w, one, v);
  w.uvarint(0);
}

export const describeTransactionsCodec: ApiCodec<DescribeTransactionsRequest, DescribeTransactionsResponse> = {
  key: 65,
  name: 'DescribeTransactions',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'DescribeTransactionsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeTransactionsRequest,
    write: writeDescribeTransactionsRequest,
  },
  response: {
    name: 'DescribeTransactionsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDescribeTransactionsResponse,
    write: writeDescribeTransactionsResponse,
  },
};
