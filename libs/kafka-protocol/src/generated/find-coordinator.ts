// Generated from schemas/find-coordinator.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readStrings, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface FindCoordinatorRequest {
  /** Versions 0-3. */
  readonly key?: string;
  /** Versions 1+. */
  readonly keyType?: number;
  /** Versions 4+. */
  readonly coordinatorKeys?: readonly string[];
}

export interface FindCoordinatorResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  /** Versions 0-3. */
  readonly errorCode?: number;
  /** Versions 1-3. */
  readonly errorMessage?: string | null;
  /** Versions 0-3. */
  readonly nodeId?: number;
  /** Versions 0-3. */
  readonly host?: string;
  /** Versions 0-3. */
  readonly port?: number;
  /** Versions 4+. */
  readonly coordinators?: readonly FindCoordinatorResponse.Coordinator[];
}
export declare namespace FindCoordinatorResponse {
  export interface Coordinator {
    readonly key: string;
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }
}

function readFindCoordinatorRequest(r: WireReader, v: number): Decoded<FindCoordinatorRequest> {
  const key = v >= 4 ? "" : v >= 3 ? r.compactString() : r.string();
  const keyType = v >= 1 ? r.int8() : 0;
  const coordinatorKeys = v >= 4 ? readStrings(r, r.compactArrayLength(1), true) : [];
  if (v >= 3) r.skipTaggedFields();
  return { key, keyType, coordinatorKeys };
}

function writeFindCoordinatorRequest(w: WireWriter, m: FindCoordinatorRequest, v: number): void {
  const key = m.key ?? "";
  if (v >= 4) {
    if (key !== "") throw notInVersion('FindCoordinatorRequest', 'key', v);
  } else if (v >= 3) {
    w.compactString(key);
  } else {
    w.string(key);
  }
  const keyType = m.keyType ?? 0;
  if (v >= 1) {
    w.int8(keyType);
  } else {
    if (keyType !== 0) throw notInVersion('FindCoordinatorRequest', 'keyType', v);
  }
  const coordinatorKeys = m.coordinatorKeys ?? [];
  if (v >= 4) {
    w.compactArrayLength(coordinatorKeys.length);
    writeStrings(w, coordinatorKeys, true);
  } else {
    if (coordinatorKeys.length !== 0) throw notInVersion('FindCoordinatorRequest', 'coordinatorKeys', v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readFindCoordinatorResponseCoordinator(r: WireReader, _v: number): Decoded<FindCoordinatorResponse.Coordinator> {
  const key = r.compactString();
  const nodeId = r.int32();
  const host = r.compactString();
  const port = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { key, nodeId, host, port, errorCode, errorMessage };
}

function readFindCoordinatorResponseCoordinatorArray(r: WireReader, v: number, length: number): Decoded<FindCoordinatorResponse.Coordinator>[] {
  const values: Decoded<FindCoordinatorResponse.Coordinator>[] = [];
  for (let i = 0; i < length; i++) values.push(readFindCoordinatorResponseCoordinator(r, v));
  return values;
}

function readFindCoordinatorResponse(r: WireReader, v: number): Decoded<FindCoordinatorResponse> {
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  const errorCode = v >= 4 ? 0 : r.int16();
  const errorMessage = v >= 4 ? "" : v >= 3 ? r.compactNullableString() : v >= 1 ? r.nullableString() : "";
  const nodeId = v >= 4 ? 0 : r.int32();
  const host = v >= 4 ? "" : v >= 3 ? r.compactString() : r.string();
  const port = v >= 4 ? 0 : r.int32();
  const coordinators = v >= 4 ? readFindCoordinatorResponseCoordinatorArray(r, v, r.compactArrayLength(14)) : [];
  if (v >= 3) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, nodeId, host, port, coordinators };
}

function writeFindCoordinatorResponseCoordinator(w: WireWriter, m: FindCoordinatorResponse.Coordinator, _v: number): void {
  const key = m.key;
  w.compactString(key);
  const nodeId = m.nodeId;
  w.int32(nodeId);
  const host = m.host;
  w.compactString(host);
  const port = m.port;
  w.int32(port);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeFindCoordinatorResponse(w: WireWriter, m: FindCoordinatorResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const errorCode = m.errorCode ?? 0;
  if (v >= 4) {
    if (errorCode !== 0) throw notInVersion('FindCoordinatorResponse', 'errorCode', v);
  } else {
    w.int16(errorCode);
  }
  const errorMessage = m.errorMessage === undefined ? "" : m.errorMessage;
  if (v === 3) {
    w.compactNullableString(errorMessage);
  } else if (v >= 1 && v <= 2) {
    w.nullableString(errorMessage);
  }
  const nodeId = m.nodeId ?? 0;
  if (v >= 4) {
    if (nodeId !== 0) throw notInVersion('FindCoordinatorResponse', 'nodeId', v);
  } else {
    w.int32(nodeId);
  }
  const host = m.host ?? "";
  if (v >= 4) {
    if (host !== "") throw notInVersion('FindCoordinatorResponse', 'host', v);
  } else if (v >= 3) {
    w.compactString(host);
  } else {
    w.string(host);
  }
  const port = m.port ?? 0;
  if (v >= 4) {
    if (port !== 0) throw notInVersion('FindCoordinatorResponse', 'port', v);
  } else {
    w.int32(port);
  }
  const coordinators = m.coordinators ?? [];
  if (v >= 4) {
    w.compactArrayLength(coordinators.length);
    for (const one of coordinators) writeFindCoordinatorResponseCoordinator(w, one, v);
  } else {
    if (coordinators.length !== 0) throw notInVersion('FindCoordinatorResponse', 'coordinators', v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

export const findCoordinatorCodec: ApiCodec<FindCoordinatorRequest, FindCoordinatorResponse> = {
  key: 10,
  name: 'FindCoordinator',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 3,
  request: {
    name: 'FindCoordinatorRequest',
    minVersion: 0,
    maxVersion: 6,
    flexibleFrom: 3,
    read: readFindCoordinatorRequest,
    write: writeFindCoordinatorRequest,
  },
  response: {
    name: 'FindCoordinatorResponse',
    minVersion: 0,
    maxVersion: 6,
    flexibleFrom: 3,
    read: readFindCoordinatorResponse,
    write: writeFindCoordinatorResponse,
  },
};
