// Generated from schemas/join-group.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion, notNullable } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface JoinGroupRequest {
  readonly groupId: string;
  readonly sessionTimeoutMs: number;
  /** Versions 1+. Default -1. */
  readonly rebalanceTimeoutMs?: number;
  readonly memberId: string;
  /** Versions 5+. */
  readonly groupInstanceId?: string | null;
  readonly protocolType: string;
  readonly protocols: readonly JoinGroupRequest.JoinGroupRequestProtocol[];
  /** Versions 8+. */
  readonly reason?: string | null;
}
export declare namespace JoinGroupRequest {
  export interface JoinGroupRequestProtocol {
    readonly name: string;
    readonly metadata: Buffer;
  }
}

export interface JoinGroupResponse {
  /** Versions 2+. */
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  /** Default -1. */
  readonly generationId?: number;
  /** Versions 7+. */
  readonly protocolType?: string | null;
  /** Null in versions 7+. */
  readonly protocolName: string | null;
  readonly leader: string;
  /** Versions 9+. */
  readonly skipAssignment?: boolean;
  readonly memberId: string;
  readonly members: readonly JoinGroupResponse.JoinGroupResponseMember[];
}
export declare namespace JoinGroupResponse {
  export interface JoinGroupResponseMember {
    readonly memberId: string;
    /** Versions 5+. */
    readonly groupInstanceId?: string | null;
    readonly metadata: Buffer;
  }
}

function readJoinGroupRequestJoinGroupRequestProtocol(r: WireReader, v: number): Decoded<JoinGroupRequest.JoinGroupRequestProtocol> {
  const name = v >= 6 ? r.compactString() : r.string();
  const metadata = v >= 6 ? r.compactByteString() : r.byteString();
  if (v >= 6) r.skipTaggedFields();
  return { name, metadata };
}

function readJoinGroupRequestJoinGroupRequestProtocolArray(r: WireReader, v: number, length: number): Decoded<JoinGroupRequest.JoinGroupRequestProtocol>[] {
  const values: Decoded<JoinGroupRequest.JoinGroupRequestProtocol>[] = [];
  for (let i = 0; i < length; i++) values.push(readJoinGroupRequestJoinGroupRequestProtocol(r, v));
  return values;
}

function readJoinGroupRequest(r: WireReader, v: number): Decoded<JoinGroupRequest> {
  const groupId = v >= 6 ? r.compactString() : r.string();
  const sessionTimeoutMs = r.int32();
  const rebalanceTimeoutMs = v >= 1 ? r.int32() : -1;
  const memberId = v >= 6 ? r.compactString() : r.string();
  const groupInstanceId = v >= 6 ? r.compactNullableString() : v >= 5 ? r.nullableString() : null;
  const protocolType = v >= 6 ? r.compactString() : r.string();
  const protocols = v >= 6 ? readJoinGroupRequestJoinGroupRequestProtocolArray(r, v, r.compactArrayLength(3)) : readJoinGroupRequestJoinGroupRequestProtocolArray(r, v, r.arrayLength(6));
  const reason = v >= 8 ? r.compactNullableString() : null;
  if (v >= 6) r.skipTaggedFields();
  return { groupId, sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId, protocolType, protocols, reason };
}

