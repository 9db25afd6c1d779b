// Every promise in docs/guarantees.md names a test that exists.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileAndTitle, hasWords, namedTests, readRepository } from './named-tests';

const REPOSITORY = join(__dirname, '..');
/** Sections that say what is assumed, not promised or weakened. */
const WITHOUT_TESTS = ['Our fault model', 'Not promised', 'Settings that weaken it'];
/** Sentences that promise nothing. */
const DISCLAIMERS = ['Nothing is atomic across topics or partitions'];

const page = readRepository('docs/guarantees.md');

/** List items and table rows of the sections that promise something. */
function promises(): string[] {
  return page
    .split(/^## /m)
    .slice(1)
    .filter((section) => !WITHOUT_TESTS.some((title) => section.split('\n')[0]?.includes(title)))
    .flatMap((section) => [
      ...section.split(/^- /m).slice(1),
      ...section.split('\n').filter((line) => /^\| `/.test(line)),
    ])
    .filter((text) => !DISCLAIMERS.some((words) => text.startsWith(words)));
}

/** `Suite.Name` of every GoogleTest. */
const engineTests = new Set(
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'native/*.cc'], {
    cwd: REPOSITORY,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((path) => path.endsWith('_test.cc') && existsSync(join(REPOSITORY, path)))
    .flatMap((path) => [...readRepository(path).matchAll(/^TEST(?:_[PF])?\(\s*(\w+),\s*(\w+)\)/gm)])
    .map(([, suite, name]) => `${suite}.${name}`),
);

function exists(reference: string): boolean {
  const named = fileAndTitle(reference);
  return named === undefined ? engineTests.has(reference) : hasWords(...named);
}

describe('docs/guarantees.md', () => {
  it('makes promises', () => {
    expect(promises().length).toBeGreaterThan(20);
  });

  it('names a test in each of them', () => {
    expect(promises().filter((text) => namedTests(text).length === 0)).toEqual([]);
  });

  it('names tests that exist', () => {
    expect(namedTests(page).filter((name) => !exists(name))).toEqual([]);
  });
});
