import type { TopicDescription } from '@walrusmq/storage';
import type { BrokerSettings } from '../config/settings-table';
import type { InstanceGroups } from '../group/instance-groups';
import type { Counters } from '../observability/counters';
import type { FetchWaiters } from '../partition/fetch-waiters';
import type { ProducerIds } from '../partition/producer-ids';
import type { TopicIds } from '../topic/topic-ids';
import type { Topics } from '../topic/topics';

/** The one broker there is: leader of every partition, coordinator of every group, controller. */
export const NODE_ID = 1;

/** What the Kafka APIs of one instance are answered with. */
export interface KafkaServices {
  readonly topics: Topics;
  readonly topicIds: TopicIds;
  readonly groups: InstanceGroups;
  readonly producerIds: ProducerIds;
  readonly waiters: FetchWaiters;
  readonly counters: Counters;
  readonly settings: Pick<BrokerSettings, 'fetchBytesMax'>;
  /** 32 hex digits. */
  readonly instanceId: () => string;
}

/** A topic's id as the protocol's codecs have it: 32 hex digits in groups. */
export function uuidOf({ id }: Pick<TopicDescription, 'id'>): string {
  return [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join(
    '-',
  );
}

/** The topic id that a uuid of the protocol stands for. */
export function topicIdOf(uuid: string): string {
  return uuid.replaceAll('-', '');
}
