// What a topic may not become, whatever the catalogue could hold.
import { PARTITION_COUNT_MAX, ProtocolError } from '@walrusmq/protocol';
import { TOPIC_PINS_MAX, type TopicDescription } from '@walrusmq/storage';
import type { BrokerSettings } from '../config/settings-table';

/** Bounds of an instance. */
export type TopicLimits = Pick<BrokerSettings, 'topicsMax' | 'partitionsMax'>;

/** What there is already. */
interface Counts {
  readonly topicCount: number;
  readonly partitionCount: number;
}

/** What there is already, by name too. */
interface Names extends Counts {
  collidingWith(name: string): string | undefined;
}

/**
 * @throws {ProtocolError} INVALID_TOPIC_NAME, INVALID_PARTITIONS, LIMIT_EXCEEDED: this topic cannot
 *   be beside those that there are.
 */
export function checkCreation(
  there: Names,
  name: string,
  partitions: number,
  limits: TopicLimits,
): void {
  const other = there.collidingWith(name);
  if (other !== undefined) {
    throw new ProtocolError(
      'INVALID_TOPIC_NAME',
      `Topic '${name}' collides with topic '${other}': in metric names "." and "_" are the same.`,
    );
  }
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITION_COUNT_MAX) {
    throw new ProtocolError(
      'INVALID_PARTITIONS',
      `A topic has 1 to ${PARTITION_COUNT_MAX} partitions, not ${partitions}.`,
    );
  }
  if (there.topicCount >= limits.topicsMax) {
    throw new ProtocolError(
      'LIMIT_EXCEEDED',
      `The instance has ${there.topicCount} topics, and --topics-max is ${limits.topicsMax}.`,
    );
  }
  checkPartitions(there.partitionCount + partitions, limits);
}

/** @throws {ProtocolError} INVALID_PARTITIONS, LIMIT_EXCEEDED: it cannot have so many. */
export function checkAlteration(
  there: Counts,
  topic: TopicDescription,
  partitions: number,
  limits: TopicLimits,
): void {
  const { name, partitionCount } = topic;
  if (partitions === partitionCount) return;
  if (!Number.isInteger(partitions) || partitions > PARTITION_COUNT_MAX || partitions < 1) {
    throw new ProtocolError(
      'INVALID_PARTITIONS',
      `A topic has 1 to ${PARTITION_COUNT_MAX} partitions, not ${partitions}.`,
    );
  }
  if (partitions < partitionCount) {
    throw new ProtocolError(
      'INVALID_PARTITIONS',
      `Topic '${name}' has ${partitionCount} partitions and can only get more, not ${partitions}.`,
    );
  }
  checkPartitions(there.partitionCount + partitions - partitionCount, limits);
}

function checkPartitions(count: number, { partitionsMax }: TopicLimits): void {
  if (count <= partitionsMax) return;
  throw new ProtocolError(
    'LIMIT_EXCEEDED',
    `The instance would have ${count} partitions, and --partitions-max is ${partitionsMax}.`,
  );
}

/** @throws {ProtocolError} LIMIT_EXCEEDED: a topic cannot have so many pins. */
export function checkPins(count: number): void {
  if (count <= TOPIC_PINS_MAX) return;
  const message = `A topic has at most ${TOPIC_PINS_MAX} pins; take one off first.`;
  throw new ProtocolError('LIMIT_EXCEEDED', message);
}
