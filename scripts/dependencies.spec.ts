import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const REPOSITORY = join(__dirname, '..');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifests(): Manifest[] {
  const folders = ['.', 'native', ...['libs', 'apps'].flatMap(foldersIn)];
  return folders
    .map((folder) => join(REPOSITORY, folder, 'package.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Manifest);
}

function foldersIn(folder: string): string[] {
  return readdirSync(join(REPOSITORY, folder)).map((name) => join(folder, name));
}

function direct(manifest: Manifest): [name: string, range: string][] {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  return Object.entries({ ...dependencies, ...optionalDependencies, ...devDependencies });
}

describe('docs/dependencies.md', () => {
  const text = readFileSync(join(REPOSITORY, 'docs/dependencies.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `([^`]+)` \|(.*)\|$/gm)];
  const listed = rows.map(([, name]) => name ?? '');
  const wanted = manifests()
    .flatMap(direct)
    .map(([name]) => name)
    .filter((name) => !name.startsWith('@walrusmq/'));

  it('gives every direct dependency one line, and no other package', () => {
    expect([...listed].sort()).toEqual([...new Set(wanted)].sort());
  });

  it('says of each why it is there', () => {
    const unexplained = rows.filter(([, , rest]) => (rest ?? '').split('|').at(-1)?.trim() === '');
    expect(unexplained.map(([, name]) => name)).toEqual([]);
  });
});

describe('the manifests', () => {
  it('pin every direct dependency to one version', () => {
    const loose = manifests()
      .flatMap(direct)
      .filter(([, range]) => !/^(npm:[@\w/-]+@)?\d+\.\d+\.\d+$/.test(range));
    expect(loose).toEqual([]);
  });

  it('ask for one version of a package everywhere', () => {
    const versions = new Map<string, Set<string>>();
    for (const [name, range] of manifests().flatMap(direct)) {
      versions.set(name, (versions.get(name) ?? new Set()).add(range));
    }
    expect([...versions].filter(([, ranges]) => ranges.size > 1)).toEqual([]);
  });
});

describe('package-lock.json', () => {
  interface Lock {
    readonly packages: Readonly<
      Record<string, Manifest & { readonly resolved?: string; readonly link?: boolean }>
    >;
  }
  const lock = JSON.parse(readFileSync(join(REPOSITORY, 'package-lock.json'), 'utf8')) as Lock;

  it('names no registry', () => {
    const addressed = Object.entries(lock.packages).filter(([, { resolved, link }]) => {
      return resolved !== undefined && link !== true;
    });
    expect(addressed.map(([path]) => path)).toEqual([]);
  });

  it('holds what every package.json asks for', () => {
    const held = new Map(Object.values(lock.packages).map((entry) => [entry.name, entry]));
    for (const manifest of manifests()) {
      const entry = held.get(manifest.name);
      expect({ name: manifest.name, wanted: direct(entry ?? { name: '' }).sort() }).toEqual({
        name: manifest.name,
        wanted: direct(manifest).sort(),
      });
    }
  });
});
