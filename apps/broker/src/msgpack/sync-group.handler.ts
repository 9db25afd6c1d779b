import { parseSyncGroup, type IncomingFrame, type SyncGroupResponse } from '@walrusmq/protocol';
import { settledWhileConnected } from '../group/connected-wait';
import type { InstanceGroups } from '../group/instance-groups';
import { settled } from './group-errors';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

/**
 * Behaviour: gives a member of the classic protocol its assignment, once the leader has sent it and
 * it is durable by the fsync schedule.
 *
 * Version notes: protocol 1. As SyncGroup 5 of Kafka.
 */
export class SyncGroupHandler implements OperationHandler {
  readonly operation = 'syncGroup';

  constructor(private readonly groups: InstanceGroups) {}

  /** Rejects with the errors of docs/protocol.md; SHUTTING_DOWN: the broker stops. */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const request = parseSyncGroup(frame.fields);
    const asked = this.groups.coordinator.sync({
      groupId: request.group,
      memberId: request.member,
      instanceId: request.instanceId ?? null,
      generation: request.generation,
      protocolType: request.protocolType ?? null,
      protocolName: request.protocol ?? null,
      assignments: request.assignments.map(({ member, assignment }) => ({
        memberId: member,
        assignment,
      })),
    });
    const reply = await settled(settledWhileConnected(session, asked));
    const fields: SyncGroupResponse = {
      protocolType: reply.protocolType ?? '',
      protocol: reply.protocolName ?? '',
      assignment: reply.assignment,
    };
    return { fields };
  }
}
