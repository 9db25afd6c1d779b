// Generated from schemas/fetch.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { asChunksOrNull, readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface FetchRequest {
  /** Versions 12+. */
  readonly clusterId?: string | null;
  /** Versions 4-14. Default -1. */
  readonly replicaId?: number;
  /** Versions 15+. */
  readonly replicaState?: FetchRequest.ReplicaState;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** Default 2147483647. */
  readonly maxBytes?: number;
  readonly isolationLevel: number;
  /** Versions 7+. */
  readonly sessionId?: number;
  /** Versions 7+. Default -1. */
  readonly sessionEpoch?: number;
  readonly topics: readonly FetchRequest.FetchTopic[];
  /** Versions 7+. */
  readonly forgottenTopicsData?: readonly FetchRequest.ForgottenTopic[];
  /** Versions 11+. */
  readonly rackId?: string;
}
export declare namespace FetchRequest {
  export interface ReplicaState {
    /** Default -1. */
    readonly replicaId?: number;
    /** Default -1. */
    readonly replicaEpoch?: number;
  }
  export interface FetchPartition {
    readonly partition: number;
    /** Versions 9+. Default -1. */
    readonly currentLeaderEpoch?: number;
    readonly fetchOffset: number;
    /** Versions 12+. Default -1. */
    readonly lastFetchedEpoch?: number;
    /** Versions 5+. Default -1. */
    readonly logStartOffset?: number;
    readonly partitionMaxBytes: number;
    /** Versions 17+. */
    readonly replicaDirectoryId?: string;
    /** Versions 18+. Default 9007199254740991. */
    readonly highWatermark?: number;
  }
  export interface FetchTopic {
    /** Versions 4-12. */
    readonly topic?: string;
    /** Versions 13+. */
    readonly topicId?: string;
    readonly partitions: readonly FetchRequest.FetchPartition[];
  }
  export interface ForgottenTopic {
    /** Versions 7-12. */
    readonly topic?: string;
    /** Versions 13+. */
    readonly topicId?: string;
    readonly partitions: readonly number[];
  }
}

export interface FetchResponse {
  readonly throttleTimeMs: number;
  /** Versions 7+. */
  readonly errorCode?: number;
  /** Versions 7+. */
  readonly sessionId?: number;
  readonly responses: readonly FetchResponse.FetchableTopicResponse[];
  /** Versions 16+. */
  readonly nodeEndpoints?: readonly FetchResponse.NodeEndpoint[];
}
export declare namespace FetchResponse {
  export interface EpochEndOffset {
    /** Default -1. */
    readonly epoch?: number;
    /** Default -1. */
    readonly endOffset?: number;
  }
  export interface LeaderIdAndEpoch {
    /** Default -1. */
    readonly leaderId?: number;
    /** Default -1. */
    readonly leaderEpoch?: number;
  }
  export interface SnapshotId {
    /** Default -1. */
    readonly endOffset?: number;
    /** Default -1. */
    readonly epoch?: number;
  }
  export interface AbortedTransaction {
    readonly producerId: number;
    readonly firstOffset: number;
  }
  export interface PartitionData {
    readonly partitionIndex: number;
    readonly errorCode: number;
    readonly highWatermark: number;
    /** Default -1. */
    readonly lastStableOffset?: number;
    /** Versions 5+. Default -1. */
    readonly logStartOffset?: number;
    /** Versions 12+. */
    readonly divergingEpoch?: FetchResponse.EpochEndOffset;
    /** Versions 12+. */
    readonly currentLeader?: FetchResponse.LeaderIdAndEpoch;
    /** Versions 12+. */
    readonly snapshotId?: FetchResponse.SnapshotId;
    readonly abortedTransactions: readonly FetchResponse.AbortedTransaction[] | null;
    /** Versions 11+. Default -1. */
    readonly preferredReadReplica?: number;
    readonly records: readonly Buffer[] | null;
  }
  export interface FetchableTopicResponse {
    /** Versions 4-12. */
    readonly topic?: string;
    /** Versions 13+. */
    readonly topicId?: string;
    readonly partitions: readonly FetchResponse.PartitionData[];
  }
  export interface NodeEndpoint {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack?: string | null;
  }
}

