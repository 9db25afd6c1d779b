import { describeGroupStore } from './group-store.contract';
import { openMemoryStorage } from './memory-storage';
import { describePartitionLog } from './partition-log.contract';
import { describeTopicCatalogue } from './topic-catalogue.contract';

describePartitionLog('PartitionLog in memory', openMemoryStorage);
describeTopicCatalogue('TopicCatalogue in memory', openMemoryStorage);
describeGroupStore('GroupStore in memory', openMemoryStorage);
