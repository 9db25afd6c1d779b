import type { InstanceGroups } from '../group/instance-groups';
import type { Topics } from '../topic/topics';
import { ConsumerGroupHeartbeatHandler } from './consumer-group-heartbeat.handler';
import { DeleteGroupHandler } from './delete-group.handler';
import { DescribeGroupHandler } from './describe-group.handler';
import { GroupPinHandler } from './group-pin.handler';
import { GroupUnpinHandler } from './group-unpin.handler';
import { HeartbeatHandler } from './heartbeat.handler';
import { JoinGroupHandler } from './join-group.handler';
import { LeaveGroupHandler } from './leave-group.handler';
import { ListGroupsHandler } from './list-groups.handler';
import { OffsetCommitHandler } from './offset-commit.handler';
import { OffsetDeleteHandler } from './offset-delete.handler';
import { OffsetFetchHandler } from './offset-fetch.handler';
import type { OperationHandler } from './operation-handler';
import { SyncGroupHandler } from './sync-group.handler';

/** The operations of the consumer groups of an instance. */
export function groupHandlers(groups: InstanceGroups, topics: Topics): OperationHandler[] {
  return [
    new ConsumerGroupHeartbeatHandler(groups),
    new JoinGroupHandler(groups),
    new SyncGroupHandler(groups),
    new HeartbeatHandler(groups),
    new LeaveGroupHandler(groups),
    new OffsetCommitHandler(groups, topics),
    new OffsetFetchHandler(groups),
    new OffsetDeleteHandler(groups),
    new ListGroupsHandler(groups),
    new DescribeGroupHandler(groups, topics),
    new DeleteGroupHandler(groups, topics),
    new GroupPinHandler(topics),
    new GroupUnpinHandler(topics),
  ];
}
