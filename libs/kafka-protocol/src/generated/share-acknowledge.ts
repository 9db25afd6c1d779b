// Generated from schemas/share-acknowledge.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt8s, writeInt8s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ShareAcknowledgeRequest {
  readonly groupId?: string | null;
  readonly memberId: string | null;
  readonly shareSessionEpoch: number;
  /** Versions 2+. */
  readonly isRenewAck?: boolean;
  readonly topics: readonly ShareAcknowledgeRequest.AcknowledgeTopic[];
}
export declare namespace ShareAcknowledgeRequest {
  export interface AcknowledgementBatch {
    readonly firstOffset: number;
    readonly lastOffset: number;
    readonly acknowledgeTypes: readonly number[];
  }
  export interface AcknowledgePartition {
    readonly partitionIndex: number;
    readonly acknowledgementBatches: readonly ShareAcknowledgeRequest.AcknowledgementBatch[];
  }
  export interface AcknowledgeTopic {
    readonly topicId: string;
    readonly partitions: readonly ShareAcknowledgeRequest.AcknowledgePartition[];
  }
}

export interface ShareAcknowledgeResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  /** Versions 2+. */
  readonly acquisitionLockTimeoutMs?: number;
  readonly responses: readonly ShareAcknowledgeResponse.ShareAcknowledgeTopicResponse[];
  readonly nodeEndpoints: readonly ShareAcknowledgeResponse.NodeEndpoint[];
}
export declare namespace ShareAcknowledgeResponse {
  export interface LeaderIdAndEpoch {
    readonly leaderId: number;
    readonly leaderEpoch: number;
  }
  export interface PartitionData {
    readonly partitionIndex: number;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
    readonly currentLeader: ShareAcknowledgeResponse.LeaderIdAndEpoch;
  }
  export interface ShareAcknowledgeTopicResponse {
    readonly topicId: string;
    readonly partitions: readonly ShareAcknowledgeResponse.PartitionData[];
  }
  export interface NodeEndpoint {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack?: string | null;
  }
}

function readShareAcknowledgeRequestAcknowledgementBatch(r: WireReader, _v: number): Decoded<ShareAcknowledgeRequest.AcknowledgementBatch> {
  const firstOffset = r.int64();
  const lastOffset = r.int64();
  const acknowledgeTypes = readInt8s(r, r.compactArrayLength(1));
  r.skipTaggedFields();
  return { firstOffset, lastOffset, acknowledgeTypes };
}

function readShareAcknowledgeRequestAcknowledgementBatchArray(r: WireReader, v: number, length: number): Decoded<ShareAcknowledgeRequest.AcknowledgementBatch>[] {
  const values: Decoded<ShareAcknowledgeRequest.AcknowledgementBatch>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareAcknowledgeRequestAcknowledgementBatch(r, v));
  return values;
}

function readShareAcknowledgeRequestAcknowledgePartition(r: WireReader, v: number): Decoded<ShareAcknowledgeRequest.AcknowledgePartition> {
  const partitionIndex = r.int32();
  const acknowledgementBatches = readShareAcknowledgeRequestAcknowledgementBatchArray(r, v, r.compactArrayLength(18));
  r.skipTaggedFields();
  return { partitionIndex, acknowledgementBatches };
}

function readShareAcknowledgeRequestAcknowledgePartitionArray(r: WireReader, v: number, length: number): Decoded<ShareAcknowledgeRequest.AcknowledgePartition>[] {
  const values: Decoded<ShareAcknowledgeRequest.AcknowledgePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareAcknowledgeRequestAcknowledgePartition(r, v));
  return values;
}

function readShareAcknowledgeRequestAcknowledgeTopic(r: WireReader, v: number): Decoded<ShareAcknowledgeRequest.AcknowledgeTopic> {
  const topicId = r.uuid();
  const partitions = readShareAcknowledgeRequestAcknowledgePartitionArray(r, v, r.compactArrayLength(6));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readShareAcknowledgeRequestAcknowledgeTopicArray(r: WireReader, v: number, length: number): Decoded<ShareAcknowledgeRequest.AcknowledgeTopic>[] {
  const values: Decoded<ShareAcknowledgeRequest.AcknowledgeTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareAcknowledgeRequestAcknowledgeTopic(r, v));
  return values;
}

