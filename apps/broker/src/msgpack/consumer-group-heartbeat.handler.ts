import {
  parseConsumerGroupHeartbeat,
  type ConsumerGroupHeartbeatResponse,
  type IncomingFrame,
} from '@walrusmq/protocol';
import type { InstanceGroups } from '../group/instance-groups';
import { settled } from './group-errors';
import { withNames } from './group-partitions';
import type { OperationHandler, Reply } from './operation-handler';
import type { Session } from './session';

const AS_BEFORE = -1;

/**
 * Behaviour: takes a heartbeat of a member whose partitions the broker assigns (KIP-848): it joins,
 * stays, catches up with its assignment, or leaves. Answers once what it says is durable by the
 * fsync schedule.
 *
 * Version notes: protocol 1.
 */
export class ConsumerGroupHeartbeatHandler implements OperationHandler {
  readonly operation = 'consumerGroupHeartbeat';

  constructor(private readonly groups: InstanceGroups) {}

  /** Rejects with the errors of docs/protocol.md; nothing changed. */
  async handle(frame: IncomingFrame, session: Session): Promise<Reply> {
    const request = parseConsumerGroupHeartbeat(frame.fields);
    const { coordinator, topics } = this.groups;
    const reply = await settled(
      coordinator.consumerHeartbeat({
        groupId: request.group,
        memberId: request.member ?? '',
        memberEpoch: request.epoch,
        instanceId: request.instanceId ?? null,
        rackId: request.rackId ?? null,
        clientId: session.client ?? '',
        clientHost: session.host,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs ?? AS_BEFORE,
        topicNames: request.topics ?? null,
        topicPattern: request.pattern ?? null,
        serverAssignor: request.assignor ?? null,
        owned: request.owned?.map(({ id, partitions }) => ({ topicId: id, partitions })) ?? null,
      }),
    );
    const fields: ConsumerGroupHeartbeatResponse = {
      member: reply.memberId ?? '',
      epoch: reply.memberEpoch,
      heartbeatIntervalMs: reply.heartbeatIntervalMs,
      ...(reply.assignment && { assignment: withNames(topics, reply.assignment) }),
    };
    return { fields };
  }
}
