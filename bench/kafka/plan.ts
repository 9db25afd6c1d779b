// What is measured on each broker, and how much that writes.
import type { Acks } from './load-client';

/** Clients that load a broker as hard as they can. */
export const LOAD_CLIENTS = ['java', 'librdkafka'] as const;
export type LoadClientName = (typeof LOAD_CLIENTS)[number];
/** Clients of Node; `sdk` speaks to our broker only. */
export const NODE_CLIENTS = ['kafkajs', 'platformatic', 'sdk'] as const;
export type NodeClientName = (typeof NODE_CLIENTS)[number];
export const PARTS = ['load', 'latency', 'node'] as const;
export type Part = (typeof PARTS)[number];

/** Records of one size into a topic of so many partitions, then out of it. */
export interface LoadCell {
  readonly client: LoadClientName;
  readonly recordBytes: number;
  readonly partitions: number;
  /** Produced with each of these, into a topic each; read is the last one. */
  readonly acks: readonly Acks[];
}

/** A load that is not counted. */
export type WarmUp = Pick<LoadCell, 'recordBytes' | 'partitions'>;

export interface LatencyCell {
  readonly client: LoadClientName;
  readonly recordBytes: number;
  readonly rate: number;
}

export interface Plan {
  readonly rounds: number;
  /** Of payload, per load. */
  readonly loadBytes: number;
  /** How often a load is read: reading writes nothing, and one reading is soon over. */
  readonly readTimes: number;
  /** Of payload, per warm-up: a virtual machine compiles what it runs often, and begins slowly. */
  readonly warmUpBytes: number;
  /** Produced and read by each client before anything is counted. */
  readonly warmUps: readonly WarmUp[];
  readonly loads: readonly LoadCell[];
  /** Of each latency cell, behind a second that is not counted. */
  readonly latencySeconds: number;
  readonly latencies: readonly LatencyCell[];
  /** Of payload, per client and size. */
  readonly nodeBytes: number;
  readonly nodeSizes: readonly number[];
}

/** What a broker may be given to write in one life, so that the disk is not what is measured. */
export const WRITTEN_BYTES_MAX = 1.5e9;
const MEGA = 1e6;

interface PlanOptions {
  readonly rounds: number;
  readonly megabytes: number;
  readonly clients: readonly LoadClientName[];
  readonly parts: readonly Part[];
}

/** Every cell. */
export function fullPlan({ rounds, megabytes, clients, parts }: PlanOptions): Plan {
  const has = (part: Part): boolean => parts.includes(part);
  return {
    rounds,
    loadBytes: megabytes * MEGA,
    readTimes: 8,
    warmUpBytes: 2 * megabytes * MEGA,
    warmUps: [
      { recordBytes: 100, partitions: 1 },
      { recordBytes: 1_024, partitions: 100 },
    ],
    loads: has('load')
      ? clients.flatMap((client) =>
          [100, 1_024].flatMap((recordBytes) =>
            [1, 100].map((partitions) => ({
              client,
              recordBytes,
              partitions,
              acks: ['1', 'all'] as const,
            })),
          ),
        )
      : [],
    latencySeconds: 5,
    latencies: has('latency')
      ? clients.flatMap((client) =>
          [1_000, 10_000].map((rate) => ({ client, recordBytes: 1_024, rate })),
        )
      : [],
    nodeBytes: 2.5 * megabytes * MEGA,
    nodeSizes: has('node') ? [100, 1_024] : [],
  };
}

/** One cell of each kind, small: shows that everything runs, measures nothing worth telling. */
export function shortPlan({ clients, parts }: Pick<PlanOptions, 'clients' | 'parts'>): Plan {
  const has = (part: Part): boolean => parts.includes(part);
  return {
    rounds: 1,
    loadBytes: 4 * MEGA,
    readTimes: 2,
    warmUpBytes: MEGA,
    warmUps: [{ recordBytes: 1_024, partitions: 2 }],
    loads: has('load')
      ? clients.map((client) => ({ client, recordBytes: 1_024, partitions: 2, acks: ['all'] }))
      : [],
    latencySeconds: 1,
    latencies: has('latency')
      ? clients.map((client) => ({ client, recordBytes: 1_024, rate: 200 }))
      : [],
    nodeBytes: MEGA,
    nodeSizes: has('node') ? [1_024] : [],
  };
}

/** Payload that one life of our broker writes, which is what one of Kafka's does and the SDK's. */
export function writtenBytes(plan: Plan): number {
  const clients = new Set(plan.loads.map(({ client }) => client)).size;
  const loads = plan.loads.reduce((sum, { acks }) => sum + acks.length, 0) * plan.loadBytes;
  const latencies = plan.latencies.reduce(
    (sum, { rate, recordBytes }) => sum + rate * recordBytes * (plan.latencySeconds + 1),
    0,
  );
  const node = NODE_CLIENTS.length * plan.nodeSizes.length * plan.nodeBytes;
  return clients * plan.warmUps.length * plan.warmUpBytes + loads + latencies + node;
}

/** The name of a cell in tables; unique within its kind. */
export function loadTitle({ client, recordBytes, partitions }: Omit<LoadCell, 'acks'>): string {
  return `${client}, ${recordBytes} B, ${partitions} partition${partitions === 1 ? '' : 's'}`;
}

export function latencyTitle({ client, recordBytes, rate }: LatencyCell): string {
  return `${client}, ${recordBytes} B, ${rate.toLocaleString('en-US')}/s`;
}

/** The name of a cell of Node's clients. */
export function nodeTitle(
  kind: 'produce' | 'consume',
  client: NodeClientName,
  recordBytes: number,
): string {
  return `${kind}, ${client}, ${recordBytes} B`;
}
