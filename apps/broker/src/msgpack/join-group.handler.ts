import { parseJoinGroup, type IncomingFrame, type JoinGroupResponse } from '@walrusmq/protocol';
import { settledWhileConnected } from '../group/connected-wait';
import type { JoinReply } from '../group/group-requests';
import type { InstanceGroups } from '../group/instance-groups';
import { groupError } from './group-errors';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: lets a member of the classic protocol into its group, or back in, and answers when the
 * rebalance is complete. A member without an id that is not static is sent back with one, so that
 * none is left behind by a client that did not get its answer.
 *
 * Version notes: protocol 1. As JoinGroup 9 of Kafka: MEMBER_ID_REQUIRED (KIP-394), static members
 * (KIP-345), `skipAssignment` (KIP-814).
 */
export class JoinGroupHandler implements OperationHandler {
  readonly operation = 'joinGroup';

  constructor(private readonly groups: InstanceGroups) {}

  /**
   * Rejects with the errors of docs/protocol.md; SHUTTING_DOWN: the broker stops, and the member
   * may be in the group until it is found missing.
   */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const request = parseJoinGroup(frame.fields);
    const { group, protocolType, protocols, sessionTimeoutMs, rebalanceTimeoutMs } = request;
    const reply = await settledWhileConnected(
      session,
      this.groups.coordinator.join({
        groupId: group,
        memberId: request.member ?? '',
        instanceId: request.instanceId ?? null,
        clientId: session.client ?? '',
        clientHost: session.host,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        protocolType,
        protocols,
        requiresKnownMemberId: true,
        canSkipAssignment: true,
      }),
    );
    return { fields: joined(reply) };
  }
}

function joined(reply: JoinReply): JoinGroupResponse {
  const { error, memberId, generation, leaderId, members, skipAssignment } = reply;
  if (error !== 'NONE') {
    const details = error === 'MEMBER_ID_REQUIRED' ? { member: memberId } : {};
    throw groupError(error, reply.message, details);
  }
  return {
    member: memberId,
    generation,
    protocolType: reply.protocolType ?? '',
    protocol: reply.protocolName ?? '',
    leader: leaderId,
    members: members.map(({ memberId: member, instanceId, metadata }) => ({
      member,
      instanceId,
      metadata,
    })),
    skipAssignment,
  };
}
