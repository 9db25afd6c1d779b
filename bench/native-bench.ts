// Builds the benchmark programs of the native part.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const NATIVE = join(__dirname, '..', 'native');
const BUILD = join(NATIVE, 'build-bench');

function runCmake(args: readonly string[]): void {
  const { status, error } = spawnSync('cmake', args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    throw new Error(`cmake failed: ${error?.message ?? `exit code ${String(status)}`}`);
  }
}

/** The path of the program, built with the release flags; quick when nothing changed. */
export function buildNativeBench(target: 'engine_bench' | 'commit_strategies'): string {
  runCmake(['-S', NATIVE, '-B', BUILD, '-DCMAKE_BUILD_TYPE=Release', '-DWALRUS_BENCH=ON']);
  runCmake(['--build', BUILD, '--target', target, '--parallel', '2']);
  return join(BUILD, target);
}
