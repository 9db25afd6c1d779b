import {
  heartbeatCodec,
  type Decoded,
  type HeartbeatRequest,
  type HeartbeatResponse,
} from '@walrusmq/kafka-protocol';
import type { KafkaFailure } from './error-codes';
import { askGroups, groupCode, type Coordinated } from './group-answers';
import type { KafkaHandler, KafkaReply } from './kafka-handler';

/**
 * Behaviour: keeps a member of the classic protocol in its group. It is told REBALANCE_IN_PROGRESS
 * while the group waits for members to join, and is kept then, too; not while the leader assigns.
 *
 * Version notes: 0 to 4; 3 brought static members.
 */
export class HeartbeatHandler implements KafkaHandler<HeartbeatRequest, HeartbeatResponse> {
  readonly codec = heartbeatCodec;

  constructor(private readonly groups: Coordinated) {}

  /** Rejects as `askGroups`. */
  async handle({
    groupId,
    memberId,
    groupInstanceId: instanceId,
    generationId: generation,
  }: Decoded<HeartbeatRequest>): Promise<KafkaReply<HeartbeatResponse>> {
    const { error } = await askGroups(this.groups, (coordinator) =>
      coordinator.heartbeat({ groupId, memberId, instanceId, generation }),
    );
    return { response: { errorCode: groupCode(error) } };
  }

  /** The error alone. */
  refusal(_: Decoded<HeartbeatRequest>, { errorCode }: KafkaFailure): HeartbeatResponse {
    return { errorCode };
  }
}
