import { parseHeartbeat, type HeartbeatResponse, type IncomingFrame } from '@walrusmq/protocol';
import type { InstanceGroups } from '../group/instance-groups';
import { settled } from './group-errors';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: keeps a member of the classic protocol in its group, and tells it when the group
 * rebalances.
 *
 * Version notes: protocol 1. As Heartbeat 4 of Kafka.
 */
export class HeartbeatHandler implements OperationHandler {
  readonly operation = 'heartbeat';

  constructor(private readonly groups: InstanceGroups) {}

  /** Rejects with the errors of docs/protocol.md; with REBALANCE_IN_PROGRESS the member is kept. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { group, member, generation, instanceId = null } = parseHeartbeat(frame.fields);
    const request = { groupId: group, memberId: member, instanceId, generation };
    await settled(this.groups.coordinator.heartbeat(request));
    const fields: HeartbeatResponse = {};
    return { fields };
  }
}
