// Generated from schemas/delete-topics.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion, notNullable } from '../message-codec';
import { readStrings, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DeleteTopicsRequest {
  /** Versions 6+. */
  readonly topics?: readonly DeleteTopicsRequest.DeleteTopicState[];
  /** Versions 1-5. */
  readonly topicNames?: readonly string[];
  readonly timeoutMs: number;
}
export declare namespace DeleteTopicsRequest {
  export interface DeleteTopicState {
    readonly name?: string | null;
    readonly topicId: string;
  }
}

export interface DeleteTopicsResponse {
  readonly throttleTimeMs: number;
  readonly responses: readonly DeleteTopicsResponse.DeletableTopicResult[];
}
export declare namespace DeleteTopicsResponse {
  export interface DeletableTopicResult {
    /** Null in versions 6+. */
    readonly name: string | null;
    /** Versions 6+. */
    readonly topicId?: string;
    readonly errorCode: number;
    /** Versions 5+. */
    readonly errorMessage?: string | null;
  }
}

function readDeleteTopicsRequestDeleteTopicState(r: WireReader, _v: number): Decoded<DeleteTopicsRequest.DeleteTopicState> {
  const name = r.compactNullableString();
  const topicId = r.uuid();
  r.skipTaggedFields();
  return { name, topicId };
}

function readDeleteTopicsRequestDeleteTopicStateArray(r: WireReader, v: number, length: number): Decoded<DeleteTopicsRequest.DeleteTopicState>[] {
  const values: Decoded<DeleteTopicsRequest.DeleteTopicState>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteTopicsRequestDeleteTopicState(r, v));
  return values;
}

function readDeleteTopicsRequest(r: WireReader, v: number): Decoded<DeleteTopicsRequest> {
  const topics = v >= 6 ? readDeleteTopicsRequestDeleteTopicStateArray(r, v, r.compactArrayLength(18)) : [];
  const topicNames = v >= 6 ? [] : v >= 4 ? readStrings(r, r.compactArrayLength(1), true) : readStrings(r, r.arrayLength(2), false);
  const timeoutMs = r.int32();
  if (v >= 4) r.skipTaggedFields();
  return { topics, topicNames, timeoutMs };
}

function writeDeleteTopicsRequestDeleteTopicState(w: WireWriter, m: DeleteTopicsRequest.DeleteTopicState, _v: number): void {
  const name = m.name ?? null;
  w.compactNullableString(name);
  const topicId = m.topicId;
  w.uuid(topicId);
  w.uvarint(0);
}

function writeDeleteTopicsRequest(w: WireWriter, m: DeleteTopicsRequest, v: number): void {
  const topics = m.topics ?? [];
  if (v >= 6) {
    w.compactArrayLength(topics.length);
    for (const one of topics) writeDeleteTopicsRequestDeleteTopicState(w, one, v);
  } else {
    if (topics.length !== 0) throw notInVersion('DeleteTopicsRequest', 'topics', v);
  }
  const topicNames = m.topicNames ?? [];
  if (v >= 4 && v <= 5) {
    w.compactArrayLength(topicNames.length);
    writeStrings(w, topicNames, true);
  } else if (v <= 3) {
    w.arrayLength(topicNames.length);
    writeStrings(w, topicNames, false);
  }
  const timeoutMs = m.timeoutMs;
  w.int32(timeoutMs);
  if (v >= 4) {
    w.uvarint(0);
  }
}

function readDeleteTopicsResponseDeletableTopicResult(r: WireReader, v: number): Decoded<DeleteTopicsResponse.DeletableTopicResult> {
  const name = v >= 6 ? r.compactNullableString() : v >= 4 ? r.compactString() : r.string();
  const topicId = v >= 6 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const errorCode = r.int16();
  const errorMessage = v >= 5 ? r.compactNullableString() : null;
  if (v >= 4) r.skipTaggedFields();
  return { name, topicId, errorCode, errorMessage };
}

function readDeleteTopicsResponseDeletableTopicResultArray(r: WireReader, v: number, length: number): Decoded<DeleteTopicsResponse.DeletableTopicResult>[] {
  const values: Decoded<DeleteTopicsResponse.DeletableTopicResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteTopicsResponseDeletableTopicResult(r, v));
  return values;
}

function readDeleteTopicsResponse(r: WireReader, v: number): Decoded<DeleteTopicsResponse> {
  const throttleTimeMs = r.int32();
  const responses = v >= 4 ? readDeleteTopicsResponseDeletableTopicResultArray(r, v, r.compactArrayLength(4)) : readDeleteTopicsResponseDeletableTopicResultArray(r, v, r.arrayLength(4));
  if (v >= 4) r.skipTaggedFields();
  return { throttleTimeMs, responses };
}

function writeDeleteTopicsResponseDeletableTopicResult(w: WireWriter, m: DeleteTopicsResponse.DeletableTopicResult, v: number): void {
  const name = m.name;
  if (v >= 6) {
    w.compactNullableString(name);
  } else if (v >= 4) {
    if (name === null) throw notNullable('DeleteTopicsResponse', 'name', v);
    w.compactString(name);
  } else {
    if (name === null) throw notNullable('DeleteTopicsResponse', 'name', v);
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 6) {
    w.uuid(topicId);
  }
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  if (v >= 5) {
    w.compactNullableString(errorMessage);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

function writeDeleteTopicsResponse(w: WireWriter, m: DeleteTopicsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const responses = m.responses;
  if (v >= 4) {
    w.compactArrayLength(responses.length);
    for (const one of responses) writeDeleteTopicsResponseDeletableTopicResult(w, one, v);
  } else {
    w.arrayLength(responses.length);
    for (const one of responses) writeDeleteTopicsResponseDeletableTopicResult(w, one, v);
  }
  if (v >= 4) {
    w.uvarint(0);
  }
}

export const deleteTopicsCodec: ApiCodec<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: 'DeleteTopics',
  minVersion: 1,
  maxVersion: 6,
  flexibleFrom: 4,
  request: {
    name: 'DeleteTopicsRequest',
    minVersion: 1,
    maxVersion: 6,
    flexibleFrom: 4,
    read: readDeleteTopicsRequest,
    write: writeDeleteTopicsRequest,
  },
  response: {
    name: 'DeleteTopicsResponse',
    minVersion: 1,
    maxVersion: 6,
    flexibleFrom: 4,
    read: readDeleteTopicsResponse,
    write: writeDeleteTopicsResponse,
  },
};
