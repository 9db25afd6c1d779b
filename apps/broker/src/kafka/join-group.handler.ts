import {
  joinGroupCodec,
  type Decoded,
  type JoinGroupRequest,
  type JoinGroupResponse,
} from '@walrusmq/kafka-protocol';
import type { JoinReply } from '../group/group-requests';
import type { KafkaFailure } from './error-codes';
import { askGroupsWhileConnected, groupCode, kept, type Coordinated } from './group-answers';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';

// The first version with a rebalance timeout of its own.
const REBALANCE_TIMEOUT_VERSION = 1;
// From here on a new member is sent back with its id (KIP-394).
const KNOWN_MEMBER_VERSION = 4;
// From here on there may be no protocol (KIP-559).
const NULLABLE_PROTOCOL_VERSION = 7;
// From here on a leader that comes back can be told to leave the assignment alone (KIP-814).
const SKIP_ASSIGNMENT_VERSION = 9;

/**
 * Behaviour: lets a member of the classic protocol into its group, or back in, and answers when the
 * rebalance is complete; later requests of the connection are served meanwhile, and answered behind
 * it. The metadata of members is passed on as it came, whatever the assignor. When the connection
 * ends nobody waits any more, and the group goes on as with a client whose answer is lost.
 *
 * Version notes: 0 to 9; 0 has the session timeout as rebalance timeout, 4 brought
 * MEMBER_ID_REQUIRED, 5 static members (KIP-345), 7 protocol type and nullable name, 9
 * `skipAssignment`.
 */
export class JoinGroupHandler implements KafkaHandler<JoinGroupRequest, JoinGroupResponse> {
  readonly codec = joinGroupCodec;

  constructor(private readonly groups: Coordinated) {}

  /** Rejects as `askGroupsWhileConnected`. */
  async handle(
    request: Decoded<JoinGroupRequest>,
    { version, session, clientId }: KafkaCall,
  ): Promise<KafkaReply<JoinGroupResponse>> {
    const { sessionTimeoutMs, protocols } = request;
    const hasTimeout = version >= REBALANCE_TIMEOUT_VERSION;
    const reply = await askGroupsWhileConnected(this.groups, session, (coordinator) =>
      coordinator.join({
        groupId: request.groupId,
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        clientId: clientId ?? '',
        clientHost: session.host,
        sessionTimeoutMs,
        rebalanceTimeoutMs: hasTimeout ? request.rebalanceTimeoutMs : sessionTimeoutMs,
        protocolType: request.protocolType,
        protocols: protocols.map(({ name, metadata }) => ({ name, metadata: kept(metadata) })),
        requiresKnownMemberId: version >= KNOWN_MEMBER_VERSION,
        canSkipAssignment: version >= SKIP_ASSIGNMENT_VERSION,
      }),
    );
    return { response: joined(reply, version) };
  }

  /** The error, with the member as it named itself. */
  refusal(
    { memberId }: Decoded<JoinGroupRequest>,
    { errorCode }: KafkaFailure,
    { version }: KafkaCall,
  ): JoinGroupResponse {
    const protocolName = shownProtocol(null, version);
    return { errorCode, memberId, protocolName, leader: '', members: [] };
  }
}

function joined(reply: JoinReply, version: number): JoinGroupResponse {
  return {
    errorCode: groupCode(reply.error),
    generationId: reply.generation,
    protocolType: reply.protocolType,
    protocolName: shownProtocol(reply.protocolName, version),
    leader: reply.leaderId,
    skipAssignment: reply.skipAssignment,
    memberId: reply.memberId,
    members: reply.members.map(({ memberId, instanceId, metadata }) => ({
      memberId,
      groupInstanceId: instanceId,
      metadata,
    })),
  };
}

function shownProtocol(name: string | null, version: number): string | null {
  return version >= NULLABLE_PROTOCOL_VERSION ? name : (name ?? '');
}
