// Generated from schemas/describe-cluster.json by generator/main.ts: do not edit.
import type { ApiCodec, Decoded } from '../message-codec';
import { notInVersion } from '../message-codec';
import type { WireReader } from '../wire-reader';
import type { WireWriter } from '../wire-writer';

export interface DescribeClusterRequest {
  readonly includeClusterAuthorizedOperations: boolean;
  /** Versions 1+. Default 1. */
  readonly endpointType?: number;
  /** Versions 2+. */
  readonly includeFencedBrokers?: boolean;
}

export interface DescribeClusterResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly errorMessage?: string | null;
  /** Versions 1+. Default 1. */
  readonly endpointType?: number;
  readonly clusterId: string;
  /** Default -1. */
  readonly controllerId?: number;
  readonly brokers: readonly DescribeClusterResponse.DescribeClusterBroker[];
  /** Default -2147483648. */
  readonly clusterAuthorizedOperations?: number;
}
export declare namespace DescribeClusterResponse {
  export interface DescribeClusterBroker {
    readonly brokerId: number;
    readonly host: string;
    readonly port: number;
    readonly rack?: string | null;
    /** Versions 2+. */
    readonly isFenced?: boolean;
  }
}

function readDescribeClusterRequest(r: WireReader, v: number): Decoded<DescribeClusterRequest> {
  const includeClusterAuthorizedOperations = r.bool();
  const endpointType = v >= 1 ? r.int8() : 1;
  const includeFencedBrokers = v >= 2 ? r.bool() : false;
  r.skipTaggedFields();
  return { includeClusterAuthorizedOperations, endpointType, includeFencedBrokers };
}

function writeDescribeClusterRequest(w: WireWriter, m: DescribeClusterRequest, v: number): void {
  const includeClusterAuthorizedOperations = m.includeClusterAuthorizedOperations;
  w.bool(includeClusterAuthorizedOperations);
  const endpointType = m.endpointType ?? 1;
  if (v >= 1) {
    w.int8(endpointType);
  } else {
    if (endpointType !== 1) throw notInVersion('DescribeClusterRequest', 'endpointType', v);
  }
  const includeFencedBrokers = m.includeFencedBrokers ?? false;
  if (v >= 2) {
    w.bool(includeFencedBrokers);
  } else {
    if (includeFencedBrokers !== false) throw notInVersion('DescribeClusterRequest', 'includeFencedBrokers', v);
  }
  w.uvarint(0);
}

function readDescribeClusterResponseDescribeClusterBroker(r: WireReader, v: number): Decoded<DescribeClusterResponse.DescribeClusterBroker> {
  const brokerId = r.int32();
  const host = r.compactString();
  const port = r.int32();
  const rack = r.compactNullableString();
  const isFenced = v >= 2 ? r.bool() : false;
  r.skipTaggedFields();
  return { brokerId, host, port, rack, isFenced };
}

function readDescribeClusterResponseDescribeClusterBrokerArray(r: WireReader, v: number, length: number): Decoded<DescribeClusterResponse.DescribeClusterBroker>[] {
  const values: Decoded<DescribeClusterResponse.DescribeClusterBroker>[] = [];
  for (let i = 0; i < length; i++) values.push(readDescribeClusterResponseDescribeClusterBroker(r, v));
  return values;
}

function readDescribeClusterResponse(r: WireReader, v: number): Decoded<DescribeClusterResponse> {
  const throttleTimeMs = r.int32();
  const errorCode = r.int16();
  const errorMessage = r.compactNullableString();
  const endpointType = v >= 1 ? r.int8() : 1;
  const clusterId = r.compactString();
  const controllerId = r.int32();
  const brokers = readDescribeClusterResponseDescribeClusterBrokerArray(r, v, r.compactArrayLength(11));
  const clusterAuthorizedOperations = r.int32();
  r.skipTaggedFields();
  return { throttleTimeMs, errorCode, errorMessage, endpointType, clusterId, controllerId, brokers, clusterAuthorizedOperations };
}

function writeDescribeClusterResponseDescribeClusterBroker(w: WireWriter, m: DescribeClusterResponse.DescribeClusterBroker, v: number): void {
  const brokerId = m.brokerId;
  w.int32(brokerId);
  const host = m.host;
  w.compactString(host);
  const port = m.port;
  w.int32(port);
  const rack = m.rack ?? null;
  w.compactNullableString(rack);
  const isFenced = m.isFenced ?? false;
  if (v >= 2) {
    w.bool(isFenced);
  } else {
    if (isFenced !== false) throw notInVersion('DescribeClusterResponse', 'isFenced', v);
  }
  w.uvarint(0);
}

function writeDescribeClusterResponse(w: WireWriter, m: DescribeClusterResponse, v: number): void {
  const throttleTimeMs = m.throttleTimeMs;
  w.int32(throttleTimeMs);
  const errorCode = m.errorCode;
  w.int16(errorCode);
  const errorMessage = m.errorMessage ?? null;
  w.compactNullableString(errorMessage);
  const endpointType = m.endpointType ?? 1;
  if (v >= 1) {
    w.int8(endpointType);
  } else {
    if (endpointType !== 1) throw notInVersion('DescribeClusterResponse', 'endpointType', v);
  }
  const clusterId = m.clusterId;
  w.compactString(clusterId);
  const controllerId = m.controllerId ?? -1;
  w.int32(controllerId);
  const brokers = m.brokers;
  w.compactArrayLength(brokers.length);
  for (const one of brokers) writeDescribeClusterResponseDescribeClusterBroker(w, one, v);
  const clusterAuthorizedOperations = m.clusterAuthorizedOperations ?? -2147483648;
  w.int32(clusterAuthorizedOperations);
  w.uvarint(0);
}

export const describeClusterCodec: ApiCodec<DescribeClusterRequest, DescribeClusterResponse> = {
  key: 60,
  name: 'DescribeCluster',
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 0,
  request: {
    name: 'DescribeClusterRequest',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readDescribeClusterRequest,
    write: writeDescribeClusterRequest,
  },
  response: {
    name: 'DescribeClusterResponse',
    minVersion: 0,
    maxVersion: 2,
    flexibleFrom: 0,
    read: readDescribeClusterResponse,
    write: writeDescribeClusterResponse,
  },
};
