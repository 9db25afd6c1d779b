// Generated from schemas/describe-quorum.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeQuorumRequest {
  readonly topics: readonly DescribeQuorumRequest.TopicData[];
}
export declare namespace DescribeQuorumRequest {
  export interface PartitionData {
    readonly partitionIndex: number;
  }
  export interface TopicData {
    readonly topicName: string;
    readonly partitions: readonly DescribeQuorumRequest.PartitionData[];
  }
}

export interface DescribeQuorumResponse {
  readonly errorCode: number;
  /** Versions 2+. */
  readonly errorMessage?: string | null;
  readonly topics: readonly DescribeQuorumResponse.TopicData[];
  /** Versions 2+. */
  readonly nodes?: readonly DescribeQuorumResponse.Node[];
}
export declare namespace DescribeQuorumResponse {
  export interface ReplicaState {
    readonly replicaId: number;
    /** Versions 2+. */
    readonly replicaDirectoryId?: string;
    readonly logEndOffset: number;
    /** Versions 1+. Default -1. */
    readonly lastFetchTimestamp?: number;
    /** Versions 1+. Default -1. */
    readonly lastCaughtUpTimestamp?: number;
  }
  export interface PartitionData {
    readonly partitionIndex: number;
    readonly errorCode: number;
    /** Versions 2+. */
    readonly errorMessage?: string | null;
    readonly leaderId: number;
    readonly leaderEpoch: number;
    readonly highWatermark: number;
    readonly currentVoters: readonly DescribeQuorumResponse.ReplicaState[];
    readonly observers: readonly DescribeQuorumResponse.ReplicaState[];
  }
  export interface TopicData {
    readonly topicName: string;
    readonly partitions: readonly DescribeQuorumResponse.PartitionData[];
  }
  export interface Listener {
    readonly name: string;
    readonly host: string;
    readonly port: number;
  }
  export interface Node {
    readonly nodeId: number;
    readonly listeners: readonly DescribeQuorumResponse.Listener[];
  }
}

function readDescribeQuorumRequestPartitionData(r: WireReader, _v: number): Decoded<DescribeQuorumRequest.PartitionData> {
  const partitionIndex = r.int32();
  r.skipTaggedFields();
  return { partitionIndex };
}

function readDescribeQuorumRequestPartitionDataArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumRequest.PartitionData>[] {
  const values: Decoded<DescribeQuorumRequest.PartitionData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumRequestPartitionData(r, v));
  return values;
}

function readDescribeQuorumRequestTopicData(r: WireReader, v: number): Decoded<DescribeQuorumRequest.TopicData> {
  const topicName = r.compactString();
  const partitions = readDescribeQuorumRequestPartitionDataArray(r, v, r.compactArrayLength(5));
  r.skipTaggedFields();
  return { topicName, partitions };
}

function readDescribeQuorumRequestTopicDataArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumRequest.TopicData>[] {
  const values: Decoded<DescribeQuorumRequest.TopicData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumRequestTopicData(r, v));
  return values;
}

function readDescribeQuorumRequest(r: WireReader, v: number): Decoded<DescribeQuorumRequest> {
  const topics = readDescribeQuorumRequestTopicDataArray(r, v, r.compactArrayLength(3));
  r.skipTaggedFields();
  return { topics };
}

function writeDescribeQuorumRequestPartitionData(w: WireWriter, m: DescribeQuorumRequest.PartitionData, _v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  w.uvarint(0);
}

function writeDescribeQuorumRequestTopicData(w: WireWriter, m: DescribeQuorumRequest.TopicData, v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeDescribeQuorumRequestPartitionData(w, one, v);
  w.uvarint(0);
}

function writeDescribeQuorumRequest(w: WireWriter, m: DescribeQuorumRequest, v: number): void {
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeQuorumRequestTopicData(w, one, v);
  w.uvarint(0);
}

function readDescribeQuorumResponseReplicaState(r: WireReader, v: number): Decoded<DescribeQuorumResponse.ReplicaState> {
  const replicaId = r.int32();
  const replicaDirectoryId = v >= 2 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const logEndOffset = r.int64();
  const lastFetchTimestamp = v >= 1 ? r.int64() : -1;
  const lastCaughtUpTimestamp = v >= 1 ? r.int64() : -1;
  r.skipTaggedFields();
  return { replicaId, replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp };
}

function readDescribeQuorumResponseReplicaStateArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumResponse.ReplicaState>[] {
  const values: Decoded<DescribeQuorumResponse.ReplicaState>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumResponseReplicaState(r, v));
  return values;
}

function readDescribeQuorumResponsePartitionData(r: WireReader, v: number): Decoded<DescribeQuorumResponse.PartitionData> {
  const partitionIndex = r.int32();
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : "";
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  const highWatermark = r.int64();
  const currentVoters = readDescribeQuorumResponseReplicaStateArray(r, v, r.compactArrayLength(13));
  const observers = readDescribeQuorumResponseReplicaStateArray(r, v, r.compactArrayLength(13));
  r.skipTaggedFields();
  return { partitionIndex, errorCode, errorMessage, leaderId, leaderEpoch, highWatermark, currentVoters, observers };
}

function readDescribeQuorumResponsePartitionDataArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumResponse.PartitionData>[] {
  const values: Decoded<DescribeQuorumResponse.PartitionData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumResponsePartitionData(r, v));
  return values;
}

function readDescribeQuorumResponseTopicData(r: WireReader, v: number): Decoded<DescribeQuorumResponse.TopicData> {
  const topicName = r.compactString();
  const partitions = readDescribeQuorumResponsePartitionDataArray(r, v, r.compactArrayLength(25));
  r.skipTaggedFields();
  return { topicName, partitions };
}

function readDescribeQuorumResponseTopicDataArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumResponse.TopicData>[] {
  const values: Decoded<DescribeQuorumResponse.TopicData>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumResponseTopicData(r, v));
  return values;
}

function readDescribeQuorumResponseListener(r: WireReader, _v: number): Decoded<DescribeQuorumResponse.Listener> {
  const name = r.compactString();
  const host = r.compactString();
  const port = r.uint16();
  r.skipTaggedFields();
  return { name, host, port };
}

function readDescribeQuorumResponseListenerArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumResponse.Listener>[] {
  const values: Decoded<DescribeQuorumResponse.Listener>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumResponseListener(r, v));
  return values;
}

function readDescribeQuorumResponseNode(r: WireReader, v: number): Decoded<DescribeQuorumResponse.Node> {
  const nodeId = r.int32();
  const listeners = readDescribeQuorumResponseListenerArray(r, v, r.compactArrayLength(5));
  r.skipTaggedFields();
  return { nodeId, listeners };
}

function readDescribeQuorumResponseNodeArray(r: WireReader, v: number, length: number): Decoded<DescribeQuorumResponse.Node>[] {
  const values: Decoded<DescribeQuorumResponse.Node>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeQuorumResponseNode(r, v));
  return values;
}

function readDescribeQuorumResponse(r: WireReader, v: number): Decoded<DescribeQuorumResponse> {
  const errorCode = r.int16();
  const errorMessage = v >= 2 ? r.compactNullableString() : "";
  const topics = readDescribeQuorumResponseTopicDataArray(r, v, r.compactArrayLength(3));
  const nodes = v >= 2 ? readDescribeQuorumResponseNodeArray(r, v, r.compactArrayLength(6)) : [];
  r.skipTaggedFields();
  return { errorCode, errorMessage, topics, nodes };
}

function writeDescribeQuorumResponseReplicaState(w: WireWriter, m: DescribeQuorumResponse.ReplicaState, v: number): void {
  const replicaId = m.replicaId;
  w.int32(replicaId);
  const replicaDirectoryId = m.replicaDirectoryId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 2) {
    w.uuid(replicaDirectoryId);
  } else {
    if (replicaDirectoryId !== "00000000-0000-0000-0000-000000000000") throw notInVersion('DescribeQuorumResponse', 'replicaDirectoryId', v);
  }
  const logEndOffset = m.logEndOffset;
  w.int64(logEndOffset);
  const lastFetchTimestamp = m.lastFetchTimestamp ?? -1;
  if (v >= 1) {
    w.int64(lastFetchTimestamp);
  }
  const lastCaughtUpTimestamp = m.lastCaughtUpTimestamp ?? -1;
  if (v >= 1) {
    w.int64(lastCaughtUpTimestamp);
  }
  w.uvarint(0);
}

function writeDescribeQuorumResponsePartitionData(w: WireWriter, m: DescribeQuorumResponse.PartitionData, v: number): void {
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage === undefined ? "" : m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  }
  const leaderId = m.leaderId;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch;
  w.int32(leaderEpoch);
  const highWatermark = m.highWatermark;
  w.int64(highWatermark);
  const currentVoters = m.currentVoters;
  w.compactArrayLength(currentVoters.length);
  for (const one of currentVoters) writeDescribeQuorumResponseReplicaState(w, one, v);
  const observers = m.observers;
  w.compactArrayLength(observers.length);
  for (const one of observers) writeDescribeQuorumResponseReplicaState(w, one, v);
  w.uvarint(0);
}

function writeDescribeQuorumResponseTopicData(w: WireWriter, m: DescribeQuorumResponse.TopicData, v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  for (const one of partitions) writeDescribeQuorumResponsePartitionData(w, one, v);
  w.uvarint(0);
}

function writeDescribeQuorumResponseListener(w: WireWriter, m: DescribeQuorumResponse.Listener, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const host = m.host;
  w.compactString(host);
  const port = m.port;
  w.uint16(port);
  w.uvarint(0);
}

function writeDescribeQuorumResponseNode(w: WireWriter, m: DescribeQuorumResponse.Node, v: number): void {
  const nodeId = m.nodeId;
  w.int32(nodeId);
  const listeners = m.listeners;
  w.compactArrayLength(listeners.length);
  for (const one of listeners) writeDescribeQuorumResponseListener(w, one, v);
  w.uvarint(0);
}

function writeDescribeQuorumResponse(w: WireWriter, m: DescribeQuorumResponse, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage === undefined ? "" : m.errorMessage;
  if (v >= 2) {
    w.compactNullableString(errorMessage);
  }
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDescribeQuorumResponseTopicData(w, one, v);
  const nodes = m.nodes ?? [];
  if (v >= 2) {
    w.compactArrayLength(nodes.length);
    for (const one of nodes) writeDescribeQuorumResponseNode(w, one, v);
  } else {
    if (nodes.length !== 0) throw notInVersion('DescribeQuorumResponse', 'nodes', v);
  }
  w.uvarint(0);
}

export const describeQuorumCodec: ApiCodec<DescribeQuorumRequest, DescribeQuorumResponse> = {
  key: 55,
  name: 'DescribeQuorum',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  request: {
    name: 'DescribeQuorumRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readDescribeQuorumRequest,
    write: writeDescribeQuorumRequest,
  },
  response: {
    name: 'DescribeQuorumResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readDescribeQuorumResponse,
    write: writeDescribeQuorumResponse,
  },
};
