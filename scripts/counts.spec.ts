import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countClosingLine, countExit, countGoogleTest, countJest, settleCount } from './counts.mjs';

describe('settleCount', () => {
  const folder = mkdtempSync(join(tmpdir(), 'walrusmq-counts-'));
  const report = join(folder, 'report.json');
  const finished = { exitCode: 0, output: '', report };
  const write = (value: object): void => {
    writeFileSync(report, JSON.stringify(value));
  };

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('counts the tests of a Jest report, with broken suites and skipped tests as failures', () => {
    write({
      numPassedTests: 7,
      numFailedTests: 1,
      numRuntimeErrorTestSuites: 2,
      numPendingTests: 1,
      numTodoTests: 1,
    });
    expect(settleCount(countJest, finished)).toEqual({ passed: 7, failed: 5, note: '2 skipped' });
  });

  it('counts the tests of a GoogleTest report, with disabled and skipped ones as failures', () => {
    const test = (status: string, result: string, failures?: object[]): object => {
      return { name: 'a', status, result, ...(failures === undefined ? {} : { failures }) };
    };
    write({
      testsuites: [
        { testsuite: [test('RUN', 'COMPLETED'), test('RUN', 'COMPLETED', [{ failure: 'x' }])] },
        { testsuite: [test('NOTRUN', 'SUPPRESSED'), test('RUN', 'SKIPPED')] },
      ],
    });
    const count = settleCount(countGoogleTest, finished);
    expect(count).toEqual({ passed: 1, failed: 3, note: '2 skipped' });
  });

  it('takes the last closing line of an output', () => {
    const output = '1 passed, 0 failed\n…\n5 passed, 2 failed\n';
    expect(settleCount(countClosingLine, { ...finished, exitCode: 1, output })).toEqual({
      passed: 5,
      failed: 2,
    });
  });

  it('fails a step whose runner died before it reported', () => {
    const absent = { exitCode: 134, output: '', report: join(folder, 'absent.json') };
    for (const counts of [countJest, countGoogleTest, countClosingLine, countExit]) {
      expect(settleCount(counts, absent)).toMatchObject({ passed: 0, failed: 1 });
    }
  });

  it('fails a step that reported only passes but ended badly', () => {
    const output = '3 passed, 0 failed\n';
    const count = settleCount(countClosingLine, { ...finished, exitCode: 1, output });
    expect(count).toEqual({ passed: 3, failed: 1, note: 'exit code 1' });
  });

  it('fails a step that ran nothing', () => {
    const count = settleCount(countClosingLine, { ...finished, output: '0 passed, 0 failed\n' });
    expect(count).toEqual({ passed: 0, failed: 1, note: 'ran no test' });
  });
});
