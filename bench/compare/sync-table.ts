// Syncs per operation of every side, for the write benchmark's load.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildPeer, nativeArguments } from '../peers/peer-process';
import { SEED_PROGRAM } from '../seed-engine';
import { readCsv } from '../suite/csv';
import { makePayloads } from '../suite/payloads';
import type { Settings } from '../suite/settings';
import { seedArguments, type Load } from './sides';
import { countSyncs, syncsPerOperation, type SyncRun } from './sync-count';

const SHORT_BYTES = 1.5e6;
const LONG_BYTES = 4.5e6;
const SECONDS = 60;
const SUITE = join(__dirname, '..', 'suite', 'main.ts');

/** Syncs per append by side. */
export type SyncTable = Readonly<Record<string, number>>;

/** How many payloads of the ring each of so many threads needs for its share of the bytes. */
export function operationsFor(maxBytes: number, threads: number): number {
  const ring = makePayloads();
  let bytes = 0;
  let operations = 0;
  while (bytes < maxBytes / threads) {
    bytes += ring[operations % ring.length]?.length ?? 0;
    operations += 1;
  }
  return operations * threads;
}

function walrusmqRun(load: Load, directory: string): SyncRun {
  const args = [
    ...['--import', 'tsx', SUITE, 'writes'],
    ...['--fsync', load.fsync.kind],
    ...['--threads', String(load.threads)],
    ...['--max-bytes', String(load.maxBytes)],
    ...['--duration', `${load.writeSeconds}s`],
    ...['--dir', directory],
    ...['--out', directory],
  ];
  const syncs = countSyncs(directory, process.execPath, args);
  const name = 'benchmark_throughput.csv';
  const last = readCsv(name, join(directory, name)).at(-1);
  return { syncs, operations: Number(last?.total_writes) };
}

function peerRun(load: Load, directory: string, program: string, args: readonly string[]): SyncRun {
  const environment = { WALRUS_DATA_DIR: directory, WALRUS_QUIET: '1' };
  const syncs = countSyncs(directory, program, args, environment);
  return { syncs, operations: operationsFor(load.maxBytes, load.threads) };
}

const SIDES: Readonly<Record<string, (load: Load, directory: string) => SyncRun>> = {
  WalrusMQ: walrusmqRun,
  'the seed from Rust': (load, directory) =>
    peerRun(load, directory, SEED_PROGRAM, seedArguments(load)),
  RocksDB: (load, directory) => {
    const native = { ...load, directory, seconds: load.writeSeconds };
    return peerRun(load, directory, buildPeer('rocksdb'), nativeArguments('writes', native));
  },
  'bare pwrite': (load, directory) => {
    const native = { ...load, directory, seconds: load.writeSeconds };
    return peerRun(load, directory, buildPeer('limits'), nativeArguments('pwrite', native));
  },
};

/** Counts the syncs of every side with 10 writers; the seed engine must have been built. */
export function countSyncsOfAll(parent: string, fsync: Settings['fsync']): SyncTable {
  const load = { threads: 10, batchEntries: 0, fsync, persistEvery: 50 };
  const runOf = (name: string, maxBytes: number): SyncRun => {
    const directory = join(parent, `syncs-${maxBytes}`);
    mkdirSync(directory);
    try {
      const side = SIDES[name];
      if (side === undefined) throw new RangeError(name);
      return side({ ...load, writeSeconds: SECONDS, readSeconds: 1, maxBytes }, directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
  return Object.fromEntries(
    Object.keys(SIDES).map((name) => [
      name,
      syncsPerOperation(runOf(name, SHORT_BYTES), runOf(name, LONG_BYTES)),
    ]),
  );
}
