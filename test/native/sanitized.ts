// The addon's life under AddressSanitizer, LeakSanitizer (nothing suppressed) and UBSan, inside
// Node: `tsx test/native/sanitized.ts PATH_OF_ADDON CYCLES`. Any report fails.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ENDINGS, STAGES, startStage } from './stages';

/** Where promises of the addon wait. */
const PROMISING_STAGES: readonly string[] = [
  ...['opening', 'opening failed', 'reads in flight', 'other calls in flight', 'closing'],
];
const REPORT = /ERROR: \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer/;
const LIFE_MS_MAX = 20 * 60_000;

/** The runtime of the compiler that the addon was built with. */
function runtime(name: string): string {
  const compiler = process.env.CXX ?? 'c++';
  return execFileSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
}

/**
 * Whether Node frees what is its own. After process.exit and an exception it leaves its heap; at
 * the end of a worker, 8 bytes of each promise of napi_create_promise that nobody settled.
 */
function isFreedByNode(stage: string, ending: string): boolean {
  if (['process.exit', 'exit later', 'exception'].includes(ending)) return false;
  const leavesPromises = PROMISING_STAGES.includes(stage);
  return !(leavesPromises && ['worker exits', 'worker terminated'].includes(ending));
}

/** @param looksForLeaks What LeakSanitizer finds is an error, too. */
function environment(addon: string, looksForLeaks: boolean): Record<string, string> {
  const leaks = `detect_leaks=${looksForLeaks ? '1' : '0'}`;
  return {
    WALRUS_TEST_ADDON: resolve(addon),
    LD_PRELOAD: `${runtime('libasan.so')}:${runtime('libubsan.so')}`,
    ASAN_OPTIONS: `${leaks}:detect_stack_use_after_return=1:quarantine_size_mb=16`,
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  };
}

/** The many lives of one process; what was wrong, or an empty text. */
function live(env: Record<string, string>, cycles: string): string {
  const script = join(__dirname, 'life-load.cjs');
  const ended = spawnSync(process.execPath, ['--expose-gc', script, cycles], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    timeout: LIFE_MS_MAX,
  });
  process.stdout.write(ended.stdout);
  if (ended.status === 0 && ended.stderr === '') return '';
  return `ended with ${String(ended.status ?? ended.signal)}:\n${ended.stderr}`;
}

/** One life that is ended at a moment of it. */
async function endAt(
  stage: string,
  [ending, code]: (typeof ENDINGS)[number],
  env: Record<string, string>,
): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'walrusmq-sanitized-'));
  const { ended, stderr } = await startStage(stage, ending, directory, env).finished;
  rmSync(directory, { recursive: true });
  // An exception leaves its stack there.
  const isQuiet = code === 0 ? stderr === '' : !REPORT.test(stderr);
  return ended === code && isQuiet ? '' : `ended with ${String(ended)}:\n${stderr}`;
}

async function main(): Promise<void> {
  const [addon = '', cycles = '300'] = process.argv.slice(2);
  let [passed, failed] = [0, 0];
  const note = (title: string, wrong: string): void => {
    if (wrong === '') passed += 1;
    else failed += 1;
    if (wrong !== '') process.stdout.write(`✗ ${title}: ${wrong}\n`);
  };
  note(`${cycles} lives`, live(environment(addon, true), cycles));
  for (const stage of STAGES) {
    for (const ending of ENDINGS) {
      const env = environment(addon, isFreedByNode(stage, ending[0]));
      note(`${stage}, ${ending[0]}`, await endAt(stage, ending, env));
    }
  }
  process.stdout.write(`${String(passed)} passed, ${String(failed)} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
