// Generated from schemas/share-fetch.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { asChunks, readInt32s, readInt8s, writeInt32s, writeInt8s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ShareFetchRequest {
  readonly groupId?: string | null;
  readonly memberId: string | null;
  readonly shareSessionEpoch: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** Default 2147483647. */
  readonly maxBytes?: number;
  readonly maxRecords: number;
  readonly batchSize: number;
  /** Versions 2+. */
  readonly shareAcquireMode?: number;
  /** Versions 2+. */
  readonly isRenewAck?: boolean;
  readonly topics: readonly ShareFetchRequest.FetchTopic[];
  readonly forgottenTopicsData: readonly ShareFetchRequest.ForgottenTopic[];
}
export declare namespace ShareFetchRequest {
  export interface AcknowledgementBatch {
    readonly firstOffset: number;
    readonly lastOffset: number;
    readonly acknowledgeTypes: readonly number[];
  }
  export interface FetchPartition {
    readonly partitionIndex: number;
    readonly acknowledgementBatches: readonly ShareFetchRequest.AcknowledgementBatch[];
  }
  export interface FetchTopic {
    readonly topicId: string;
    readonly partitions: readonly ShareFetchRequest.FetchPartition[];
  }
  export interface ForgottenTopic {
    readonly topicId: string;
    readonly partitions: readonly number[];
  }
}

export interface ShareFetchResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly acquisitionLockTimeoutMs: number;
  readonly responses: readonly ShareFetchResponse.ShareFetchableTopicResponse[];
  readonly nodeEndpoints: readonly ShareFetchResponse.NodeEndpoint[];
}
export declare namespace ShareFetchResponse {
  export interface LeaderIdAndEpoch {
    readonly leaderId: number;
    readonly leaderEpoch: number;
  }
  export interface AcquiredRecords {
    readonly firstOffset: number;
    readonly lastOffset: number;
    readonly deliveryCount: number;
  }
  export interface PartitionData {
    readonly partitionIndex: number;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
    readonly acknowledgeErrorCode: number;
    readonly acknowledgeErrorMessage?: string | null;
    readonly currentLeader: ShareFetchResponse.LeaderIdAndEpoch;
    readonly records: readonly Buffer[];
    readonly acquiredRecords: readonly ShareFetchResponse.AcquiredRecords[];
  }
  export interface ShareFetchableTopicResponse {
    readonly topicId: string;
    readonly partitions: readonly ShareFetchResponse.PartitionData[];
  }
  export interface NodeEndpoint {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack?: string | null;
  }
}

function readShareFetchRequestAcknowledgementBatch(r: WireReader, _v: number): Decoded<ShareFetchRequest.AcknowledgementBatch> {
  const firstOffset = r.int64();
  const lastOffset = r.int64();
  const acknowledgeTypes = readInt8s(r, r.compactArrayLength(1));
  r.skipTaggedFields();
  return { firstOffset, lastOffset, acknowledgeTypes };
}

function readShareFetchRequestAcknowledgementBatchArray(r: WireReader, v: number, length: number): Decoded<ShareFetchRequest.AcknowledgementBatch>[] {
  const values: Decoded<ShareFetchRequest.AcknowledgementBatch>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchRequestAcknowledgementBatch(r, v));
  return values;
}

function readShareFetchRequestFetchPartition(r: WireReader, v: number): Decoded<ShareFetchRequest.FetchPartition> {
  const partitionIndex = r.int32();
  const acknowledgementBatches = readShareFetchRequestAcknowledgementBatchArray(r, v, r.compactArrayLength(18));
  r.skipTaggedFields();
  return { partitionIndex, acknowledgementBatches };
}

function readShareFetchRequestFetchPartitionArray(r: WireReader, v: number, length: number): Decoded<ShareFetchRequest.FetchPartition>[] {
  const values: Decoded<ShareFetchRequest.FetchPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchRequestFetchPartition(r, v));
  return values;
}

function readShareFetchRequestFetchTopic(r: WireReader, v: number): Decoded<ShareFetchRequest.FetchTopic> {
  const topicId = r.uuid();
  const partitions = readShareFetchRequestFetchPartitionArray(r, v, r.compactArrayLength(6));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readShareFetchRequestFetchTopicArray(r: WireReader, v: number, length: number): Decoded<ShareFetchRequest.FetchTopic>[] {
  const values: Decoded<ShareFetchRequest.FetchTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchRequestFetchTopic(r, v));
  return values;
}

function readShareFetchRequestForgottenTopic(r: WireReader, _v: number): Decoded<ShareFetchRequest.ForgottenTopic> {
  const topicId = r.uuid();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readShareFetchRequestForgottenTopicArray(r: WireReader, v: number, length: number): Decoded<ShareFetchRequest.ForgottenTopic>[] {
  const values: Decoded<ShareFetchRequest.ForgottenTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchRequestForgottenTopic(r, v));
  return values;
}

