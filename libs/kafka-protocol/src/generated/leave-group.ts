// Generated from schemas/leave-group.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface LeaveGroupRequest {
  readonly groupId: string;
  /** Versions 0-2. */
  readonly memberId?: string;
  /** Versions 3+. */
  readonly members?: readonly LeaveGroupRequest.MemberIdentity[];
}
export declare namespace LeaveGroupRequest {
  export interface MemberIdentity {
    readonly memberId: string;
    readonly groupInstanceId?: string | null;
    /** Versions 5+. */
    readonly reason?: string | null;
  }
}

export interface LeaveGroupResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  /** Versions 3+. */
  readonly members?: readonly LeaveGroupResponse.MemberResponse[];
}
export declare namespace LeaveGroupResponse {
  export interface MemberResponse {
    readonly memberId: string;
    readonly groupInstanceId: string | null;
    readonly errorCode: number;
  }
}

function readLeaveGroupRequestMemberIdentity(r: WireReader, v: number): Decoded<LeaveGroupRequest.MemberIdentity> {
  const memberId = v >= 4 ? r.compactString() : r.string();
  const groupInstanceId = v >= 4 ? r.compactNullableString() : r.nullableString();
  const reason = v >= 5 ? r.compactNullableString() : null;
  if (v >= 4) r.skipTaggedFields();
  return { memberId, groupInstanceId, reason };
}

function readLeaveGroupRequestMemberIdentityArray(r: WireReader, v: number, length: number): Decoded<LeaveGroupRequest.MemberIdentity>[] {
  const values: Decoded<LeaveGroupRequest.MemberIdentity>[] = [];
  for (let i = 0; i < length; i++) values.push(readLeaveGroupRequestMemberIdentity(r, v));
  return values;
}

function readLeaveGroupRequest(r: WireReader, v: number): Decoded<LeaveGroupRequest> {
  const groupId = v >= 4 ? r.compactString() : r.string();
  const memberId = v >= 3 ? "" : r.string();
  const members = v >= 4 ? readLeaveGroupRequestMemberIdentityArray(r, v, r.compactArrayLength(3)) : v >= 3 ? readLeaveGroupRequestMemberIdentityArray(r, v, r.arrayLength(4)) : [];
  if (v >= 4) r.skipTaggedFields();
  return { groupId, memberId, members };
}

function writeLeaveGroupRequestMemberIdentity(w: WireWriter, m: LeaveGroupRequest.MemberIdentity, v: number): void {
  const memberId = m.memberId;
  if (v >= 4) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 4) {
    w.compactNullableString(groupInstanceId);
  } else {
    w.nullableString(groupInstanceId);
  }
  const reason = m.reason ?? null;
  if (v >= 5) {
    w.compactNullableString(reason);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeLeaveGroupRequest(w: WireWriter, m: LeaveGroupRequest, v: number): void {
  const groupId = m.groupId;
  if (v >= 4) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const memberId = m.memberId ?? "";
  if (v >= 3) {
    if (memberId !== "") throw notInVersion('LeaveGroupRequest', 'memberId', v);
  } else {
    w.string(memberId);
  }
  const members = m.members ?? [];
  if (v >= 4) {
    w.compactArrayLength(members.length);
    for (const one of members) writeLeaveGroupRequestMemberIdentity(w, one, v);
  } else if (v >= 3) {
    w.arrayLength(members.length);
    for (const one of members) writeLeaveGroupRequestMemberIdentity(w, one, v);
  } else {
    if (members.length !== 0) throw notInVersion('LeaveGroupRequest', 'members', v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function readLeaveGroupResponseMemberResponse(r: WireReader, v: number): Decoded<LeaveGroupResponse.MemberResponse> {
  const memberId = v >= 4 ? r.compactString() : r.string();
  const groupInstanceId = v >= 4 ? r.compactNullableString() : r.nullableString();
  const errorCode = r.int16();
  if (v >= 4) r.skipTaggedFields();
  return { memberId, groupInstanceId, errorCode };
}

function readLeaveGroupResponseMemberResponseArray(r: WireReader, v: number, length: number): Decoded<LeaveGroupResponse.MemberResponse>[] {
  const values: Decoded<LeaveGroupResponse.MemberResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readLeaveGroupResponseMemberResponse(r, v));
  return values;
}

function readLeaveGroupResponse(r: WireReader, v: number): Decoded<LeaveGroupResponse> {
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  const members = v >= 4 ? readLeaveGroupResponseMemberResponseArray(r, v, r.compactArrayLength(5)) : v >= 3 ? readLeaveGroupResponseMemberResponseArray(r, v, r.arrayLength(6)) : [];
  if (v >= 4) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, members };
}

function writeLeaveGroupResponseMemberResponse(w: WireWriter, m: LeaveGroupResponse.MemberResponse, v: number): void {
  const memberId = m.memberId;
  if (v >= 4) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId;
  if (v >= 4) {
    w.compactNullableString(groupInstanceId);
  } else {
    w.nullableString(groupInstanceId);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeLeaveGroupResponse(w: WireWriter, m: LeaveGroupResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const members = m.members ?? [];
  if (v >= 4) {
    w.compactArrayLength(members.length);
    for (const one of members) writeLeaveGroupResponseMemberResponse(w, one, v);
  } else if (v >= 3) {
    w.arrayLength(members.length);
    for (const one of members) writeLeaveGroupResponseMemberResponse(w, one, v);
  } else {
    if (members.length !== 0) throw notInVersion('LeaveGroupResponse', 'members', v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

export const leaveGroupCodec: ApiCodec<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: 'LeaveGroup',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 4,
  request: {
    name: 'LeaveGroupRequest',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 4,
    read: readLeaveGroupRequest,
    write: writeLeaveGroupRequest,
  },
  response: {
    name: 'LeaveGroupResponse',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 4,
    read: readLeaveGroupResponse,
    write: writeLeaveGroupResponse,
  },
};
