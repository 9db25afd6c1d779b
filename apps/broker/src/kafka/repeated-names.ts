// Requests that name the same thing twice.
import { KafkaRefusal } from './error-codes';

/** The names that are there more than once. */
export function repeatedNames(names: Iterable<string>): ReadonlySet<string> {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) repeated.add(name);
    seen.add(name);
  }
  return repeated;
}

/** The first item of each name, in the order of the request. */
export function firstOfEach<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): readonly Item[] {
  const byName = new Map<string, Item>();
  for (const item of items) {
    const name = nameOf(item);
    if (!byName.has(name)) byName.set(name, item);
  }
  return [...byName.values()];
}

/** What a request is told that names `what` twice. */
export function namedTwice(what: string): KafkaRefusal {
  return new KafkaRefusal('INVALID_REQUEST', `The request names ${what} more than once.`);
}
