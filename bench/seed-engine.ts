// The seed engine in Rust as a peer of appends from JavaScript: built on request, as it needs cargo
// and, the first time, the network.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const CRATE = join(__dirname, 'seed');
const TARGET = join(__dirname, '..', '.make', 'seed');
/** The program, once built. */
export const SEED_PROGRAM = join(TARGET, 'release', 'walrus-seed-bench');

/** Builds the program; takes a minute or two the first time. */
export function buildSeedEngine(): void {
  const args = ['build', '--release', '--locked', '--quiet'];
  const { status, error } = spawnSync('cargo', args, {
    cwd: CRATE,
    env: { ...process.env, CARGO_TARGET_DIR: TARGET },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    throw new Error(`cargo could not build the seed engine (${error?.message ?? 'see above'})`);
  }
}

/** One run on a new directory, which is removed; returns the seconds of its loop. */
export function runSeedEngine(
  mode: 'append' | 'batch',
  directory: string,
  payloadBytes: number,
): number {
  mkdirSync(directory);
  try {
    const { status, stdout, stderr } = spawnSync(SEED_PROGRAM, [mode, String(payloadBytes)], {
      encoding: 'utf8',
      env: { ...process.env, WALRUS_DATA_DIR: directory, WALRUS_QUIET: '1' },
    });
    const seconds = Number(stdout);
    if (status !== 0 || !(seconds > 0)) throw new Error(`the seed engine failed: ${stderr}`);
    return seconds;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
