import { describeGroupStore } from './group-store.contract';
import { openMemoryStorage } from './memory-storage';
import { MemoryPartitionLog } from './memory-partition-log';
import { describePartitionLog } from './partition-log.contract';
import { ProducerIds, SKIPPED_IDS } from './producer-ids';
import { describeRetention } from './retention.contract';
import { describeTopicCatalogue } from './topic-catalogue.contract';

describePartitionLog('PartitionLog in memory', openMemoryStorage);
describeTopicCatalogue('TopicCatalogue in memory', openMemoryStorage);
describeGroupStore('GroupStore in memory', openMemoryStorage);
describeRetention('retention in memory', openMemoryStorage);

describe('ProducerIds', () => {
  it('passes over ids that may have been given out by what a power cut took back', async () => {
    const log = new MemoryPartitionLog({ topicId: '', partition: 0 }, (settle) =>
      queueMicrotask(settle),
    );
    const before = await new ProducerIds(log).allocate();
    const after = await new ProducerIds(log, SKIPPED_IDS).allocate();
    expect(after - before).toBeGreaterThan(SKIPPED_IDS);
    expect(await new ProducerIds(log).isAllocated(after)).toBe(true);
  });
});
