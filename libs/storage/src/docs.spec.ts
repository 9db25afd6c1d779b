// The examples of docs/storage-api.md, run, and whether it names all there is.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import * as storage from './index';
import { loadAddon } from './native-binding';
import { Walrus } from './walrus';

const REPOSITORY = join(__dirname, '..', '..', '..');
const text = readFileSync(join(REPOSITORY, 'docs/storage-api.md'), 'utf8');

let directory: string;
const saved = { ...process.env };
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-docs-'));
  process.env['WALRUS_DATA_DIR'] = directory;
  delete process.env['WALRUS_INSTANCE_KEY'];
});
afterEach(() => {
  process.env = { ...saved };
  rmSync(directory, { recursive: true, force: true });
});

const examples = [...text.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code = '']) => code);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

describe('docs/storage-api.md', () => {
  it.each(examples)('has an example that does what it says: %#', async (code) => {
    const checked = code.replace(
      /^(.*); \/\/ → (.*)$/gm,
      (_, expression: string, value: string) => `check(${expression}, ${value});`,
    );
    expect(checked).toContain('check(');
    const run = runInThisContext(`(async (require, check) => {${checked}})`) as (
      require: (name: string) => unknown,
      check: (found: unknown, expected: unknown) => void,
    ) => Promise<void>;
    const seen: unknown[] = [];
    const expected: unknown[] = [];
    await run(
      (name) => (name === '@walrusmq/storage' ? storage : undefined),
      (found, value) => {
        seen.push(plain(found));
        expected.push(plain(value));
      },
    );
    expect(seen).toEqual(expected);
  });

  it('has examples, and names every public method', () => {
    expect(examples.length).toBeGreaterThanOrEqual(6);
    const names = [
      ...Object.getOwnPropertyNames(Walrus.prototype),
      ...Object.getOwnPropertyNames(Walrus).filter((name) => !(name in Function.prototype)),
    ].filter((name) => !['constructor', 'prototype', 'finishAndClose'].includes(name));
    const inner = ['settled', 'finishDeletions'];
    const missing = names.filter((name) => !inner.includes(name) && !text.includes(name));
    expect(missing).toEqual([]);
    // The interval is the schedule's own.
    const options = Object.keys(loadAddon().constants.defaults);
    for (const name of options.filter((each) => each !== 'fsyncIntervalMs')) {
      expect(text).toContain(`\`${name}\``);
    }
  });
});
