// Reads what `node --cpu-prof` wrote.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function and the time spent in it and in nothing it called. */
export interface SelfTime {
  readonly name: string;
  readonly selfMs: number;
  /** Of the time the thread was not idle. */
  readonly share: number;
}

const ROOT = join(__dirname, '..');

function nameOf({ functionName, url, lineNumber, columnNumber }: ProfileNode['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const path = url.startsWith('file://') ? relative(ROOT, new URL(url).pathname) : url;
  const place = path.startsWith(ROOT) ? relative(ROOT, path) : path;
  // The broker is one file of few long lines.
  return `${name} ${place}:${lineNumber + 1}:${columnNumber + 1}`;
}

/** Self times of a profile, most first; idle time is left out. */
export function selfTimes(profile: CpuProfile): SelfTime[] {
  const names = new Map(profile.nodes.map((node) => [node.id, nameOf(node.callFrame)]));
  const totals = new Map<string, number>();
  profile.samples.forEach((id, place) => {
    const name = names.get(id) ?? '(unknown)';
    totals.set(name, (totals.get(name) ?? 0) + (profile.timeDeltas[place] ?? 0) / 1000);
  });
  totals.delete('(idle)');
  const busyMs = [...totals.values()].reduce((sum, ms) => sum + ms, 0);
  return [...totals]
    .map(([name, selfMs]) => ({ name, selfMs, share: selfMs / busyMs }))
    .sort((a, b) => b.selfMs - a.selfMs);
}

/**
 * The one profile of the main thread in a directory.
 *
 * @throws {Error} There is none: the process did not end by itself.
 */
export function readProfile(directory: string): CpuProfile {
  const files = readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'));
  const profiles = files.map(
    (name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as CpuProfile,
  );
  // Loader threads write profiles too; the main thread's has by far the most samples.
  const [main] = profiles.sort((a, b) => b.nodes.length - a.nodes.length);
  if (main === undefined) throw new Error('the process left no profile');
  return main;
}
