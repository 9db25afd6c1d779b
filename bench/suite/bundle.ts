import { basename, join } from 'node:path';
import { buildSync } from 'esbuild';

const ROOT = join(__dirname, '..', '..');

/**
 * Compiles a program of this folder into one file; it runs on the compiled packages, as a program
 * that uses them would, and without a compiler in its process.
 *
 * @param entry Absolute path of its TypeScript file.
 * @returns The path of the compiled file.
 */
export function bundle(entry: string): string {
  const outfile = join(ROOT, '.make', 'bench', `${basename(entry, '.ts')}.cjs`);
  buildSync({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  return outfile;
}
