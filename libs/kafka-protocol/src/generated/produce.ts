// Generated from schemas/produce.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ProduceRequest {
  readonly transactionalId?: string | null;
  readonly acks: number;
  readonly timeoutMs: number;
  readonly topicData: readonly ProduceRequest.TopicProduceData[];
}
export declare namespace ProduceRequest {
  export interface PartitionProduceData {
    readonly index: number;
    readonly records: Buffer | null;
  }
  export interface TopicProduceData {
    /** Versions 3-12. */
    readonly name?: string;
    /** Versions 13+. */
    readonly topicId?: string;
    readonly partitionData: readonly ProduceRequest.PartitionProduceData[];
  }
}

export interface ProduceResponse {
  readonly responses: readonly ProduceResponse.TopicProduceResponse[];
  readonly throttleTimeMs: number;
  /** Versions 10+. */
  readonly nodeEndpoints?: readonly ProduceResponse.NodeEndpoint[];
}
export declare namespace ProduceResponse {
  export interface BatchIndexAndErrorMessage {
    readonly batchIndex: number;
    readonly batchIndexErrorMessage?: string | null;
  }
  export interface LeaderIdAndEpoch {
    /** Default -1. */
    readonly leaderId?: number;
    /** Default -1. */
    readonly leaderEpoch?: number;
  }
  export interface PartitionProduceResponse {
    readonly index: number;
    readonly errorCode: number;
    readonly baseOffset: number;
    /** Default -1. */
    readonly logAppendTimeMs?: number;
    /** Versions 5+. Default -1. */
    readonly logStartOffset?: number;
    /** Versions 8+. */
    readonly recordErrors?: readonly ProduceResponse.BatchIndexAndErrorMessage[];
    /** Versions 8+. */
    readonly errorMessage?: string | null;
    /** Versions 10+. */
    readonly currentLeader?: ProduceResponse.LeaderIdAndEpoch;
  }
  export interface TopicProduceResponse {
    /** Versions 3-12. */
    readonly name?: string;
    /** Versions 13+. */
    readonly topicId?: string;
    readonly partitionResponses: readonly ProduceResponse.PartitionProduceResponse[];
  }
  export interface NodeEndpoint {
    readonly nodeId: number;
    readonly host: string;
    readonly port: number;
    readonly rack?: string | null;
  }
}

function readProduceRequestPartitionProduceData(r: WireReader, v: number): Decoded<ProduceRequest.PartitionProduceData> {
  const index = r.int32();
  const records = v >= 9 ? r.compactNullableByteString() : r.nullableByteString();
  if (v >= 9) r.skipTaggedFields();
  return { index, records };
}

function readProduceRequestPartitionProduceDataArray(r: WireReader, v: number, length: number): Decoded<ProduceRequest.PartitionProduceData>[] {
  const values: Decoded<ProduceRequest.PartitionProduceData>[] = [];
  for (let i = 0; i < length; i++) values.push(readProduceRequestPartitionProduceData(r, v));
  return values;
}

function readProduceRequestTopicProduceData(r: WireReader, v: number): Decoded<ProduceRequest.TopicProduceData> {
  const name = v >= 13 ? "" : v >= 9 ? r.compactString() : r.string();
  const topicId = v >= 13 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitionData = v >= 9 ? readProduceRequestPartitionProduceDataArray(r, v, r.compactArrayLength(6)) : readProduceRequestPartitionProduceDataArray(r, v, r.arrayLength(8));
  if (v >= 9) r.skipTaggedFields();
  return { name, topicId, partitionData };
}

function readProduceRequestTopicProduceDataArray(r: WireReader, v: number, length: number): Decoded<ProduceRequest.TopicProduceData>[] {
  const values: Decoded<ProduceRequest.TopicProduceData>[] = [];
  for (let i = 0; i < length; i++) values.push(readProduceRequestTopicProduceData(r, v));
  return values;
}

function readProduceRequest(r: WireReader, v: number): Decoded<ProduceRequest> {
  const transactionalId = v >= 9 ? r.compactNullableString() : r.nullableString();
  const acks = r.int16();
  const timeoutMs = r.int32();
  const topicData = v >= 9 ? readProduceRequestTopicProduceDataArray(r, v, r.compactArrayLength(3)) : readProduceRequestTopicProduceDataArray(r, v, r.arrayLength(6));
  if (v >= 9) r.skipTaggedFields();
  return { transactionalId, acks, timeoutMs, topicData };
}

