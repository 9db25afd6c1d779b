// Generated from schemas/describe-groups.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readStrings, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeGroupsRequest {
  readonly groups: readonly string[];
  /** Versions 3+. */
  readonly includeAuthorizedOperations?: boolean;
}

export interface DescribeGroupsResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  readonly groups: readonly DescribeGroupsResponse.DescribedGroup[];
}
export declare namespace DescribeGroupsResponse {
  export interface DescribedGroupMember {
    readonly memberId: string;
    /** Versions 4+. */
    readonly groupInstanceId?: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly memberMetadata: Buffer;
    readonly memberAssignment: Buffer;
  }
  export interface DescribedGroup {
    readonly errorCode: number;
    /** Versions 6+. */
    readonly errorMessage?: string | null;
    readonly groupId: string;
    readonly groupState: string;
    readonly protocolType: string;
    readonly protocolData: string;
    readonly members: readonly DescribeGroupsResponse.DescribedGroupMember[];
    /** Versions 3+. Default -2147483648. */
    readonly authorizedOperations?: number;
  }
}

function readDescribeGroupsRequest(r: WireReader, v: number): Decoded<DescribeGroupsRequest> {
  const groups = v >= 5 ? readStrings(r, r.compactArrayLength(1), true) : readStrings(r, r.arrayLength(2), false);
  const includeAuthorizedOperations = v >= 3 ? r.bool() : false;
  if (v >= 5) r.skipTaggedFields();
  return { groups, includeAuthorizedOperations };
}

function writeDescribeGroupsRequest(w: WireWriter, m: DescribeGroupsRequest, v: number): void {
  const groups = m.groups;
  if (v >= 5) {
    w.compactArrayLength(groups.length);
    writeStrings(w, groups, true);
  } else {
    w.arrayLength(groups.length);
    writeStrings(w, groups, false);
  }
  const includeAuthorizedOperations = m.includeAuthorizedOperations ?? false;
  if (v >= 3) {
    w.bool(includeAuthorizedOperations);
  } else {
    if (includeAuthorizedOperations !== false) throw notInVersion('DescribeGroupsRequest', 'includeAuthorizedOperations', v);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

function readDescribeGroupsResponseDescribedGroupMember(r: WireReader, v: number): Decoded<DescribeGroupsResponse.DescribedGroupMember> {
  const memberId = v >= 5 ? r.compactString() : r.string();
  const groupInstanceId = v >= 5 ? r.compactNullableString() : v >= 4 ? r.nullableString() : null;
  const clientId = v >= 5 ? r.compactString() : r.string();
  const clientHost = v >= 5 ? r.compactString() : r.string();
  const memberMetadata = v >= 5 ? r.compactByteString() : r.byteString();
  const memberAssignment = v >= 5 ? r.compactByteString() : r.byteString();
  if (v >= 5) r.skipTaggedFields();
  return { memberId, groupInstanceId, clientId, clientHost, memberMetadata, memberAssignment };
}

function readDescribeGroupsResponseDescribedGroupMemberArray(r: WireReader, v: number, length: number): Decoded<DescribeGroupsResponse.DescribedGroupMember>[] {
  const values: Decoded<DescribeGroupsResponse.DescribedGroupMember>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeGroupsResponseDescribedGroupMember(r, v));
  return values;
}

function readDescribeGroupsResponseDescribedGroup(r: WireReader, v: number): Decoded<DescribeGroupsResponse.DescribedGroup> {
  const errorCode = r.int16();
  const errorMessage = v >= 6 ? r.compactNullableString() : null;
  const groupId = v >= 5 ? r.compactString() : r.string();
  const groupState = v >= 5 ? r.compactString() : r.string();
  const protocolType = v >= 5 ? r.compactString() : r.string();
  const protocolData = v >= 5 ? r.compactString() : r.string();
  const members = v >= 5 ? readDescribeGroupsResponseDescribedGroupMemberArray(r, v, r.compactArrayLength(7)) : readDescribeGroupsResponseDescribedGroupMemberArray(r, v, r.arrayLength(14));
  const authorizedOperations = v >= 3 ? r.int32() : -2147483648;
  if (v >= 5) r.skipTaggedFields();
  return { errorCode, errorMessage, groupId, groupState, protocolType, protocolData, members, authorizedOperations };
}

function readDescribeGroupsResponseDescribedGroupArray(r: WireReader, v: number, length: number): Decoded<DescribeGroupsResponse.DescribedGroup>[] {
  const values: Decoded<DescribeGroupsResponse.DescribedGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeGroupsResponseDescribedGroup(r, v));
  return values;
}

