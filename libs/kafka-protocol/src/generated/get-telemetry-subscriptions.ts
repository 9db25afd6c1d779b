// Generated from schemas/get-telemetry-subscriptions.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { readInt8s, readStrings, writeInt8s, writeStrings } from '../wire-arrays';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface GetTelemetrySubscriptionsRequest {
  readonly clientInstanceId: string;
}

export interface GetTelemetrySubscriptionsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  readonly acceptedCompressionTypes: readonly number[];
  readonly pushIntervalMs: number;
  readonly telemetryMaxBytes: number;
  readonly deltaTemporality: boolean;
  readonly requestedMetrics: readonly string[];
}

function readGetTelemetrySubscriptionsRequest(r: WireReader, _v: number): Decoded<GetTelemetrySubscriptionsRequest> {
  const clientInstanceId = r.uuid();
  r.skipTaggedFields();
  return { clientInstanceId };
}

function writeGetTelemetrySubscriptionsRequest(w: WireWriter, m: GetTelemetrySubscriptionsRequest, _v: number): void {
  const clientInstanceId = m.clientInstanceId;
  w.uuid(clientInstanceId);
  w.uvarint(0);
}

function readGetTelemetrySubscriptionsResponse(r: WireReader, _v: number): Decoded<GetTelemetrySubscriptionsResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const clientInstanceId = r.uuid();
  const subscriptionId = r.int32();
  const acceptedCompressionTypes = readInt8s(r, r.compactArrayLength(1));
  const pushIntervalMs = r.int32();
  const telemetryMaxBytes = r.int32();
  const deltaTemporality = r.bool();
  const requestedMetrics = readStrings(r, r.compactArrayLength(1), true);
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, clientInstanceId, subscriptionId, acceptedCompressionTypes, pushIntervalMs, telemetryMaxBytes, deltaTemporality, requestedMetrics };
}

function writeGetTelemetrySubscriptionsResponse(w: WireWriter, m: GetTelemetrySubscriptionsResponse, _v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const clientInstanceId = m.clientInstanceId;
  w.uuid(clientInstanceId);
  const subscriptionId = m.subscriptionId;
  w.int32(subscriptionId);
  const acceptedCompressionTypes = m.acceptedCompressionTypes;
  w.compactArrayLength(acceptedCompressionTypes.length);
  writeInt8s(w, acceptedCompressionTypes);
  const pushIntervalMs = m.pushIntervalMs;
  w.int32(pushIntervalMs);
  const telemetryMaxBytes = m.telemetryMaxBytes;
  w.int32(telemetryMaxBytes);
  const deltaTemporality = m.deltaTemporality;
  w.bool(deltaTemporality);
  const requestedMetrics = m.requestedMetrics;
  w.compactArrayLength(requestedMetrics.length);
  writeStrings(w, requestedMetrics, true);
  w.uvarint(0);
}

export const getTelemetrySubscriptionsCodec: ApiCodec<GetTelemetrySubscriptionsRequest, GetTelemetrySubscriptionsResponse> = {
  key: 71,
  name: 'GetTelemetrySubscriptions',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'GetTelemetrySubscriptionsRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readGetTelemetrySubscriptionsRequest,
    write: writeGetTelemetrySubscriptionsRequest,
  },
  response: {
    name: 'GetTelemetrySubscriptionsResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readGetTelemetrySubscriptionsResponse,
    write: writeGetTelemetrySubscriptionsResponse,
  },
};
