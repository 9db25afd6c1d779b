// Partitions by topic name, as clients say them, and by topic id, as groups keep them.
import type { AssignedPartitions, PartitionError } from '@walrusmq/protocol';
import type { TopicPartitionList } from '@walrusmq/storage';
import type { CatalogueTopics } from '../group/catalogue-topics';
import type { PartitionName } from '../group/group-requests';

/** A partition that there is, or why there is none. */
export type FoundPartition =
  | { readonly name: PartitionName & { readonly topicName: string } }
  | { readonly error: PartitionError };

/** The partition `partition` of the topic `topicName`, which has the id `id` where one is given. */
export function findPartition(
  topics: CatalogueTopics,
  topicName: string,
  partition: number,
  id?: string,
): FoundPartition {
  const topic = topics.find(topicName);
  if (topic === undefined || (id ?? topic.id) !== topic.id) {
    const which = id === undefined ? '' : ` with the id ${id}`;
    return { error: errorOf('UNKNOWN_TOPIC', `No topic '${topicName}'${which}.`) };
  }
  const { id: topicId, partitionCount } = topic;
  if (partition < partitionCount) return { name: { topicId, topicName, partition } };
  const text = `Topic '${topicName}' has partitions 0 to ${partitionCount - 1}, not ${partition}.`;
  return { error: errorOf('UNKNOWN_PARTITION', text) };
}

/** Partitions with the names of their topics; those of topics that are gone are left out. */
export function withNames(
  topics: CatalogueTopics,
  lists: readonly TopicPartitionList[],
): AssignedPartitions[] {
  return lists.flatMap(({ topicId, partitions }) => {
    const topic = topics.nameOf(topicId);
    return topic === undefined ? [] : [{ topic, id: topicId, partitions }];
  });
}

function errorOf(code: 'UNKNOWN_TOPIC' | 'UNKNOWN_PARTITION', message: string): PartitionError {
  return { code, message };
}