function readShareFetchRequest(r: WireReader, v: number): Decoded<ShareFetchRequest> {
  const groupId = r.compactNullableString();
  const memberId = r.compactNullableString();
  const shareSessionEpoch = r.int32();
  const maxWaitMs = r.int32();
  const minBytes = r.int32();
  const maxBytes = r.int32();
  const maxRecords = r.int32();
  const batchSize = r.int32();
  const shareAcquireMode = v >= 2 ? r.int8() : 0;
  const isRenewAck = v >= 2 ? r.bool() : false;
  const topics = readShareFetchRequestFetchTopicArray(r, v, r.compactArrayLength(18));
  const forgottenTopicsData = readShareFetchRequestForgottenTopicArray(r, v, r.compactArrayLength(18));
  r.skipTaggedFields();
  return { groupId, memberId, shareSessionEpoch, maxWaitMs, minBytes, maxBytes, maxRecords, batchSize, shareAcquireMode, isRenewAck, topics, forgottenTopicsData };
}

function writeShareFetchRequestAcknowledgementBatch(w: WireWriter, m: ShareFetchRequest.AcknowledgementBatch, _v: number): void {
  const firstOffset = m.firstOffset;
  w.int64(firstOffset);
  const lastOffset = m.lastOffset;
  w.int64(lastOffset);
  const acknowledgeTypes = m.acknowledgeTypes;
  w.compactArrayLength(acknowledgeTypes.length);
  writeInt8s(w, acknowledgeTypes);
  w.uvarint(0);
}

function writeShareFetchRequestFetchPartition(w: WireWriter, m: ShareFetchRequest.FetchPartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const acknowledgementBatches = m.acknowledgementBatches;
  w.compactArrayLength(acknowledgementBatches.length);
  for (const one of acknowledgementBatches) writeShareFetchRequestAcknowledgementBatch(w, one, v);
  w.uvarint(0);
}

function writeShareFetchRequestFetchTopic(w: WireWriter, m: ShareFetchRequest.FetchTopic, v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeShareFetchRequestFetchPartition(w, one, v);
  w.uvarint(0);
}

function writeShareFetchRequestForgottenTopic(w: WireWriter, m: ShareFetchRequest.ForgottenTopic, _v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeShareFetchRequest(w: WireWriter, m: ShareFetchRequest, v: number): void {
  const groupId = m.groupId ?? null;
  w.compactNullableString(groupId);
  const memberId = m.memberId;
  w.compactNullableString(memberId);
  const shareSessionEpoch = m.shareSessionEpoch;
  w.int32(shareSessionEpoch);
  const maxWaitMs = m.maxWaitMs;
  w.int32(maxWaitMs);
  const minBytes = m.minBytes;
  w.int32(minBytes);
  const maxBytes = m.maxBytes ?? 2147483647;
  w.int32(maxBytes);
  const maxRecords = m.maxRecords;
  w.int32(maxRecords);
  const batchSize = m.batchSize;
  w.int32(batchSize);
  const shareAcquireMode = m.shareAcquireMode ?? 0;
  if (v >= 2) {
    w.int8(shareAcquireMode);
  }
  const isRenewAck = m.isRenewAck ?? false;
  if (v >= 2) {
    w.bool(isRenewAck);
  } else {
    if (isRenewAck !== false) throw notInVersion('ShareFetchRequest', 'isRenewAck', v);
  }
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeShareFetchRequestFetchTopic(w, one, v);
  const forgottenTopicsData = m.forgottenTopicsData;
  w.compactArrayLength(forgottenTopicsData.length);
  for (const one of forgottenTopicsData) writeShareFetchRequestForgottenTopic(w, one, v);
  w.uvarint(0);
}

function readShareFetchResponseLeaderIdAndEpoch(r: WireReader, _v: number): Decoded<ShareFetchResponse.LeaderIdAndEpoch> {
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  r.skipTaggedFields();
  return { leaderId, leaderEpoch };
}

function readShareFetchResponseAcquiredRecords(r: WireReader, _v: number): Decoded<ShareFetchResponse.AcquiredRecords> {
  const firstOffset = r.int64();
  const lastOffset = r.int64();
  const deliveryCount = r.int16();
  r.skipTaggedFields();
  return { firstOffset, lastOffset, deliveryCount };
}

function readShareFetchResponseAcquiredRecordsArray(r: WireReader, v: number, length: number): Decoded<ShareFetchResponse.AcquiredRecords>[] {
  const values: Decoded<ShareFetchResponse.AcquiredRecords>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchResponseAcquiredRecords(r, v));
  return values;
}

function readShareFetchResponsePartitionData(r: WireReader, v: number): Decoded<ShareFetchResponse.PartitionData> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const acknowledgeErrorCode = r.int16();
  const acknowledgeErrorMessage = r.compactNullableString();
  const currentLeader = readShareFetchResponseLeaderIdAndEpoch(r, v);
  const records = asChunks(r.compactByteString());
  const acquiredRecords = readShareFetchResponseAcquiredRecordsArray(r, v, r.compactArrayLength(19));
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage, acknowledgeErrorCode, acknowledgeErrorMessage, currentLeader, records, acquiredRecords };
}

function readShareFetchResponsePartitionDataArray(r: WireReader, v: number, length: number): Decoded<ShareFetchResponse.PartitionData>[] {
  const values: Decoded<ShareFetchResponse.PartitionData>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchResponsePartitionData(r, v));
  return values;
}

