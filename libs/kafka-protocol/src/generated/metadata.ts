// Generated from schemas/metadata.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion, notNullable } from '../message-codec';
import { readInt32s, writeInt32s } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface MetadataRequest {
  /** Null in versions 1+. */
  readonly topics: readonly MetadataRequest.MetadataRequestTopic[] | null;
  /** Versions 4+. Default true. */
  readonly allowAutoTopicCreation?: boolean;
  /** Versions 8-10. */
  readonly includeClusterAuthorizedOperations?: boolean;
  /** Versions 8+. */
  readonly includeTopicAuthorizedOperations?: boolean;
}
export declare namespace MetadataRequest {
  export interface MetadataRequestTopic {
    /** Versions 10+. */
    readonly topicId?: string;
    /** Null in versions 10+. */
    readonly name: string | null;
  }
}

export interface MetadataResponse {
  /** Versions 3+. */
  readonly throttleTimeMs?: number;
  readonly brokers: readonly MetadataResponse.MetadataResponseBroker[];
  /** Versions 2+. */
  readonly clusterId?: string | null;
  /** Versions 1+. Default -1. */
  readonly controllerId?: number;
  readonly topics: readonly MetadataResponse.MetadataResponseTopic[];
  /** Versions 8-10. Default -2147483648. */
  readonly clusterAuthorizedOperations?: number;
  /** Versions 13+. */
  readonly errorCode?: number;
}
export declare namespace MetadataResponse {
  export interface MetadataResponseBroker {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    /** Versions 1+. */
    readonly rack?: string | null;
  }
  export interface MetadataResponsePartition {
    readonly errorCode: number;
    readonly partitionIndex: number;
    readonly leaderId: number;
    /** Versions 7+. Default -1. */
    readonly leaderEpoch?: number;
    readonly replicaNodes: readonly number[];
    readonly isrNodes: readonly number[];
    /** Versions 5+. */
    readonly offlineReplicas?: readonly number[];
  }
  export interface MetadataResponseTopic {
    readonly errorCode: number;
    /** Null in versions 12+. */
    readonly name: string | null;
    /** Versions 10+. */
    readonly topicId?: string;
    /** Versions 1+. */
    readonly isInternal?: boolean;
    readonly partitions: readonly MetadataResponse.MetadataResponsePartition[];
    /** Versions 8+. Default -2147483648. */
    readonly topicAuthorizedOperations?: number;
  }
}

function readMetadataRequestMetadataRequestTopic(r: WireReader, v: number): Decoded<MetadataRequest.MetadataRequestTopic> {
  const topicId = v >= 10 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const name = v >= 10 ? r.compactNullableString() : v >= 9 ? r.compactString() : r.string();
  if (v >= 9) r.skipTaggedFields();
  return { topicId, name };
}

function readMetadataRequestMetadataRequestTopicArray(r: WireReader, v: number, length: number): Decoded<MetadataRequest.MetadataRequestTopic>[] {
  const values: Decoded<MetadataRequest.MetadataRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readMetadataRequestMetadataRequestTopic(r, v));
  return values;
}

function readMetadataRequestMetadataRequestTopicArrayOrNull(r: WireReader, v: number, length: number): Decoded<MetadataRequest.MetadataRequestTopic>[] | null {
  return length < 0 ? null : readMetadataRequestMetadataRequestTopicArray(r, v, length);
}

function readMetadataRequest(r: WireReader, v: number): Decoded<MetadataRequest> {
  const topics = v >= 9 ? readMetadataRequestMetadataRequestTopicArrayOrNull(r, v, r.compactNullableArrayLength(2)) : v >= 1 ? readMetadataRequestMetadataRequestTopicArrayOrNull(r, v, r.nullableArrayLength(2)) : readMetadataRequestMetadataRequestTopicArray(r, v, r.arrayLength(2));
  const allowAutoTopicCreation = v >= 4 ? r.bool() : true;
  const includeClusterAuthorizedOperations = v >= 11 ? false : v >= 8 ? r.bool() : false;
  const includeTopicAuthorizedOperations = v >= 8 ? r.bool() : false;
  if (v >= 9) r.skipTaggedFields();
  return { topics, allowAutoTopicCreation, includeClusterAuthorizedOperations, includeTopicAuthorizedOperations };
}

