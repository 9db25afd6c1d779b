import type { TopicPartition } from '../../admin-topics';
import type { Assignor } from './assignor';

/**
 * Kafka's RoundRobinAssignor: the partitions of all topics, one after another, go to the members in
 * turn; a member that does not subscribe to a topic is passed over.
 */
export const roundRobinAssignor: Assignor = {
  // As Kafka's clients write it.
  name: 'roundrobin',
  assign(members, partitionCounts) {
    const given = new Map<string, TopicPartition[]>(members.map(({ member }) => [member, []]));
    const sharing = members.map(({ member, topics }) => ({ member, topics: new Set(topics) }));
    let turn = 0;
    for (const [topic, count] of partitionCounts) {
      if (!sharing.some(({ topics }) => topics.has(topic))) continue;
      for (let partition = 0; partition < count; partition += 1) {
        while (sharing[turn % sharing.length]?.topics.has(topic) !== true) turn += 1;
        const { member = '' } = sharing[turn % sharing.length] ?? {};
        given.get(member)?.push({ topic, partition });
        turn += 1;
      }
    }
    return given;
  },
};
