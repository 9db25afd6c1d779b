import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillLock } from './lockfill.mjs';

const lockOf = (packages: Record<string, object>): { packages: Record<string, object> } => ({
  packages,
});

describe('fillLock', () => {
  it('adds the platform package that npm left out, with what its name tells', () => {
    const lock = lockOf({
      'node_modules/swc': {
        dev: true,
        optionalDependencies: {
          '@swc/core-darwin-arm64': '1.2.3',
          '@swc/core-linux-x64-musl': '^1.2.3',
          '@esbuild/win32-x64': '1.2.3',
        },
      },
    });
    expect(fillLock(lock)).toEqual({ added: expect.any(Array) as string[], unknown: [] });
    expect(lock.packages['node_modules/@swc/core-darwin-arm64']).toEqual({
      version: '1.2.3',
      cpu: ['arm64'],
      dev: true,
      optional: true,
      os: ['darwin'],
    });
    expect(lock.packages['node_modules/@swc/core-linux-x64-musl']).toMatchObject({
      version: '1.2.3',
      libc: ['musl'],
      os: ['linux'],
    });
    expect(lock.packages['node_modules/@esbuild/win32-x64']).toMatchObject({ os: ['win32'] });
  });

  it('leaves a package alone that Node would find in an outer folder', () => {
    const lock = lockOf({
      'node_modules/a/node_modules/b': { optionalDependencies: { 'c-darwin-x64': '1.0.0' } },
      'node_modules/c-darwin-x64': { version: '1.0.0' },
    });
    expect(fillLock(lock).added).toEqual([]);
  });

  it('names what it cannot fill instead of guessing', () => {
    const lock = lockOf({ 'node_modules/a': { optionalDependencies: { plain: '1.0.0' } } });
    expect(fillLock(lock)).toEqual({
      added: [],
      unknown: ['plain@1.0.0 (wanted by node_modules/a)'],
    });
  });

  it('finds nothing to add in the lock of this repository', () => {
    const text = readFileSync(join(__dirname, '../package-lock.json'), 'utf8');
    const lock = JSON.parse(text) as { packages: Record<string, object> };
    expect(fillLock(lock)).toEqual({ added: [], unknown: [] });
    expect(`${JSON.stringify(lock, null, 2)}\n`).toBe(text);
  });
});