function writeMetadataRequestMetadataRequestTopic(w: WireWriter, m: MetadataRequest.MetadataRequestTopic, v: number): void {
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 10) {
    w.uuid(topicId);
  }
  const name = m.name;
  if (v >= 10) {
    w.compactNullableString(name);
  } else if (v >= 9) {
    if (name === null) throw notNullable('MetadataRequest', 'name', v);
    w.compactString(name);
  } else {
    if (name === null) throw notNullable('MetadataRequest', 'name', v);
    w.string(name);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeMetadataRequest(w: WireWriter, m: MetadataRequest, v: number): void {
  const topics = m.topics;
  if (v >= 9) {
    w.compactArrayLength(topics === null ? -1 : topics.length);
    if (topics !== null) for (const one of topics) writeMetadataRequestMetadataRequestTopic(w, one, v);
  } else if (v >= 1) {
    w.arrayLength(topics === null ? -1 : topics.length);
    if (topics !== null) for (const one of topics) writeMetadataRequestMetadataRequestTopic(w, one, v);
  } else {
    if (topics === null) throw notNullable('MetadataRequest', 'topics', v);
    w.arrayLength(topics.length);
    for (const one of topics) writeMetadataRequestMetadataRequestTopic(w, one, v);
  }
  const allowAutoTopicCreation = m.allowAutoTopicCreation ?? true;
  if (v >= 4) {
    w.bool(allowAutoTopicCreation);
  } else {
    if (allowAutoTopicCreation !== true) throw notInVersion('MetadataRequest', 'allowAutoTopicCreation', v);
  }
  const includeClusterAuthorizedOperations = m.includeClusterAuthorizedOperations ?? false;
  if (v >= 11) {
    if (includeClusterAuthorizedOperations !== false) throw notInVersion('MetadataRequest', 'includeClusterAuthorizedOperations', v);
  } else if (v >= 8) {
    w.bool(includeClusterAuthorizedOperations);
  } else {
    if (includeClusterAuthorizedOperations !== false) throw notInVersion('MetadataRequest', 'includeClusterAuthorizedOperations', v);
  }
  const includeTopicAuthorizedOperations = m.includeTopicAuthorizedOperations ?? false;
  if (v >= 8) {
    w.bool(includeTopicAuthorizedOperations);
  } else {
    if (includeTopicAuthorizedOperations !== false) throw notInVersion('MetadataRequest', 'includeTopicAuthorizedOperations', v);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function readMetadataResponseMetadataResponseBroker(r: WireReader, v: number): Decoded<MetadataResponse.MetadataResponseBroker> {
  const nodeId = r.int32();
  const host = v >= 9 ? r.compactString() : r.string();
  const port = r.int32();
  const rack = v >= 9 ? r.compactNullableString() : v >= 1 ? r.nullableString() : null;
  if (v >= 9) r.skipTaggedFields();
  return { nodeId, host, port, rack };
}

function readMetadataResponseMetadataResponseBrokerArray(r: WireReader, v: number, length: number): Decoded<MetadataResponse.MetadataResponseBroker>[] {
  const values: Decoded<MetadataResponse.MetadataResponseBroker>[] = [];
  for (let i = 0; i < length; i++) values.push(readMetadataResponseMetadataResponseBroker(r, v));
  return values;
}

function readMetadataResponseMetadataResponsePartition(r: WireReader, v: number): Decoded<MetadataResponse.MetadataResponsePartition> {
  const errorCode = r.int16();
  const partitionIndex = r.int32();
  const leaderId = r.int32();
  const leaderEpoch = v >= 7 ? r.int32() : -1;
  const replicaNodes = v >= 9 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  const isrNodes = v >= 9 ? readInt32s(r, r.compactArrayLength(4)) : readInt32s(r, r.arrayLength(4));
  const offlineReplicas = v >= 9 ? readInt32s(r, r.compactArrayLength(4)) : v >= 5 ? readInt32s(r, r.arrayLength(4)) : [];
  if (v >= 9) r.skipTaggedFields();
  return { errorCode, partitionIndex, leaderId, leaderEpoch, replicaNodes, isrNodes, offlineReplicas };
}

function readMetadataResponseMetadataResponsePartitionArray(r: WireReader, v: number, length: number): Decoded<MetadataResponse.MetadataResponsePartition>[] {
  const values: Decoded<MetadataResponse.MetadataResponsePartition>[] = [];
  for (let i = 0; i < length; i++) values.push(readMetadataResponseMetadataResponsePartition(r, v));
  return values;
}

function readMetadataResponseMetadataResponseTopic(r: WireReader, v: number): Decoded<MetadataResponse.MetadataResponseTopic> {
  const errorCode = r.int16();
  const name = v >= 12 ? r.compactNullableString() : v >= 9 ? r.compactString() : r.string();
  const topicId = v >= 10 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const isInternal = v >= 1 ? r.bool() : false;
  const partitions = v >= 9 ? readMetadataResponseMetadataResponsePartitionArray(r, v, r.compactArrayLength(18)) : readMetadataResponseMetadataResponsePartitionArray(r, v, r.arrayLength(18));
  const topicAuthorizedOperations = v >= 8 ? r.int32() : -2147483648;
  if (v >= 9) r.skipTaggedFields();
  return { errorCode, name, topicId, isInternal, partitions, topicAuthorizedOperations };
}

function readMetadataResponseMetadataResponseTopicArray(r: WireReader, v: number, length: number): Decoded<MetadataResponse.MetadataResponseTopic>[] {
  const values: Decoded<MetadataResponse.MetadataResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readMetadataResponseMetadataResponseTopic(r, v));
  return values;
}

function readMetadataResponse(r: WireReader, v: number): Decoded<MetadataResponse> {
  const throttleTimeMs = v >= 3 ? r.int32() : 0;
  const brokers = v >= 9 ? readMetadataResponseMetadataResponseBrokerArray(r, v, r.compactArrayLength(11)) : readMetadataResponseMetadataResponseBrokerArray(r, v, r.arrayLength(10));
  const clusterId = v >= 9 ? r.compactNullableString() : v >= 2 ? r.nullableString() : null;
  const controllerId = v >= 1 ? r.int32() : -1;
  const topics = v >= 9 ? readMetadataResponseMetadataResponseTopicArray(r, v, r.compactArrayLength(10)) : readMetadataResponseMetadataResponseTopicArray(r, v, r.arrayLength(8));
  const clusterAuthorizedOperations = v >= 11 ? -2147483648 : v >= 8 ? r.int32() : -2147483648;
  const errorCode = v >= 13 ? r.int16() : 0;
  if (v >= 9) r.skipTaggedFields();
  return { throttleTimeMs, brokers, clusterId, controllerId, topics, clusterAuthorizedOperations, errorCode };
}

function writeMetadataResponseMetadataResponseBroker(w: WireWriter, m: MetadataResponse.MetadataResponseBroker, v: number): void {
  const nodeId = m.nodeId;
  w.int32(nodeId);
  const host = m.host;
  if (v >= 9) {
    w.compactString(host);
  } else {
    w.string(host);
  }
  const port = m.port;
  w.int32(port);
  const rack = m.rack ?? null;
  if (v >= 9) {
    w.compactNullableString(rack);
  } else if (v >= 1 && v <= 8) {
    w.nullableString(rack);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeMetadataResponseMetadataResponsePartition(w: WireWriter, m: MetadataResponse.MetadataResponsePartition, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const partitionIndex = m.partitionIndex;
  w.int32(partitionIndex);
  const leaderId = m.leaderId;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch ?? -1;
  if (v >= 7) {
    w.int32(leaderEpoch);
  }
  const replicaNodes = m.replicaNodes;
  if (v >= 9) {
    w.compactArrayLength(replicaNodes.length);
    writeInt32s(w, replicaNodes);
  } else {
    w.arrayLength(replicaNodes.length);
    writeInt32s(w, replicaNodes);
  }
  const isrNodes = m.isrNodes;
  if (v >= 9) {
    w.compactArrayLength(isrNodes.length);
    writeInt32s(w, isrNodes);
  } else {
    w.arrayLength(isrNodes.length);
    writeInt32s(w, isrNodes);
  }
  const offlineReplicas = m.offlineReplicas ?? [];
  if (v >= 9) {
    w.compactArrayLength(offlineReplicas.length);
    writeInt32s(w, offlineReplicas);
  } else if (v >= 5 && v <= 8) {
    w.arrayLength(offlineReplicas.length);
    writeInt32s(w, offlineReplicas);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeMetadataResponseMetadataResponseTopic(w: WireWriter, m: MetadataResponse.MetadataResponseTopic, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const name = m.name;
  if (v >= 12) {
    w.compactNullableString(name);
  } else if (v >= 9) {
    if (name === null) throw notNullable('MetadataResponse', 'name', v);
    w.compactString(name);
  } else {
    if (name === null) throw notNullable('MetadataResponse', 'name', v);
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 10) {
    w.uuid(topicId);
  }
  const isInternal = m.isInternal ?? false;
  if (v >= 1) {
    w.bool(isInternal);
  }
  const partitions = m.partitions;
  if (v >= 9) {
    w.compactArrayLength(partitions.length);
    for (const one of partitions) writeMetadataResponseMetadataResponsePartition(w, one, v);
  } else {
    w.arrayLength(partitions.length);
    for (const one of partitions) writeMetadataResponseMetadataResponsePartition(w, one, v);
  }
  const topicAuthorizedOperations = m.topicAuthorizedOperations ?? -2147483648;
  if (v >= 8) {
    w.int32(topicAuthorizedOperations);
  } else {
    if (topicAuthorizedOperations !== -2147483648) throw notInVersion('MetadataResponse', 'topicAuthorizedOperations', v);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeMetadataResponse(w: WireWriter, m: MetadataResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 3) {
    w.int32(throttleTimeMs);
  }
  const brokers = m.brokers;
  if (v >= 9) {
    w.compactArrayLength(brokers.length);
    for (const one of brokers) writeMetadataResponseMetadataResponseBroker(w, one, v);
  } else {
    w.arrayLength(brokers.length);
    for (const one of brokers) writeMetadataResponseMetadataResponseBroker(w, one, v);
  }
  const clusterId = m.clusterId ?? null;
  if (v >= 9) {
    w.compactNullableString(clusterId);
  } else if (v >= 2 && v <= 8) {
    w.nullableString(clusterId);
  }
  const controllerId = m.controllerId ?? -1;
  if (v >= 1) {
    w.int32(controllerId);
  }
  const topics = m.topics;
  if (v >= 9) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeMetadataResponseMetadataResponseTopic(w, one, v);
  } else {
    w.arrayLength(topics.length);
    for (const one of topics) writeMetadataResponseMetadataResponseTopic(w, one, v);
  }
  const clusterAuthorizedOperations = m.clusterAuthorizedOperations ?? -2147483648;
  if (v >= 11) {
    if (clusterAuthorizedOperations !== -2147483648) throw notInVersion('MetadataResponse', 'clusterAuthorizedOperations', v);
  } else if (v >= 8) {
    w.int32(clusterAuthorizedOperations);
  } else {
    if (clusterAuthorizedOperations !== -2147483648) throw notInVersion('MetadataResponse', 'clusterAuthorizedOperations', v);
  }
  const errorCode = m.errorCode ?? 0;
  if (v >= 13) {
    w.int16(errorCode);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

export const metadataCodec: ApiCodec<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  minVersion: 0,
  maxVersion: 13,
  flexibleFrom: 9,
  request: {
    name: 'MetadataRequest',
    minVersion: 0,
    maxVersion: 13,
    flexibleFrom: 9,
    read: readMetadataRequest,
    write: writeMetadataRequest,
  },
  response: {
    name: 'MetadataResponse',
    minVersion: 0,
    maxVersion: 13,
    flexibleFrom: 9,
    read: readMetadataResponse,
    write: writeMetadataResponse,
  },
};
