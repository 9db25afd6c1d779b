// Generated from schemas/list-transactions.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import { readInt64s, readStrings, writeInt64s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ListTransactionsRequest {
  readonly stateFilters: readonly string[];
  readonly producerIdFilters: readonly number[];
  /** Versions 1+. Default -1. */
  readonly durationFilter?: number;
  /** Versions 2+. */
  readonly transactionalIdPattern?: string | null;
}

export interface ListTransactionsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly unknownStateFilters: readonly string[];
  readonly transactionStates: readonly ListTransactionsResponse.TransactionState[];
}
export declare namespace ListTransactionsResponse {
  export interface TransactionState {
    readonly transactionalId: string;
    readonly producerId: number;
    readonly transactionState: string;
  }
}

function readListTransactionsRequest(r: WireReader, v: number): Decoded<ListTransactionsRequest> {
  const stateFilters = readStrings(r, r.compactArrayLength(1), true);
  const producerIdFilters = readInt64s(r, r.compactArrayLength(8));
  const durationFilter = v >= 1 ? r.int64() : -1;
  const transactionalIdPattern = v >= 2 ? r.compactNullableString() : null;
  r.skipTaggedFields();
  return { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern };
}

function writeListTransactionsRequest(w: WireWriter, m: ListTransactionsRequest, v: number): void {
  const stateFilters = m.stateFilters;
  w.compactArrayLength(stateFilters.length);
  writeStrings(w, stateFilters, true);
  const producerIdFilters = m.producerIdFilters;
  w.compactArrayLength(producerIdFilters.length);
  writeInt64s(w, producerIdFilters);
  const durationFilter = m.durationFilter ?? -1;
  if (v >= 1) {
    w.int64(durationFilter);
  } else {
    if (durationFilter !== -1) throw notInVersion('ListTransactionsRequest', 'durationFilter', v);
  }
  const transactionalIdPattern = m.transactionalIdPattern ?? null;
  if (v >= 2) {
    w.compactNullableString(transactionalIdPattern);
  } else {
    if (transactionalIdPattern !== null) throw notInVersion('ListTransactionsRequest', 'transactionalIdPattern', v);
  }
  w.uvarint(0);
}

function readListTransactionsResponseTransactionState(r: WireReader, _v: number): Decoded<ListTransactionsResponse.TransactionState> {
  const transactionalId = r.compactString();
  const producerId = r.int64();
  const transactionState = r.compactString();
  r.skipTaggedFields();
  return { transactionalId, producerId, transactionState };
}

function readListTransactionsResponseTransactionStateArray(r: WireReader, v: number, length: number): Decoded<ListTransactionsResponse.TransactionState>[] {
  const values: Decoded<ListTransactionsResponse.TransactionState>[] = [];
  for (let i = 0; i < length; i++) values.push(readListTransactionsResponseTransactionState(r, v));
  return values;
}

function readListTransactionsResponse(r: WireReader, v: number): Decoded<ListTransactionsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const unknownStateFilters = readStrings(r, r.compactArrayLength(1), true);
  const transactionStates = readListTransactionsResponseTransactionStateArray(r, v, r.compactArrayLength(11));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, unknownStateFilters, transactionStates };
}

function writeListTransactionsResponseTransactionState(w: WireWriter, m: ListTransactionsResponse.TransactionState, _v: number): void {
  const transactionalId = m.transactionalId;
  w.compactString(transactionalId);
  const producerId = m.producerId;
  w.int64(producerId);
  const transactionState = m.transactionState;
  w.compactString(transactionState);
  w.uvarint(0);
}

function writeListTransactionsResponse(w: WireWriter, m: ListTransactionsResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const unknownStateFilters = m.unknownStateFilters;
  w.compactArrayLength(unknownStateFilters.length);
  writeStrings(w, unknownStateFilters, true);
  const transactionStates = m.transactionStates;
  w.compactArrayLength(transactionStates.length);
  for (const one of transactionStates) writeListTransactionsResponseTransactionState(w, one, v);
  w.uvarint(0);
}

export const listTransactionsCodec: ApiCodec<ListTransactionsRequest, ListTransactionsResponse> = {
  key: 66,
  name: 'ListTransactions',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  request: {
    name: 'ListTransactionsRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readListTransactionsRequest,
    write: writeListTransactionsRequest,
  },
  response: {
    name: 'ListTransactionsResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readListTransactionsResponse,
    write: writeListTransactionsResponse,
  },
};