const DEFAULT_FETCH_REQUEST_REPLICA_STATE: Decoded<FetchRequest.ReplicaState> = Object.freeze({
  replicaId: -1,
  replicaEpoch: -1,
});

function isDefaultFetchRequestReplicaState(m: FetchRequest.ReplicaState): boolean {
  return !((m.replicaId ?? -1) !== -1 || (m.replicaEpoch ?? -1) !== -1);
}

function readFetchRequestReplicaState(r: WireReader, _v: number): Decoded<FetchRequest.ReplicaState> {
  const replicaId = r.int32();
  const replicaEpoch = r.int64();
  r.skipTaggedFields();
  return { replicaId, replicaEpoch };
}

function readFetchRequestFetchPartition(r: WireReader, v: number): Decoded<FetchRequest.FetchPartition> {
  const partition = r.int32();
  const currentLeaderEpoch = v >= 9 ? r.int32() : -1;
  const fetchOffset = r.int64Clamped();
  const lastFetchedEpoch = v >= 12 ? r.int32() : -1;
  const logStartOffset = v >= 5 ? r.int64() : -1;
  const partitionMaxBytes = r.int32();
  let replicaDirectoryId: Decoded<FetchRequest.FetchPartition>['replicaDirectoryId'] = "00000000-0000-0000-0000-000000000000";
  let highWatermark: Decoded<FetchRequest.FetchPartition>['highWatermark'] = 9007199254740991;
  if (v >= 12) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0 && v >= 17) {
        replicaDirectoryId = r.uuid();
        r.expectEnd(end);
      } else if (tag === 1 && v >= 18) {
        highWatermark = r.int64Clamped();
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { partition, currentLeaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, partitionMaxBytes, replicaDirectoryId, highWatermark };
}

function readFetchRequestFetchPartitionArray(r: WireReader, v: number, length: number): Decoded<FetchRequest.FetchPartition>[] {
  const values: Decoded<FetchRequest.FetchPartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchRequestFetchPartition(r, v));
  return values;
}

function readFetchRequestFetchTopic(r: WireReader, v: number): Decoded<FetchRequest.FetchTopic> {
  const topic = v >= 13 ? "" : v >= 12 ? r.compactString() : r.string();
  const topicId = v >= 13 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitions = v >= 12 ? readFetchRequestFetchPartitionArray(r, v, r.compactArrayLength(33)) : readFetchRequestFetchPartitionArray(r, v, r.arrayLength(16));
  if (v >= 12) r.skipTaggedFields();
  return { topic, topicId, partitions };
}

function readFetchRequestFetchTopicArray(r: WireReader, v: number, length: number): Decoded<FetchRequest.FetchTopic>[] {
  const values: Decoded<FetchRequest.FetchTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchRequestFetchTopic(r, v));
  return values;
}

function readFetchRequestForgottenTopic(r: WireReader, v: number): Decoded<FetchRequest.ForgottenTopic> {
  const topic = v >= 13 ? "" : v >= 12 ? r.compactString() : r.string();
  const topicId = v >= 13 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitions = v >= 12 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  if (v >= 12) r.skipTaggedFields();
  return { topic, topicId, partitions };
}

function readFetchRequestForgottenTopicArray(r: WireReader, v: number, length: number): Decoded<FetchRequest.ForgottenTopic>[] {
  const values: Decoded<FetchRequest.ForgottenTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchRequestForgottenTopic(r, v));
  return values;
}

