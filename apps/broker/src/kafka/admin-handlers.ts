// The handlers of topics, configs and administration.
import { AlterConfigsHandler } from './alter-configs.handler';
import { AlterPartitionReassignmentsHandler } from './alter-partition-reassignments.handler';
import { CreatePartitionsHandler } from './create-partitions.handler';
import { CreateTopicsHandler } from './create-topics.handler';
import { DeleteRecordsHandler } from './delete-records.handler';
import { DeleteTopicsHandler } from './delete-topics.handler';
import { DescribeClusterHandler } from './describe-cluster.handler';
import { DescribeConfigsHandler } from './describe-configs.handler';
import { DescribeLogDirsHandler } from './describe-log-dirs.handler';
import { DescribeProducersHandler } from './describe-producers.handler';
import { DescribeTopicPartitionsHandler } from './describe-topic-partitions.handler';
import { ElectLeadersHandler } from './elect-leaders.handler';
import { IncrementalAlterConfigsHandler } from './incremental-alter-configs.handler';
import type { AnyKafkaHandler } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { ListPartitionReassignmentsHandler } from './list-partition-reassignments.handler';
import { OffsetForLeaderEpochHandler } from './offset-for-leader-epoch.handler';

/** What administers topics, their configs and their partitions. */
export function adminHandlers(services: KafkaServices): readonly AnyKafkaHandler[] {
  return [
    new CreateTopicsHandler(services),
    new DeleteTopicsHandler(services),
    new CreatePartitionsHandler(services),
    new DescribeTopicPartitionsHandler(services),
    new DeleteRecordsHandler(services),
    new OffsetForLeaderEpochHandler(services),
    new DescribeConfigsHandler(services),
    new AlterConfigsHandler(services),
    new IncrementalAlterConfigsHandler(services),
    new DescribeClusterHandler(services),
    new DescribeLogDirsHandler(services),
    new DescribeProducersHandler(services),
    new ElectLeadersHandler(services),
    new AlterPartitionReassignmentsHandler(services),
    new ListPartitionReassignmentsHandler(),
  ];
}
