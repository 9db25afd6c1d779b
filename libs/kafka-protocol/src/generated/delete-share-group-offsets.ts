// Generated from schemas/delete-share-group-offsets.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DeleteShareGroupOffsetsRequest {
  readonly groupId: string;
  readonly topics: readonly DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic[];
}
export declare namespace DeleteShareGroupOffsetsRequest {
  export interface DeleteShareGroupOffsetsRequestTopic {
    readonly topicName: string;
  }
}

export interface DeleteShareGroupOffsetsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  readonly responses: readonly DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic[];
}
export declare namespace DeleteShareGroupOffsetsResponse {
  export interface DeleteShareGroupOffsetsResponseTopic {
    readonly topicName: string;
    readonly topicId: string;
    readonly errorCode: number;
    readonly errorMessage?: string | null;
  }
}

function readDeleteShareGroupOffsetsRequestDeleteShareGroupOffsetsRequestTopic(r: WireReader, _v: number): Decoded<DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic> {
  const topicName = r.compactString();
  r.skipTaggedFields();
  return { topicName };
}

function readDeleteShareGroupOffsetsRequestDeleteShareGroupOffsetsRequestTopicArray(r: WireReader, v: number, length: number): Decoded<DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic>[] {
  const values: Decoded<DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteShareGroupOffsetsRequestDeleteShareGroupOffsetsRequestTopic(r, v));
  return values;
}

function readDeleteShareGroupOffsetsRequest(r: WireReader, v: number): Decoded<DeleteShareGroupOffsetsRequest> {
  const groupId = r.compactString();
  const topics = readDeleteShareGroupOffsetsRequestDeleteShareGroupOffsetsRequestTopicArray(r, v, r.compactArrayLength(2));
  r.skipTaggedFields();
  return { groupId, topics };
}

function writeDeleteShareGroupOffsetsRequestDeleteShareGroupOffsetsRequestTopic(w: WireWriter, m: DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic, _v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  w.uvarint(0);
}

function writeDeleteShareGroupOffsetsRequest(w: WireWriter, m: DeleteShareGroupOffsetsRequest, v: number): void {
  const groupId = m.groupId;
  w.compactString(groupId);
  const topics = m.topics;
  w.compactArrayLength(topics.length);
  for (const one of topics) writeDeleteShareGroupOffsetsRequestDeleteShareGroupOffsetsRequestTopic(w, one, v);
  w.uvarint(0);
}

function readDeleteShareGroupOffsetsResponseDeleteShareGroupOffsetsResponseTopic(r: WireReader, _v: number): Decoded<DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic> {
  const topicName = r.compactString();
  const topicId = r.uuid();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { topicName, topicId, errorCode, errorMessage };
}

function readDeleteShareGroupOffsetsResponseDeleteShareGroupOffsetsResponseTopicArray(r: WireReader, v: number, length: number): Decoded<DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic>[] {
  const values: Decoded<DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic>[] = [];
  for (let i = 0; i < length; i++) values.push(readDeleteShareGroupOffsetsResponseDeleteShareGroupOffsetsResponseTopic(r, v));
  return values;
}

function readDeleteShareGroupOffsetsResponse(r: WireReader, v: number): Decoded<DeleteShareGroupOffsetsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const responses = readDeleteShareGroupOffsetsResponseDeleteShareGroupOffsetsResponseTopicArray(r, v, r.compactArrayLength(21));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, responses };
}

function writeDeleteShareGroupOffsetsResponseDeleteShareGroupOffsetsResponseTopic(w: WireWriter, m: DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic, _v: number): void {
  const topicName = m.topicName;
  w.compactString(topicName);
  const topicId = m.topicId;
  w.uuid(topicId);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeDeleteShareGroupOffsetsResponse(w: WireWriter, m: DeleteShareGroupOffsetsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const responses = m.responses;
  w.compactArrayLength(responses.length);
  for (const one of responses) writeDeleteShareGroupOffsetsResponseDeleteShareGroupOffsetsResponseTopic(w, one, v);
  w.uvarint(0);
}

export const deleteShareGroupOffsetsCodec: ApiCodec<DeleteShareGroupOffsetsRequest, DeleteShareGroupOffsetsResponse> = {
  key: 92,
  name: 'DeleteShareGroupOffsets',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'DeleteShareGroupOffsetsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDeleteShareGroupOffsetsRequest,
    write: writeDeleteShareGroupOffsetsRequest,
  },
  response: {
    name: 'DeleteShareGroupOffsetsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readDeleteShareGroupOffsetsResponse,
    write: writeDeleteShareGroupOffsetsResponse,
  },
};
