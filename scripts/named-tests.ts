// Tests that a page of docs/ names, as [file: title] or, of GoogleTest, [Suite.Name].
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..');
/** What has a colon or a dot in brackets; `[words](address)` is a link. */
const REFERENCE = /\[([^\]]+)\](?!\()/g;

/** The text of a file of the repository. */
export function readRepository(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8');
}

/** The tests that a text names. */
export function namedTests(text: string): string[] {
  return [...text.matchAll(REFERENCE)].map(([, name = '']) => name.replace(/\s+/g, ' '));
}

/** What `FILE: WORDS` names; undefined for anything else. */
export function fileAndTitle(name: string): readonly [path: string, title: string] | undefined {
  const colon = name.indexOf(': ');
  return colon < 0 ? undefined : [name.slice(0, colon), name.slice(colon + 2)];
}

/** Whether a file has these words in it. */
export function hasWords(path: string, words: string): boolean {
  return existsSync(join(REPOSITORY, path)) && readRepository(path).includes(words);
}
