// Generated from schemas/delete-groups.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readStrings, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DeleteGroupsRequest {
  readonly groupsNames: readonly string[];
}

export interface DeleteGroupsResponse {
  readonly throttleTimeMs: number;
  readonly results: readonly DeleteGroupsResponse.DeletableGroupResult[];
}
export declare namespace DeleteGroupsResponse {
  export interface DeletableGroupResult {
    readonly groupId: string;
    readonly errorCode: number;
  }
}

function readDeleteGroupsRequest(r: WireReader, v: number): Decoded<DeleteGroupsRequest> {
  const groupsNames = v >= 2 ? readStrings(r, r.compactArrayLength(1), true) : readStrings(r, r.arrayLength(2), false);
  if (v >= 2) r.skipTaggedFields();
  return { groupsNames };
}

function writeDeleteGroupsRequest(w: WireWriter, m: DeleteGroupsRequest, v: number): void {
  const groupsNames = m.groupsNames;
  if (v >= 2) {
    w.compactArrayLength(groupsNames.length);
    writeStrings(w, groupsNames, true);
  } else {
    w.arrayLength(groupsNames.length);
    writeStrings(w, groupsNames, false);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readDeleteGroupsResponseDeletableGroupResult(r: WireReader, v: number): Decoded<DeleteGroupsResponse.DeletableGroupResult> {
  const groupId = v >= 2 ? r.compactString() : r.string();
  const errorCode = r.int16();
  if (v >= 2) r.skipTaggedFields();
  return { groupId, errorCode };
}

function readDeleteGroupsResponseDeletableGroupResultArray(r: WireReader, v: number, length: number): Decoded<DeleteGroupsResponse.DeletableGroupResult>[] {
  const values: Decoded<DeleteGroupsResponse.DeletableGroupResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteGroupsResponseDeletableGroupResult(r, v));
  return values;
}

function readDeleteGroupsResponse(r: WireReader, v: number): Decoded<DeleteGroupsResponse> {
  const throttleTimeMs = r.int32();
  const results = v >= 2 ? readDeleteGroupsResponseDeletableGroupResultArray(r, v, r.compactArrayLength(4)) : readDeleteGroupsResponseDeletableGroupResultArray(r, v, r.arrayLength(4));
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, results };
}

function writeDeleteGroupsResponseDeletableGroupResult(w: WireWriter, m: DeleteGroupsResponse.DeletableGroupResult, v: number): void {
  const groupId = m.groupId;
  if (v >= 2) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 2) {
    w.uvarint(0);
  }
}

function writeDeleteGroupsResponse(w: WireWriter, m: DeleteGroupsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const results = m.results;
  if (v >= 2) {
    w.compactArrayLength(results.length);
    for (const one of results) writeDeleteGroupsResponseDeletableGroupResult(w, one, v);
  } else {
    w.arrayLength(results.length);
    for (const one of results) writeDeleteGroupsResponseDeletableGroupResult(w, one, v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const deleteGroupsCodec: ApiCodec<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: 42,
  name: 'DeleteGroups',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 2,
  request: {
    name: 'DeleteGroupsRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readDeleteGroupsRequest,
    write: writeDeleteGroupsRequest,
  },
  response: {
    name: 'DeleteGroupsResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 2,
    read: readDeleteGroupsResponse,
    write: writeDeleteGroupsResponse,
  },
};
