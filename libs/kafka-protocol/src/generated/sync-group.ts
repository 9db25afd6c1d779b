// Generated from schemas/sync-group.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  /** Versions 3+. */
  readonly groupInstanceId?: string | null;
  /** Versions 5+. */
  readonly protocolType?: string | null;
  /** Versions 5+. */
  readonly protocolName?: string | null;
  readonly assignments: readonly SyncGroupRequest.SyncGroupRequestAssignment[];
}
export declare namespace SyncGroupRequest {
  export interface SyncGroupRequestAssignment {
    readonly memberId: string;
    readonly assignment: Buffer;
  }
}

export interface SyncGroupResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  /** Versions 5+. */
  readonly protocolType?: string | null;
  /** Versions 5+. */
  readonly protocolName?: string | null;
  readonly assignment: Buffer;
}

function readSyncGroupRequestSyncGroupRequestAssignment(r: WireReader, v: number): Decoded<SyncGroupRequest.SyncGroupRequestAssignment> {
  const memberId = v >= 4 ? r.compactString() : r.string();
  const assignment = v >= 4 ? r.compactByteString() : r.byteString();
  if (v >= 4) r.skipTaggedFields();
  return { memberId, assignment };
}

function readSyncGroupRequestSyncGroupRequestAssignmentArray(r: WireReader, v: number, length: number): Decoded<SyncGroupRequest.SyncGroupRequestAssignment>[] {
  const values: Decoded<SyncGroupRequest.SyncGroupRequestAssignment>[] = [];
  for (let i = 0; i < length; i++) values.push(readSyncGroupRequestSyncGroupRequestAssignment(r, v));
  return values;
}

function readSyncGroupRequest(r: WireReader, v: number): Decoded<SyncGroupRequest> {
  const groupId = v >= 4 ? r.compactString() : r.string();
  const generationId = r.int32();
  const memberId = v >= 4 ? r.compactString() : r.string();
  const groupInstanceId = v >= 4 ? r.compactNullableString() : v >= 3 ? r.nullableString() : null;
  const protocolType = v >= 5 ? r.compactNullableString() : null;
  const protocolName = v >= 5 ? r.compactNullableString() : null;
  const assignments = v >= 4 ? readSyncGroupRequestSyncGroupRequestAssignmentArray(r, v, r.compactArrayLength(3)) : readSyncGroupRequestSyncGroupRequestAssignmentArray(r, v, r.arrayLength(6));
  if (v >= 4) r.skipTaggedFields();
  return { groupId, generationId, memberId, groupInstanceId, protocolType, protocolName, assignments };
}

function writeSyncGroupRequestSyncGroupRequestAssignment(w: WireWriter, m: SyncGroupRequest.SyncGroupRequestAssignment, v: number): void {
  const memberId = m.memberId;
  if (v >= 4) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const assignment = m.assignment;
  if (v >= 4) {
    w.compactByteString(assignment);
  } else {
    w.byteString(assignment);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeSyncGroupRequest(w: WireWriter, m: SyncGroupRequest, v: number): void {
  const groupId = m.groupId;
  if (v >= 4) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const generationId = m.generationId;
  w.int32(generationId);
  const memberId = m.memberId;
  if (v >= 4) {
    w.compactString(memberId);
  } else {
    w.string(memberId);
  }
  const groupInstanceId = m.groupInstanceId ?? null;
  if (v >= 4) {
    w.compactNullableString(groupInstanceId);
  } else if (v >= 3) {
    w.nullableString(groupInstanceId);
  } else {
    if (groupInstanceId !== null) throw notInVersion('SyncGroupRequest', 'groupInstanceId', v);
  }
  const protocolType = m.protocolType ?? null;
  if (v >= 5) {
    w.compactNullableString(protocolType);
  }
  const protocolName = m.protocolName ?? null;
  if (v >= 5) {
    w.compactNullableString(protocolName);
  }
  const assignments = m.assignments;
  if (v >= 4) {
    w.compactArrayLength(assignments.length);
    for (const one of assignments) writeSyncGroupRequestSyncGroupRequestAssignment(w, one, v);
  } else {
    w.arrayLength(assignments.length);
    for (const one of assignments) writeSyncGroupRequestSyncGroupRequestAssignment(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function readSyncGroupResponse(r: WireReader, v: number): Decoded<SyncGroupResponse> {
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  const protocolType = v >= 5 ? r.compactNullableString() : null;
  const protocolName = v >= 5 ? r.compactNullableString() : null;
  const assignment = v >= 4 ? r.compactByteString() : r.byteString();
  if (v >= 4) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, protocolType, protocolName, assignment };
}

function writeSyncGroupResponse(w: WireWriter, m: SyncGroupResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const protocolType = m.protocolType ?? null;
  if (v >= 5) {
    w.compactNullableString(protocolType);
  }
  const protocolName = m.protocolName ?? null;
  if (v >= 5) {
    w.compactNullableString(protocolName);
  }
  const assignment = m.assignment;
  if (v >= 4) {
    w.compactByteString(assignment);
  } else {
    w.byteString(assignment);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

export const syncGroupCodec: ApiCodec<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: 'SyncGroup',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 4,
  request: {
    name: 'SyncGroupRequest',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 4,
    read: readSyncGroupRequest,
    write: writeSyncGroupRequest,
  },
  response: {
    name: 'SyncGroupResponse',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 4,
    read: readSyncGroupResponse,
    write: writeSyncGroupResponse,
  },
};
