// Completes package-lock.json for platforms other than the one that wrote it.
//
// npm leaves an optional dependency out of the lock when the registry could not serve it, and then
// `npm ci` refuses the lock ("Missing: … from lock file"). This adds an entry for each of them with
// the version its parent asks for and the platform its name tells, so that npm ci skips it here and
// fetches it there. Run it after every change of a dependency: node scripts/lockfill.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const OPERATING_SYSTEMS = new Map(
  'aix android darwin freebsd linux netbsd openbsd openharmony sunos win32'
    .split(' ')
    .map((name) => [name, name])
    .concat([
      ['linuxmusl', 'linux'],
      ['win', 'win32'],
      ['windows', 'win32'],
    ]),
);
const PROCESSORS = new Map(
  'arm arm64 ia32 loong64 mips64el ppc64 riscv64 s390x wasm32 x64'
    .split(' ')
    .map((name) => [name, name])
    .concat([
      ['armv6', 'arm'],
      ['armv7', 'arm'],
    ]),
);

/** The lock path at which Node would find `name` from `parentPath`, or undefined. */
function findEntry(packages, parentPath, name) {
  let directory = parentPath;
  for (;;) {
    const path = directory === '' ? `node_modules/${name}` : `${directory}/node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (directory === '') return undefined;
    const cut = directory.lastIndexOf('/node_modules/');
    directory = cut < 0 ? '' : directory.slice(0, cut);
  }
}

/**
 * The entry for a package known only by its name and range; undefined when these do not say enough.
 */
function describe(name, range, isDevelopment) {
  const words = name.split('/').at(-1).split(/[-_]/);
  const os = words.map((word) => OPERATING_SYSTEMS.get(word)).find((found) => found !== undefined);
  const cpu = words.map((word) => PROCESSORS.get(word)).find((found) => found !== undefined);
  const version = range.replace(/^[\^~]/, '');
  if (!/^\d+\.\d+\.\d+/.test(version) || (os === undefined && cpu === undefined)) return undefined;
  const libc = words.some((word) => word.includes('musl'))
    ? 'musl'
    : words.some((word) => word.includes('gnu') || word === 'glibc')
      ? 'glibc'
      : undefined;
  return {
    version,
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(isDevelopment ? { dev: true } : {}),
    ...(os === 'linux' && libc !== undefined ? { libc: [libc] } : {}),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
  };
}

/**
 * Adds the missing optional entries to a parsed lock, in npm's order.
 *
 * @returns The lock paths that were added, and the packages whose name told no platform.
 */
export function fillLock(lock) {
  const added = [];
  const unknown = [];
  for (const [parentPath, parent] of Object.entries(lock.packages)) {
    for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
      if (findEntry(lock.packages, parentPath, name) !== undefined) continue;
      const entry = describe(name, range, parent.dev === true);
      if (entry === undefined) {
        unknown.push(`${name}@${range} (wanted by ${parentPath})`);
        continue;
      }
      lock.packages[`node_modules/${name}`] = entry;
      added.push(`node_modules/${name}`);
    }
  }
  const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en'));
  lock.packages = Object.fromEntries(sorted);
  return { added, unknown };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const file = process.argv[2] ?? 'package-lock.json';
  const lock = JSON.parse(readFileSync(file, 'utf8'));
  const { added, unknown } = fillLock(lock);
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
  process.stdout.write(`${file}: ${added.length} entries added\n`);
  for (const name of unknown) process.stderr.write(`${file}: no platform told by ${name}\n`);
  if (unknown.length > 0) process.exitCode = 1;
}
