// Partitions as requests about committed offsets name them, and as groups keep them.
import type { ErrorReply, PartitionName } from '../group/group-requests';
import type { TopicIds } from '../topic/topic-ids';
import type { Topics } from '../topic/topics';
import { kafkaCode } from './error-codes';
import type { NamedTopic } from './found-partition';
import { groupCode } from './group-answers';

/** A partition that there is, or the code of why there is none. */
export type GroupPlace =
  | { readonly name: PartitionName & { readonly topicName: string } }
  | { readonly errorCode: number };

/** Where partitions are looked up. */
export interface PlaceTopics {
  readonly topics: Pick<Topics, 'find'>;
  readonly topicIds: Pick<TopicIds, 'find'>;
}

/** The partition `partition` of a topic that the request names, by its id where `byId`. */
export function placeOf(
  { topics, topicIds }: PlaceTopics,
  { name, topicId }: NamedTopic,
  partition: number,
  byId: boolean,
): GroupPlace {
  const topic = byId ? topicIds.find(topicId) : topics.find(name);
  if (topic === undefined) {
    return { errorCode: kafkaCode(byId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION') };
  }
  if (partition < 0 || partition >= topic.partitionCount) {
    return { errorCode: kafkaCode('UNKNOWN_TOPIC_OR_PARTITION') };
  }
  return { name: { topicId: topic.id, topicName: topic.name, partition } };
}

/**
 * What each place of a request is answered: why there is none, or the next outcome.
 *
 * REQUIRES: an outcome for each place that there is, in their order.
 */
export function placeCodes(
  places: readonly GroupPlace[],
  outcomes: readonly ErrorReply[],
): number[] {
  const rest = outcomes.values();
  return places.map((place) => {
    if ('errorCode' in place) return place.errorCode;
    const { value } = rest.next();
    if (value === undefined) throw new Error('fewer outcomes than partitions');
    return groupCode(value.error);
  });
}
