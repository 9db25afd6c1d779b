import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Stands in for npm: notes its arguments, and installs what the lock names as npm does. */
const FAKE_NPM = `#!/usr/bin/env node
const fs = require('node:fs');
fs.appendFileSync('calls', process.argv.slice(2, 3) + '\\n');
fs.mkdirSync('node_modules', { recursive: true });
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
for (const path of Object.keys(JSON.parse(fs.readFileSync('package-lock.json')).packages)) {
  if (path.includes('node_modules/')) fs.mkdirSync(path, { recursive: true });
}
fs.mkdirSync('native/build/Release', { recursive: true });
fs.writeFileSync('native/build/Release/walrus.node', '');
`;

/** Stands in for the compiler and the bundler. */
const FAKE_TSC = `const fs = require('node:fs');
fs.appendFileSync('calls', 'compile\\n');
fs.mkdirSync('apps/cli/dist', { recursive: true });
fs.writeFileSync('apps/cli/dist/index.js', '');
fs.writeFileSync('apps/cli/dist/walrusmq.bundle.cjs', '');
`;

/** A clone in which the set-up runs with stand-ins for its programs. */
class Clone {
  readonly root = mkdtempSync(join(tmpdir(), 'walrusmq-setup-'));
  readonly tools = join(this.root, 'tools');

  constructor() {
    for (const name of ['setup.mjs', 'tools.mjs']) {
      mkdirSync(join(this.root, 'scripts'), { recursive: true });
      cpSync(join(__dirname, name), join(this.root, 'scripts', name));
    }
    this.write('package.json', '{ "name": "clone", "devDependencies": { "a": "1.0.0" } }');
    this.writeLock('1.0.0');
    this.write('native/package.json', '{ "name": "native" }');
    this.write('native/wal/wal.cc', '');
    this.write('libs/.keep', '');
    this.write('apps/cli/tsconfig.build.json', '{}');
    this.write('apps/cli/src/index.ts', '');
    this.write('node_modules/typescript/bin/tsc', FAKE_TSC);
    this.tool('npm', FAKE_NPM);
    symlinkSync(process.execPath, join(this.tools, 'node'));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  writeLock(version: string): void {
    const lock = {
      packages: {
        '': { name: 'clone', devDependencies: { a: '1.0.0' } },
        native: { name: 'native' },
        'node_modules/a': { version },
      },
    };
    this.write('package-lock.json', JSON.stringify(lock));
  }

  /** Puts a program on the PATH of the set-up; there is nothing else on it. */
  tool(name: string, text: string): void {
    this.write(`tools/${name}`, text);
    chmodSync(join(this.tools, name), 0o755);
  }

  /** As if the file had been changed after everything that was built. */
  change(path: string): void {
    const later = Date.now() / 1000 + 60;
    utimesSync(join(this.root, path), later, later);
  }

  /** Runs a function of setup.mjs; what was called, and what was said. */
  run(name: string): { calls: string[]; stderr: string; status: number | null } {
    rmSync(join(this.root, 'calls'), { force: true });
    const program = `import('./scripts/setup.mjs').then((setup) => setup.${name}())`;
    const { stderr, status } = spawnSync(process.execPath, ['-e', program], {
      cwd: this.root,
      encoding: 'utf8',
      env: { PATH: this.tools },
    });
    const calls = join(this.root, 'calls');
    const text = existsSync(calls) ? readFileSync(calls, 'utf8').trim() : '';
    return { calls: text === '' ? [] : text.split('\n'), stderr, status };
  }
}

describe('the set-up', () => {
  let clone: Clone;

  beforeEach(() => {
    clone = new Clone();
    for (const name of ['cmake', 'ninja', 'c++']) clone.tool(name, '#!/bin/sh\n');
  });

  afterEach(() => {
    rmSync(clone.root, { recursive: true });
  });

  it('installs the packages on a fresh clone, and not again', () => {
    expect(clone.run('ensurePackages').calls).toEqual(['ci']);
    expect(clone.run('ensurePackages').calls).toEqual([]);
  });

  it('installs again when the lock names another version', () => {
    clone.run('ensurePackages');
    clone.writeLock('1.0.1');
    expect(clone.run('ensurePackages').calls).toEqual(['ci']);
  });

  it('installs again when a package.json asks for what the lock does not hold', () => {
    clone.run('ensurePackages');
    clone.write('package.json', '{ "name": "clone", "devDependencies": { "b": "1.0.0" } }');
    expect(clone.run('ensurePackages').calls).toEqual(['ci']);
  });

  it('installs again when a package folder is gone', () => {
    clone.run('ensurePackages');
    rmSync(join(clone.root, 'node_modules/a'), { recursive: true });
    expect(clone.run('ensurePackages').calls).toEqual(['ci']);
  });

  it('builds the addon again when a source of it changed, but not for a test', () => {
    clone.run('ensureAddon');
    expect(clone.run('ensureAddon').calls).toEqual([]);
    clone.write('native/wal/wal_test.cc', '');
    clone.change('native/wal/wal_test.cc');
    expect(clone.run('ensureAddon').calls).toEqual([]);
    clone.change('native/wal/wal.cc');
    expect(clone.run('ensureAddon').calls).toEqual(['run']);
  });

  it('compiles again when a source changed or an output is gone, but not for a spec', () => {
    expect(clone.run('ensureDist').calls).toEqual(['ci', 'compile']);
    clone.write('apps/cli/src/index.spec.ts', '');
    clone.change('apps/cli/src/index.spec.ts');
    expect(clone.run('ensureDist').calls).toEqual([]);
    rmSync(join(clone.root, 'apps/cli/dist/index.js'));
    expect(clone.run('ensureDist').calls).toEqual(['compile']);
    clone.change('apps/cli/src/index.ts');
    expect(clone.run('ensureDist').calls).toEqual(['compile']);
  });

  it('names every missing tool with the lines that install it', () => {
    for (const name of ['cmake', 'ninja', 'c++']) rmSync(join(clone.tools, name));
    const { stderr, status, calls } = clone.run('ensurePackages');
    expect(calls).toEqual([]);
    expect(status).not.toBe(0);
    expect(stderr).toContain('apt-get install -y cmake');
    expect(stderr).toContain('apt-get install -y ninja-build');
    expect(stderr).toContain('brew install cmake');
    expect(stderr).toContain('a C++20 compiler is missing');
  });

  it('says which step failed when one does', () => {
    clone.write('node_modules/typescript/bin/tsc', 'process.exit(2)');
    const { stderr, status } = clone.run('ensureDist');
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/compile failed after \d+\.\d s \(exit code 2\)/);
  });
});
