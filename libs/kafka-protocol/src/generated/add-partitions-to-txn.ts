// Generated from schemas/add-partitions-to-txn.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AddPartitionsToTxnRequest {
  /** Versions 4+. */
  readonly transactions?: readonly AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction[];
  /** Versions 0-3. */
  readonly v3AndBelowTransactionalId?: string;
  /** Versions 0-3. */
  readonly v3AndBelowProducerId?: number;
  /** Versions 0-3. */
  readonly v3AndBelowProducerEpoch?: number;
  /** Versions 0-3. */
  readonly v3AndBelowTopics?: readonly AddPartitionsToTxnRequest.AddPartitionsToTxnTopic[];
}
export declare namespace AddPartitionsToTxnRequest {
  export interface AddPartitionsToTxnTopic {
    readonly name: string;
    readonly partitions: readonly number[];
  }
  export interface AddPartitionsToTxnTransaction {
    readonly transactionalId: string;
    readonly producerId: number;
    readonly producerEpoch: number;
    readonly verifyOnly: boolean;
    readonly topics: readonly AddPartitionsToTxnRequest.AddPartitionsToTxnTopic[];
  }
}

export interface AddPartitionsToTxnResponse {
  readonly throttleTimeMs: number;
  /** Versions 4+. */
  readonly errorCode?: number;
  /** Versions 4+. */
  readonly resultsByTransaction?: readonly AddPartitionsToTxnResponse.AddPartitionsToTxnResult[];
  /** Versions 0-3. */
  readonly resultsByTopicV3AndBelow?: readonly AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult[];
}
export declare namespace AddPartitionsToTxnResponse {
  export interface AddPartitionsToTxnPartitionResult {
    readonly partitionIndex: number;
    readonly partitionErrorCode: number;
  }
  export interface AddPartitionsToTxnTopicResult {
    readonly name: string;
    readonly resultsByPartition: readonly AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult[];
  }
  export interface AddPartitionsToTxnResult {
    readonly transactionalId: string;
    readonly topicResults: readonly AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult[];
  }
}

function readAddPartitionsToTxnRequestAddPartitionsToTxnTopic(r: WireReader, v: number): Decoded<AddPartitionsToTxnRequest.AddPartitionsToTxnTopic> {
  const name = v >= 3 ? r.compactString() : r.string();
  const partitions = v >= 3 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 3) r.skipTaggedFields();
  return { name, partitions };
}

function readAddPartitionsToTxnRequestAddPartitionsToTxnTopicArray(r: WireReader, v: number, length: number): Decoded<AddPartitionsToTxnRequest.AddPartitionsToTxnTopic>[] {
  const values: Decoded<AddPartitionsToTxnRequest.AddPartitionsToTxnTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readAddPartitionsToTxnRequestAddPartitionsToTxnTopic(r, v));
  return values;
}

function readAddPartitionsToTxnRequestAddPartitionsToTxnTransaction(r: WireReader, v: number): Decoded<AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction> {
  const transactionalId = r.compactString();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const verifyOnly = r.bool();
  const topics = readAddPartitionsToTxnRequestAddPartitionsToTxnTopicArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { transactionalId, producerId, producerEpoch, verifyOnly, topics };
}

function readAddPartitionsToTxnRequestAddPartitionsToTxnTransactionArray(r: WireReader, v: number, length: number): Decoded<AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction>[] {
  const values: Decoded<AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction>[] = [];
  for (let i = 0; i < length; i++) values.push(readAddPartitionsToTxnRequestAddPartitionsToTxnTransaction(r, v));
  return values;
}

function readAddPartitionsToTxnRequest(r: WireReader, v: number): Decoded<AddPartitionsToTxnRequest> {
  const transactions = v >= 4 ? readAddPartitionsToTxnRequestAddPartitionsToTxnTransactionArray(r, v, r.compactArrayLength(14)) : [];
  const v3AndBelowTransactionalId = v >= 4 ? "" : v >= 3 ? r.compactString() : r.string();
  const v3AndBelowProducerId = v >= 4 ? 0 : r.int64();
  const v3AndBelowProducerEpoch = v >= 4 ? 0 : r.int16();
  const v3AndBelowTopics = v >= 4 ? [] : v >= 3 ? readAddPartitionsToTxnRequestAddPartitionsToTxnTopicArray(r, v, r.compactArrayLength(3)) : readAddPartitionsToTxnRequestAddPartitionsToTxnTopicArray(r, v, r.arrayLength(6));
  if (v >= 3) r.skipTaggedFields();
  return { transactions, v3AndBelowTransactionalId, v3AndBelowProducerId, v3AndBelowProducerEpoch, v3AndBelowTopics };
}

function writeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(w: WireWriter, m: AddPartitionsToTxnRequest.AddPartitionsToTxnTopic, v: number): void {
  const name = m.name;
  if (v >= 3) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const partitions = m.partitions;
  if (v >= 3) {
    w.compactArrayLength(partitions.length);
    writeInt32s(w, partitions);
  } else {
    w.arrayLength(partitions.length);
    writeInt32s(w, partitions);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeAddPartitionsToTxnRequestAddPartitionsToTxnTransaction(w: WireWriter, m: AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction, v: number): void {
  const transactionalId = m.transactionalId;
  w.compactString(transactionalId);
  const producerId = m.producerId;
  w.int64(producerId);
  const producerEpoch = m.producerEpoch;
  w.int16(producerEpoch);
  const verifyOnly = m.verifyOnly;
  w.bool(verifyOnly);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(w, one, v);
  w.uvarint(0);
}

function writeAddPartitionsToTxnRequest(w: WireWriter, m: AddPartitionsToTxnRequest, v: number): void {
  const transactions = m.transactions ?? [];
  if (v >= 4) {
    w.compactArrayLength(transactions.length);
    for (const one of transactions) writeAddPartitionsToTxnRequestAddPartitionsToTxnTransaction(w, one, v);
  } else {
    if (transactions.length !== 0) throw notInVersion('AddPartitionsToTxnRequest', 'transactions', v);
  }
  const v3AndBelowTransactionalId = m.v3AndBelowTransactionalId ?? "";
  if (v >= 4) {
    if (v3AndBelowTransactionalId !== "") throw notInVersion('AddPartitionsToTxnRequest', 'v3AndBelowTransactionalId', v);
  } else if (v >= 3) {
    w.compactString(v3AndBelowTransactionalId);
  } else {
    w.string(v3AndBelowTransactionalId);
  }
  const v3AndBelowProducerId = m.v3AndBelowProducerId ?? 0;
  if (v >= 4) {
    if (v3AndBelowProducerId !== 0) throw notInVersion('AddPartitionsToTxnRequest', 'v3AndBelowProducerId', v);
  } else {
    w.int64(v3AndBelowProducerId);
  }
  const v3AndBelowProducerEpoch = m.v3AndBelowProducerEpoch ?? 0;
  if (v >= 4) {
    if (v3AndBelowProducerEpoch !== 0) throw notInVersion('AddPartitionsToTxnRequest', 'v3AndBelowProducerEpoch', v);
  } else {
    w.int16(v3AndBelowProducerEpoch);
  }
  const v3AndBelowTopics = m.v3AndBelowTopics ?? [];
  if (v >= 4) {
    if (v3AndBelowTopics.length !== 0) throw notInVersion('AddPartitionsToTxnRequest', 'v3AndBelowTopics', v);
  } else if (v >= 3) {
    w.compactArrayLength(v3AndBelowTopics.length);
    for (const one of v3AndBelowTopics) writeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(w, one, v);
  } else {
    w.arrayLength(v3AndBelowTopics.length);
    for (const one of v3AndBelowTopics) writeAddPartitionsToTxnRequestAddPartitionsToTxnTopic(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(r: WireReader, v: number): Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult> {
  const partitionIndex = r.int32();
  const partitionErrorCode = r.int16();
  if (v >= 3) r.skipTaggedFields();
  return { partitionIndex, partitionErrorCode };
}

function readAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResultArray(r: WireReader, v: number, length: number): Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult>[] {
  const values: Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(r, v));
  return values;
}

function readAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(r: WireReader, v: number): Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult> {
  const name = v >= 3 ? r.compactString() : r.string();
  const resultsByPartition = v >= 3 ? readAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResultArray(r, v, r.compactArrayLength(7)) : readAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResultArray(r, v, r.arrayLength(6));
  if (v >= 3) r.skipTaggedFields();
  return { name, resultsByPartition };
}

function readAddPartitionsToTxnResponseAddPartitionsToTxnTopicResultArray(r: WireReader, v: number, length: number): Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult>[] {
  const values: Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(r, v));
  return values;
}

function readAddPartitionsToTxnResponseAddPartitionsToTxnResult(r: WireReader, v: number): Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnResult> {
  const transactionalId = r.compactString();
  const topicResults = readAddPartitionsToTxnResponseAddPartitionsToTxnTopicResultArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { transactionalId, topicResults };
}

function readAddPartitionsToTxnResponseAddPartitionsToTxnResultArray(r: WireReader, v: number, length: number): Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnResult>[] {
  const values: Decoded<AddPartitionsToTxnResponse.AddPartitionsToTxnResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readAddPartitionsToTxnResponseAddPartitionsToTxnResult(r, v));
  return values;
}

function readAddPartitionsToTxnResponse(r: WireReader, v: number): Decoded<AddPartitionsToTxnResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = v >= 4 ? r.int16() : 0;
  const resultsByTransaction = v >= 4 ? readAddPartitionsToTxnResponseAddPartitionsToTxnResultArray(r, v, r.compactArrayLength(3)) : [];
  const resultsByTopicV3AndBelow = v >= 4 ? [] : v >= 3 ? readAddPartitionsToTxnResponseAddPartitionsToTxnTopicResultArray(r, v, r.compactArrayLength(3)) : readAddPartitionsToTxnResponseAddPartitionsToTxnTopicResultArray(r, v, r.arrayLength(6));
  if (v >= 3) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, resultsByTransaction, resultsByTopicV3AndBelow };
}

function writeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(w: WireWriter, m: AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const partitionErrorCode = m.partitionErrorCode;
  w.int16(partitionErrorCode);
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(w: WireWriter, m: AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult, v: number): void {
  const name = m.name;
  if (v >= 3) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const resultsByPartition = m.resultsByPartition;
  if (v >= 3) {
    w.compactArrayLength(resultsByPartition.length);
    for (const one of resultsByPartition) writeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(w, one, v);
  } else {
    w.arrayLength(resultsByPartition.length);
    for (const one of resultsByPartition) writeAddPartitionsToTxnResponseAddPartitionsToTxnPartitionResult(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeAddPartitionsToTxnResponseAddPartitionsToTxnResult(w: WireWriter, m: AddPartitionsToTxnResponse.AddPartitionsToTxnResult, v: number): void {
  const transactionalId = m.transactionalId;
  w.compactString(transactionalId);
  const topicResults = m.topicResults;
  w.compactArrayLength(topicResults.length);
  for (const one of topicResults) writeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(w, one, v);
  w.uvarint(0);
}

function writeAddPartitionsToTxnResponse(w: WireWriter, m: AddPartitionsToTxnResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode ?? 0;
  if (v >= 4) {
    w.int16(errorCode);
  }
  const resultsByTransaction = m.resultsByTransaction ?? [];
  if (v >= 4) {
    w.compactArrayLength(resultsByTransaction.length);
    for (const one of resultsByTransaction) writeAddPartitionsToTxnResponseAddPartitionsToTxnResult(w, one, v);
  } else {
    if (resultsByTransaction.length !== 0) throw notInVersion('AddPartitionsToTxnResponse', 'resultsByTransaction', v);
  }
  const resultsByTopicV3AndBelow = m.resultsByTopicV3AndBelow ?? [];
  if (v >= 4) {
    if (resultsByTopicV3AndBelow.length !== 0) throw notInVersion('AddPartitionsToTxnResponse', 'resultsByTopicV3AndBelow', v);
  } else if (v >= 3) {
    w.compactArrayLength(resultsByTopicV3AndBelow.length);
    for (const one of resultsByTopicV3AndBelow) writeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(w, one, v);
  } else {
    w.arrayLength(resultsByTopicV3AndBelow.length);
    for (const one of resultsByTopicV3AndBelow) writeAddPartitionsToTxnResponseAddPartitionsToTxnTopicResult(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

export const addPartitionsToTxnCodec: ApiCodec<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = {
  key: 24,
  name: 'AddPartitionsToTxn',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: {
    name: 'AddPartitionsToTxnRequest',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readAddPartitionsToTxnRequest,
    write: writeAddPartitionsToTxnRequest,
  },
  response: {
    name: 'AddPartitionsToTxnResponse',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readAddPartitionsToTxnResponse,
    write: writeAddPartitionsToTxnResponse,
  },
};
