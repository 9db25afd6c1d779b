// Brings a clone to the state a target needs: tools, packages, addon, compiled output. Each part
// is a check that costs milliseconds when nothing changed.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ensureTools, installHint } from './tools.mjs';

export const ROOT = join(import.meta.dirname, '..');
export const STATE = join(ROOT, '.make');
const NODE_MIN = [20, 19];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'build']);

/** Ends a target with a sentence for the person who called it, without a stack. */
export class SetupError extends Error {}

function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Runs one command of the set-up, with its output shown; prints its name and its seconds. */
function runStep(name, command, args) {
  say(`→ ${name}`);
  const started = performance.now();
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (status !== 0) {
    const reason = error === undefined ? `exit code ${String(status)}` : error.message;
    throw new SetupError(
      `${name} failed after ${seconds} s (${reason}): ${command} ${args.join(' ')}`,
    );
  }
  say(`✓ ${name} ${seconds} s`);
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) return;
  throw new SetupError(
    `Node ${process.versions.node} is too old: ${NODE_MIN.join('.')} or newer is needed.\n` +
      '  Debian 13 or later: apt-get install -y nodejs npm\n  macOS: brew install node\n' +
      '  elsewhere: https://nodejs.org',
  );
}

/**
 * Makes sure of tools (keys of TOOLS), installing them where that needs no password.
 *
 * @throws {SetupError} One is missing; the message says how to get it.
 */
export function requireTools(names) {
  const missing = ensureTools(names, say);
  if (missing.length > 0) throw new SetupError(missing.map(installHint).join('\n'));
}

function readJson(path) {
  return JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
}

/** Whether the lock still says what this package.json asks for. */
function lockCovers(locked, manifest) {
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return kinds.every((kind) => {
    const wanted = Object.entries(manifest[kind] ?? {});
    const held = locked?.[kind] ?? {};
    return (
      wanted.length === Object.keys(held).length &&
      wanted.every(([name, range]) => held[name] === range)
    );
  });
}

/**
 * Whether node_modules holds exactly what package-lock.json names (npm keeps its own record there).
 */
function packagesAreCurrent() {
  const record = join(ROOT, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  const locked = readJson('package-lock.json').packages;
  return Object.entries(locked).every(([path, entry]) => {
    if (!path.includes('node_modules/')) {
      const manifest = join(path, 'package.json');
      return existsSync(join(ROOT, manifest)) && lockCovers(entry, readJson(manifest));
    }
    if (entry.optional === true && installed[path] === undefined) return true;
    return installed[path]?.version === entry.version && existsSync(join(ROOT, path));
  });
}

/**
 * Installs the npm packages when node_modules is not what the lock says; that builds the addon too.
 */
export function ensurePackages() {
  checkNode();
  requireTools(['npm']);
  if (packagesAreCurrent()) return;
  requireTools(['cmake', 'ninja', 'compiler']);
  // Several build-time packages ask for a newer Node and work with this one: their warnings are
  // noise.
  runStep('npm ci (packages and addon)', 'npm', ['ci', '--loglevel=error']);
}

/**
 * The newest change below a path in ms; 0 when there is none. Tests are not part of what is built.
 */
function newestMs(path, isSource) {
  const full = join(ROOT, path);
  if (!existsSync(full)) return 0;
  const stat = statSync(full);
  if (!stat.isDirectory()) return isSource(path) ? stat.mtimeMs : 0;
  let newest = 0;
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    if (SKIPPED_FOLDERS.has(entry.name)) continue;
    newest = Math.max(newest, newestMs(join(path, entry.name), isSource));
  }
  return newest;
}

/** Whether something built at `outputs` and noted under `stamp` is newer than all of `sources`. */
function isCurrent(stamp, outputs, sources, isSource) {
  if (!outputs.every((path) => existsSync(join(ROOT, path)))) return false;
  const note = join(STATE, `${stamp}.stamp`);
  // npm ci builds the addon without leaving a note; then the outputs tell their own age.
  const witnesses = existsSync(note) ? [note] : outputs.map((path) => join(ROOT, path));
  const builtMs = Math.min(...witnesses.map((path) => statSync(path).mtimeMs));
  return sources.every((path) => newestMs(path, isSource) < builtMs);
}

/** Notes when a build began: a source that changed while it ran counts as newer. */
function stamp(name, startedMs) {
  mkdirSync(STATE, { recursive: true });
  const note = join(STATE, `${name}.stamp`);
  writeFileSync(note, '');
  utimesSync(note, startedMs / 1000, startedMs / 1000);
}

const ADDON = 'native/build/Release/walrus.node';
const ADDON_SOURCES = ['wal', 'binding', 'cmake', 'scripts', 'CMakeLists.txt', 'package.json'].map(
  (name) => `native/${name}`,
);

/** Builds the addon when a native source is newer than it. */
export function ensureAddon() {
  ensurePackages();
  const isSource = (path) => !path.endsWith('_test.cc');
  if (isCurrent('addon', [ADDON], ADDON_SOURCES, isSource)) return;
  requireTools(['cmake', 'ninja', 'compiler']);
  const startedMs = Date.now();
  runStep('addon', 'npm', ['run', 'install', '-w', 'native', '--loglevel=error']);
  stamp('addon', startedMs);
}

// What bin/walrusmq loads.
const BUNDLE = 'apps/cli/dist/walrusmq.bundle.cjs';

function workspaceFolders() {
  return ['libs', 'apps'].flatMap((folder) =>
    readdirSync(join(ROOT, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => existsSync(join(ROOT, path, 'tsconfig.build.json'))),
  );
}

/** Compiles the packages and bundles the broker when a source is newer than what was built. */
export function ensureDist() {
  ensureAddon();
  const folders = workspaceFolders();
  const bundlers = readdirSync(join(ROOT, 'scripts'))
    .filter((name) => /^bundle-\w+\.mjs$/.test(name))
    .map((name) => `scripts/${name}`);
  const sources = [
    ...folders.flatMap((path) => [
      `${path}/src`,
      `${path}/tsconfig.build.json`,
      `${path}/package.json`,
    ]),
    'tsconfig.build.json',
    'tsconfig.base.json',
    'bin',
    ...bundlers,
  ];
  const outputs = [...folders.map((path) => `${path}/dist/index.js`), BUNDLE];
  const isSource = (path) => !/\.(spec|contract|property)\.ts$/.test(path);
  if (isCurrent('dist', outputs, sources, isSource)) return;
  const startedMs = Date.now();
  const compile = ['node_modules/typescript/bin/tsc', '-b', 'tsconfig.build.json'];
  runStep('compile', process.execPath, compile);
  for (const bundler of bundlers) runStep(bundler, process.execPath, [bundler]);
  stamp('dist', startedMs);
}
