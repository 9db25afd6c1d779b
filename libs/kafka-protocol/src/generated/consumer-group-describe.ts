// Generated from schemas/consumer-group-describe.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, readStrings, writeInt32s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ConsumerGroupDescribeRequest {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

export interface ConsumerGroupDescribeResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly ConsumerGroupDescribeResponse.DescribedGroup[];
}
export declare namespace ConsumerGroupDescribeResponse {
  export interface TopicPartitions {
    readonly topicId: string;
    readonly topicName: string;
    readonly partitions: readonly number[];
  }
  export interface Assignment {
    readonly topicPartitions: readonly ConsumerGroupDescribeResponse.TopicPartitions[];
  }
  export interface Member {
    readonly memberId: string;
    readonly instanceId?: string | null;
    readonly rackId?: string | null;
    readonly memberEpoch: number;
    readonly clientId: string;
    readonly clientHost: string;
    readonly subscribedTopicNames: readonly string[];
    readonly subscribedTopicRegex?: string | null;
    readonly assignment: ConsumerGroupDescribeResponse.Assignment;
    readonly targetAssignment: ConsumerGroupDescribeResponse.Assignment;
    /** Versions 1+. Default -1. */
    readonly memberType?: number;
  }
  export interface DescribedGroup {
    readonly errorCode: number;
    readonly errorMessage?: string | null;
    readonly groupId: string;
    readonly groupState: string;
    readonly groupEpoch: number;
    readonly assignmentEpoch: number;
    readonly assignorName: string;
    readonly members: readonly ConsumerGroupDescribeResponse.Member[];
    /** Default -2147483648. */
    readonly authorizedOperations?: number;
  }
}

function readConsumerGroupDescribeRequest(r: WireReader, _v: number): Decoded<ConsumerGroupDescribeRequest> {
  const groupIds = readStrings(r, r.compactArrayLength(1), true);
  const includeAuthorizedOperations = r.bool();
  r.skipTaggedFields();
  return { groupIds, includeAuthorizedOperations };
}

function writeConsumerGroupDescribeRequest(w: WireWriter, m: ConsumerGroupDescribeRequest, _v: number): void {
  const groupIds = m.groupIds;
  w.compactArrayLength(groupIds.length);
  writeStrings(w, groupIds, true);
  const includeAuthorizedOperations = m.includeAuthorizedOperations;
  w.bool(includeAuthorizedOperations);
  w.uvarint(0);
}

function readConsumerGroupDescribeResponseTopicPartitions(r: WireReader, _v: number): Decoded<ConsumerGroupDescribeResponse.TopicPartitions> {
  const topicId = r.uuid();
  const topicName = r.compactString();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicId, topicName, partitions };
}

function readConsumerGroupDescribeResponseTopicPartitionsArray(r: WireReader, v: number, length: number): Decoded<ConsumerGroupDescribeResponse.TopicPartitions>[] {
  const values: Decoded<ConsumerGroupDescribeResponse.TopicPartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerGroupDescribeResponseTopicPartitions(r, v));
  return values;
}

function readConsumerGroupDescribeResponseAssignment(r: WireReader, v: number): Decoded<ConsumerGroupDescribeResponse.Assignment> {
  const topicPartitions = readConsumerGroupDescribeResponseTopicPartitionsArray(r, v, r.compactArrayLength(19));
  r.skipTaggedFields();
  return { topicPartitions };
}

function readConsumerGroupDescribeResponseMember(r: WireReader, v: number): Decoded<ConsumerGroupDescribeResponse.Member> {
  const memberId = r.compactString();
  const instanceId = r.compactNullableString();
  const rackId = r.compactNullableString();
  const memberEpoch = r.int32();
  const clientId = r.compactString();
  const clientHost = r.compactString();
  const subscribedTopicNames = readStrings(r, r.compactArrayLength(1), true);
  const subscribedTopicRegex = r.compactNullableString();
  const assignment = readConsumerGroupDescribeResponseAssignment(r, v);
  const targetAssignment = readConsumerGroupDescribeResponseAssignment(r, v);
  const memberType = v >= 1 ? r.int8() : -1;
  r.skipTaggedFields();
  return { memberId, instanceId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, assignment, targetAssignment, memberType };
}

function readConsumerGroupDescribeResponseMemberArray(r: WireReader, v: number, length: number): Decoded<ConsumerGroupDescribeResponse.Member>[] {
  const values: Decoded<ConsumerGroupDescribeResponse.Member>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerGroupDescribeResponseMember(r, v));
  return values;
}