function readFetchRequest(r: WireReader, v: number): Decoded<FetchRequest> {
  let clusterId: Decoded<FetchRequest>['clusterId'] = null;
  const replicaId = v >= 15 ? -1 : r.int32();
  let replicaState: Decoded<FetchRequest>['replicaState'] = DEFAULT_FETCH_REQUEST_REPLICA_STATE;
  const maxWaitMs = r.int32();
  const minBytes = r.int32();
  const maxBytes = r.int32();
  const isolationLevel = r.int8();
  const sessionId = v >= 7 ? r.int32() : 0;
  const sessionEpoch = v >= 7 ? r.int32() : -1;
  const topics = v >= 12 ? readFetchRequestFetchTopicArray(r, v, r.compactArrayLength(3)) : readFetchRequestFetchTopicArray(r, v, r.arrayLength(6));
  const forgottenTopicsData = v >= 12 ? readFetchRequestForgottenTopicArray(r, v, r.compactArrayLength(3)) : v >= 7 ? readFetchRequestForgottenTopicArray(r, v, r.arrayLength(6)) : [];
  const rackId = v >= 12 ? r.compactString() : v >= 11 ? r.string() : "";
  if (v >= 12) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0) {
        clusterId = r.compactNullableString();
        r.expectEnd(end);
      } else if (tag === 1 && v >= 15) {
        replicaState = readFetchRequestReplicaState(r, v);
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { clusterId, replicaId, replicaState, maxWaitMs, minBytes, maxBytes, isolationLevel, sessionId, sessionEpoch, topics, forgottenTopicsData, rackId };
}

function writeFetchRequestReplicaState(w: WireWriter, m: FetchRequest.ReplicaState, _v: number): void {
  const replicaId = m.replicaId ?? -1;
  w.int32(replicaId);
  const replicaEpoch = m.replicaEpoch ?? -1;
  w.int64(replicaEpoch);
  w.uvarint(0);
}

function writeFetchRequestFetchPartition(w: WireWriter, m: FetchRequest.FetchPartition, v: number): void {
  const partition = m.partition;
  w.int32(partition);
  const currentLeaderEpoch = m.currentLeaderEpoch ?? -1;
  if (v >= 9) {
    w.int32(currentLeaderEpoch);
  }
  const fetchOffset = m.fetchOffset;
  w.int64(fetchOffset);
  const lastFetchedEpoch = m.lastFetchedEpoch ?? -1;
  if (v >= 12) {
    w.int32(lastFetchedEpoch);
  } else {
    if (lastFetchedEpoch !== -1) throw notInVersion('FetchRequest', 'lastFetchedEpoch', v);
  }
  const logStartOffset = m.logStartOffset ?? -1;
  if (v >= 5) {
    w.int64(logStartOffset);
  }
  const partitionMaxBytes = m.partitionMaxBytes;
  w.int32(partitionMaxBytes);
  const replicaDirectoryId = m.replicaDirectoryId ?? "00000000-0000-0000-0000-000000000000";
  const highWatermark = m.highWatermark ?? 9007199254740991;
  if (v >= 12) {
    const hasReplicaDirectoryId = v >= 17 && replicaDirectoryId !== "00000000-0000-0000-0000-000000000000";
    const hasHighWatermark = v >= 18 && highWatermark !== 9007199254740991;
    w.uvarint(Number(hasReplicaDirectoryId) + Number(hasHighWatermark));
    if (hasReplicaDirectoryId) {
      const at = w.beginTagged(0);
      w.uuid(replicaDirectoryId);
      w.endTagged(at);
    }
    if (hasHighWatermark) {
      const at = w.beginTagged(1);
      w.int64(highWatermark);
      w.endTagged(at);
    }
  }
}

function writeFetchRequestFetchTopic(w: WireWriter, m: FetchRequest.FetchTopic, v: number): void {
  const topic = m.topic ?? "";
  if (v === 12) {
    w.compactString(topic);
  } else if (v <= 11) {
    w.string(topic);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 13) {
    w.uuid(topicId);
  }
  const partitions = m.partitions;
  if (v >= 12) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeFetchRequestFetchPartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeFetchRequestFetchPartition(w, one, v);
  }
  if (v >= 12) {
    w.uvarint(0);
  }
}

function writeFetchRequestForgottenTopic(w: WireWriter, m: FetchRequest.ForgottenTopic, v: number): void {
  const topic = m.topic ?? "";
  if (v === 12) {
    w.compactString(topic);
  } else if (v <= 11) {
    w.string(topic);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 13) {
    w.uuid(topicId);
  }
  const partitions = m.partitions;
  if (v >= 12) {
    w.compactArrayLength(partitions.length);
    writeInt32s(w, partitions);
  } else {
    w.arrayLength(partitions.length);
    writeInt32s(w, partitions);
  }
  if (v >= 12) {
    w.uvarint(0);
  }
}