function readDescribeGroupsResponse(r: WireReader, v: number): Decoded<DescribeGroupsResponse> {
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  const groups = v >= 5 ? readDescribeGroupsResponseDescribedGroupArray(r, v, r.compactArrayLength(12)) : readDescribeGroupsResponseDescribedGroupArray(r, v, r.arrayLength(14));
  if (v >= 5) r.skipTaggedFields();
  return { throttleTimeMs, groups };
}

function writeDescribeGroupsResponseDescribedGroupMember(w: WireWriter, m: DescribeGroupsResponse.DescribedGroupMember, v: number): void {
  const memberId = m.memberId;
  if (v >= 5) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 5) {
    w.compactNullableString(groupInstanceId);
  } else if (v === 4) {
    w.nullableString(groupInstanceId);
  }
  const clientId = m.clientId;
  if (v >= 5) {
    w.compactString(clientId);
  } else {
    w.string(clientId);
  }
  const clientHost = m.clientHost;
  if (v >= 5) {
    w.compactString(clientHost);
  } else {
    w.string(clientHost);
  }
  const memberMetadata = m.memberMetadata;
  if (v >= 5) {
    w.compactByteString(memberMetadata);
  } else {
    w.byteString(memberMetadata);
  }
  const memberAssignment = m.memberAssignment;
  if (v >= 5) {
    w.compactByteString(memberAssignment);
  } else {
    w.byteString(memberAssignment);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

function writeDescribeGroupsResponseDescribedGroup(w: WireWriter, m: DescribeGroupsResponse.DescribedGroup, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  if (v >= 6) {
    w.compactNullableString(errorMessage);
  } else {
    if (errorMessage !== null) throw notInVersion('DescribeGroupsResponse', 'errorMessage', v);
  }
  const groupId = m.groupId;
  if (v >= 5) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const groupState = m.groupState;
  if (v >= 5) {
    w.compactString(groupState);
  } else {
    w.string(groupState);
  }
  const protocolType = m.protocolType;
  if (v >= 5) {
    w.compactString(protocolType);
  } else {
    w.string(protocolType);
  }
  const protocolData = m.protocolData;
  if (v >= 5) {
    w.compactString(protocolData);
  } else {
    w.string(protocolData);
  }
  const members = m.members;
  if (v >= 5) {
    w.compactArrayLength(members.length);
    for (const one of members) writeDescribeGroupsResponseDescribedGroupMember(w, one, v);
  } else {
    w.arrayLength(members.length);
    for (const one of members) writeDescribeGroupsResponseDescribedGroupMember(w, one, v);
  }
  const authorizedOperations = m.authorizedOperations ?? -2147483648;
  if (v >= 3) {
    w.int32(authorizedOperations);
  } else {
    if (authorizedOperations !== -2147483648) throw notInVersion('DescribeGroupsResponse', 'authorizedOperations', v);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

function writeDescribeGroupsResponse(w: WireWriter, m: DescribeGroupsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const groups = m.groups;
  if (v >= 5) {
    w.compactArrayLength(groups.length);
    for (const one of groups) writeDescribeGroupsResponseDescribedGroup(w, one, v);
  } else {
    w.arrayLength(groups.length);
    for (const one of groups) writeDescribeGroupsResponseDescribedGroup(w, one, v);
  }
  if (v >= 5) {
    w.uvarint(0);
  }
}

export const describeGroupsCodec: ApiCodec<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: 'DescribeGroups',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 5,
  request: {
    name: 'DescribeGroupsRequest',
    minVersion: 0,
    maxVersion: 6,
    flexibleFrom: 5,
    read: readDescribeGroupsRequest,
    write: writeDescribeGroupsRequest,
  },
  response: {
    name: 'DescribeGroupsResponse',
    minVersion: 0,
    maxVersion: 6,
    flexibleFrom: 5,
    read: readDescribeGroupsResponse,
    write: writeDescribeGroupsResponse,
  },
};
