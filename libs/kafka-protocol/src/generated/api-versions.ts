// Generated from schemas/api-versions.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface ApiVersionsRequest {
  /** Versions 3+. */
  readonly clientSoftwareName?: string;
  /** Versions 3+. */
  readonly clientSoftwareVersion?: string;
}

export interface ApiVersionsResponse {
  readonly errorCode: number;
  readonly apiKeys: readonly ApiVersionsResponse.ApiVersion[];
  /** Versions 1+. */
  readonly throttleTimeMs?: number;
  /** Versions 3+. */
  readonly supportedFeatures?: readonly ApiVersionsResponse.SupportedFeatureKey[];
  /** Versions 3+. Default -1. */
  readonly finalizedFeaturesEpoch?: number;
  /** Versions 3+. */
  readonly finalizedFeatures?: readonly ApiVersionsResponse.FinalizedFeatureKey[];
  /** Versions 3+. */
  readonly zkMigrationReady?: boolean;
}
export declare namespace ApiVersionsResponse {
  export interface ApiVersion {
    readonly apiKey: number;
    readonly minVersion: number;
    readonly maxVersion: number;
  }
  export interface SupportedFeatureKey {
    readonly name: string;
    readonly minVersion: number;
    readonly maxVersion: number;
  }
  export interface FinalizedFeatureKey {
    readonly name: string;
    readonly maxVersionLevel: number;
    readonly minVersionLevel: number;
  }
}

function readApiVersionsRequest(r: WireReader, v: number): Decoded<ApiVersionsRequest> {
  const clientSoftwareName = v >= 3 ? r.compactString() : "";
  const clientSoftwareVersion = v >= 3 ? r.compactString() : "";
  if (v >= 3) r.skipTaggedFields();
  return { clientSoftwareName, clientSoftwareVersion };
}

function writeApiVersionsRequest(w: WireWriter, m: ApiVersionsRequest, v: number): void {
  const clientSoftwareName = m.clientSoftwareName ?? "";
  if (v >= 3) {
    w.compactString(clientSoftwareName);
  }
  const clientSoftwareVersion = m.clientSoftwareVersion ?? "";
  if (v >= 3) {
    w.compactString(clientSoftwareVersion);
  }
  if (v >= 3) {
    w.uvarint(0);
  }
}

function readApiVersionsResponseApiVersion(r: WireReader, v: number): Decoded<ApiVersionsResponse.ApiVersion> {
  const apiKey = r.int16();
  const minVersion = r.int16();
  const maxVersion = r.int16();
  if (v >= 3) r.skipTaggedFields();
  return { apiKey, minVersion, maxVersion };
}

function readApiVersionsResponseApiVersionArray(r: WireReader, v: number, length: number): Decoded<ApiVersionsResponse.ApiVersion>[] {
  const values: Decoded<ApiVersionsResponse.ApiVersion>[] = [];
  for (let i = 0; i < length; i++) values.push(readApiVersionsResponseApiVersion(r, v));
  return values;
}

function readApiVersionsResponseSupportedFeatureKey(r: WireReader, _v: number): Decoded<ApiVersionsResponse.SupportedFeatureKey> {
  const name = r.compactString();
  const minVersion = r.int16();
  const maxVersion = r.int16();
  r.skipTaggedFields();
  return { name, minVersion, maxVersion };
}

function readApiVersionsResponseSupportedFeatureKeyArray(r: WireReader, v: number, length: number): Decoded<ApiVersionsResponse.SupportedFeatureKey>[] {
  const values: Decoded<ApiVersionsResponse.SupportedFeatureKey>[] = [];
  for (let i = 0; i < length; i++) values.push(readApiVersionsResponseSupportedFeatureKey(r, v));
  return values;
}

function readApiVersionsResponseFinalizedFeatureKey(r: WireReader, _v: number): Decoded<ApiVersionsResponse.FinalizedFeatureKey> {
  const name = r.compactString();
  const maxVersionLevel = r.int16();
  const minVersionLevel = r.int16();
  r.skipTaggedFields();
  return { name, maxVersionLevel, minVersionLevel };
}

function readApiVersionsResponseFinalizedFeatureKeyArray(r: WireReader, v: number, length: number): Decoded<ApiVersionsResponse.FinalizedFeatureKey>[] {
  const values: Decoded<ApiVersionsResponse.FinalizedFeatureKey>[] = [];
  for (let i = 0; i < length; i++) values.push(readApiVersionsResponseFinalizedFeatureKey(r, v));
  return values;
}

