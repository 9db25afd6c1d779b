// Refuses options that nobody reads: one that is misspelt would be ignored without a word.
import { InvalidOptionError } from './errors';

/**
 * Every name of an options type, once: a table that forgets one, or has one that is not there any
 * more, does not compile.
 */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Checks that options are an object whose every name is known.
 *
 * @param owner Whose they are: 'a Producer', or the option that they lie in, 'backoff'.
 * @param given Anything, as programs without types have no other check.
 * @param known An `OptionNames` of their type.
 * @throws {InvalidOptionError} Names the option, and the known one that is meant by it, or all of
 *   them where none is near.
 */
export function checkNames(
  owner: string,
  given: unknown,
  known: Readonly<Record<string, true>>,
): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const kind = given === null ? 'null' : Array.isArray(given) ? 'a list' : typeof given;
    throw new InvalidOptionError(`${owner} takes its options as an object, got ${kind}`);
  }
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(known, name)) continue;
    throw new InvalidOptionError(
      `${owner} has no option ${JSON.stringify(name.slice(0, SHOWN_MAX))}; ` +
        hint(name, Object.keys(known)),
    );
  }
}

/** The names of a table, in its order. */
export function namesOf<Name extends string>(table: Readonly<Record<Name, true>>): Name[] {
  return Object.keys(table) as Name[];
}

const SHOWN_MAX = 60;

function hint(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? `it has ${[...known].sort().join(', ')}` : `did you mean ${near}?`;
}

/** The known name that is few letters away, or that the other one begins or ends with. */
function nearest(name: string, known: readonly string[]): string | undefined {
  // A longer one is no slip of a finger, and its distance not worth the time.
  if (name.length > SHOWN_MAX) return undefined;
  const lower = name.toLowerCase();
  const ranked = known
    .map((each) => ({ each, edits: editDistance(lower, each.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  if (best !== undefined && best.edits <= Math.max(1, Math.floor(lower.length / 3))) {
    return best.each;
  }
  // `groupId` for `group`, `timeoutMs` for `requestTimeoutMs`: as long as only one can be meant.
  const parts = known.filter((each) => isPart(lower, each.toLowerCase()));
  return parts.length === 1 ? parts[0] : undefined;
}

const PART_LENGTH_MIN = 4;

function isPart(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= PART_LENGTH_MIN && (long.startsWith(short) || long.endsWith(short));
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const changed = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