function readConsumerGroupDescribeResponseDescribedGroup(r: WireReader, v: number): Decoded<ConsumerGroupDescribeResponse.DescribedGroup> {
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const groupId = r.compactString();
  const groupState = r.compactString();
  const groupEpoch = r.int32();
  const assignmentEpoch = r.int32();
  const assignorName = r.compactString();
  const members = readConsumerGroupDescribeResponseMemberArray(r, v, r.compactArrayLength(16));
  const authorizedOperations = r.int32();
  r.skipTaggedFields();
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations };
}

function readConsumerGroupDescribeResponseDescribedGroupArray(r: WireReader, v: number, length: number): Decoded<ConsumerGroupDescribeResponse.DescribedGroup>[] {
  const values: Decoded<ConsumerGroupDescribeResponse.DescribedGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readConsumerGroupDescribeResponseDescribedGroup(r, v));
  return values;
}

function readConsumerGroupDescribeResponse(r: WireReader, v: number): Decoded<ConsumerGroupDescribeResponse> {
  const throttleTimeMs = r.int32();
  const groups = readConsumerGroupDescribeResponseDescribedGroupArray(r, v, r.compactArrayLength(20));
  r.skipTaggedFields();
  return { throttleTimeMs, groups };
}

function writeConsumerGroupDescribeResponseTopicPartitions(w: WireWriter, m: ConsumerGroupDescribeResponse.TopicPartitions, _v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeConsumerGroupDescribeResponseAssignment(w: WireWriter, m: ConsumerGroupDescribeResponse.Assignment, v: number): void {
  const topicPartitions = m.topicPartitions;
  w.compactArrayLength(topicPartitions.length);
  for (const one of topicPartitions) writeConsumerGroupDescribeResponseTopicPartitions(w, one, v);
  w.uvarint(0);
}

function writeConsumerGroupDescribeResponseMember(w: WireWriter, m: ConsumerGroupDescribeResponse.Member, v: number): void {
  const memberId = m.memberId;
  w.compactString(memberId);
  const instanceId = m.instanceId ?? null;
  w.compactNullableString(instanceId);
  const rackId = m.rackId ?? null;
  w.compactNullableString(rackId);
  const memberEpoch = m.memberEpoch;
  w.int32(memberEpoch);
  const clientId = m.clientId;
  w.compactString(clientId);
  const clientHost = m.clientHost;
  w.compactString(clientHost);
  const subscribedTopicNames = m.subscribedTopicNames;
  w.compactArrayLength(subscribedTopicNames.length);
  writeStrings(w, subscribedTopicNames, true);
  const subscribedTopicRegex = m.subscribedTopicRegex ?? null;
  w.compactNullableString(subscribedTopicRegex);
  const assignment = m.assignment;
  writeConsumerGroupDescribeResponseAssignment(w, assignment, v);
  const targetAssignment = m.targetAssignment;
  writeConsumerGroupDescribeResponseAssignment(w, targetAssignment, v);
  const memberType = m.memberType ?? -1;
  if (v >= 1) {
    w.int8(memberType);
  }
  w.uvarint(0);
}

function writeConsumerGroupDescribeResponseDescribedGroup(w: WireWriter, m: ConsumerGroupDescribeResponse.DescribedGroup, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const groupId = m.groupId;
  w.compactString(groupId);
  const groupState = m.groupState;
  w.compactString(groupState);
  const groupEpoch = m.groupEpoch;
  w.int32(groupEpoch);
  const assignmentEpoch = m.assignmentEpoch;
  w.int32(assignmentEpoch);
  const assignorName = m.assignorName;
  w.compactString(assignorName);
  const members = m.members;
  w.compactArrayLength(members.length);
  for (const one of members) writeConsumerGroupDescribeResponseMember(w, one, v);
  const authorizedOperations = m.authorizedOperations ?? -2147483648;
  w.int32(authorizedOperations);
  w.uvarint(0);
}

function writeConsumerGroupDescribeResponse(w: WireWriter, m: ConsumerGroupDescribeResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const groups = m.groups;
  w.compactArrayLength(groups.length);
  for (const one of groups) writeConsumerGroupDescribeResponseDescribedGroup(w, one, v);
  w.uvarint(0);
}

export const consumerGroupDescribeCodec: ApiCodec<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse> = {
  key: 69,
  name: 'ConsumerGroupDescribe',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'ConsumerGroupDescribeRequest',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readConsumerGroupDescribeRequest,
    write: writeConsumerGroupDescribeRequest,
  },
  response: {
    name: 'ConsumerGroupDescribeResponse',
    minVersion: 0,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readConsumerGroupDescribeResponse,
    write: writeConsumerGroupDescribeResponse,
  },
};