function readShareAcknowledgeRequest(r: WireReader, v: number): Decoded<ShareAcknowledgeRequest> {
  const groupId = r.compactNullableString();
  const memberId = r.compactNullableString();
  const shareSessionEpoch = r.int32();
  const isRenewAck = v >= 2 ? r.bool() : false;
  const topics = readShareAcknowledgeRequestAcknowledgeTopicArray(r, v, r.compactArrayLength(18));
  r.skipTaggedFields();
  return { groupId, memberId, shareSessionEpoch, isRenewAck, topics };
}

function writeShareAcknowledgeRequestAcknowledgementBatch(w: WireWriter, m: ShareAcknowledgeRequest.AcknowledgementBatch, _v: number): void {
  const firstOffset = m.firstOffset;
  w.int64(firstOffset);
  const lastOffset = m.lastOffset;
  w.int64(lastOffset);
  const acknowledgeTypes = m.acknowledgeTypes;
  w.compactArrayLength(acknowledgeTypes.length);
  writeInt8s(w, acknowledgeTypes);
  w.uvarint(0);
}

function writeShareAcknowledgeRequestAcknowledgePartition(w: WireWriter, m: ShareAcknowledgeRequest.AcknowledgePartition, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const acknowledgementBatches = m.acknowledgementBatches;
  w.compactArrayLength(acknowledgementBatches.length);
  for (const one of acknowledgementBatches) writeShareAcknowledgeRequestAcknowledgementBatch(w, one, v);
  w.uvarint(0);
}

function writeShareAcknowledgeRequestAcknowledgeTopic(w: WireWriter, m: ShareAcknowledgeRequest.AcknowledgeTopic, v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeShareAcknowledgeRequestAcknowledgePartition(w, one, v);
  w.uvarint(0);
}

function writeShareAcknowledgeRequest(w: WireWriter, m: ShareAcknowledgeRequest, v: number): void {
  const groupId = m.groupId ?? null;
  w.compactNullableString(groupId);
  const memberId = m.memberId;
  w.compactNullableString(memberId);
  const shareSessionEpoch = m.shareSessionEpoch;
  w.int32(shareSessionEpoch);
  const isRenewAck = m.isRenewAck ?? false;
  if (v >= 2) {
    w.bool(isRenewAck);
  } else {
    if (isRenewAck !== false) throw notInVersion('ShareAcknowledgeRequest', 'isRenewAck', v);
  }
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeShareAcknowledgeRequestAcknowledgeTopic(w, one, v);
  w.uvarint(0);
}

function readShareAcknowledgeResponseLeaderIdAndEpoch(r: WireReader, _v: number): Decoded<ShareAcknowledgeResponse.LeaderIdAndEpoch> {
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  r.skipTaggedFields();
  return { leaderId, leaderEpoch };
}

function readShareAcknowledgeResponsePartitionData(r: WireReader, v: number): Decoded<ShareAcknowledgeResponse.PartitionData> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const currentLeader = readShareAcknowledgeResponseLeaderIdAndEpoch(r, v);
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage, currentLeader };
}

function readShareAcknowledgeResponsePartitionDataArray(r: WireReader, v: number, length: number): Decoded<ShareAcknowledgeResponse.PartitionData>[] {
  const values: Decoded<ShareAcknowledgeResponse.PartitionData>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareAcknowledgeResponsePartitionData(r, v));
  return values;
}

function readShareAcknowledgeResponseShareAcknowledgeTopicResponse(r: WireReader, v: number): Decoded<ShareAcknowledgeResponse.ShareAcknowledgeTopicResponse> {
  const topicId = r.uuid();
  const partitions = readShareAcknowledgeResponsePartitionDataArray(r, v, r.compactArrayLength(17));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readShareAcknowledgeResponseShareAcknowledgeTopicResponseArray(r: WireReader, v: number, length: number): Decoded<ShareAcknowledgeResponse.ShareAcknowledgeTopicResponse>[] {
  const values: Decoded<ShareAcknowledgeResponse.ShareAcknowledgeTopicResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareAcknowledgeResponseShareAcknowledgeTopicResponse(r, v));
  return values;
}

