// Generated from schemas/init-producer-id.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface InitProducerIdRequest {
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /** Versions 3+. Default -1. */
  readonly producerId?: number;
  /** Versions 3+. Default -1. */
  readonly producerEpoch?: number;
  /** Versions 6+. */
  readonly enable2Pc?: boolean;
  /** Versions 6+. */
  readonly keepPreparedTxn?: boolean;
}

export interface InitProducerIdResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  /** Default -1. */
  readonly producerId?: number;
  readonly producerEpoch: number;
  /** Versions 6+. Default -1. */
  readonly ongoingTxnProducerId?: number;
  /** Versions 6+. Default -1. */
  readonly ongoingTxnProducerEpoch?: number;
}

function readInitProducerIdRequest(r: WireReader, v: number): Decoded<InitProducerIdRequest> {
  const transactionalId = v >= 2 ? r.compactNullableString() : r.nullableString();
  const transactionTimeoutMs = r.int32();
  const producerId = v >= 3 ? r.int64() : -1;
  const producerEpoch = v >= 3 ? r.int16() : -1;
  const enable2Pc = v >= 6 ? r.bool() : false;
  const keepPreparedTxn = v >= 6 ? r.bool() : false;
  if (v >= 2) r.skipTaggedFields();
  return { transactionalId, transactionTimeoutMs, producerId, producerEpoch, enable2Pc, keepPreparedTxn };
}

function writeInitProducerIdRequest(w: WireWriter, m: InitProducerIdRequest, v: number): void {
  const transactionalId = m.transactionalId;
  if (v >= 2) {
    w.compactNullableString(transactionalId);
  } else {
    w.nullableString(transactionalId);
  }
  const transactionTimeoutMs = m.transactionTimeoutMs;
  w.int32(transactionTimeoutMs);
  const producerId = m.producerId ?? -1;
  if (v >= 3) {
    w.int64(producerId);
  } else {
    if (producerId !== -1) throw notInVersion('InitProducerIdRequest', 'producerId', v);
  }
  const producerEpoch = m.producerEpoch ?? -1;
  if (v >= 3) {
    w.int16(producerEpoch);
  } else {
    if (producerEpoch !== -1) throw notInVersion('InitProducerIdRequest', 'producerEpoch', v);
  }
  const enable2Pc = m.enable2Pc ?? false;
  if (v >= 6) {
    w.bool(enable2Pc);
  } else {
    if (enable2Pc !== false) throw notInVersion('InitProducerIdRequest', 'enable2Pc', v);
  }
  const keepPreparedTxn = m.keepPreparedTxn ?? false;
  if (v >= 6) {
    w.bool(keepPreparedTxn);
  } else {
    if (keepPreparedTxn !== false) throw notInVersion('InitProducerIdRequest', 'keepPreparedTxn', v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

function readInitProducerIdResponse(r: WireReader, v: number): Decoded<InitProducerIdResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const producerId = r.int64();
  const producerEpoch = r.int16();
  const ongoingTxnProducerId = v >= 6 ? r.int64() : -1;
  const ongoingTxnProducerEpoch = v >= 6 ? r.int16() : -1;
  if (v >= 2) r.skipTaggedFields();
  return { throttleTimeMs, errorCode, producerId, producerEpoch, ongoingTxnProducerId, ongoingTxnProducerEpoch };
}

function writeInitProducerIdResponse(w: WireWriter, m: InitProducerIdResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const producerId = m.producerId ?? -1;
  w.int64(producerId);
  const producerEpoch = m.producerEpoch;
  w.int16(producerEpoch);
  const ongoingTxnProducerId = m.ongoingTxnProducerId ?? -1;
  if (v >= 6) {
    w.int64(ongoingTxnProducerId);
  } else {
    if (ongoingTxnProducerId !== -1) throw notInVersion('InitProducerIdResponse', 'ongoingTxnProducerId', v);
  }
  const ongoingTxnProducerEpoch = m.ongoingTxnProducerEpoch ?? -1;
  if (v >= 6) {
    w.int16(ongoingTxnProducerEpoch);
  } else {
    if (ongoingTxnProducerEpoch !== -1) throw notInVersion('InitProducerIdResponse', 'ongoingTxnProducerEpoch', v);
  }
  if (v >= 2) {
    w.uvarint(0);
  }
}

export const initProducerIdCodec: ApiCodec<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  minVersion: 0,
  maxVersion: 6,
  flexibleFrom: 2,
  request: {
    name: 'InitProducerIdRequest',
    minVersion: 0,
    maxVersion: 6,
    flexibleFrom: 2,
    read: readInitProducerIdRequest,
    write: writeInitProducerIdRequest,
  },
  response: {
    name: 'InitProducerIdResponse',
    minVersion: 0,
    maxVersion: 6,
    flexibleFrom: 2,
    read: readInitProducerIdResponse,
    write: writeInitProducerIdResponse,
  },
};
