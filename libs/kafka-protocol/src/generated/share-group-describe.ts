// Generated from schemas/share-group-describe.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt32s, readStrings, writeInt32s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ShareGroupDescribeRequest {
  readonly groupIds: readonly string[];
  readonly includeAuthorizedOperations: boolean;
}

export interface ShareGroupDescribeResponse {
  readonly throttleTimeMs: number;
  readonly groups: readonly ShareGroupDescribeResponse.DescribedGroup[];
}
export declare namespace ShareGroupDescribeResponse {
  export interface TopicPartitions {
    readonly topicId: string;
    readonly topicName: string;
    readonly partitions: readonly number[];
  }
  export interface Assignment {
    readonly topicPartitions: readonly ShareGroupDescribeResponse.TopicPartitions[];
  }
  export interface Member {
    readonly memberId: string;
    readonly rackId?: string | null;
    readonly memberEpoch: number;
    readonly clientId: string;
    readonly clientHost: string;
    readonly subscribedTopicNames: readonly string[];
    readonly assignment: ShareGroupDescribeResponse.Assignment;
  }
  export interface DescribedGroup {
    readonly errorCode: number;
    readonly errorMessage?: string | null;
    readonly groupId: string;
    readonly groupState: string;
    readonly groupEpoch: number;
    readonly assignmentEpoch: number;
    readonly assignorName: string;
    readonly members: readonly ShareGroupDescribeResponse.Member[];
    /** Default -2147483648. */
    readonly authorizedOperations?: number;
  }
}

function readShareGroupDescribeRequest(r: WireReader, _v: number): Decoded<ShareGroupDescribeRequest> {
  const groupIds = readStrings(r, r.compactArrayLength(1), true);
  const includeAuthorizedOperations = r.bool();
  r.skipTaggedFields();
  return { groupIds, includeAuthorizedOperations };
}

function writeShareGroupDescribeRequest(w: WireWriter, m: ShareGroupDescribeRequest, _v: number): void {
  const groupIds = m.groupIds;
  w.compactArrayLength(groupIds.length);
  writeStrings(w, groupIds, true);
  const includeAuthorizedOperations = m.includeAuthorizedOperations;
  w.bool(includeAuthorizedOperations);
  w.uvarint(0);
}

function readShareGroupDescribeResponseTopicPartitions(r: WireReader, _v: number): Decoded<ShareGroupDescribeResponse.TopicPartitions> {
  const topicId = r.uuid();
  const topicName = r.compactString();
  const partitions = readInt32s(r, r.compactArrayLength(4));
  r.skipTaggedFields();
  return { topicId, topicName, partitions };
}

function readShareGroupDescribeResponseTopicPartitionsArray(r: WireReader, v: number, length: number): Decoded<ShareGroupDescribeResponse.TopicPartitions>[] {
  const values: Decoded<ShareGroupDescribeResponse.TopicPartitions>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareGroupDescribeResponseTopicPartitions(r, v));
  return values;
}

function readShareGroupDescribeResponseAssignment(r: WireReader, v: number): Decoded<ShareGroupDescribeResponse.Assignment> {
  const topicPartitions = readShareGroupDescribeResponseTopicPartitionsArray(r, v, r.compactArrayLength(19));
  r.skipTaggedFields();
  return { topicPartitions };
}

function readShareGroupDescribeResponseMember(r: WireReader, v: number): Decoded<ShareGroupDescribeResponse.Member> {
  const memberId = r.compactString();
  const rackId = r.compactNullableString();
  const memberEpoch = r.int32();
  const clientId = r.compactString();
  const clientHost = r.compactString();
  const subscribedTopicNames = readStrings(r, r.compactArrayLength(1), true);
  const assignment = readShareGroupDescribeResponseAssignment(r, v);
  r.skipTaggedFields();
  return { memberId, rackId, memberEpoch, clientId, clientHost, subscribedTopicNames, assignment };
}

