// The members of a group, as operators are told of them.
import type { AssignedPartitions, GroupMember } from '@walrusmq/protocol';
import type { CatalogueTopics } from '../group/catalogue-topics';
import { assignedPartitions, subscribedTopics } from '../group/consumer-protocol';
import type { MemberDescription } from '../group/group-description';
import { withNames } from './group-partitions';

/** What a member is. @param protocolType The group's. */
export function describeMember(
  topics: CatalogueTopics,
  protocolType: string,
  member: MemberDescription,
): GroupMember {
  const { memberId, instanceId, rackId, clientId, clientHost, epoch, topicPattern } = member;
  const { owned, target, metadata } = member;
  return {
    member: memberId,
    instanceId,
    rackId,
    client: clientId,
    host: clientHost,
    epoch,
    topics: member.topicNames ?? (metadata && (subscribedTopics(protocolType, metadata) ?? null)),
    pattern: topicPattern,
    assignment: owned ? withNames(topics, owned) : given(topics, protocolType, member.assignment),
    target: target && withNames(topics, target),
  };
}

/** About as many bytes as the member takes in a reply. */
export function sizeOfMember({ topics, assignment, target }: GroupMember): number {
  const names = (topics ?? []).reduce((sum, name) => sum + name.length + 3, 0);
  return MEMBER_BYTES + names + sizeOfLists(assignment) + sizeOfLists(target);
}

/** Ids and names of a member are limited to this and less. */
const MEMBER_BYTES = 2_500;
const LIST_BYTES = 70;
const PARTITION_BYTES = 3;

function sizeOfLists(lists: readonly AssignedPartitions[] | null): number {
  return (lists ?? []).reduce(
    (sum, { topic, partitions }) =>
      sum + LIST_BYTES + topic.length + PARTITION_BYTES * partitions.length,
    0,
  );
}

/** What the leader of a classic group gave a member. */
function given(
  topics: CatalogueTopics,
  protocolType: string,
  assignment: Buffer | null,
): AssignedPartitions[] | null {
  const lists = assignment && assignedPartitions(protocolType, assignment);
  if (!lists) return null;
  return lists.flatMap(({ topic, partitions }) => {
    const id = topics.find(topic)?.id;
    return id === undefined
      ? []
      : [{ topic, id, partitions: [...partitions].sort((a, b) => a - b) }];
  });
}
