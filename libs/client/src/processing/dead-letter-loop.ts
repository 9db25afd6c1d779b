// Keeps a group that reads topics by a pattern from reading its own dead letters.
import type { ConsumerRecord } from '../consumer-record';
import { InvalidOptionError } from '../errors';
import type { GroupSettings } from '../group/group-options';
import { DEAD_LETTER_HEADERS } from './dead-letter-headers';

/**
 * Whether a pattern in RE2 syntax matches a topic's whole name, as far as it can be told: false for
 * what only RE2 understands.
 */
export function patternMatches(pattern: string, topic: string): boolean {
  const text = pattern.replace(/^\(\?i\)/, '');
  try {
    return new RegExp(`^(?:${text})$`, text === pattern ? '' : 'i').test(topic);
  } catch {
    return false;
  }
}

/**
 * Whether dead letters of `origin` may go to `name`.
 *
 * @throws {InvalidOptionError} The group would read them, and those that fail again would go to the
 *   dead letters of the dead letters, and so on.
 */
export function checkNotReadAgain(
  name: string,
  origin: string,
  { pattern }: Pick<GroupSettings, 'pattern'>,
): void {
  if (pattern === undefined || !patternMatches(pattern, name)) return;
  throw new InvalidOptionError(
    `the dead letters of ${origin} would be read again, as topicPattern matches "${name}": give ` +
      'another topic as deadLetters.topic, or a pattern that does not match it',
  );
}

/**
 * Whether a record may die once more. What no pattern tells, its headers do.
 *
 * @throws {InvalidOptionError} It died in this group before, which has a pattern and so reads its
 *   own dead letters.
 */
export function checkNotDeadHere<K, V>(
  record: ConsumerRecord<K, V>,
  { group, pattern }: Pick<GroupSettings, 'group' | 'pattern'>,
): void {
  if (pattern === undefined) return;
  const { group: name } = DEAD_LETTER_HEADERS;
  if (!record.headerList.some(({ key, value }) => key === name && value?.toString() === group)) {
    return;
  }
  const { topic, partition, offset } = record;
  throw new InvalidOptionError(
    `${topic}/${partition}@${offset} is a dead letter of the group "${group}" itself, which ` +
      'reads it by its topicPattern: give a pattern that does not match its dead letters',
  );
}
