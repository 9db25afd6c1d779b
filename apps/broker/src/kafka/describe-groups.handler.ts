import {
  describeGroupsCodec,
  type Decoded,
  type DescribeGroupsRequest,
  type DescribeGroupsResponse,
} from '@walrusmq/kafka-protocol';
import type { GroupDescription, MemberDescription } from '../group/group-description';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import { coordinatorOf, GROUP_OPERATIONS, shownHost, type Coordinated } from './group-answers';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import { ResponseRoom } from './response-room';

type Answer = DescribeGroupsResponse.DescribedGroup;
type AnsweredMember = DescribeGroupsResponse.DescribedGroupMember;

// From here on a group that there is not is an error.
const NOT_FOUND_VERSION = 6;
const DEAD = 'Dead';
const EMPTY = Buffer.alloc(0);
// About what a group and a member take beside texts and bytes.
const ENTRY_BYTES = 40;

/**
 * Behaviour: what groups of the classic protocol are: state, and members with client, host and, in
 * a stable group, the bytes of their subscription for the protocol that was agreed on and of their
 * assignment, as they came. A group that there is not, or whose assignment the broker makes
 * (ConsumerGroupDescribe tells of those), is Dead without an error.
 *
 * Version notes: 0 to 5, and 6 for who sends it: 3 brought authorized operations, which are all of
 * those that there are, 4 instance ids, 6 GROUP_ID_NOT_FOUND for Dead.
 */
export class DescribeGroupsHandler implements KafkaHandler<
  DescribeGroupsRequest,
  DescribeGroupsResponse
> {
  readonly codec = describeGroupsCodec;

  constructor(private readonly groups: Coordinated) {}

  /** Rejects as `coordinatorOf` throws. */
  async handle(
    { groups, includeAuthorizedOperations }: Decoded<DescribeGroupsRequest>,
    { version }: KafkaCall,
  ): Promise<KafkaReply<DescribeGroupsResponse>> {
    const budget = new TickBudget();
    const room = new ResponseRoom();
    const answered: Answer[] = [];
    for (const groupId of groups) {
      const pause = budget.pause();
      if (pause !== undefined) await pause;
      const answer = this.describe(groupId, version, room);
      const isAsked = includeAuthorizedOperations && answer.errorCode === NO_ERROR;
      answered.push(isAsked ? { ...answer, authorizedOperations: GROUP_OPERATIONS } : answer);
    }
    return { response: { groups: answered } };
  }

  /** Every group of the request with the error. */
  refusal(
    { groups }: Decoded<DescribeGroupsRequest>,
    failure: KafkaFailure,
    { version }: KafkaCall,
  ): DescribeGroupsResponse {
    return { groups: groups.map((groupId) => failed(groupId, '', failure, version)) };
  }

  private describe(groupId: string, version: number, room: ResponseRoom): Answer {
    const described = coordinatorOf(this.groups).describe(groupId);
    if (described.kind !== 'classic' || described.state === DEAD) return dead(described, version);
    try {
      const answer = classic(described);
      room.take(sizeOf(answer), `Group ${groupId}`);
      return answer;
    } catch (error) {
      return failed(groupId, '', itemFailureOf(error), version);
    }
  }
}

function classic(group: GroupDescription): Answer {
  const { groupId, state, protocolType, protocolName, members } = group;
  const protocolData = state === 'Stable' ? protocolName : '';
  return {
    errorCode: NO_ERROR,
    groupId,
    groupState: state,
    protocolType,
    protocolData,
    members: members.map(describeMember),
  };
}

function describeMember(member: MemberDescription): AnsweredMember {
  return {
    memberId: member.memberId,
    groupInstanceId: member.instanceId,
    clientId: member.clientId,
    clientHost: shownHost(member.clientHost),
    memberMetadata: member.metadata ?? EMPTY,
    memberAssignment: member.assignment ?? EMPTY,
  };
}

function dead({ groupId, kind }: GroupDescription, version: number): Answer {
  const errorCode = version >= NOT_FOUND_VERSION ? kafkaCode('GROUP_ID_NOT_FOUND') : NO_ERROR;
  const errorMessage =
    kind === 'classic' ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`;
  return failed(groupId, DEAD, { errorCode, errorMessage }, version);
}

function failed(
  groupId: string,
  groupState: string,
  { errorCode, errorMessage }: KafkaFailure,
  version: number,
): Answer {
  const message = version >= NOT_FOUND_VERSION ? { errorMessage } : {};
  return {
    errorCode,
    ...message,
    groupId,
    groupState,
    protocolType: '',
    protocolData: '',
    members: [],
  };
}

function sizeOf({ groupId, protocolType, protocolData, members }: Answer): number {
  let bytes = ENTRY_BYTES + groupId.length + protocolType.length + protocolData.length;
  for (const { memberId, clientId, memberMetadata, memberAssignment } of members) {
    bytes += ENTRY_BYTES + 2 * memberId.length + clientId.length;
    bytes += memberMetadata.length + memberAssignment.length;
  }
  return bytes;
}