function writeProduceRequestPartitionProduceData(w: WireWriter, m: ProduceRequest.PartitionProduceData, v: number): void {
  const index = m.index;
  w.int32(index);
  const records = m.records;
  if (v >= 9) {
    w.compactNullableByteString(records);
  } else {
    w.nullableByteString(records);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeProduceRequestTopicProduceData(w: WireWriter, m: ProduceRequest.TopicProduceData, v: number): void {
  const name = m.name ?? "";
  if (v >= 9 && v <= 12) {
    w.compactString(name);
  } else if (v <= 8) {
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 13) {
    w.uuid(topicId);
  }
  const partitionData = m.partitionData;
  if (v >= 9) {
    w.compactArrayLength(partitionData.length);
    for (const one of partitionData) writeProduceRequestPartitionProduceData(w, one, v);
  } else {
    w.arrayLength(partitionData.length);
    for (const one of partitionData) writeProduceRequestPartitionProduceData(w, one, v);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeProduceRequest(w: WireWriter, m: ProduceRequest, v: number): void {
  const transactionalId = m.transactionalId ?? null;
  if (v >= 9) {
    w.compactNullableString(transactionalId);
  } else {
    w.nullableString(transactionalId);
  }
  const acks = m.acks;
  w.int16(acks);
  const timeoutMs = m.timeoutMs;
  w.int32(timeoutMs);
  const topicData = m.topicData;
  if (v >= 9) {
    w.compactArrayLength(topicData.length);
    for (const one of topicData) writeProduceRequestTopicProduceData(w, one, v);
  } else {
    w.arrayLength(topicData.length);
    for (const one of topicData) writeProduceRequestTopicProduceData(w, one, v);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

const DEFAULT_PRODUCE_RESPONSE_LEADER_ID_AND_EPOCH: Decoded<ProduceResponse.LeaderIdAndEpoch> = Object.freeze({
  leaderId: -1,
  leaderEpoch: -1,
});

function isDefaultProduceResponseLeaderIdAndEpoch(m: ProduceResponse.LeaderIdAndEpoch): boolean {
  return !((m.leaderId ?? -1) !== -1 || (m.leaderEpoch ?? -1) !== -1);
}

function readProduceResponseBatchIndexAndErrorMessage(r: WireReader, v: number): Decoded<ProduceResponse.BatchIndexAndErrorMessage> {
  const batchIndex = r.int32();
  const batchIndexErrorMessage = v >= 9 ? r.compactNullableString() : r.nullableString();
  if (v >= 9) r.skipTaggedFields();
  return { batchIndex, batchIndexErrorMessage };
}

function readProduceResponseBatchIndexAndErrorMessageArray(r: WireReader, v: number, length: number): Decoded<ProduceResponse.BatchIndexAndErrorMessage>[] {
  const values: Decoded<ProduceResponse.BatchIndexAndErrorMessage>[] = [];
  for (let i = 0; i < length; i++) values.push(readProduceResponseBatchIndexAndErrorMessage(r, v));
  return values;
}

function readProduceResponseLeaderIdAndEpoch(r: WireReader, _v: number): Decoded<ProduceResponse.LeaderIdAndEpoch> {
  const leaderId = r.int32();
  const leaderEpoch = r.int32();
  r.skipTaggedFields();
  return { leaderId, leaderEpoch };
}

function readProduceResponsePartitionProduceResponse(r: WireReader, v: number): Decoded<ProduceResponse.PartitionProduceResponse> {
  const index = r.int32();
  const errorCode = r.int16();
  const baseOffset = r.int64();
  const logAppendTimeMs = r.int64();
  const logStartOffset = v >= 5 ? r.int64() : -1;
  const recordErrors = v >= 9 ? readProduceResponseBatchIndexAndErrorMessageArray(r, v, r.compactArrayLength(6)) : v >= 8 ? readProduceResponseBatchIndexAndErrorMessageArray(r, v, r.arrayLength(6)) : [];
  const errorMessage = v >= 9 ? r.compactNullableString() : v >= 8 ? r.nullableString() : null;
  let currentLeader: Decoded<ProduceResponse.PartitionProduceResponse>['currentLeader'] = DEFAULT_PRODUCE_RESPONSE_LEADER_ID_AND_EPOCH;
  if (v >= 9) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0 && v >= 10) {
        currentLeader = readProduceResponseLeaderIdAndEpoch(r, v);
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { index, errorCode, baseOffset, logAppendTimeMs, logStartOffset, recordErrors, errorMessage, currentLeader };
}

function readProduceResponsePartitionProduceResponseArray(r: WireReader, v: number, length: number): Decoded<ProduceResponse.PartitionProduceResponse>[] {
  const values: Decoded<ProduceResponse.PartitionProduceResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readProduceResponsePartitionProduceResponse(r, v));
  return values;
}

function readProduceResponseTopicProduceResponse(r: WireReader, v: number): Decoded<ProduceResponse.TopicProduceResponse> {
  const name = v >= 13 ? "" : v >= 9 ? r.compactString() : r.string();
  const topicId = v >= 13 ? r.uuid() : "00000000-0000-0000-0000-000000000000";
  const partitionResponses = v >= 9 ? readProduceResponsePartitionProduceResponseArray(r, v, r.compactArrayLength(33)) : readProduceResponsePartitionProduceResponseArray(r, v, r.arrayLength(22));
  if (v >= 9) r.skipTaggedFields();
  return { name, topicId, partitionResponses };
}

function readProduceResponseTopicProduceResponseArray(r: WireReader, v: number, length: number): Decoded<ProduceResponse.TopicProduceResponse>[] {
  const values: Decoded<ProduceResponse.TopicProduceResponse>[] = [];
  for (let i = 0; i < length; i++) values.push(readProduceResponseTopicProduceResponse(r, v));
  return values;
}

function readProduceResponseNodeEndpoint(r: WireReader, _v: number): Decoded<ProduceResponse.NodeEndpoint> {
  const nodeId = r.int32();
  const host = r.compactString();
  const port = r.int32();
  const rack = r.compactNullableString();
  r.skipTaggedFields();
  return { nodeId, host, port, rack };
}

function readProduceResponseNodeEndpointArray(r: WireReader, v: number, length: number): Decoded<ProduceResponse.NodeEndpoint>[] {
  const values: Decoded<ProduceResponse.NodeEndpoint>[] = [];
  for (let i = 0; i < length; i++) values.push(readProduceResponseNodeEndpoint(r, v));
  return values;
}

function readProduceResponse(r: WireReader, v: number): Decoded<ProduceResponse> {
  const responses = v >= 9 ? readProduceResponseTopicProduceResponseArray(r, v, r.compactArrayLength(3)) : readProduceResponseTopicProduceResponseArray(r, v, r.arrayLength(6));
  const throttleTimeMs = r.int32();
  let nodeEndpoints: Decoded<ProduceResponse>['nodeEndpoints'] = [];
  if (v >= 9) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0 && v >= 10) {
        nodeEndpoints = readProduceResponseNodeEndpointArray(r, v, r.compactArrayLength(11));
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { responses, throttleTimeMs, nodeEndpoints };
}

function writeProduceResponseBatchIndexAndErrorMessage(w: WireWriter, m: ProduceResponse.BatchIndexAndErrorMessage, v: number): void {
  const batchIndex = m.batchIndex;
  w.int32(batchIndex);
  const batchIndexErrorMessage = m.batchIndexErrorMessage ?? null;
  if (v >= 9) {
    w.compactNullableString(batchIndexErrorMessage);
  } else {
    w.nullableString(batchIndexErrorMessage);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeProduceResponseLeaderIdAndEpoch(w: WireWriter, m: ProduceResponse.LeaderIdAndEpoch, _v: number): void {
  const leaderId = m.leaderId ?? -1;
  w.int32(leaderId);
  const leaderEpoch = m.leaderEpoch ?? -1;
  w.int32(leaderEpoch);
  w.uvarint(0);
}

function writeProduceResponsePartitionProduceResponse(w: WireWriter, m: ProduceResponse.PartitionProduceResponse, v: number): void {
  const index = m.index;
  w.int32(index);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const baseOffset = m.baseOffset;
  w.int64(baseOffset);
  const logAppendTimeMs = m.logAppendTimeMs ?? -1;
  w.int64(logAppendTimeMs);
  const logStartOffset = m.logStartOffset ?? -1;
  if (v >= 5) {
    w.int64(logStartOffset);
  }
  const recordErrors = m.recordErrors ?? [];
  if (v >= 9) {
    w.compactArrayLength(recordErrors.length);
    for (const one of recordErrors) writeProduceResponseBatchIndexAndErrorMessage(w, one, v);
  } else if (v === 8) {
    w.arrayLength(recordErrors.length);
    for (const one of recordErrors) writeProduceResponseBatchIndexAndErrorMessage(w, one, v);
  }
  const errorMessage = m.errorMessage ?? null;
  if (v >= 9) {
    w.compactNullableString(errorMessage);
  } else if (v === 8) {
    w.nullableString(errorMessage);
  }
  const currentLeader = m.currentLeader ?? DEFAULT_PRODUCE_RESPONSE_LEADER_ID_AND_EPOCH;
  if (v <= 9) {
    if (!isDefaultProduceResponseLeaderIdAndEpoch(currentLeader)) throw notInVersion('ProduceResponse', 'currentLeader', v);
  }
  if (v >= 9) {
    const hasCurrentLeader = v >= 10 && !isDefaultProduceResponseLeaderIdAndEpoch(currentLeader);
    w.uvarint(Number(hasCurrentLeader));
    if (hasCurrentLeader) {
      const at = w.beginTagged(0);
      writeProduceResponseLeaderIdAndEpoch(w, currentLeader, v);
      w.endTagged(at);
    }
  }
}

function writeProduceResponseTopicProduceResponse(w: WireWriter, m: ProduceResponse.TopicProduceResponse, v: number): void {
  const name = m.name ?? "";
  if (v >= 9 && v <= 12) {
    w.compactString(name);
  } else if (v <= 8) {
    w.string(name);
  }
  const topicId = m.topicId ?? "00000000-0000-0000-0000-000000000000";
  if (v >= 13) {
    w.uuid(topicId);
  }
  const partitionResponses = m.partitionResponses;
  if (v >= 9) {
    w.compactArrayLength(partitionResponses.length);
    for (const one of partitionResponses) writeProduceResponsePartitionProduceResponse(w, one, v);
  } else {
    w.arrayLength(partitionResponses.length);
    for (const one of partitionResponses) writeProduceResponsePartitionProduceResponse(w, one, v);
  }
  if (v >= 9) {
    w.uvarint(0);
  }
}

function writeProduceResponseNodeEndpoint(w: WireWriter, m: ProduceResponse.NodeEndpoint, _v: number): void {
  const nodeId = m.nodeId;
  w.int32(nodeId);
  const host = m.host;
  w.compactString(host);
  const port = m.port;
  w.int32(port);
  const rack = m.rack ?? null;
  w.compactNullableString(rack);
  w.uvarint(0);
}

function writeProduceResponse(w: WireWriter, m: ProduceResponse, v: number): void {
  const responses = m.responses;
  if (v >= 9) {
    w.compactArrayLength(responses.length);
    for (const one of responses) writeProduceResponseTopicProduceResponse(w, one, v);
  } else {
    w.arrayLength(responses.length);
    for (const one of responses) writeProduceResponseTopicProduceResponse(w, one, v);
  }
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const nodeEndpoints = m.nodeEndpoints ?? [];
  if (v <= 9) {
    if (nodeEndpoints.length !== 0) throw notInVersion('ProduceResponse', 'nodeEndpoints', v);
  }
  if (v >= 9) {
    const hasNodeEndpoints = v >= 10 && nodeEndpoints.length !== 0;
    w.uvarint(Number(hasNodeEndpoints));
    if (hasNodeEndpoints) {
      const at = w.beginTagged(0);
      w.compactArrayLength(nodeEndpoints.length);
      for (const one of nodeEndpoints) writeProduceResponseNodeEndpoint(w, one, v);
      w.endTagged(at);
    }
  }
}

export const produceCodec: ApiCodec<ProduceRequest, ProduceResponse> = {
  key: 0,
  name: 'Produce',
  minVersion: 3,
  maxVersion: 13,
  flexibleFrom: 9,
  request: {
    name: 'ProduceRequest',
    minVersion: 3,
    maxVersion: 13,
    flexibleFrom: 9,
    read: readProduceRequest,
    write: writeProduceRequest,
  },
  response: {
    name: 'ProduceResponse',
    minVersion: 3,
    maxVersion: 13,
    flexibleFrom: 9,
    read: readProduceResponse,
    write: writeProduceResponse,
  },
};
