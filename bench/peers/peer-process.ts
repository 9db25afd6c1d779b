// Builds the peers, runs them and reads the lines of JSON that they print.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FsyncSchedule } from '@walrusmq/storage';

const BUILD = join(__dirname, '..', '..', '.make', 'peers');
const LIBRARIES = { limits: [], rocksdb: ['-lrocksdb'], rdkafka: ['-lrdkafka'] } as const;
/** The peers in C++. */
export type NativePeer = keyof typeof LIBRARIES;
/** What has to be installed for a peer. */
const HEADERS: Partial<Record<NativePeer, { header: string; label: string; apt: string }>> = {
  rocksdb: { header: 'rocksdb/db.h', label: 'RocksDB', apt: 'librocksdb-dev' },
  rdkafka: { header: 'librdkafka/rdkafka.h', label: 'librdkafka', apt: 'librdkafka-dev' },
};

/** What a peer had done at one moment, or by the end of a phase. */
export interface PeerLine {
  readonly kind: 'sample' | 'end';
  readonly seconds: number;
  readonly operations: number;
  readonly entries: number;
  readonly bytes: number;
  /** Entries that came back other than they were written; only the seed counts them. */
  readonly altered?: number;
}

/** One run of a peer in C++. */
export interface NativeLoad {
  readonly directory: string;
  readonly threads: number;
  readonly batchEntries: number;
  readonly seconds: number;
  /** May be infinite. */
  readonly maxBytes: number;
  readonly fsync: FsyncSchedule;
}

const NUMBERS = ['seconds', 'operations', 'entries', 'bytes'] as const;

/** @throws {Error} The line is not one that a peer prints. */
export function parsePeerLine(text: string): PeerLine {
  const line = JSON.parse(text) as Record<string, unknown>;
  const isLine =
    (line['kind'] === 'sample' || line['kind'] === 'end') &&
    NUMBERS.every((name) => typeof line[name] === 'number');
  if (!isLine) throw new Error(`a peer printed ${text}`);
  return line as unknown as PeerLine;
}

/**
 * Builds a peer when its source is newer than the program.
 * @returns The path of the program.
 * @throws {Error} No compiler, or a library's headers are missing; it says how to get them.
 */
export function buildPeer(peer: NativePeer): string {
  const source = join(__dirname, `${peer}.cc`);
  const program = join(BUILD, peer);
  const sources = [source, join(__dirname, 'peer_load.h')];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(program) && statSync(program).mtimeMs > newest) return program;
  const needed = HEADERS[peer];
  if (needed !== undefined && !hasHeader(needed.header)) {
    throw new Error(
      `${needed.label} is missing; install it with: apt-get install -y ${needed.apt}`,
    );
  }
  mkdirSync(BUILD, { recursive: true });
  const flags = ['-std=c++20', '-O2', '-Wall', '-Wextra', '-o', program, source];
  const { status, error } = spawnSync('g++', [...flags, ...LIBRARIES[peer], '-lpthread'], {
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error(`g++ could not build ${source} (${error?.message ?? 'above'})`);
  return program;
}

function hasHeader(name: string): boolean {
  const input = `#include <${name}>\n`;
  const { status } = spawnSync('g++', ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-'], { input });
  return status === 0;
}

/**
 * Runs a program to its end.
 *
 * @param onSample Called for each line that is not the end of a phase.
 * @returns The lines that end a phase, in order.
 * @throws {Error} It failed, or printed something else.
 */
export async function runPeer(
  program: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  onSample: (line: PeerLine) => void = () => undefined,
): Promise<PeerLine[]> {
  const child = spawn(program, args, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = once(child, 'close');
  const ends: PeerLine[] = [];
  for await (const text of createInterface(child.stdout)) {
    const line = parsePeerLine(text);
    if (line.kind === 'end') ends.push(line);
    else onSample(line);
  }
  const [code, signal] = (await closed) as [number | null, string | null];
  if (code !== 0) throw new Error(`${program} ended with ${String(code ?? signal)}`);
  return ends;
}

/** The arguments of a peer in C++. */
export function nativeArguments(load: string, settings: NativeLoad): string[] {
  const { directory, threads, batchEntries, seconds, maxBytes, fsync } = settings;
  const maxText = Number.isFinite(maxBytes) ? String(Math.floor(maxBytes)) : String(2n ** 63n);
  return [
    load,
    ...['--dir', directory],
    ...['--threads', String(threads)],
    ...['--batch', String(batchEntries)],
    ...['--seconds', String(seconds)],
    ...['--max-bytes', maxText],
    ...['--sync-each', fsync.kind === 'sync-each' ? '1' : '0'],
    ...['--sync-interval-ms', fsync.kind === 'milliseconds' ? String(fsync.intervalMs) : '0'],
  ];
}
