// The native part: builds engine_bench, runs it, and says which of its loads are compared.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { rateRow, type RowPlan, type Sample } from './figures';
import { buildNativeBench } from './native-bench';
import type { Section } from './report';

const ONE_BY_ONE = '1 KiB, no sync, one at a time';
const IN_FLIGHT = '1 KiB, no sync, 64 in flight';
const SYNC_ONE = '1 KiB, SyncEach, one at a time';
const SYNC_MANY = '1 KiB, SyncEach, 64 in flight';
const HALF_A_COPY = '≥ 50 % of a 256 MiB memcpy';
const TIME = 'time ≤ 1.2 × bare write + fdatasync';

const PLANS: readonly RowPlan[] = [
  {
    title: ONE_BY_ONE,
    load: 'engine-nosync-1',
    peer: 'pwrite-1k',
    peerTitle: 'pwrite of 1 KiB',
    measure: 'bytes',
    budget: { kind: 'at least', bound: 0.8, text: '≥ 80 % of same-size pwrites' },
  },
  {
    title: IN_FLIGHT,
    load: 'engine-nosync-64',
    peer: 'pwrite-64k',
    peerTitle: 'pwrite of 64 KiB',
    measure: 'bytes',
    budget: { kind: 'at least', bound: 0.6, text: '≥ 60 % of 64 KiB pwrites' },
  },
  {
    title: IN_FLIGHT,
    load: 'engine-nosync-64',
    peer: 'pwrite-1k',
    peerTitle: 'pwrite of 1 KiB',
    measure: 'bytes',
  },
  {
    title: SYNC_ONE,
    load: 'engine-sync-1',
    peer: 'fdatasync-append-1k',
    peerTitle: '1 KiB write + fdatasync, growing file',
    measure: 'operations',
    budget: { kind: 'at least', bound: 1 / 1.2, text: TIME },
  },
  {
    title: SYNC_ONE,
    load: 'engine-sync-1',
    peer: 'fdatasync-overwrite-4k',
    peerTitle: '4 KiB write + fdatasync, preallocated file',
    measure: 'operations',
    budget: { kind: 'at least', bound: 1 / 1.2, text: TIME },
  },
  {
    title: SYNC_MANY,
    load: 'engine-sync-64',
    peer: 'engine-sync-1',
    peerTitle: 'the engine, one at a time',
    measure: 'operations',
    budget: { kind: 'at least', bound: 20, text: '≥ 20 × one at a time' },
  },
  {
    title: SYNC_MANY,
    load: 'engine-sync-64',
    peer: 'fdatasync-append-64k',
    peerTitle: '64 KiB write + fdatasync, growing file',
    measure: 'bytes',
  },
  {
    title: 'warm reads of 64 KiB, appended one by one',
    load: 'engine-read-1',
    peer: 'memcpy-256m',
    peerTitle: 'memcpy of 256 MiB',
    measure: 'bytes',
    budget: { kind: 'at least', bound: 0.5, text: HALF_A_COPY },
  },
  {
    title: 'warm reads of 64 KiB, appended 64 at a time',
    load: 'engine-read-64',
    peer: 'memcpy-256m',
    peerTitle: 'memcpy of 256 MiB',
    measure: 'bytes',
    budget: { kind: 'at least', bound: 0.5, text: HALF_A_COPY },
  },
];

const NOTES = [
  'In: verifying (CRC-32C), stamping, queueing, framing, writing. Out on both sides: making the',
  'payload, the batches and the first file, closing. Peers write the same payload bytes, without',
  'headers and checksums.',
];

interface EngineLine {
  readonly load: string;
  readonly round: number;
  readonly operations: number;
  readonly payloadBytes: number;
  readonly seconds: number;
}

/** Builds engine_bench, runs it with these arguments and returns its samples. */
export async function runEngineBench(args: readonly string[]): Promise<Sample[]> {
  const child = spawn(buildNativeBench('engine_bench'), args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const samples: Sample[] = [];
  for await (const line of createInterface(child.stdout)) {
    samples.push(JSON.parse(line) as EngineLine);
  }
  const [code] = (await closed) as [number | null];
  if (code !== 0) throw new Error(`engine_bench ended with ${String(code)}`);
  return samples;
}

/** The section of the native engine. */
export function engineSection(samples: readonly Sample[]): Section {
  return {
    title: 'Engine, native, one log',
    notes: NOTES,
    rows: PLANS.map((plan) => rateRow(plan, samples)),
  };
}
