// Compiled code beside a bundle: used where it fits, never in place of what the bundle says.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const CLI = join(ROOT, 'apps/cli/dist/walrusmq.bundle.cjs');
const BROKER = join(ROOT, 'apps/broker/dist/broker.bundle.cjs');

/** Runs a program that has the loader's functions, in a process of its own, as bin/walrusmq is. */
function run(program: string): string {
  const loader = JSON.stringify(join(ROOT, 'bin/load-bundle.cjs'));
  const text = `const { loadBundle, keepCode, loaded } = require(${loader});\n${program}`;
  return execFileSync(process.execPath, ['-e', text], { encoding: 'utf8' }).trim();
}

const tellUse =
  "process.stdout.write(' ' + loaded.map((one) => String(one.script.cachedDataRejected)));";

describe('the code that the build keeps', () => {
  it.each([
    ['the command', CLI],
    ['the broker', BROKER],
  ])('is taken by V8 for %s', (_, bundle) => {
    const load = `process.argv[2] = '--version'; loadBundle(${JSON.stringify(bundle)});`;
    // The version may come behind it.
    expect(run(`${load}\n${tellUse}`)).toMatch(/^false/);
  });
});

describe('a bundle', () => {
  let folder: string;
  let bundle: string;
  const load = (): string => run(`${print}${tellUse}`);
  let print: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'walrusmq-bundle-'));
    bundle = join(folder, 'a.bundle.cjs');
    print = `process.stdout.write(loadBundle(${JSON.stringify(bundle)}).say());`;
    writeFileSync(bundle, "exports.say = () => 'old';");
    run(`${print} keepCode();`);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('runs from its code', () => {
    expect(load()).toBe('old false');
  });

  it('of the same length that was built anew says what it says now', () => {
    writeFileSync(bundle, "exports.say = () => 'new';");
    expect(load()).toBe('new undefined');
  });

  it('beside damaged code, or none, is compiled', () => {
    writeFileSync(`${bundle}.code`, 'short');
    expect(load()).toBe('old undefined');
    rmSync(`${bundle}.code`);
    expect(load()).toBe('old undefined');
  });

  it('loads another bundle the same way, and everything else as usual', () => {
    const inner = join(folder, 'b.bundle.cjs');
    writeFileSync(inner, "module.exports = require('node:path').basename(__filename);");
    writeFileSync(bundle, "exports.say = () => require('./b.bundle.cjs');");
    run(`${print} keepCode();`);
    expect(existsSync(`${inner}.code`)).toBe(true);
    expect(load()).toBe('b.bundle.cjs false,false');
  });
});
