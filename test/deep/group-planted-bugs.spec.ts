// The deep suite plants them; that they still can be is seen here.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GROUP_BUGS } from './group-planted-bugs';

const FOLDER = join(__dirname, '..', '..', 'apps', 'broker', 'src', 'group');

describe('GROUP_BUGS', () => {
  const sources = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => readFileSync(join(FOLDER, name), 'utf8'));

  it.each(GROUP_BUGS)('$name: its text stands once in the coordinator', ({ text }) => {
    const count = sources.reduce((sum, source) => sum + source.split(text).length - 1, 0);

    expect(count).toBe(1);
  });
});
