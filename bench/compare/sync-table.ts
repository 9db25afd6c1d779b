// Syncs per operation of every side, for the write benchmark's load.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildPeer, nativeArguments } from '../peers/peer-process';
import { SEED_PROGRAM } from '../seed-engine';
import { makePayloads } from '../suite/payloads';
import type { Settings } from '../suite/settings';
import { runSide, seedArguments, walrusmq, type Load } from './sides';
import { countSyncs, syncsPerOperation, type SyncRun } from './sync-count';

const SHORT_BYTES = 1.5e6;
const LONG_BYTES = 4.5e6;
const SECONDS = 60;

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

function peerRun(load: Load, directory: string, program: string, args: readonly string[]): SyncRun {
  const environment = { WALRUS_DATA_DIR: directory, WALRUS_QUIET: '1' };
  const syncs = countSyncs(directory, program, args, environment);
  return { syncs, operations: operationsFor(load.maxBytes, load.threads) };
}

const PEERS: Readonly<Record<string, (load: Load, directory: string) => SyncRun>> = {
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

function peerSyncs(name: string, load: Load, parent: string): number {
  const runOf = (maxBytes: number): SyncRun => {
    const directory = join(parent, `syncs-${maxBytes}`);
    mkdirSync(directory);
    try {
      const peer = PEERS[name];
      if (peer === undefined) throw new RangeError(name);
      return peer({ ...load, maxBytes }, directory);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  };
  return syncsPerOperation(runOf(SHORT_BYTES), runOf(LONG_BYTES));
}

/**
 * Counts the syncs of every side with 10 writers: this engine by its own count, which io_uring does
 * not escape, the peers by strace. The seed engine must have been built.
 */
export async function countSyncsOfAll(
  parent: string,
  fsync: Settings['fsync'],
): Promise<SyncTable> {
  const load: Load = {
    ...{ threads: 10, batchEntries: 0, fsync, persistEvery: 50 },
    ...{ writeSeconds: SECONDS, readSeconds: 1, maxBytes: LONG_BYTES },
  };
  const { syncs = Number.NaN, entries } = await runSide(walrusmq, load, parent, 'syncs');
  const peers = Object.keys(PEERS).map((name) => [name, peerSyncs(name, load, parent)]);
  return { WalrusMQ: syncs / entries, ...(Object.fromEntries(peers) as SyncTable) };
}
