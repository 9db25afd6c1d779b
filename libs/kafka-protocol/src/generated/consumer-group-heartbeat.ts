// Generated from schemas/consumer-group-heartbeat.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt32s, readStringsOrNull, writeInt32s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ConsumerGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId?: string | null;
  readonly rackId?: string | null;
  /** Default -1. */
  readonly rebalanceTimeoutMs?: number;
  readonly subscribedTopicNames?: readonly string[] | null;
  /** Versions 1+. */
  readonly subscribedTopicRegex?: string | null;
  readonly serverAssignor?: string | null;
  readonly topicPartitions?: readonly ConsumerGroupHeartbeatRequest.TopicPartitions[] | null;
}
export declare namespace ConsumerGroupHeartbeatRequest {
  export interface TopicPartitions {
    readonly topicId: string;
    readonly partitions: readonly number[];
  }
}

export interface ConsumerGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly memberId?: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment?: ConsumerGroupHeartbeatResponse.Assignment | null;
}
export declare namespace ConsumerGroupHeartbeatResponse {
  export interface TopicPartitions {
    readonly topicId: string;
    readonly partitions: readonly number[];
  }
  export interface Assignment {
    readonly topicPartitions: readonly ConsumerGroupHeartbeatResponse.TopicPartitions[];
  }
}

function readConsumerGroupHeartbeatRequestTopicPartitions(r: WireReader, _v: number): Decoded<ConsumerGroupHeartbeatRequest.TopicPartitions> {
  const topicId = r.uuid();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readConsumerGroupHeartbeatRequestTopicPartitionsArray(r: WireReader, v: number, length: number): Decoded<ConsumerGroupHeartbeatRequest.TopicPartitions>[] {
  const values: Decoded<ConsumerGroupHeartbeatRequest.TopicPartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerGroupHeartbeatRequestTopicPartitions(r, v));
  return values;
}

function readConsumerGroupHeartbeatRequestTopicPartitionsArrayOrNull(r: WireReader, v: number, length: number): Decoded<ConsumerGroupHeartbeatRequest.TopicPartitions>[] | null {
  return length < 0 ? null : readConsumerGroupHeartbeatRequestTopicPartitionsArray(r, v, length);
}

function readConsumerGroupHeartbeatRequest(r: WireReader, v: number): Decoded<ConsumerGroupHeartbeatRequest> {
  const groupId = r.compactString();
  const memberId = r.compactString();
  const memberEpoch = r.int32();
  const instanceId = r.compactNullableString();
  const rackId = r.compactNullableString();
  const rebalanceTimeoutMs = r.int32();
  const subscribedTopicNames = readStringsOrNull(r, r.compactNullableArrayLength(1), true);
  const subscribedTopicRegex = v >= 1 ? r.compactNullableString() : null;
  const serverAssignor = r.compactNullableString();
  const topicPartitions = readConsumerGroupHeartbeatRequestTopicPartitionsArrayOrNull(r, v, r.compactNullableArrayLength(18));
  r.skipTaggedFields();
  return { groupId, memberId, memberEpoch, instanceId, rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor, topicPartitions };
}

