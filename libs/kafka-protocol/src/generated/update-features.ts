// Generated from schemas/update-features.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface UpdateFeaturesRequest {
  /** Default 60000. */
  readonly timeoutMs?: number;
  readonly featureUpdates: readonly UpdateFeaturesRequest.FeatureUpdateKey[];
  /** Versions 1+. */
  readonly validateOnly?: boolean;
}
export declare namespace UpdateFeaturesRequest {
  export interface FeatureUpdateKey {
    readonly feature: string;
    readonly maxVersionLevel: number;
    /** Versions 0. */
    readonly allowDowngrade?: boolean;
    /** Versions 1+. Default 1. */
    readonly upgradeType?: number;
  }
}

export interface UpdateFeaturesResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage: string | null;
  /** Versions 0-1. */
  readonly results?: readonly UpdateFeaturesResponse.UpdatableFeatureResult[];
}
export declare namespace UpdateFeaturesResponse {
  export interface UpdatableFeatureResult {
    readonly feature: string;
    readonly errorCode: number;
    readonly errorMessage: string | null;
  }
}

function readUpdateFeaturesRequestFeatureUpdateKey(r: WireReader, v: number): Decoded<UpdateFeaturesRequest.FeatureUpdateKey> {
  const feature = r.compactString();
  const maxVersionLevel = r.int16();
  const allowDowngrade = v >= 1 ? false : r.bool();
  const upgradeType = v >= 1 ? r.int8() : 1;
  r.skipTaggedFields();
  return { feature, maxVersionLevel, allowDowngrade, upgradeType };
}

function readUpdateFeaturesRequestFeatureUpdateKeyArray(r: WireReader, v: number, length: number): Decoded<UpdateFeaturesRequest.FeatureUpdateKey>[] {
  const values: Decoded<UpdateFeaturesRequest.FeatureUpdateKey>[] = [];
  for (let i = 0; i < length; i++) values.push(readUpdateFeaturesRequestFeatureUpdateKey(r, v));
  return values;
}

function readUpdateFeaturesRequest(r: WireReader, v: number): Decoded<UpdateFeaturesRequest> {
  const timeoutMs = r.int32();
  const featureUpdates = readUpdateFeaturesRequestFeatureUpdateKeyArray(r, v, r.compactArrayLength(5));
  const validateOnly = v >= 1 ? r.bool() : false;
  r.skipTaggedFields();
  return { timeoutMs, featureUpdates, validateOnly };
}

function writeUpdateFeaturesRequestFeatureUpdateKey(w: WireWriter, m: UpdateFeaturesRequest.FeatureUpdateKey, v: number): void {
  const feature = m.feature;
  w.compactString(feature);
  const maxVersionLevel = m.maxVersionLevel;
  w.int16(maxVersionLevel);
  const allowDowngrade = m.allowDowngrade ?? false;
  if (v >= 1) {
    if (allowDowngrade !== false) throw notInVersion('UpdateFeaturesRequest', 'allowDowngrade', v);
  } else {
    w.bool(allowDowngrade);
  }
  const upgradeType = m.upgradeType ?? 1;
  if (v >= 1) {
    w.int8(upgradeType);
  } else {
    if (upgradeType !== 1) throw notInVersion('UpdateFeaturesRequest', 'upgradeType', v);
  }
  w.uvarint(0);
}

function writeUpdateFeaturesRequest(w: WireWriter, m: UpdateFeaturesRequest, v: number): void {
  const timeoutMs = m.timeoutMs ?? 60000;
  w.int32(timeoutMs);
  const featureUpdates = m.featureUpdates;
  w.compactArrayLength(featureUpdates.length);
  for (const one of featureUpdates) writeUpdateFeaturesRequestFeatureUpdateKey(w, one, v);
  const validateOnly = m.validateOnly ?? false;
  if (v >= 1) {
    w.bool(validateOnly);
  } else {
    if (validateOnly !== false) throw notInVersion('UpdateFeaturesRequest', 'validateOnly', v);
  }
  w.uvarint(0);
}

function readUpdateFeaturesResponseUpdatableFeatureResult(r: WireReader, _v: number): Decoded<UpdateFeaturesResponse.UpdatableFeatureResult> {
  const feature = r.compactString();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  r.skipTaggedFields();
  return { feature, errorCode, errorMessage };
}

function readUpdateFeaturesResponseUpdatableFeatureResultArray(r: WireReader, v: number, length: number): Decoded<UpdateFeaturesResponse.UpdatableFeatureResult>[] {
  const values: Decoded<UpdateFeaturesResponse.UpdatableFeatureResult>[] = [];
  for (let i = 0; i < length; i++) values.push(readUpdateFeaturesResponseUpdatableFeatureResult(r, v));
  return values;
}

function readUpdateFeaturesResponse(r: WireReader, v: number): Decoded<UpdateFeaturesResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const results = v >= 2 ? [] : readUpdateFeaturesResponseUpdatableFeatureResultArray(r, v, r.compactArrayLength(5));
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, results };
}

function writeUpdateFeaturesResponseUpdatableFeatureResult(w: WireWriter, m: UpdateFeaturesResponse.UpdatableFeatureResult, _v: number): void {
  const feature = m.feature;
  w.compactString(feature);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  w.uvarint(0);
}

function writeUpdateFeaturesResponse(w: WireWriter, m: UpdateFeaturesResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage;
  w.compactNullableString(errorMessage);
  const results = m.results ?? [];
  if (v <= 1) {
    w.compactArrayLength(results.length);
    for (const one of results) writeUpdateFeaturesResponseUpdatableFeatureResult(w, one, v);
  }
  w.uvarint(0);
}

export const updateFeaturesCodec: ApiCodec<UpdateFeaturesRequest, UpdateFeaturesResponse> = {
  key: 57,
  name: 'UpdateFeatures',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  request: {
    name: 'UpdateFeaturesRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readUpdateFeaturesRequest,
    write: writeUpdateFeaturesRequest,
  },
  response: {
    name: 'UpdateFeaturesResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readUpdateFeaturesResponse,
    write: writeUpdateFeaturesResponse,
  },
};