function writeFetchRequest(w: WireWriter, m: FetchRequest, v: number): void {
  const clusterId = m.clusterId ?? null;
  const replicaId = m.replicaId ?? -1;
  if (v >= 15) {
    if (replicaId !== -1) throw notInVersion('FetchRequest', 'replicaId', v);
  } else {
    w.int32(replicaId);
  }
  const replicaState = m.replicaState ?? DEFAULT_FETCH_REQUEST_REPLICA_STATE;
  if (v <= 14) {
    if (!isDefaultFetchRequestReplicaState(replicaState)) throw notInVersion('FetchRequest', 'replicaState', v);
  }
  const maxWaitMs = m.maxWaitMs;
  w.int32(maxWaitMs);
  const minBytes = m.minBytes;
  w.int32(minBytes);
  const maxBytes = m.maxBytes ?? 2147483647;
  w.int32(maxBytes);
  const isolationLevel = m.isolationLevel;
  w.int8(isolationLevel);
  const sessionId = m.sessionId ?? 0;
  if (v >= 7) {
    w.int32(sessionId);
  }
  const sessionEpoch = m.sessionEpoch ?? -1;
  if (v >= 7) {
    w.int32(sessionEpoch);
  }
  const topics = m.topics;
  if (v >= 12) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeFetchRequestFetchTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeFetchRequestFetchTopic(w, one, v);
  }
  const forgottenTopicsData = m.forgottenTopicsData ?? [];
  if (v >= 12) {
    w.compactArrayLength(forgottenTopicsData.length);
    for (const one of forgottenTopicsData) writeFetchRequestForgottenTopic(w, one, v);
  } else if (v >= 7) {
    w.arrayLength(forgottenTopicsData.length);
    for (const one of forgottenTopicsData) writeFetchRequestForgottenTopic(w, one, v);
  } else {
    if (forgottenTopicsData.length !== 0) throw notInVersion('FetchRequest', 'forgottenTopicsData', v);
  }
  const rackId = m.rackId ?? "";
  if (v >= 12) {
    w.compactString(rackId);
  } else if (v === 11) {
    w.string(rackId);
  }
  if (v >= 12) {
    const hasClusterId = clusterId !== null;
    const hasReplicaState = v >= 15 && !isDefaultFetchRequestReplicaState(replicaState);
    w.uvarint(Number(hasClusterId) + Number(hasReplicaState));
    if (hasClusterId) {
      const at = w.beginTagged(0);
      w.compactNullableString(clusterId);
      w.endTagged(at);
    }
    if (hasReplicaState) {
      const at = w.beginTagged(1);
      writeFetchRequestReplicaState(w, replicaState, v);
      w.endTagged(at);
    }
  }
}

const DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET: Decoded<FetchResponse.EpochEndOffset> = Object.freeze({
  epoch: -1,
  endOffset: -1,
});

function isDefaultFetchResponseEpochEndOffset(m: FetchResponse.EpochEndOffset): boolean {
  return !((m.epoch ?? -1) !== -1 || (m.endOffset ?? -1) !== -1);
}

const DEFAULT_FETCH_RESPONSE_LEADER_ID_AND_EPOCH: Decoded<FetchResponse.LeaderIdAndEpoch> = Object.freeze({
  leaderId: -1,
  leaderEpoch: -1,
});

function isDefaultFetchResponseLeaderIdAndEpoch(m: FetchResponse.LeaderIdAndEpoch): boolean {
  return !((m.leaderId ?? -1) !== -1 || (m.leaderEpoch ?? -1) !== -1);
}

const DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID: Decoded<FetchResponse.SnapshotId> = Object.freeze({
  endOffset: -1,
  epoch: -1,
});

function isDefaultFetchResponseSnapshotId(m: FetchResponse.SnapshotId): boolean {
  return !((m.endOffset ?? -1) !== -1 || (m.epoch ?? -1) !== -1);
}

function readFetchResponseEpochEndOffset(r: WireReader, _v: number): Decoded<FetchResponse.EpochEndOffset> {
  const epoch = r.int32();
  const endOffset = r.int64();
  r.skipTaggedFields();
  return { epoch, endOffset };
}

function readFetchResponseLeaderIdAndEpoch(r: WireReader, _v: number): Decoded<FetchResponse.LeaderIdAndEpoch> {
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  r.skipTaggedFields();
  return { leaderId, leaderEpoch };
}

