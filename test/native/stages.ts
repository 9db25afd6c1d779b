// Runs stage.cjs in a child process and says how it ended.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const TIME_LIMIT_MS = 20_000;
// A sanitizer takes its time, most of it for looking for leaks.
const SANITIZED_TIME_LIMIT_MS = 180_000;

/** The moments of a log's life that stage.cjs can bring it to. */
export const STAGES = [
  'require',
  'open',
  'open failed',
  'opening',
  'opening failed',
  'opened off its thread',
  'appends in flight',
  'reads in flight',
  'other calls in flight',
  'closing',
  'closed',
  'closed on its thread',
] as const;

/** The ways in which it can end then, with the exit code of each. */
export const ENDINGS: readonly (readonly [ending: string, code: number])[] = [
  ['natural end', 0],
  ['process.exit', 0],
  ['exit later', 0],
  ['exception', 1],
  ['collected', 0],
  ['worker ends', 0],
  ['worker exits', 0],
  ['worker terminated', 0],
];

/** How a child process ended. */
export interface StageOutcome {
  /** Exit code, or the signal's name. */
  readonly ended: number | string;
  readonly lines: readonly string[];
  readonly stderr: string;
  /** The last count of acknowledged appends that it printed. */
  readonly acknowledged: number;
}

/**
 * Starts stage.cjs; `finished` resolves when it has ended, by force after 20 s (three
 * minutes under a sanitizer).
 *
 * @param env Added to its environment: another addon, a library that is loaded first.
 */
export function startStage(
  stage: string,
  ending: string,
  directory: string,
  env: Readonly<Record<string, string>> = {},
): { readonly child: ChildProcess; readonly finished: Promise<StageOutcome> } {
  const script = join(__dirname, 'stage.cjs');
  const child = spawn(process.execPath, ['--expose-gc', script, stage, ending, directory], {
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const timer = setTimeout(
    () => child.kill('SIGKILL'),
    env.ASAN_OPTIONS === undefined ? TIME_LIMIT_MS : SANITIZED_TIME_LIMIT_MS,
  );
  const finished = new Promise<StageOutcome>((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const lines = stdout.trim().split('\n');
      const counts = lines.map((line) => /^acknowledged (\d+)$/.exec(line)?.[1] ?? '0');
      const acknowledged = Math.max(...counts.map(Number));
      resolve({ ended: code ?? signal ?? 'nothing', lines, stderr, acknowledged });
    });
  });
  return { child, finished };
}
