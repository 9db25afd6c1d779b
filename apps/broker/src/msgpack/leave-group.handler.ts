import { parseLeaveGroup, type IncomingFrame, type LeaveGroupResponse } from '@walrusmq/protocol';
import type { InstanceGroups } from '../group/instance-groups';
import { outcomeOf, settled } from './group-errors';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: takes members, of either protocol, out of a group, each with an outcome of its own;
 * those that stay share what they had.
 *
 * Version notes: protocol 1. As LeaveGroup 5 of Kafka.
 */
export class LeaveGroupHandler implements OperationHandler {
  readonly operation = 'leaveGroup';

  constructor(private readonly groups: InstanceGroups) {}

  /** Rejects with INVALID_REQUEST, BUSY, NO_SPACE or FENCED: all are where they were. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { group, members } = parseLeaveGroup(frame.fields);
    const reply = await settled(
      this.groups.coordinator.leave({
        groupId: group,
        members: members.map(({ member = '', instanceId = null }) => ({
          memberId: member,
          instanceId,
        })),
      }),
    );
    const fields: LeaveGroupResponse = {
      members: reply.members.map(({ memberId, instanceId, error }) => ({
        member: memberId === '' ? null : memberId,
        instanceId,
        error: outcomeOf({ error }),
      })),
    };
    return { fields };
  }
}
