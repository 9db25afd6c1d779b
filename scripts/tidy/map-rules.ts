// ARCHITECTURE.md's map against the tree: both name the same places.
import { dirname } from 'node:path';
import type { Breach, Rule, SourceTree } from './source-tree';

const MAP_FILE = 'ARCHITECTURE.md';

interface Named {
  readonly path: string;
  readonly line: number;
}

/**
 * The paths that the document's inline code and code blocks name; patterns and prose are left out.
 */
function namedPaths(text: string): Named[] {
  const found: Named[] = [];
  let inBlock = false;
  text.split('\n').forEach((line, index) => {
    if (line.startsWith('```')) {
      inBlock = !inBlock;
      return;
    }
    const words = inBlock
      ? line.split(/\s+/)
      : [...line.matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');
    for (const word of words) {
      const path = word.replace(/^\.\//, '').replace(/[,;:.]$/, '');
      if (/^[\w.-]+(\/[\w.-]+)*\/?$/.test(path)) found.push({ path, line: index + 1 });
    }
  });
  return found;
}

/** The folders at the top of the tree: a word is a path of ours only when it begins with one. */
function topFolders(tree: SourceTree): Set<string> {
  const nested = tree.files.filter(({ path }) => path.includes('/'));
  return new Set(nested.map(({ path }) => path.split('/')[0] ?? ''));
}

/**
 * Whether the map has the file, its folder, or one further out of which the map names no inner
 * folder: a map that goes into a folder has to go into all of it.
 */
function isMapped(path: string, mapped: ReadonlySet<string>, files: ReadonlySet<string>): boolean {
  if (mapped.has(path) || mapped.has(dirname(path))) return true;
  let outer = dirname(dirname(path));
  while (outer !== '.' && !mapped.has(outer)) outer = dirname(outer);
  const isInner = (other: string): boolean => other.startsWith(`${outer}/`) && !files.has(other);
  return outer !== '.' && ![...mapped].some(isInner);
}

export const mapMatches: Rule = {
  name: `${MAP_FILE} names every place that exists, and no other`,
  find: (tree) => {
    const map = tree.file(MAP_FILE);
    if (map === undefined)
      return [{ path: MAP_FILE, line: 0, message: 'the map of the tree is missing' }];
    const tops = topFolders(tree);
    const named = namedPaths(map.text).filter(({ path }) => tops.has(path.split('/')[0] ?? ''));
    const gone = named.filter(({ path }) => {
      const folder = path.endsWith('/') ? path : `${path}/`;
      return !tree.files.some((file) => file.path === path || file.path.startsWith(folder));
    });
    const mapped = new Set(named.map(({ path }) => path.replace(/\/$/, '')));
    const files = new Set(tree.files.map(({ path }) => path));
    const missing = new Map<string, Breach>();
    for (const file of tree.files) {
      const isSource = (file.isTypeScript || file.isCpp) && !file.isTest;
      if (!isSource || isMapped(file.path, mapped, files)) continue;
      const folder = dirname(file.path);
      const message = `neither it nor ${folder}/ is in ${MAP_FILE}: say there what is in it`;
      missing.set(folder, { path: file.path, line: 0, message });
    }
    return [
      ...gone.map(({ path, line }) => ({
        path: MAP_FILE,
        line,
        message: `${path} does not exist`,
      })),
      ...missing.values(),
    ];
  },
};
