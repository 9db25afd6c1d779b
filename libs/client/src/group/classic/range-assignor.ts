import type { TopicPartition } from '../../admin-topics';
import { subscribersOf, type Assignor } from './assignor';

/**
 * Kafka's RangeAssignor: of each topic every subscriber gets a run of neighbouring partitions, the
 * first ones one more where they do not come out even. Topics with equally many partitions and the
 * same subscribers are shared alike, so that the partitions of one number meet at one member.
 */
export const rangeAssignor: Assignor = {
  name: 'range',
  assign(members, partitionCounts) {
    const given = new Map<string, TopicPartition[]>(members.map(({ member }) => [member, []]));
    const subscribers = subscribersOf(members);
    for (const [topic, count] of partitionCounts) {
      const sharing = subscribers.get(topic) ?? [];
      const each = Math.floor(count / sharing.length);
      const extra = count % sharing.length;
      let next = 0;
      sharing.forEach(({ member }, index) => {
        const end = next + each + (index < extra ? 1 : 0);
        for (; next < end; next += 1) given.get(member)?.push({ topic, partition: next });
      });
    }
    return given;
  },
};