function readFetchResponseSnapshotId(r: WireReader, _v: number): Decoded<FetchResponse.SnapshotId> {
  const endOffset = r.int64();
  const epoch = r.int32();
  r.skipTaggedFields();
  return { endOffset, epoch };
}

function readFetchResponseAbortedTransaction(r: WireReader, v: number): Decoded<FetchResponse.AbortedTransaction> {
  const producerId = r.int64();
  const firstOffset = r.int64();
  if (v >= 12) r.skipTaggedFields();
  return { producerId, firstOffset };
}

function readFetchResponseAbortedTransactionArray(r: WireReader, v: number, length: number): Decoded<FetchResponse.AbortedTransaction>[] {
  const values: Decoded<FetchResponse.AbortedTransaction>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchResponseAbortedTransaction(r, v));
  return values;
}

function readFetchResponseAbortedTransactionArrayOrNull(r: WireReader, v: number, length: number): Decoded<FetchResponse.AbortedTransaction>[] | null {
  return length < 0 ? null : readFetchResponseAbortedTransactionArray(r, v, length);
}

function readFetchResponsePartitionData(r: WireReader, v: number): Decoded<FetchResponse.PartitionData> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const highWatermark = r.int64();
  const lastStableOffset = r.int64();
  const logStartOffset = v >= 5 ? r.int64() : -1;
  let divergingEpoch: Decoded<FetchResponse.PartitionData>['divergingEpoch'] = DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET;
  let currentLeader: Decoded<FetchResponse.PartitionData>['currentLeader'] = DEFAULT_FETCH_RESPONSE_LEADER_ID_AND_EPOCH;
  let snapshotId: Decoded<FetchResponse.PartitionData>['snapshotId'] = DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID;
  const abortedTransactions = v >= 12 ? readFetchResponseAbortedTransactionArrayOrNull(r, v, r.compactNullableArrayLength(17)) : readFetchResponseAbortedTransactionArrayOrNull(r, v, r.nullableArrayLength(16));
  const preferredReadReplica = v >= 11 ? r.int32() : -1;
  const records = v >= 12 ? asChunksOrNull(r.compactNullableByteString()) : asChunksOrNull(r.nullableByteString());
  if (v >= 12) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0) {
        divergingEpoch = readFetchResponseEpochEndOffset(r, v);
        r.expectEnd(end);
      } else if (tag === 1) {
        currentLeader = readFetchResponseLeaderIdAndEpoch(r, v);
        r.expectEnd(end);
      } else if (tag === 2) {
        snapshotId = readFetchResponseSnapshotId(r, v);
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { partitionIndex, errorCode, highWatermark, lastStableOffset, logStartOffset, divergingEpoch, currentLeader, snapshotId, abortedTransactions, preferredReadReplica, records };
}

function readFetchResponsePartitionDataArray(r: WireReader, v: number, length: number): Decoded<FetchResponse.PartitionData>[] {
  const values: Decoded<FetchResponse.PartitionData>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchResponsePartitionData(r, v));
  return values;
}

function readFetchResponseFetchableTopicResponse(r: WireReader, v: number): Decoded<FetchResponse.FetchableTopicResponse> {
  const topic = v >= 13 ? "" : v >= 12 ? r.compactString() : r.string();
  const topicId = v >= 13 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitions = v >= 12 ? readFetchResponsePartitionDataArray(r, v, r.compactArrayLength(37)) : readFetchResponsePartitionDataArray(r, v, r.arrayLength(30));
  if (v >= 12) r.skipTaggedFields();
  return { topic, topicId, partitions };
}

function readFetchResponseFetchableTopicResponseArray(r: WireReader, v: number, length: number): Decoded<FetchResponse.FetchableTopicResponse>[] {
  const values: Decoded<FetchResponse.FetchableTopicResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchResponseFetchableTopicResponse(r, v));
  return values;
}

function readFetchResponseNodeEndpoint(r: WireReader, _v: number): Decoded<FetchResponse.NodeEndpoint> {
  const nodeId = r.int32();
  const host = r.compactString();
  const port = r.int32();
  const rack = r.compactNullableString();
  r.skipTaggedFields();
  return { nodeId, host, port, rack };
}