function readShareGroupDescribeResponseMemberArray(r: WireReader, v: number, length: number): Decoded<ShareGroupDescribeResponse.Member>[] {
  const values: Decoded<ShareGroupDescribeResponse.Member>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareGroupDescribeResponseMember(r, v));
  return values;
}

function readShareGroupDescribeResponseDescribedGroup(r: WireReader, v: number): Decoded<ShareGroupDescribeResponse.DescribedGroup> {
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const groupId = r.compactString();
  const groupState = r.compactString();
  const groupEpoch = r.int32();
  const assignmentEpoch = r.int32();
  const assignorName = r.compactString();
  const members = readShareGroupDescribeResponseMemberArray(r, v, r.compactArrayLength(12));
  const authorizedOperations = r.int32();
  r.skipTaggedFields();
  return { errorCode, errorMessage, groupId, groupState, groupEpoch, assignmentEpoch, assignorName, members, authorizedOperations };
}

function readShareGroupDescribeResponseDescribedGroupArray(r: WireReader, v: number, length: number): Decoded<ShareGroupDescribeResponse.DescribedGroup>[] {
  const values: Decoded<ShareGroupDescribeResponse.DescribedGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readShareGroupDescribeResponseDescribedGroup(r, v));
  return values;
}

function readShareGroupDescribeResponse(r: WireReader, v: number): Decoded<ShareGroupDescribeResponse> {
  const throttleTimeMs = r.int32();
  const groups = readShareGroupDescribeResponseDescribedGroupArray(r, v, r.compactArrayLength(20));
  r.skipTaggedFields();
  return { throttleTimeMs, groups };
}

function writeShareGroupDescribeResponseTopicPartitions(w: WireWriter, m: ShareGroupDescribeResponse.TopicPartitions, _v: number): void {
  const topicId = m.topicId;
  w.uuid(topicId);
  const topicName = m.topicName;
  w.compactString(topicName);
  const partitions = m.partitions;
  w.compactArrayLength(partitions.length);
  writeInt32s(w, partitions);
  w.uvarint(0);
}

function writeShareGroupDescribeResponseAssignment(w: WireWriter, m: ShareGroupDescribeResponse.Assignment, v: number): void {
  const topicPartitions = m.topicPartitions;
  w.compactArrayLength(topicPartitions.length);
  for (const one of topicPartitions) writeShareGroupDescribeResponseTopicPartitions(w, one, v);
  w.uvarint(0);
}

function writeShareGroupDescribeResponseMember(w: WireWriter, m: ShareGroupDescribeResponse.Member, v: number): void {
  const memberId = m.memberId;
  w.compactString(memberId);
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
  const assignment = m.assignment;
  writeShareGroupDescribeResponseAssignment(w, assignment, v);
  w.uvarint(0);
}

function writeShareGroupDescribeResponseDescribedGroup(w: WireWriter, m: ShareGroupDescribeResponse.DescribedGroup, v: number): void {
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
  for (const one of members) writeShareGroupDescribeResponseMember(w, one, v);
  const authorizedOperations = m.authorizedOperations ?? -2147483648;
  w.int32(authorizedOperations);
  w.uvarint(0);
}

function writeShareGroupDescribeResponse(w: WireWriter, m: ShareGroupDescribeResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const groups = m.groups;
  w.compactArrayLength(groups.length);
  for (const one of groups) writeShareGroupDescribeResponseDescribedGroup(w, one, v);
  w.uvarint(0);
}

export const shareGroupDescribeCodec: ApiCodec<ShareGroupDescribeRequest, ShareGroupDescribeResponse> = {
  key: 77,
  name: 'ShareGroupDescribe',
  minVersion: 1,
  maxVersion: 1,
  flexibleFrom: 0,
  request: {
    name: 'ShareGroupDescribeRequest',
    minVersion: 1,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readShareGroupDescribeRequest,
    write: writeShareGroupDescribeRequest,
  },
  response: {
    name: 'ShareGroupDescribeResponse',
    minVersion: 1,
    maxVersion: 1,
    flexibleFrom: 0,
    read: readShareGroupDescribeResponse,
    write: writeShareGroupDescribeResponse,
  },
};
