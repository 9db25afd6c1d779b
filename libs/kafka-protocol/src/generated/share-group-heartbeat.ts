// Generated from schemas/share-group-heartbeat.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, readStringsOrNull, writeInt32s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ShareGroupHeartbeatRequest {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly rackId?: string | null;
  readonly subscribedTopicNames?: readonly string[] | null;
}

export interface ShareGroupHeartbeatResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly memberId?: string | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  readonly assignment?: ShareGroupHeartbeatResponse.Assignment | null;
}
export declare namespace ShareGroupHeartbeatResponse {
  export interface TopicPartitions {
    readonly topicId: string;
    readonly partitions: readonly number[];
  }
  export interface Assignment {
    readonly topicPartitions: readonly ShareGroupHeartbeatResponse.TopicPartitions[];
  }
}

function readShareGroupHeartbeatRequest(r: WireReader, _v: number): Decoded<ShareGroupHeartbeatRequest> {
  const groupId = r.compactString();
  const memberId = r.compactString();
  const memberEpoch = r.int32();
  const rackId = r.compactNullableString();
  const subscribedTopicNames = readStringsOrNull(r, r.compactNullableArrayLength(1), true);
  r.skipTaggedFields();
  return { groupId, memberId, memberEpoch, rackId, subscribedTopicNames };
}

function writeShareGroupHeartbeatRequest(w: WireWriter, m: ShareGroupHeartbeatRequest, _v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const memberId = m.memberId;
  w.compactString(memberId);
  const memberEpoch = m.memberEpoch;
  w.int32(memberEpoch);
  const rackId = m.rackId ?? null;
  w.compactNullableString(rackId);
  const subscribedTopicNames = m.subscribedTopicNames ?? null;
  w.compactArrayLength(subscribedTopicNames === null ? -1 : subscribedTopicNames.length);
  if (subscribedTopicNames !== null) writeStrings(w, subscribedTopicNames, true);
  w.uvarint(0);
}

function readShareGroupHeartbeatResponseTopicPartitions(r: WireReader, _v: number): Decoded<ShareGroupHeartbeatResponse.TopicPartitions> {
  const topicId = r.uuid();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicId, partitions };
}

function readShareGroupHeartbeatResponseTopicPartitionsArray(r: WireReader, v: number, length: number): Decoded<ShareGroupHeartbeatResponse.TopicPartitions>[] {
  const values: Decoded<ShareGroupHeartbeatResponse.TopicPartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareGroupHeartbeatResponseTopicPartitions(r, v));
  return values;
}

function readShareGroupHeartbeatResponseAssignment(r: WireReader, v: number): Decoded<ShareGroupHeartbeatResponse.Assignment> {
  const topicPartitions = readShareGroupHeartbeatResponseTopicPartitionsArray(r, v, r.compactArrayLength(18));
  r.skipTaggedFields();
  return { topicPartitions };
}

function readShareGroupHeartbeatResponse(r: WireReader, v: number): Decoded<ShareGroupHeartbeatResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const memberId = r.compactNullableString();
  const memberEpoch = r.int32();
  const heartbeatIntervalMs = r.int32();
  const assignment = (r.isPresent() ? readShareGroupHeartbeatResponseAssignment(r, v) : null);
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment };
}

function writeShareGroupHeartbeatResponseTopicPartitions(w: WireWriter, m: ShareGroupHeartbeatResponse.TopicPartitions, _v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeShareGroupHeartbeatResponseAssignment(w: WireWriter, m: ShareGroupHeartbeatResponse.Assignment, v: number): void {
  const topicPartitions = m.topicPartitions;
  w.compactArrayLength(topicPartitions.length);
  for (const one of topicPartitions) writeShareGroupHeartbeatResponseTopicPartitions(w, one, v);
  w.uvarint(0);
}

function writeShareGroupHeartbeatResponse(w: WireWriter, m: ShareGroupHeartbeatResponse, v: number): void {
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
  if (assignment !== null) writeShareGroupHeartbeatResponseAssignment(w, assignment, v);
  w.uvarint(0);
}

export const shareGroupHeartbeatCodec: ApiCodec<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse> = {
  key: 76,
  name: 'ShareGroupHeartbeat',
  minVersion: 1,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'ShareGroupHeartbeatRequest',
    minVersion: 1,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readShareGroupHeartbeatRequest,
    write: writeShareGroupHeartbeatRequest,
  },
  response: {
    name: 'ShareGroupHeartbeatResponse',
    minVersion: 1,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readShareGroupHeartbeatResponse,
    write: writeShareGroupHeartbeatResponse,
  },
};
