// Which partitions a request about a reader means, and where in them it sends the reader.
import { ProtocolError, type ChosenPartitions, type OffsetMoment } from '@walrusmq/protocol';
import type { LogState, TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';

/** A partition of a topic that exists. */
export interface Target {
  readonly topic: TopicDescription;
  readonly index: number;
}

/** A partition and an offset there. */
export interface PlacedTarget extends Target {
  readonly offset: number;
}

/**
 * The partitions that are meant, in the order of the request.
 * @throws {ProtocolError} UNKNOWN_TOPIC, UNKNOWN_PARTITION.
 */
export function findTargets(topics: Topics, chosen: ChosenPartitions): readonly Target[] {
  if ('topics' in chosen) {
    return chosen.topics.flatMap((name) => {
      const topic = topics.require(name);
      return Array.from({ length: topic.partitionCount }, (_, index) => ({ topic, index }));
    });
  }
  return chosen.partitions.map(([name, index]) => {
    const topic = topics.require(name);
    checkIndex(topic, index);
    return { topic, index };
  });
}

/** @throws {ProtocolError} UNKNOWN_PARTITION. */
export function checkIndex({ name, partitionCount }: TopicDescription, index: number): void {
  if (index < partitionCount) return;
  throw new ProtocolError(
    'UNKNOWN_PARTITION',
    `Topic '${name}' has partitions 0 to ${partitionCount - 1}, not ${index}.`,
  );
}

/** The targets by topic, in order. */
export function byTopic<T extends Target>(targets: readonly T[]): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const target of targets) {
    const group = groups.get(target.topic.id);
    if (group === undefined) groups.set(target.topic.id, [target]);
    else group.push(target);
  }
  return [...groups.values()];
}

/** Where a partition stands; it is not opened for that. */
export function stateOf(topics: Topics, { topic, index }: Target): LogState {
  const [state] = topics.states(topic, index, 1);
  return state as LogState;
}

/** The nearest offset at which there is something to read, or the readable end. */
export function clamped(offset: number, { logStartOffset, readableEnd }: LogState): number {
  return Math.min(Math.max(offset, logStartOffset), readableEnd);
}

/**
 * The offset of a moment: the first record that is not older, or the readable end when there is
 * none. Rejects with CORRUPT, BUSY or UNKNOWN_TOPIC.
 */
export async function offsetAt(topics: Topics, target: Target, at: OffsetMoment): Promise<number> {
  const { logStartOffset, readableEnd } = stateOf(topics, target);
  if (at === 'earliest') return logStartOffset;
  if (at === 'latest' || logStartOffset === readableEnd) return readableEnd;
  const partition = topics.partitionOf(target.topic, target.index);
  const found = await partition.offsetForTimestamp(at);
  return found?.offset ?? partition.state.readableEnd;
}

/** Partitions that one request works on at a time. */
const CONCURRENCY_MAX = 256;

/**
 * Runs `work` for each, a bounded number at a time; resolves with the results in order. Rejects
 * with the first failure, once those that had begun have ended.
 */
export async function eachTarget<T, Result>(
  targets: readonly T[],
  work: (target: T) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(targets.length);
  const budget = new TickBudget();
  const left = targets.entries();
  let isFailed = false;
  const worker = async (): Promise<void> => {
    for (const [at, target] of left) {
      if (isFailed) return;
      await budget.pause();
      try {
        results[at] = await work(target);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: Math.min(CONCURRENCY_MAX, targets.length) }, worker);
  const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
  if (failed !== undefined && 'reason' in failed) throw failed.reason;
  return results;
}
