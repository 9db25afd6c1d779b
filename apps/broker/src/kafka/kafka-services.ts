import type { InstanceStorage } from '@walrusmq/storage';
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
  readonly settings: Pick<BrokerSettings, 'fetchBytesMax' | 'kafkaAutoCreateTopics'>;
  /** All settings of the instance as they are now; `dataDir` is its own directory. */
  readonly currentSettings: () => BrokerSettings;
  readonly storage: () => Pick<InstanceStorage, 'directory' | 'fence'>;
  /** 32 hex digits. */
  readonly instanceId: () => string;
}