function readApiVersionsResponse(r: WireReader, v: number): Decoded<ApiVersionsResponse> {
  const errorCode = r.int16();
  const apiKeys = v >= 3 ? readApiVersionsResponseApiVersionArray(r, v, r.compactArrayLength(7)) : readApiVersionsResponseApiVersionArray(r, v, r.arrayLength(6));
  const throttleTimeMs = v >= 1 ? r.int32() : 0;
  let supportedFeatures: Decoded<ApiVersionsResponse>['supportedFeatures'] = [];
  let finalizedFeaturesEpoch: Decoded<ApiVersionsResponse>['finalizedFeaturesEpoch'] = -1;
  let finalizedFeatures: Decoded<ApiVersionsResponse>['finalizedFeatures'] = [];
  let zkMigrationReady: Decoded<ApiVersionsResponse>['zkMigrationReady'] = false;
  if (v >= 3) {
    for (let count = r.uvarint(); count > 0; count--) {
      const tag = r.uvarint();
      const end = r.taggedEnd();
      if (tag === 0) {
        supportedFeatures = readApiVersionsResponseSupportedFeatureKeyArray(r, v, r.compactArrayLength(6));
        r.expectEnd(end);
      } else if (tag === 1) {
        finalizedFeaturesEpoch = r.int64();
        r.expectEnd(end);
      } else if (tag === 2) {
        finalizedFeatures = readApiVersionsResponseFinalizedFeatureKeyArray(r, v, r.compactArrayLength(6));
        r.expectEnd(end);
      } else if (tag === 3) {
        zkMigrationReady = r.bool();
        r.expectEnd(end);
      } else {
        r.position = end;
      }
    }
  }
  return { errorCode, apiKeys, throttleTimeMs, supportedFeatures, finalizedFeaturesEpoch, finalizedFeatures, zkMigrationReady };
}

function writeApiVersionsResponseApiVersion(w: WireWriter, m: ApiVersionsResponse.ApiVersion, v: number): void {
  const apiKey = m.apiKey;
  w.int16(apiKey);
  const minVersion = m.minVersion;
  w.int16(minVersion);
  const maxVersion = m.maxVersion;
  w.int16(maxVersion);
  if (v >= 3) {
    w.uvarint(0);
  }
}

function writeApiVersionsResponseSupportedFeatureKey(w: WireWriter, m: ApiVersionsResponse.SupportedFeatureKey, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const minVersion = m.minVersion;
  w.int16(minVersion);
  const maxVersion = m.maxVersion;
  w.int16(maxVersion);
  w.uvarint(0);
}

function writeApiVersionsResponseFinalizedFeatureKey(w: WireWriter, m: ApiVersionsResponse.FinalizedFeatureKey, _v: number): void {
  const name = m.name;
  w.compactString(name);
  const maxVersionLevel = m.maxVersionLevel;
  w.int16(maxVersionLevel);
  const minVersionLevel = m.minVersionLevel;
  w.int16(minVersionLevel);
  w.uvarint(0);
}

function writeApiVersionsResponse(w: WireWriter, m: ApiVersionsResponse, v: number): void {
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const apiKeys = m.apiKeys;
  if (v >= 3) {
    w.compactArrayLength(apiKeys.length);
    for (const one of apiKeys) writeApiVersionsResponseApiVersion(w, one, v);
  } else {
    w.arrayLength(apiKeys.length);
    for (const one of apiKeys) writeApiVersionsResponseApiVersion(w, one, v);
  }
  const throttleTimeMs = m.throttleTimeMs ?? 0;
  if (v >= 1) {
    w.int32(throttleTimeMs);
  }
  const supportedFeatures = m.supportedFeatures ?? [];
  const finalizedFeaturesEpoch = m.finalizedFeaturesEpoch ?? -1;
  const finalizedFeatures = m.finalizedFeatures ?? [];
  const zkMigrationReady = m.zkMigrationReady ?? false;
  if (v >= 3) {
    const hasSupportedFeatures = supportedFeatures.length !== 0;
    const hasFinalizedFeaturesEpoch = finalizedFeaturesEpoch !== -1;
    const hasFinalizedFeatures = finalizedFeatures.length !== 0;
    const hasZkMigrationReady = zkMigrationReady !== false;
    w.uvarint(Number(hasSupportedFeatures) + Number(hasFinalizedFeaturesEpoch) + Number(hasFinalizedFeatures) + Number(hasZkMigrationReady));
    if (hasSupportedFeatures) {
      const at = w.beginTagged(0);
      w.compactArrayLength(supportedFeatures.length);
      for (const one of supportedFeatures) writeApiVersionsResponseSupportedFeatureKey(w, one, v);
      w.endTagged(at);
    }
    if (hasFinalizedFeaturesEpoch) {
      const at = w.beginTagged(1);
      w.int64(finalizedFeaturesEpoch);
      w.endTagged(at);
    }
    if (hasFinalizedFeatures) {
      const at = w.beginTagged(2);
      w.compactArrayLength(finalizedFeatures.length);
      for (const one of finalizedFeatures) writeApiVersionsResponseFinalizedFeatureKey(w, one, v);
      w.endTagged(at);
    }
    if (hasZkMigrationReady) {
      const at = w.beginTagged(3);
      w.bool(zkMigrationReady);
      w.endTagged(at);
    }
  }
}

export const apiVersionsCodec: ApiCodec<ApiVersionsRequest, ApiVersionsResponse> = {
  key: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 4,
  flexibleFrom: 3,
  request: {
    name: 'ApiVersionsRequest',
    minVersion: 0,
    maxVersion: 4,
    flexibleFrom: 3,
    read: readApiVersionsRequest,
    write: writeApiVersionsRequest,
  },
  response: {
    name: 'ApiVersionsResponse',
    minVersion: 0,
    maxVersion: 4,
    flexibleFrom: 3,
    read: readApiVersionsResponse,
    write: writeApiVersionsResponse,
  },
};