function writeConsumerGroupHeartbeatRequestTopicPartitions(w: WireWriter, m: ConsumerGroupHeartbeatRequest.TopicPartitions, _v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeConsumerGroupHeartbeatRequest(w: WireWriter, m: ConsumerGroupHeartbeatRequest, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const memberId = m.memberId;
  w.compactString(memberId);
  const memberEpoch = m.memberEpoch;
  w.int32(memberEpoch);
  const instanceId = m.instanceId ?? null;
  w.compactNullableString(instanceId);
  const rackId = m.rackId ?? null;
  w.compactNullableString(rackId);
  const rebalanceTimeoutMs = m.rebalanceTimeoutMs ?? -1;
  w.int32(rebalanceTimeoutMs);
  const subscribedTopicNames = m.subscribedTopicNames ?? null;
  w.compactArrayLength(subscribedTopicNames === null ? -1 : subscribedTopicNames.length);
  if (subscribedTopicNames !== null) writeStrings(w, subscribedTopicNames, true);
  const subscribedTopicRegex = m.subscribedTopicRegex ?? null;
  if (v >= 1) {
    w.compactNullableString(subscribedTopicRegex);
  } else {
    if (subscribedTopicRegex !== null) throw notInVersion('ConsumerGroupHeartbeatRequest', 'subscribedTopicRegex', v);
  }
  const serverAssignor = m.serverAssignor ?? null;
  w.compactNullableString(serverAssignor);
  const topicPartitions = m.topicPartitions ?? null;
  w.compactArrayLength(topicPartitions === null ? -1 : topicPartitions.length);
  if (topicPartitions !== null) for (const one of topicPartitions) writeConsumerGroupHeartbeatRequestTopicPartitions(w, one, v);
  w.uvarint(0);
}

function readConsumerGroupHeartbeatResponseTopicPartitions(r: WireReader, _v: number): Decoded<ConsumerGroupHeartbeatResponse.TopicPartitions> {
  const topicId = r.uuid();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readConsumerGroupHeartbeatResponseTopicPartitionsArray(r: WireReader, v: number, length: number): Decoded<ConsumerGroupHeartbeatResponse.TopicPartitions>[] {
  const values: Decoded<ConsumerGroupHeartbeatResponse.TopicPartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerGroupHeartbeatResponseTopicPartitions(r, v));
  return values;
}

function readConsumerGroupHeartbeatResponseAssignment(r: WireReader, v: number): Decoded<ConsumerGroupHeartbeatResponse.Assignment> {
  const topicPartitions = readConsumerGroupHeartbeatResponseTopicPartitionsArray(r, v, r.compactArrayLength(18));
  r.skipTaggedFields();
  return { topicPartitions };
}

function readConsumerGroupHeartbeatResponse(r: WireReader, v: number): Decoded<ConsumerGroupHeartbeatResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const memberId = r.compactNullableString();
  const memberEpoch = r.int32();
  const heartbeatIntervalMs = r.int32();
  const assignment = (r.isPresent() ? readConsumerGroupHeartbeatResponseAssignment(r, v) : null);
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment };
}

function writeConsumerGroupHeartbeatResponseTopicPartitions(w: WireWriter, m: ConsumerGroupHeartbeatResponse.TopicPartitions, _v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeConsumerGroupHeartbeatResponseAssignment(w: WireWriter, m: ConsumerGroupHeartbeatResponse.Assignment, v: number): void {
  const topicPartitions = m.topicPartitions;
  w.compactArrayLength(topicPartitions.length);
  for (const one of topicPartitions) writeConsumerGroupHeartbeatResponseTopicPartitions(w, one, v);
  w.uvarint(0);
}

function writeConsumerGroupHeartbeatResponse(w: WireWriter, m: ConsumerGroupHeartbeatResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const memberId = m.memberId ?? null;
  w.compactNullableString(memberId);
  const memberEpoch = m.memberEpoch;
  w.int32(memberEpoch);
  const heartbeatIntervalMs = m.heartbeatIntervalMs;
  w.int32(heartbeatIntervalMs);
  const assignment = m.assignment ?? null;
  w.presence(assignment !== null);
  if (assignment !== null) writeConsumerGroupHeartbeatResponseAssignment(w, assignment, v);
  w.uvarint(0);
}

export const consumerGroupHeartbeatCodec: ApiCodec<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> = {
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'ConsumerGroupHeartbeatRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readConsumerGroupHeartbeatRequest,
    write: writeConsumerGroupHeartbeatRequest,
  },
  response: {
    name: 'ConsumerGroupHeartbeatResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readConsumerGroupHeartbeatResponse,
    write: writeConsumerGroupHeartbeatResponse,
  },
};