function readFetchResponseNodeEndpointArray(r: WireReader, v: number, length: number): Decoded<FetchResponse.NodeEndpoint>[] {
  const values: Decoded<FetchResponse.NodeEndpoint>[] = [];
  for (let i = 0; i < length; i++) values.push(readFetchResponseNodeEndpoint(r, v));
  return values;
}

function readFetchResponse(r: WireReader, v: number): Decoded<FetchResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = v >= 7 ? r.int16() : 0;
  const sessionId = v >= 7 ? r.int32() : 0;
  const responses = v >= 12 ? readFetchResponseFetchableTopicResponseArray(r, v, r.compactArrayLength(3)) : readFetchResponseFetchableTopicResponseArray(r, v, r.arrayLength(6));
  let nodeEndpoints: Decoded<FetchResponse>['nodeEndpoints'] = [];
  if (v >= 12) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0 && v >= 16) {
        nodeEndpoints = readFetchResponseNodeEndpointArray(r, v, r.compactArrayLength(11));
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { throttleTimeMs, errorCode, sessionId, responses, nodeEndpoints };
}

function writeFetchResponseEpochEndOffset(w: WireWriter, m: FetchResponse.EpochEndOffset, _v: number): void {
  const epoch = m.epoch ?? -1;
  w.int32(epoch);
  const endOffset = m.endOffset ?? -1;
  w.int64(endOffset);
  w.uvarint(0);
}

function writeFetchResponseLeaderIdAndEpoch(w: WireWriter, m: FetchResponse.LeaderIdAndEpoch, _v: number): void {
  const leaderId = m.leaderId ?? -1;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch ?? -1;
  w.int32(leaderEpoch);
  w.uvarint(0);
}

function writeFetchResponseSnapshotId(w: WireWriter, m: FetchResponse.SnapshotId, _v: number): void {
  const endOffset = m.endOffset ?? -1;
  w.int64(endOffset);
  const epoch = m.epoch ?? -1;
  w.int32(epoch);
  w.uvarint(0);
}

function writeFetchResponseAbortedTransaction(w: WireWriter, m: FetchResponse.AbortedTransaction, v: number): void {
  const producerId = m.producerId;
  w.int64(producerId);
  const firstOffset = m.firstOffset;
  w.int64(firstOffset);
  if (v >= 12) {
    w.uvarint(0);
  }
}

function writeFetchResponsePartitionData(w: WireWriter, m: FetchResponse.PartitionData, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const highWatermark = m.highWatermark;
  w.int64(highWatermark);
  const lastStableOffset = m.lastStableOffset ?? -1;
  w.int64(lastStableOffset);
  const logStartOffset = m.logStartOffset ?? -1;
  if (v >= 5) {
    w.int64(logStartOffset);
  }
  const divergingEpoch = m.divergingEpoch ?? DEFAULT_FETCH_RESPONSE_EPOCH_END_OFFSET;
  if (v <= 11) {
    if (!isDefaultFetchResponseEpochEndOffset(divergingEpoch)) throw notInVersion('FetchResponse', 'divergingEpoch', v);
  }
  const currentLeader = m.currentLeader ?? DEFAULT_FETCH_RESPONSE_LEADER_ID_AND_EPOCH;
  if (v <= 11) {
    if (!isDefaultFetchResponseLeaderIdAndEpoch(currentLeader)) throw notInVersion('FetchResponse', 'currentLeader', v);
  }
  const snapshotId = m.snapshotId ?? DEFAULT_FETCH_RESPONSE_SNAPSHOT_ID;
  if (v <= 11) {
    if (!isDefaultFetchResponseSnapshotId(snapshotId)) throw notInVersion('FetchResponse', 'snapshotId', v);
  }
  const abortedTransactions = m.abortedTransactions;
  if (v >= 12) {
    w.compactArrayLength(abortedTransactions === null ? -1 : abortedTransactions.length);
    if (abortedTransactions !== null) for (const one of abortedTransactions) writeFetchResponseAbortedTransaction(w, one, v);
  } else {
    w.arrayLength(abortedTransactions === null ? -1 : abortedTransactions.length);
    if (abortedTransactions !== null) for (const one of abortedTransactions) writeFetchResponseAbortedTransaction(w, one, v);
  }
  const preferredReadReplica = m.preferredReadReplica ?? -1;
  if (v >= 11) {
    w.int32(preferredReadReplica);
  } else {
    if (preferredReadReplica !== -1) throw notInVersion('FetchResponse', 'preferredReadReplica', v);
  }
  const records = m.records;
  if (v >= 12) {
    w.compactNullableChunks(records);
  } else {
    w.nullableChunks(records);
  }
  if (v >= 12) {
    const hasDivergingEpoch = !isDefaultFetchResponseEpochEndOffset(divergingEpoch);
    const hasCurrentLeader = !isDefaultFetchResponseLeaderIdAndEpoch(currentLeader);
    const hasSnapshotId = !isDefaultFetchResponseSnapshotId(snapshotId);
    w.uvarint(Number(hasDivergingEpoch) + Number(hasCurrentLeader) + Number(hasSnapshotId));
    if (hasDivergingEpoch) {
      const at = w.beginTagged(0);
      writeFetchResponseEpochEndOffset(w, divergingEpoch, v);
      w.endTagged(at);
    }
    if (hasCurrentLeader) {
      const at = w.beginTagged(1);
      writeFetchResponseLeaderIdAndEpoch(w, currentLeader, v);
      w.endTagged(at);
    }
    if (hasSnapshotId) {
      const at = w.beginTagged(2);
      writeFetchResponseSnapshotId(w, snapshotId, v);
      w.endTagged(at);
    }
  }
}

