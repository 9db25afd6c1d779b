import type { InstanceGroups } from '../group/instance-groups';
import { ConsumerGroupDescribeHandler } from './consumer-group-describe.handler';
import { ConsumerGroupHeartbeatHandler } from './consumer-group-heartbeat.handler';
import { DeleteGroupsHandler } from './delete-groups.handler';
import { DescribeGroupsHandler } from './describe-groups.handler';
import { HeartbeatHandler } from './heartbeat.handler';
import { JoinGroupHandler } from './join-group.handler';
import type { AnyKafkaHandler } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { LeaveGroupHandler } from './leave-group.handler';
import { ListGroupsHandler } from './list-groups.handler';
import { OffsetCommitHandler } from './offset-commit.handler';
import { OffsetDeleteHandler } from './offset-delete.handler';
import { OffsetFetchHandler } from './offset-fetch.handler';
import { SyncGroupHandler } from './sync-group.handler';

/** What they need of the instance. */
export interface KafkaGroupServices extends Pick<KafkaServices, 'topics' | 'topicIds'> {
  readonly groups: Pick<InstanceGroups, 'coordinator' | 'topics'>;
}

/** The APIs of consumer groups, of both protocols. */
export function kafkaGroupHandlers(services: KafkaGroupServices): readonly AnyKafkaHandler[] {
  const { groups } = services;
  return [
    new JoinGroupHandler(groups),
    new SyncGroupHandler(groups),
    new HeartbeatHandler(groups),
    new LeaveGroupHandler(groups),
    new OffsetCommitHandler(services),
    new OffsetFetchHandler(services),
    new OffsetDeleteHandler(services),
    new DescribeGroupsHandler(groups),
    new ListGroupsHandler(groups),
    new DeleteGroupsHandler(services),
    new ConsumerGroupHeartbeatHandler(groups),
    new ConsumerGroupDescribeHandler(groups),
  ];
}
