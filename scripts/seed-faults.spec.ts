// Each way in which the seed engine breaks its own promises, W1 to W36, has a test of that name.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..');
/** W34 is about the seed's server: the broker's tests hold it, under names of their own. */
const FAULTS = Array.from({ length: 36 }, (_, index) => index + 1).filter((fault) => fault !== 34);

/** `W<n>` of the tests of a file: GoogleTest's `W1_Name`, Jest's 'W1: name'. */
function faultsOf(path: string): number[] {
  const text = readFileSync(join(REPOSITORY, path), 'utf8');
  const pattern = path.endsWith('.cc')
    ? /^TEST(?:_[PF])?\(\s*\w+,\s*W(\d+)_\w{10,}\)/gm
    : /\(\s*['"`]W(\d+): [^'"`]{10,}/g;
  return [...text.matchAll(pattern)].map(([, fault]) => Number(fault));
}

const files = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '*_test.cc', '*.spec.ts'],
  { cwd: REPOSITORY, encoding: 'utf8' },
)
  .split('\n')
  .filter((path) => path !== '');
const tested = new Set(files.flatMap(faultsOf));

describe('the faults of the seed engine', () => {
  it('are looked for in all tests', () => {
    expect(files.length).toBeGreaterThan(100);
  });

  it.each(FAULTS)('have a test: W%i', (fault) => {
    expect(tested).toContain(fault);
  });
});