function writeFetchResponseFetchableTopicResponse(w: WireWriter, m: FetchResponse.FetchableTopicResponse, v: number): void {
  const topic = m.topic ?? "";
  if (v === 12) {
    w.compactString(topic);
  } else if (v <= 11) {
    w.string(topic);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 13) {
    w.uuid(topicId);
  }
  const partitions = m.partitions;
  if (v >= 12) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeFetchResponsePartitionData(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeFetchResponsePartitionData(w, one, v);
  }
  if (v >= 12) {
    w.uvarint(0);
  }
}

function writeFetchResponseNodeEndpoint(w: WireWriter, m: FetchResponse.NodeEndpoint, _v: number): void {
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

function writeFetchResponse(w: WireWriter, m: FetchResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode ?? 0;
  if (v >= 7) {
    w.int16(errorCode);
  }
  const sessionId = m.sessionId ?? 0;
  if (v >= 7) {
    w.int32(sessionId);
  } else {
    if (sessionId !== 0) throw notInVersion('FetchResponse', 'sessionId', v);
  }
  const responses = m.responses;
  if (v >= 12) {
    w.compactArrayLength(responses.length);
    for (const one of responses) writeFetchResponseFetchableTopicResponse(w, one, v);
  } else {
    w.arrayLength(responses.length);
    for (const one of responses) writeFetchResponseFetchableTopicResponse(w, one, v);
  }
  const nodeEndpoints = m.nodeEndpoints ?? [];
  if (v <= 15) {
    if (nodeEndpoints.length !== 0) throw notInVersion('FetchResponse', 'nodeEndpoints', v);
  }
  if (v >= 12) {
    const hasNodeEndpoints = v >= 16 && nodeEndpoints.length !== 0;
    w.uvarint(Number(hasNodeEndpoints));
    if (hasNodeEndpoints) {
      const at = w.beginTagged(0);
      w.compactArrayLength(nodeEndpoints.length);
      for (const one of nodeEndpoints) writeFetchResponseNodeEndpoint(w, one, v);
      w.endTagged(at);
    }
  }
}

export const fetchCodec: ApiCodec<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  minVersion: 4,
  maxVersion: 18,
  flexibleFrom: 12,
  request: {
    name: 'FetchRequest',
    minVersion: 4,
    maxVersion: 18,
    flexibleFrom: 12,
    read: readFetchRequest,
    write: writeFetchRequest,
  },
  response: {
    name: 'FetchResponse',
    minVersion: 4,
    maxVersion: 18,
    flexibleFrom: 12,
    read: readFetchResponse,
    write: writeFetchResponse,
  },
};
