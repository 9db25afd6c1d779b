import {
  leaveGroupCodec,
  type Decoded,
  type LeaveGroupRequest,
  type LeaveGroupResponse,
} from '@walrusmq/kafka-protocol';
import { LIST_ELEMENTS_MAX } from '@walrusmq/protocol';
import type { LeaveReply } from '../group/group-requests';
import { KafkaRefusal, type KafkaFailure } from './error-codes';
import { askGroups, groupCode, type Coordinated } from './group-answers';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';

// From here on several members leave at once, each with an error of its own (KIP-345).
const BATCH_VERSION = 3;

/**
 * Behaviour: takes members, of either protocol, out of a group; those that stay share what they
 * had. Operators name static members by their instance ids alone.
 *
 * Version notes: 0 to 5; up to 2 one member leaves, and the error is the response's own; 5 brought
 * the member's reason.
 */
export class LeaveGroupHandler implements KafkaHandler<LeaveGroupRequest, LeaveGroupResponse> {
  readonly codec = leaveGroupCodec;

  constructor(private readonly groups: Coordinated) {}

  /** Rejects as `askGroups`, or with INVALID_REQUEST: all are where they were. */
  async handle(
    { groupId, memberId, members }: Decoded<LeaveGroupRequest>,
    { version }: KafkaCall,
  ): Promise<KafkaReply<LeaveGroupResponse>> {
    if (members.length > LIST_ELEMENTS_MAX) {
      const text = `${members.length} members leave at once, ${LIST_ELEMENTS_MAX} is the most.`;
      throw new KafkaRefusal('INVALID_REQUEST', text);
    }
    const isBatch = version >= BATCH_VERSION;
    const leaving = isBatch
      ? members.map((each) => ({ memberId: each.memberId, instanceId: each.groupInstanceId }))
      : [{ memberId, instanceId: null }];
    const reply = await askGroups(this.groups, (coordinator) =>
      coordinator.leave({ groupId, members: leaving }),
    );
    return { response: isBatch ? leftTogether(reply) : leftAlone(reply) };
  }

  /** The error alone. */
  refusal(_: Decoded<LeaveGroupRequest>, { errorCode }: KafkaFailure): LeaveGroupResponse {
    return { errorCode };
  }
}

function leftTogether({ error, members }: LeaveReply): LeaveGroupResponse {
  return {
    errorCode: groupCode(error),
    members: members.map((each) => ({
      memberId: each.memberId,
      groupInstanceId: each.instanceId,
      errorCode: groupCode(each.error),
    })),
  };
}

function leftAlone({ error, members }: LeaveReply): LeaveGroupResponse {
  const [member] = members;
  return { errorCode: groupCode(error === 'NONE' && member !== undefined ? member.error : error) };
}
