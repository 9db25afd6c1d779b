// Every trap in docs/kafka-traps.md names tests that exist.
import { fileAndTitle, hasWords, namedTests, readRepository } from './named-tests';

/** The section of what has no tests, and says why. */
const WITHOUT_TESTS = 'Not met yet';
const QUOTES = ["'", '"', '`'];

const page = readRepository('docs/kafka-traps.md');

/** The list items of the sections. */
function traps(): string[] {
  return page
    .split(/^## /m)
    .slice(1)
    .filter((section) => !section.startsWith(WITHOUT_TESTS))
    .flatMap((section) => section.split(/^- /m).slice(1));
}

/** Whether a file has a string of just these words: the title of a test. */
function isTitle(name: string): boolean {
  const [path = '', title = ''] = fileAndTitle(name) ?? [];
  return QUOTES.some((quote) => hasWords(path, `${quote}${title}${quote}`));
}

describe('docs/kafka-traps.md', () => {
  it('names the tests of each trap', () => {
    expect(traps().length).toBeGreaterThan(35);
    expect(traps().filter((text) => namedTests(text).length === 0)).toEqual([]);
  });

  it('names tests that exist', () => {
    expect(namedTests(traps().join('')).filter((name) => !isTitle(name))).toEqual([]);
  });
});
