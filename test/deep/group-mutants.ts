// Bundles the model of consumer groups with each planted bug in turn and runs it until it finds the
// bug: `tsx test/deep/group-mutants.ts [--runs 2000] [--only TEXT,…]`.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { GROUP_BUGS } from './group-planted-bugs';
import type { PlantedBug } from './planted-bugs';

const ROOT = resolve(__dirname, '..', '..');
const FOLDER = join(ROOT, 'apps', 'broker', 'src', 'group');
const MODEL = join(ROOT, 'apps', 'broker', 'test', 'group-model', 'main.ts');
const run = promisify(execFile);

interface Ended {
  readonly code?: number;
  readonly stdout?: string;
}

/** Puts the bug into the one source that has its text. */
function planting(bug: PlantedBug): Plugin {
  const sources = readdirSync(FOLDER).filter((name) => /(?<!\.spec)\.ts$/.test(name));
  const places = sources.filter((name) =>
    readFileSync(join(FOLDER, name), 'utf8').includes(bug.text),
  );
  const [place] = places;
  if (place === undefined || places.length > 1) {
    throw new Error(`its text stands in ${String(places.length)} sources of apps/broker/src/group`);
  }
  return {
    name: 'planting',
    setup(bundle) {
      bundle.onLoad({ filter: /src.group.[^/\\]+\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (basename(path) !== place) return { contents: text, loader: 'ts' };
        return { contents: text.replace(bug.text, () => bug.replacement), loader: 'ts' };
      });
    },
  };
}

/** Runs the model with the bug; what it says when it finds something. */
async function hunt(bug: PlantedBug, folder: string, runs: string): Promise<string | undefined> {
  const program = join(folder, 'model.cjs');
  await build({
    entryPoints: [MODEL],
    bundle: true,
    platform: 'node',
    outfile: program,
    logLevel: 'error',
    plugins: [planting(bug)],
  });
  try {
    await run(process.execPath, [program, runs, '1', 'unshrunk'], { maxBuffer: 1 << 26 });
    return undefined;
  } catch (error) {
    const { code, stdout = '' } = error as Ended;
    // A program that does not start finds nothing.
    const found = stdout
      .split('\n')
      .find((line) => /^(classic|consumer|both): (?!holds)/.test(line));
    if (code !== 1 || found === undefined) throw error;
    return found;
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '2000' }, only: { type: 'string' } },
  });
  const only = values.only?.split(',');
  const folder = mkdtempSync(join(tmpdir(), 'walrusmq-group-mutants-'));
  let failed = 0;
  let passed = 0;
  try {
    for (const bug of GROUP_BUGS) {
      if (only !== undefined && !only.some((part) => bug.name.includes(part))) continue;
      const found = await hunt(bug, folder, values.runs).catch((error: unknown) => {
        process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
        return undefined;
      });
      if (found === undefined) failed += 1;
      else passed += 1;
      process.stdout.write(
        `${found === undefined ? '✗' : '✓'} ${bug.name}: ${found ?? 'not found'}\n`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