function readShareAcknowledgeResponseNodeEndpoint(r: WireReader, _v: number): Decoded<ShareAcknowledgeResponse.NodeEndpoint> {
  const nodeId = r.int32();
  const host = r.compactString();
  const port = r.int32();
  const rack = r.compactNullableString();
  r.skipTaggedFields();
  return { nodeId, host, port, rack };
}

function readShareAcknowledgeResponseNodeEndpointArray(r: WireReader, v: number, length: number): Decoded<ShareAcknowledgeResponse.NodeEndpoint>[] {
  const values: Decoded<ShareAcknowledgeResponse.NodeEndpoint>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareAcknowledgeResponseNodeEndpoint(r, v));
  return values;
}

function readShareAcknowledgeResponse(r: WireReader, v: number): Decoded<ShareAcknowledgeResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const acquisitionLockTimeoutMs = v >= 2 ? r.int32() : 0;
  const responses = readShareAcknowledgeResponseShareAcknowledgeTopicResponseArray(r, v, r.compactArrayLength(18));
  const nodeEndpoints = readShareAcknowledgeResponseNodeEndpointArray(r, v, r.compactArrayLength(11));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, acquisitionLockTimeoutMs, responses, nodeEndpoints };
}

function writeShareAcknowledgeResponseLeaderIdAndEpoch(w: WireWriter, m: ShareAcknowledgeResponse.LeaderIdAndEpoch, _v: number): void {
  const leaderId = m.leaderId;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch;
  w.int32(leaderEpoch);
  w.uvarint(0);
}

function writeShareAcknowledgeResponsePartitionData(w: WireWriter, m: ShareAcknowledgeResponse.PartitionData, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const currentLeader = m.currentLeader;
  writeShareAcknowledgeResponseLeaderIdAndEpoch(w, currentLeader, v);
  w.uvarint(0);
}

function writeShareAcknowledgeResponseShareAcknowledgeTopicResponse(w: WireWriter, m: ShareAcknowledgeResponse.ShareAcknowledgeTopicResponse, v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeShareAcknowledgeResponsePartitionData(w, one, v);
  w.uvarint(0);
}

function writeShareAcknowledgeResponseNodeEndpoint(w: WireWriter, m: ShareAcknowledgeResponse.NodeEndpoint, _v: number): void {
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

function writeShareAcknowledgeResponse(w: WireWriter, m: ShareAcknowledgeResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const acquisitionLockTimeoutMs = m.acquisitionLockTimeoutMs ?? 0;
  if (v >= 2) {
    w.int32(acquisitionLockTimeoutMs);
  }
  const responses = m.responses;
  w.compactArrayLength(responses.length);
  for (const one of responses) writeShareAcknowledgeResponseShareAcknowledgeTopicResponse(w, one, v);
  const nodeEndpoints = m.nodeEndpoints;
  w.compactArrayLength(nodeEndpoints.length);
  for (const one of nodeEndpoints) writeShareAcknowledgeResponseNodeEndpoint(w, one, v);
  w.uvarint(0);
}

export const shareAcknowledgeCodec: ApiCodec<ShareAcknowledgeRequest, ShareAcknowledgeResponse> = {
  key: 79,
  name: 'ShareAcknowledge',
  minVersion: 1,
  maxVersion: 2,
  flexibleFrom: 0,
  request: {
    name: 'ShareAcknowledgeRequest',
    minVersion: 1,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readShareAcknowledgeRequest,
    write: writeShareAcknowledgeRequest,
  },
  response: {
    name: 'ShareAcknowledgeResponse',
    minVersion: 1,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readShareAcknowledgeResponse,
    write: writeShareAcknowledgeResponse,
  },
};
