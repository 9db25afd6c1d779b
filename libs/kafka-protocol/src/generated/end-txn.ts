// Generated from schemas/end-txn.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface EndTxnRequest {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly committed: boolean;
}

export interface EndTxnResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** Versions 5+. Default -1. */
  readonly producerId?: number;
  /** Versions 5+. Default -1. */
  readonly producerEpoch?: number;
}

function readEndTxnRequest(r: WireReader, v: number): Decoded<EndTxnRequest> {
  const transactionalId = v >= 3 ? r.compactString() : r.string();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const committed = r.bool();
  if (v >= 3) r.skipTaggedFields();
  return { transactionalId, producerId, producerEpoch, committed };
}

function writeEndTxnRequest(w: WireWriter, m: EndTxnRequest, v: number): void {
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
  const committed = m.committed;
  w.bool(committed);
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readEndTxnResponse(r: WireReader, v: number): Decoded<EndTxnResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const producerId = v >= 5 ? r.int64() : -1;
  const producerEpoch = v >= 5 ? r.int16() : -1;
  if (v >= 3) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, producerId, producerEpoch };
}

function writeEndTxnResponse(w: WireWriter, m: EndTxnResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const producerId = m.producerId ?? -1;
  if (v >= 5) {
    w.int64(producerId);
  }
  const producerEpoch = m.producerEpoch ?? -1;
  if (v >= 5) {
    w.int16(producerEpoch);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

export const endTxnCodec: ApiCodec<EndTxnRequest, EndTxnResponse> = {
  key: 26,
  name: 'EndTxn',
  minVersion: 0,
  maxVersion: 5,
  flexibleFrom: 3,
  request: {
    name: 'EndTxnRequest',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readEndTxnRequest,
    write: writeEndTxnRequest,
  },
  response: {
    name: 'EndTxnResponse',
    minVersion: 0,
    maxVersion: 5,
    flexibleFrom: 3,
    read: readEndTxnResponse,
    write: writeEndTxnResponse,
  },
};
