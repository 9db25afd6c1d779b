// How many checks passed and failed in a finished step, read from what the step itself reported.
import { existsSync, readFileSync } from 'node:fs';

/**
 * @typedef {{ passed: number, failed: number, note?: string }} Count
 * @typedef {{ exitCode: number, output: string, report: string }} Finished A step that has ended;
 * `report`
 *   is the path of the file it was asked to write.
 */

/**
 * The exit code alone: one check.
 *
 * @param {Finished} finished
 * @returns {Count}
 */
export function countExit({ exitCode }) {
  return exitCode === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/**
 * The last line of the form `N passed, N failed` in the step's output.
 *
 * @param {Finished} finished
 * @returns {Count}
 */
export function countClosingLine({ output }) {
  const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
  const last = lines.at(-1);
  if (last === undefined) return { passed: 0, failed: 1, note: 'printed no closing line' };
  return { passed: Number(last[1]), failed: Number(last[2]) };
}

/** Reads a report the runner wrote; a runner that died before that counts as one failure. */
function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/**
 * Jest's --json report. A skipped test counts as failed: it proves nothing and looks as if it did.
 *
 * @param {Finished} finished
 * @returns {Count}
 */
export function countJest({ report }) {
  const result = readReport(report);
  if (result === undefined) return { passed: 0, failed: 1, note: 'jest wrote no report' };
  const left = result.numPendingTests + result.numTodoTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + left;
  return {
    passed: result.numPassedTests,
    failed,
    ...(left > 0 ? { note: `${left} skipped` } : {}),
  };
}

/**
 * GoogleTest's --gtest_output=json report; skipped and disabled tests count as failed.
 *
 * @param {Finished} finished
 * @returns {Count}
 */
export function countGoogleTest({ report }) {
  const result = readReport(report);
  if (result === undefined)
    return { passed: 0, failed: 1, note: 'the test program wrote no report' };
  const cases = result.testsuites.flatMap((suite) => suite.testsuite);
  const isLeft = (test) => test.status !== 'RUN' || test.result === 'SKIPPED';
  const left = cases.filter(isLeft).length;
  const broken = cases.filter((test) => !isLeft(test) && (test.failures ?? []).length > 0).length;
  const passed = cases.length - left - broken;
  return { passed, failed: broken + left, ...(left > 0 ? { note: `${left} skipped` } : {}) };
}

/**
 * The count a step goes into the sum with.
 *
 * A step that failed without naming a failed check adds one, and so does a step that ended well
 * without having run anything.
 *
 * @param {(finished: Finished) => Count} counts One of the functions above.
 * @param {Finished} finished
 * @returns {Count}
 */
export function settleCount(counts, finished) {
  const count = counts(finished);
  if (count.failed > 0) return count;
  if (finished.exitCode !== 0)
    return { ...count, failed: 1, note: `exit code ${finished.exitCode}` };
  if (count.passed === 0) return { passed: 0, failed: 1, note: 'ran no test' };
  return count;
}
