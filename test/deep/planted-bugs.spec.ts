// The deep suite plants them; that they still can be is seen here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLANTED_BUGS } from './planted-bugs';

const FOLDER = join(__dirname, '..', '..', 'native', 'wal');

describe('PLANTED_BUGS', () => {
  const sources = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.cc') && !name.endsWith('_test.cc'))
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'));

  it.each(PLANTED_BUGS)('$name: its text stands once in the engine', ({ text }) => {
    const count = sources.reduce((sum, source) => sum + source.split(text).length - 1, 0);

    expect(count).toBe(1);
  });
});
