import {
  consumerGroupDescribeCodec,
  type ConsumerGroupDescribeRequest,
  type ConsumerGroupDescribeResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import type { TopicPartitionList } from '@walrusmq/storage';
import type { CatalogueTopics } from '../group/catalogue-topics';
import type { GroupDescription, MemberDescription } from '../group/group-description';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import { coordinatorOf, GROUP_OPERATIONS, shownHost } from './group-answers';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { ResponseRoom } from './response-room';

type Answer = ConsumerGroupDescribeResponse.DescribedGroup;
type AnsweredMember = ConsumerGroupDescribeResponse.Member;
type Assignment = ConsumerGroupDescribeResponse.Assignment;

// A member of the server-side protocol; 0 would be one of the classic protocol among them.
const CONSUMER_MEMBER = 1;
// About what a group, a member or a topic takes beside texts, and what a partition takes.
const ENTRY_BYTES = 60;
const PARTITION_BYTES = 4;

/**
 * Behaviour: what groups are whose assignment the broker makes (KIP-848): state, epochs, and
 * members with client, host, what they subscribe to, own and shall own. A group of the classic
 * protocol, or that there is not, is GROUP_ID_NOT_FOUND: clients ask DescribeGroups then.
 *
 * Version notes: 0 and 1; 1 brought the type of members.
 */
export class ConsumerGroupDescribeHandler implements KafkaHandler<
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse
> {
  readonly codec = consumerGroupDescribeCodec;

  constructor(private readonly groups: Pick<KafkaServices['groups'], 'coordinator' | 'topics'>) {}

  /** Rejects as `coordinatorOf` throws. */
  async handle({
    groupIds,
    includeAuthorizedOperations,
  }: Decoded<ConsumerGroupDescribeRequest>): Promise<KafkaReply<ConsumerGroupDescribeResponse>> {
    const budget = new TickBudget();
    const room = new ResponseRoom();
    const groups: Answer[] = [];
    for (const groupId of groupIds) {
      const pause = budget.pause();
      if (pause !== undefined) await pause;
      const answer = this.describe(groupId, room);
      const isAsked = includeAuthorizedOperations && answer.errorCode === NO_ERROR;
      groups.push(isAsked ? { ...answer, authorizedOperations: GROUP_OPERATIONS } : answer);
    }
    return { response: { throttleTimeMs: 0, groups } };
  }

  /** Every group of the request with the error. */
  refusal(
    { groupIds }: Decoded<ConsumerGroupDescribeRequest>,
    failure: KafkaFailure,
  ): ConsumerGroupDescribeResponse {
    return { throttleTimeMs: 0, groups: groupIds.map((groupId) => failed(groupId, failure)) };
  }

  private describe(groupId: string, room: ResponseRoom): Answer {
    const described = coordinatorOf(this.groups).describe(groupId);
    if (described.kind !== 'consumer') return notFound(described);
    try {
      const answer = this.consumer(described);
      room.take(sizeOf(answer), `Group ${groupId}`);
      return answer;
    } catch (error) {
      return failed(groupId, itemFailureOf(error));
    }
  }

  private consumer(group: GroupDescription): Answer {
    return {
      errorCode: NO_ERROR,
      groupId: group.groupId,
      groupState: group.state,
      groupEpoch: group.generation,
      assignmentEpoch: group.assignmentEpoch ?? group.generation,
      assignorName: group.protocolName,
      members: group.members.map((member) => describeMember(this.groups.topics, member)),
    };
  }
}

function describeMember(topics: CatalogueTopics, member: MemberDescription): AnsweredMember {
  return {
    memberId: member.memberId,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.epoch ?? 0,
    clientId: member.clientId,
    clientHost: shownHost(member.clientHost),
    subscribedTopicNames: member.topicNames ?? [],
    subscribedTopicRegex: member.topicPattern,
    assignment: assignmentOf(topics, member.owned ?? []),
    targetAssignment: assignmentOf(topics, member.target ?? []),
    memberType: CONSUMER_MEMBER,
  };
}

/** Those of topics that are gone are left out. */
function assignmentOf(topics: CatalogueTopics, lists: readonly TopicPartitionList[]): Assignment {
  const topicPartitions = lists.flatMap(({ topicId, partitions }) => {
    const topicName = topics.nameOf(topicId);
    if (topicName === undefined) return [];
    return [{ topicId, topicName, partitions }];
  });
  return { topicPartitions };
}

function notFound({ groupId, state }: GroupDescription): Answer {
  const isThere = state !== 'Dead';
  const errorMessage = isThere
    ? `Group ${groupId} is not a consumer group.`
    : `Group ${groupId} not found.`;
  return failed(groupId, { errorCode: kafkaCode('GROUP_ID_NOT_FOUND'), errorMessage });
}

function failed(groupId: string, { errorCode, errorMessage }: KafkaFailure): Answer {
  return {
    errorCode,
    errorMessage,
    groupId,
    groupState: '',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  };
}

function sizeOf({ groupId, members }: Answer): number {
  let bytes = ENTRY_BYTES + groupId.length;
  for (const member of members) {
    bytes += ENTRY_BYTES + 2 * member.memberId.length + member.clientId.length;
    for (const name of member.subscribedTopicNames) bytes += 1 + name.length;
    bytes += sizeOfAssignment(member.assignment) + sizeOfAssignment(member.targetAssignment);
  }
  return bytes;
}

function sizeOfAssignment({ topicPartitions }: Assignment): number {
  let bytes = 0;
  for (const { topicName, partitions } of topicPartitions) {
    bytes += ENTRY_BYTES + topicName.length + PARTITION_BYTES * partitions.length;
  }
  return bytes;
}
