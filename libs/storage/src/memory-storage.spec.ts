import { openMemoryStorage } from './memory-storage';
import { describePartitionLog } from './partition-log.contract';
import { describeRetention } from './retention.contract';
import { describeTopicCatalogue } from './topic-catalogue.contract';

describePartitionLog('PartitionLog in memory', openMemoryStorage);
describeTopicCatalogue('TopicCatalogue in memory', openMemoryStorage);
describeRetention('retention in memory', openMemoryStorage);