function readShareFetchResponseShareFetchableTopicResponse(r: WireReader, v: number): Decoded<ShareFetchResponse.ShareFetchableTopicResponse> {
  const topicId = r.uuid();
  const partitions = readShareFetchResponsePartitionDataArray(r, v, r.compactArrayLength(22));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readShareFetchResponseShareFetchableTopicResponseArray(r: WireReader, v: number, length: number): Decoded<ShareFetchResponse.ShareFetchableTopicResponse>[] {
  const values: Decoded<ShareFetchResponse.ShareFetchableTopicResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchResponseShareFetchableTopicResponse(r, v));
  return values;
}

function readShareFetchResponseNodeEndpoint(r: WireReader, _v: number): Decoded<ShareFetchResponse.NodeEndpoint> {
  const nodeId = r.int32();
  const host = r.compactString();
  const port = r.int32();
  const rack = r.compactNullableString();
  r.skipTaggedFields();
  return { nodeId, host, port, rack };
}

function readShareFetchResponseNodeEndpointArray(r: WireReader, v: number, length: number): Decoded<ShareFetchResponse.NodeEndpoint>[] {
  const values: Decoded<ShareFetchResponse.NodeEndpoint>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareFetchResponseNodeEndpoint(r, v));
  return values;
}

function readShareFetchResponse(r: WireReader, v: number): Decoded<ShareFetchResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const acquisitionLockTimeoutMs = r.int32();
  const responses = readShareFetchResponseShareFetchableTopicResponseArray(r, v, r.compactArrayLength(18));
  const nodeEndpoints = readShareFetchResponseNodeEndpointArray(r, v, r.compactArrayLength(11));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, acquisitionLockTimeoutMs, responses, nodeEndpoints };
}

function writeShareFetchResponseLeaderIdAndEpoch(w: WireWriter, m: ShareFetchResponse.LeaderIdAndEpoch, _v: number): void {
  const leaderId = m.leaderId;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch;
  w.int32(leaderEpoch);
  w.uvarint(0);
}

function writeShareFetchResponseAcquiredRecords(w: WireWriter, m: ShareFetchResponse.AcquiredRecords, _v: number): void {
  const firstOffset = m.firstOffset;
  w.int64(firstOffset);
  const lastOffset = m.lastOffset;
  w.int64(lastOffset);
  const deliveryCount = m.deliveryCount;
  w.int16(deliveryCount);
  w.uvarint(0);
}

function writeShareFetchResponsePartitionData(w: WireWriter, m: ShareFetchResponse.PartitionData, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const acknowledgeErrorCode = m.acknowledgeErrorCode;
  w.int16(acknowledgeErrorCode);
  const acknowledgeErrorMessage = m.acknowledgeErrorMessage ?? null;
  w.compactNullableString(acknowledgeErrorMessage);
  const currentLeader = m.currentLeader;
  writeShareFetchResponseLeaderIdAndEpoch(w, currentLeader, v);
  const records = m.records;
  w.compactChunks(records);
  const acquiredRecords = m.acquiredRecords;
  w.compactArrayLength(acquiredRecords.length);
  for (const one of acquiredRecords) writeShareFetchResponseAcquiredRecords(w, one, v);
  w.uvarint(0);
}

function writeShareFetchResponseShareFetchableTopicResponse(w: WireWriter, m: ShareFetchResponse.ShareFetchableTopicResponse, v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeShareFetchResponsePartitionData(w, one, v);
  w.uvarint(0);
}

function writeShareFetchResponseNodeEndpoint(w: WireWriter, m: ShareFetchResponse.NodeEndpoint, _v: number): void {
  const nodeId = m.nodeId;
  w.int32(nodeId);
  const host = m.host;
  w.compactString(host);
  const port = m.port;
  w.int32(port);
  const rack = m.rack ?? null;
  w.compactNullableString(rack);
  w.uvarint(0);
}

function writeShareFetchResponse(w: WireWriter, m: ShareFetchResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const acquisitionLockTimeoutMs = m.acquisitionLockTimeoutMs;
  w.int32(acquisitionLockTimeoutMs);
  const responses = m.responses;
  w.compactArrayLength(responses.length);
  for (const one of responses) writeShareFetchResponseShareFetchableTopicResponse(w, one, v);
  const nodeEndpoints = m.nodeEndpoints;
  w.compactArrayLength(nodeEndpoints.length);
  for (const one of nodeEndpoints) writeShareFetchResponseNodeEndpoint(w, one, v);
  w.uvarint(0);
}

export const shareFetchCodec: ApiCodec<ShareFetchRequest, ShareFetchResponse> = {
  key: 78,
  name: 'ShareFetch',
  minVersion: 1,
  maxVersion: 2,
  flexibleFrom: 0,
  request: {
    name: 'ShareFetchRequest',
    minVersion: 1,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readShareFetchRequest,
    write: writeShareFetchRequest,
  },
  response: {
    name: 'ShareFetchResponse',
    minVersion: 1,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readShareFetchResponse,
    write: writeShareFetchResponse,
  },
};
