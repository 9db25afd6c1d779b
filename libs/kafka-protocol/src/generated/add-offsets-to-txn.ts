// Generated from schemas/add-offsets-to-txn.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface AddOffsetsToTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly groupId: string;
}

export interface AddOffsetsToTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

function readAddOffsetsToTxnRequest(r: WireReader, v: number): Decoded<AddOffsetsToTxnRequest> {
  const transactionalId = v >= 3 ? r.compactString() : r.string();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const groupId = v >= 3 ? r.compactString() : r.string();
  if (v >= 3) r.skipTaggedFields();
  return { transactionalId, producerId, producerEpoch, groupId };
}

function writeAddOffsetsToTxnRequest(w: WireWriter, m: AddOffsetsToTxnRequest, v: number): void {
  const transactionalId = m.transactionalId;
  if (v >= 3) {
    w.compactString(transactionalId);
  } else {
    w.string(transactionalId);
  }
  const producerId = m.producerId;
  w.int64(producerId);
  const producerEpoch = m.producerEpoch;
  w.int16(producerEpoch);
  const groupId = m.groupId;
  if (v >= 3) {
    w.compactString(groupId);
  } else {
    w.string(groupId);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readAddOffsetsToTxnResponse(r: WireReader, v: number): Decoded<AddOffsetsToTxnResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  if (v >= 3) r.skipTaggedFields();
  return { throttleTimeMs, errorCode };
}

function writeAddOffsetsToTxnResponse(w: WireWriter, m: AddOffsetsToTxnResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  if (v >= 3) {
    w.uvarint(0);
  }
}

export const addOffsetsToTxnCodec: ApiCodec<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = {
  key: 25,
  name: 'AddOffsetsToTxn',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  request: {
    name: 'AddOffsetsToTxnRequest',
    minVersion: 0,
    maxVersion: 4,
    flexibleFrom: 3,
    read: readAddOffsetsToTxnRequest,
    write: writeAddOffsetsToTxnRequest,
  },
  response: {
    name: 'AddOffsetsToTxnResponse',
    minVersion: 0,
    maxVersion: 4,
    flexibleFrom: 3,
    read: readAddOffsetsToTxnResponse,
    write: writeAddOffsetsToTxnResponse,
  },
};