function writeJoinGroupRequestJoinGroupRequestProtocol(w: WireWriter, m: JoinGroupRequest.JoinGroupRequestProtocol, v: number): void {
  const name = m.name;
  if (v >= 6) {
    w.compactString(name);
  } else {
    w.string(name);
  }
  const metadata = m.metadata;
  if (v >= 6) {
    w.compactByteString(metadata);
  } else {
    w.byteString(metadata);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeJoinGroupRequest(w: WireWriter, m: JoinGroupRequest, v: number): void {
  const groupId = m.groupId;
  if (v >= 6) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const sessionTimeoutMs = m.sessionTimeoutMs;
  w.int32(sessionTimeoutMs);
  const rebalanceTimeoutMs = m.rebalanceTimeoutMs ?? -1;
  if (v >= 1) {
    w.int32(rebalanceTimeoutMs);
  }
  const memberId = m.memberId;
  if (v >= 6) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 6) {
    w.compactNullableString(groupInstanceId);
  } else if (v >= 5) {
    w.nullableString(groupInstanceId);
  } else {
    if (groupInstanceId !== null) throw notInVersion('JoinGroupRequest', 'groupInstanceId', v);
  }
  const protocolType = m.protocolType;
  if (v >= 6) {
    w.compactString(protocolType);
  } else {
    w.string(protocolType);
  }
  const protocols = m.protocols;
  if (v >= 6) {
    w.compactArrayLength(protocols.length);
    for (const one of protocols) writeJoinGroupRequestJoinGroupRequestProtocol(w, one, v);
  } else {
    w.arrayLength(protocols.length);
    for (const one of protocols) writeJoinGroupRequestJoinGroupRequestProtocol(w, one, v);
  }
  const reason = m.reason ?? null;
  if (v >= 8) {
    w.compactNullableString(reason);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function readJoinGroupResponseJoinGroupResponseMember(r: WireReader, v: number): Decoded<JoinGroupResponse.JoinGroupResponseMember> {
  const memberId = v >= 6 ? r.compactString() : r.string();
  const groupInstanceId = v >= 6 ? r.compactNullableString() : v >= 5 ? r.nullableString() : null;
  const metadata = v >= 6 ? r.compactByteString() : r.byteString();
  if (v >= 6) r.skipTaggedFields();
  return { memberId, groupInstanceId, metadata };
}

function readJoinGroupResponseJoinGroupResponseMemberArray(r: WireReader, v: number, length: number): Decoded<JoinGroupResponse.JoinGroupResponseMember>[] {
  const values: Decoded<JoinGroupResponse.JoinGroupResponseMember>[] = [];
  for (let i = 0; i < length; i++) values.push(readJoinGroupResponseJoinGroupResponseMember(r, v));
  return values;
}

function readJoinGroupResponse(r: WireReader, v: number): Decoded<JoinGroupResponse> {
  const throttleTimeMs = v >= 2 ? r.int32() : 0;
  const errorCode = r.int16();
  const generationId = r.int32();
  const protocolType = v >= 7 ? r.compactNullableString() : null;
  const protocolName = v >= 7 ? r.compactNullableString() : v >= 6 ? r.compactString() : r.string();
  const leader = v >= 6 ? r.compactString() : r.string();
  const skipAssignment = v >= 9 ? r.bool() : false;
  const memberId = v >= 6 ? r.compactString() : r.string();
  const members = v >= 6 ? readJoinGroupResponseJoinGroupResponseMemberArray(r, v, r.compactArrayLength(4)) : readJoinGroupResponseJoinGroupResponseMemberArray(r, v, r.arrayLength(6));
  if (v >= 6) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, generationId, protocolType, protocolName, leader, skipAssignment, memberId, members };
}

function writeJoinGroupResponseJoinGroupResponseMember(w: WireWriter, m: JoinGroupResponse.JoinGroupResponseMember, v: number): void {
  const memberId = m.memberId;
  if (v >= 6) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 6) {
    w.compactNullableString(groupInstanceId);
  } else if (v === 5) {
    w.nullableString(groupInstanceId);
  }
  const metadata = m.metadata;
  if (v >= 6) {
    w.compactByteString(metadata);
  } else {
    w.byteString(metadata);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

function writeJoinGroupResponse(w: WireWriter, m: JoinGroupResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 2) {
    w.int32(throttleTimeMs);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const generationId = m.generationId ?? -1;
  w.int32(generationId);
  const protocolType = m.protocolType ?? null;
  if (v >= 7) {
    w.compactNullableString(protocolType);
  }
  const protocolName = m.protocolName;
  if (v >= 7) {
    w.compactNullableString(protocolName);
  } else if (v >= 6) {
    if (protocolName === null) throw notNullable('JoinGroupResponse', 'protocolName', v);
    w.compactString(protocolName);
  } else {
    if (protocolName === null) throw notNullable('JoinGroupResponse', 'protocolName', v);
    w.string(protocolName);
  }
  const leader = m.leader;
  if (v >= 6) {
    w.compactString(leader);
  } else {
    w.string(leader);
  }
  const skipAssignment = m.skipAssignment ?? false;
  if (v >= 9) {
    w.bool(skipAssignment);
  } else {
    if (skipAssignment !== false) throw notInVersion('JoinGroupResponse', 'skipAssignment', v);
  }
  const memberId = m.memberId;
  if (v >= 6) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const members = m.members;
  if (v >= 6) {
    w.compactArrayLength(members.length);
    for (const one of members) writeJoinGroupResponseJoinGroupResponseMember(w, one, v);
  } else {
    w.arrayLength(members.length);
    for (const one of members) writeJoinGroupResponseJoinGroupResponseMember(w, one, v);
  }
  if (v >= 6) {
    w.uvarint(0);
  }
}

export const joinGroupCodec: ApiCodec<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  minVersion: 0,
  maxVersion: 9,
  flexibleFrom: 6,
  request: {
    name: 'JoinGroupRequest',
    minVersion: 0,
    maxVersion: 9,
    flexibleFrom: 6,
    read: readJoinGroupRequest,
    write: writeJoinGroupRequest,
  },
  response: {
    name: 'JoinGroupResponse',
    minVersion: 0,
    maxVersion: 9,
    flexibleFrom: 6,
    read: readJoinGroupResponse,
    write: writeJoinGroupResponse,
  },
};
