// Finding the partitions that requests name, as Kafka's protocol wants it.
import type { TopicDescription } from '@walrusmq/storage';
import type { Partition } from '../partition/partition';
import { KafkaRefusal } from './error-codes';
import type { KafkaServices } from './kafka-services';

/** How a request names a topic: versions with ids leave the name empty. */
export interface NamedTopic {
  readonly name: string;
  readonly topicId: string;
}

/**
 * The topic that a request names, by its id where `byId`.
 * @throws {ProtocolError} UNKNOWN_TOPIC; UNKNOWN_TOPIC_ID.
 */
export function findTopic(
  { topics, topicIds }: Pick<KafkaServices, 'topics' | 'topicIds'>,
  { name, topicId }: NamedTopic,
  byId: boolean,
): TopicDescription {
  if (!byId) return topics.require(name);
  const topic = topicIds.find(topicId);
  if (topic !== undefined) return topic;
  throw new KafkaRefusal('UNKNOWN_TOPIC_ID', `No topic has the id ${topicId}.`);
}

/**
 * Holds the epoch that a client believes its partition is in against the present one; a negative
 * one is none (KIP-320).
 *
 * @throws {KafkaRefusal} FENCED_LEADER_EPOCH: the client has to ask for metadata.
 * UNKNOWN_LEADER_EPOCH:
 *   the broker is behind, as after a restore of older files.
 */
export function checkLeaderEpoch(partition: Partition, claimed: number): void {
  if (claimed < 0) return;
  const { leaderEpoch } = partition.state;
  if (claimed === leaderEpoch) return;
  const name = claimed < leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
  throw new KafkaRefusal(name, `The leader epoch is ${leaderEpoch}, not ${claimed}.`);
}

/**
 * Refuses who asks as a replica of the partitions: only other brokers may, and there are none.
 *
 * @throws {KafkaRefusal} CLUSTER_AUTHORIZATION_FAILED.
 */
export function refuseReplica(replicaId: number): void {
  if (replicaId < 0) return;
  const message = `There is no replica ${replicaId}: clients ask as -1.`;
  throw new KafkaRefusal('CLUSTER_AUTHORIZATION_FAILED', message);
}
