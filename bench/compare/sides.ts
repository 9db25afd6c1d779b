// One run of a load on one side: this engine from JavaScript, the seed, RocksDB, or the machine.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildPeer, nativeArguments, runPeer, type NativePeer } from '../peers/peer-process';
import { SEED_PROGRAM } from '../seed-engine';
import { Crew } from '../suite/crew';
import { fsyncText } from '../suite/setting-values';
import type { ReadMode, Settings } from '../suite/settings';

/** What a load is, whoever carries it out. Bytes are of payload, over all threads. */
export interface Load {
  readonly threads: number;
  /** 0: one call per record. */
  readonly batchEntries: number;
  readonly fsync: Settings['fsync'];
  readonly persistEvery: number;
  /** Absent: nothing is read, and writing is what is measured. */
  readonly readMode?: ReadMode;
  readonly writeSeconds: number;
  readonly readSeconds: number;
  readonly maxBytes: number;
}

/** What the measured phase came to. */
export interface Outcome {
  readonly seconds: number;
  readonly entries: number;
  readonly bytes: number;
  /** Of this engine only, by its own count. */
  readonly syncs?: number;
  /** Entries that came back other than written; this engine refuses to go on then. */
  readonly altered: number;
}

/** Carries out one load in a directory that does not exist yet, and removes it. */
export type Side = (load: Load, directory: string) => Promise<Outcome>;

/** This engine, from worker threads. */
export const walrusmq: Side = async (load, directory) => {
  const settings: Settings = {
    ...load,
    benchmark: load.readMode === undefined ? 'writes' : 'reads',
    threads: { first: load.threads, last: load.threads },
    readMode: load.readMode ?? 'next',
    backend: undefined,
    parent: directory,
    out: directory,
  };
  const crew = await Crew.start(settings, directory, load.threads);
  try {
    const written = await crew.run('write', load.writeSeconds, () => undefined);
    if (load.readMode === undefined) {
      const { writtenEntries: entries, writtenBytes: bytes } = written.totals;
      const { seconds, syncs } = written;
      return { seconds, entries, bytes, syncs, altered: 0 };
    }
    const { seconds, syncs, totals } = await crew.run('read', load.readSeconds, () => undefined);
    const { readEntries: entries, readBytes: bytes } = totals;
    return { seconds, entries, bytes, syncs, altered: 0 };
  } finally {
    await crew.close();
  }
};

/** The arguments of one run of the seed. */
export function seedArguments(load: Load): string[] {
  return [
    'load',
    ...['--threads', String(load.threads)],
    ...['--batch', String(load.batchEntries)],
    ...['--seconds', String(load.writeSeconds)],
    ...['--read-seconds', String(load.readSeconds)],
    ...['--max-bytes', String(Math.floor(load.maxBytes))],
    ...['--persist-every', String(load.persistEvery)],
    ...['--fsync', fsyncText(load.fsync)],
    ...['--reads', load.readMode ?? 'none'],
  ];
}

/** The seed engine in its own language; it must have been built. */
export const seed: Side = async (load, directory) => {
  const environment = { WALRUS_DATA_DIR: directory, WALRUS_QUIET: '1' };
  const last = (await runPeer(SEED_PROGRAM, seedArguments(load), environment)).at(-1);
  if (last === undefined) throw new Error('the seed printed no figures');
  return { ...last, altered: last.altered ?? 0 };
};

/** A peer in C++ with one of its loads. */
export function nativeSide(peer: NativePeer, name: string): Side {
  return async (load, directory) => {
    const seconds = load.readMode === undefined ? load.writeSeconds : load.readSeconds;
    const args = nativeArguments(name, { ...load, seconds, directory });
    const [end] = await runPeer(buildPeer(peer), args);
    if (end === undefined) throw new Error(`${peer} printed no figures`);
    return { ...end, altered: 0 };
  };
}

/** Runs a side on a new directory below `parent`, which is removed whatever happens. */
export async function runSide(
  side: Side,
  load: Load,
  parent: string,
  name: string,
): Promise<Outcome> {
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true });
  try {
    return await side(load, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
