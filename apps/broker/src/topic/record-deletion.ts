// Letting go of the oldest records of partitions because somebody asked for it.
import { ProtocolError } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Topics } from './topics';

/** A partition and the offset before which its records go. */
export interface DeletionTarget {
  readonly index: number;
  readonly before: number;
}

type Partitions = Pick<Topics, 'partitionOf' | 'requireIndex' | 'states'>;

/** Log starts that one request moves at a time: each waits for a sync. */
const TRUNCATIONS_MAX = 2;

/**
 * Checks that the records before the offset can go; opens no partition.
 * @throws {ProtocolError} UNKNOWN_PARTITION; OFFSET_OUT_OF_RANGE above the readable end.
 */
export function checkDeletion(
  topics: Partitions,
  topic: TopicDescription,
  { index, before }: DeletionTarget,
): void {
  topics.requireIndex(topic, index);
  const [state] = topics.states(topic, index, 1);
  const readableEnd = state?.readableEnd ?? 0;
  if (before <= readableEnd) return;
  throw new ProtocolError(
    'OFFSET_OUT_OF_RANGE',
    `${topic.name}-${index}: ${before} is above the readable end ${readableEnd}.`,
  );
}

/**
 * Lets go of the records before the offset; resolves, once that is durable in every schedule, with
 * the offset at which the partition begins then. One at or below the log start changes nothing.
 *
 * Rejects with OFFSET_OUT_OF_RANGE, CORRUPT, NO_SPACE, FENCED or UNKNOWN_TOPIC.
 */
export async function deleteBefore(
  topics: Partitions,
  topic: TopicDescription,
  { index, before }: DeletionTarget,
): Promise<number> {
  const [state] = topics.states(topic, index, 1);
  if (before > (state?.logStartOffset ?? 0)) {
    await topics.partitionOf(topic, index).truncate(before);
  }
  const [after] = topics.states(topic, index, 1);
  return after?.logStartOffset ?? 0;
}

/** Does the work for each item, two at a time; rejects with the first error. */
export async function inTurns<Item>(
  items: readonly Item[],
  work: (item: Item, at: number) => Promise<void>,
): Promise<void> {
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) await work(item, at);
  };
  await Promise.all(Array.from({ length: TRUNCATIONS_MAX }, worker));
}
