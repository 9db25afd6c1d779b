// Generated from schemas/list-groups.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readStrings, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ListGroupsRequest {
  /** Versions 4+. */
  readonly statesFilter?: readonly string[];
  /** Versions 5+. */
  readonly typesFilter?: readonly string[];
}

export interface ListGroupsResponse {
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  readonly errorCode: number;
  readonly groups: readonly ListGroupsResponse.ListedGroup[];
}
export declare namespace ListGroupsResponse {
  export interface ListedGroup {
    readonly groupId: string;
    readonly protocolType: string;
    /** Versions 4+. */
    readonly groupState?: string;
    /** Versions 5+. */
    readonly groupType?: string;
  }
}

function readListGroupsRequest(r: WireReader, v: number): Decoded<ListGroupsRequest> {
  const statesFilter = v >= 4 ? readStrings(r, r.compactArrayLength(1), true) : [];
  const typesFilter = v >= 5 ? readStrings(r, r.compactArrayLength(1), true) : [];
  if (v >= 3) r.skipTaggedFields();
  return { statesFilter, typesFilter };
}

function writeListGroupsRequest(w: WireWriter, m: ListGroupsRequest, v: number): void {
  const statesFilter = m.statesFilter ?? [];
  if (v >= 4) {
    w.compactArrayLength(statesFilter.length);
    writeStrings(w, statesFilter, true);
  } else {
    if (statesFilter.length !== 0) throw notInVersion('ListGroupsRequest', 'statesFilter', v);
  }
  const typesFilter = m.typesFilter ?? [];
  if (v >= 5) {
    w.compactArrayLength(typesFilter.length);
    writeStrings(w, typesFilter, true);
  } else {
    if (typesFilter.length !== 0) throw notInVersion('ListGroupsRequest', 'typesFilter', v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readListGroupsResponseListedGroup(r: WireReader, v: number): Decoded<ListGroupsResponse.ListedGroup> {
  const groupId = v >= 3 ? r.compactString() : r.string();
  const protocolType = v >= 3 ? r.compactString() : r.string();
  const groupState = v >= 4 ? r.compactString() : "";
  const groupType = v >= 5 ? r.compactString() : "";
  if (v >= 3) r.skipTaggedFields();
  return { groupId, protocolType, groupState, groupType };
}

function readListGroupsResponseListedGroupArray(r: WireReader, v: number, length: number): Decoded<ListGroupsResponse.ListedGroup>[] {
  const values: Decoded<ListGroupsResponse.ListedGroup>[] = [];
  for (let i = 0; i < length; i++) values.push(readListGroupsResponseListedGroup(r, v));
  return values;
}

function readListGroupsResponse(r: WireReader, v: number): Decoded<ListGroupsResponse> {
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  const errorCode = r.int16();
  const groups = v >= 3 ? readListGroupsResponseListedGroupArray(r, v, r.compactArrayLength(3)) : readListGroupsResponseListedGroupArray(r, v, r.arrayLength(4));
  if (v >= 3) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, groups };
}

function writeListGroupsResponseListedGroup(w: WireWriter, m: ListGroupsResponse.ListedGroup, v: number): void {
  const groupId = m.groupId;
  if (v >= 3) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  const protocolType = m.protocolType;
  if (v >= 3) {
    w.compactString(protocolType);
  } else {
    w.string(protocolType);
  }
  const groupState = m.groupState ?? "";
  if (v >= 4) {
    w.compactString(groupState);
  }
  const groupType = m.groupType ?? "";
  if (v >= 5) {
    w.compactString(groupType);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeListGroupsResponse(w: WireWriter, m: ListGroupsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const groups = m.groups;
  if (v >= 3) {
    w.compactArrayLength(groups.length);
    for (const one of groups) writeListGroupsResponseListedGroup(w, one, v);
  } else {
    w.arrayLength(groups.length);
    for (const one of groups) writeListGroupsResponseListedGroup(w, one, v);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

export const listGroupsCodec: ApiCodec<ListGroupsRequest, ListGroupsResponse> = {
  key: 16,
  name: 'ListGroups',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: {
    name: 'ListGroupsRequest',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readListGroupsRequest,
    write: writeListGroupsRequest,
  },
  response: {
    name: 'ListGroupsResponse',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readListGroupsResponse,
    write: writeListGroupsResponse,
  },
};
