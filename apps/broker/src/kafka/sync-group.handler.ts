import {
  syncGroupCodec,
  type Decoded,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@walrusmq/kafka-protocol';
import { kafkaCode, type KafkaFailure } from './error-codes';
import { askGroupsWhileConnected, groupCode, kept, type Coordinated } from './group-answers';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';

// From here on the member says what it believes the group has agreed on (KIP-559).
const PROTOCOL_VERSION = 5;

/**
 * Behaviour: gives a member of the classic protocol its assignment, byte for byte as the leader
 * sent it (nothing where it sent nothing), once that is durable by the fsync schedule. Waits for
 * the leader as JoinGroup does for the others.
 *
 * Version notes: 0 to 5; 3 brought static members, 5 protocol type and name, which are held against
 * the group's: INCONSISTENT_GROUP_PROTOCOL, also where one of them is null.
 */
export class SyncGroupHandler implements KafkaHandler<SyncGroupRequest, SyncGroupResponse> {
  readonly codec = syncGroupCodec;

  constructor(private readonly groups: Coordinated) {}

  /** Rejects as `askGroupsWhileConnected`. */
  async handle(
    request: Decoded<SyncGroupRequest>,
    { version, session }: KafkaCall,
  ): Promise<KafkaReply<SyncGroupResponse>> {
    const { groupId, memberId, groupInstanceId, protocolType, protocolName } = request;
    const saysNothing = protocolType === null || protocolName === null;
    if (version >= PROTOCOL_VERSION && saysNothing) {
      return { response: failed(kafkaCode('INCONSISTENT_GROUP_PROTOCOL')) };
    }
    const reply = await askGroupsWhileConnected(this.groups, session, (coordinator) =>
      coordinator.sync({
        groupId,
        memberId,
        instanceId: groupInstanceId,
        generation: request.generationId,
        protocolType,
        protocolName,
        assignments: request.assignments.map((each) => ({
          memberId: each.memberId,
          assignment: kept(each.assignment),
        })),
      }),
    );
    return {
      response: {
        errorCode: groupCode(reply.error),
        protocolType: reply.protocolType,
        protocolName: reply.protocolName,
        assignment: reply.assignment,
      },
    };
  }

  /** The error, without an assignment. */
  refusal(_: Decoded<SyncGroupRequest>, { errorCode }: KafkaFailure): SyncGroupResponse {
    return failed(errorCode);
  }
}

function failed(errorCode: number): SyncGroupResponse {
  return { errorCode, protocolType: null, protocolName: null, assignment: Buffer.alloc(0) };
}
