// Generated from schemas/heartbeat.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generationId: number;
  readonly memberId: string;
  /** Versions 3+. */
  readonly groupInstanceId?: string | null;
}

export interface HeartbeatResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
}

function readHeartbeatRequest(r: WireReader, v: number): Decoded<HeartbeatRequest> {
  const groupId = v >= 4 ? r.compactString() : r.string();
  const generationId = r.int32();
  const memberId = v >= 4 ? r.compactString() : r.string();
  const groupInstanceId = v >= 4 ? r.compactNullableString() : v >= 3 ? r.nullableString() : null;
  if (v >= 4) r.skipTaggedFields();
  return { groupId, generationId, memberId, groupInstanceId };
}

function writeHeartbeatRequest(w: WireWriter, m: HeartbeatRequest, v: number): void {
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
    if (groupInstanceId !== null) throw notInVersion('HeartbeatRequest', 'groupInstanceId', v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function readHeartbeatResponse(r: WireReader, v: number): Decoded<HeartbeatResponse> {
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  if (v >= 4) r.skipTaggedFields();
  return { throttleTimeMs, errorCode };
}

function writeHeartbeatResponse(w: WireWriter, m: HeartbeatResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 4) {
    w.uvarint(0);
  }
}

export const heartbeatCodec: ApiCodec<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: 'Heartbeat',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 4,
  request: {
    name: 'HeartbeatRequest',
    minVersion: 0,
    maxVersion: 4,
    flexibleFrom: 4,
    read: readHeartbeatRequest,
    write: writeHeartbeatRequest,
  },
  response: {
    name: 'HeartbeatResponse',
    minVersion: 0,
    maxVersion: 4,
    flexibleFrom: 4,
    read: readHeartbeatResponse,
    write: writeHeartbeatResponse,
  },
};
