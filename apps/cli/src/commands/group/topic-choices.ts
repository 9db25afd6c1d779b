// Topics on the command line, each with or without some of its partitions: orders, orders:0,2.
import type { Admin, TopicPartition } from '@walrusmq/client';
import { CliError, ExitCode } from '../../cli-error';
import { wholeNumber } from '../client-options';

const PARTITION_MAX = 9_999;

/** Topics of which all partitions are meant, and single partitions. */
export interface TopicChoices {
  readonly topics: readonly string[];
  readonly partitions: readonly TopicPartition[];
}

/**
 * What `--topic` chooses.
 * @throws {CliError} Something that is no topic, or no partition.
 */
export function readTopicChoices(texts: readonly string[]): TopicChoices {
  const topics: string[] = [];
  const partitions: TopicPartition[] = [];
  const read = wholeNumber('a partition of --topic', 0, PARTITION_MAX);
  for (const text of texts) {
    const [topic = '', list, ...more] = text.split(':');
    if (topic === '' || list === '' || more.length > 0) {
      const message = `--topic takes TOPIC or TOPIC:PARTITION,PARTITION, got "${text}"`;
      throw new CliError(message, ExitCode.usage);
    }
    if (list === undefined) topics.push(topic);
    else for (const each of list.split(',')) partitions.push({ topic, partition: read(each) });
  }
  return { topics, partitions };
}

/** Every partition that is meant. */
export async function partitionsOf(
  admin: Admin,
  { topics, partitions }: TopicChoices,
): Promise<readonly TopicPartition[]> {
  const described = topics.length === 0 ? [] : await admin.describeTopics(topics);
  return [
    ...partitions,
    ...described.flatMap((topic) =>
      topic.partitions.map(({ partition }) => ({ topic: topic.name, partition })),
    ),
  ];
}
