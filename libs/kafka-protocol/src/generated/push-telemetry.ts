// Generated from schemas/push-telemetry.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface PushTelemetryRequest {
  readonly clientInstanceId: string;
  readonly subscriptionId: number;
  readonly terminating: boolean;
  readonly compressionType: number;
  readonly metrics: Buffer;
}

export interface PushTelemetryResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
}

function readPushTelemetryRequest(r: WireReader, _v: number): Decoded<PushTelemetryRequest> {
  const clientInstanceId = r.uuid();
  const subscriptionId = r.int32();
  const terminating = r.bool();
  const compressionType = r.int8();
  const metrics = r.compactByteString();
  r.skipTaggedFields();
  return { clientInstanceId, subscriptionId, terminating, compressionType, metrics };
}

function writePushTelemetryRequest(w: WireWriter, m: PushTelemetryRequest, _v: number): void {
  const clientInstanceId = m.clientInstanceId;
  w.uuid(clientInstanceId);
  const subscriptionId = m.subscriptionId;
  w.int32(subscriptionId);
  const terminating = m.terminating;
  w.bool(terminating);
  const compressionType = m.compressionType;
  w.int8(compressionType);
  const metrics = m.metrics;
  w.compactByteString(metrics);
  w.uvarint(0);
}

function readPushTelemetryResponse(r: WireReader, _v: number): Decoded<PushTelemetryResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode };
}

function writePushTelemetryResponse(w: WireWriter, m: PushTelemetryResponse, _v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  w.uvarint(0);
}

export const pushTelemetryCodec: ApiCodec<PushTelemetryRequest, PushTelemetryResponse> = {
  key: 72,
  name: 'PushTelemetry',
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  request: {
    name: 'PushTelemetryRequest',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readPushTelemetryRequest,
    write: writePushTelemetryRequest,
  },
  response: {
    name: 'PushTelemetryResponse',
    minVersion: 0,
    maxVersion: 0,
    flexibleFrom: 0,
    read: readPushTelemetryResponse,
    write: writePushTelemetryResponse,
  },
};
