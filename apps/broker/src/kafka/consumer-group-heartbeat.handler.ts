import {
  consumerGroupHeartbeatCodec,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import type { ConsumerHeartbeatReply } from '../group/group-requests';
import { KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import { askGroups, groupCode } from './group-answers';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

// From here on members make their ids themselves (KIP-1082).
const OWN_ID_VERSION = 1;

/**
 * Behaviour: takes a heartbeat of a member whose partitions the broker assigns (KIP-848): it joins
 * with epoch 0, stays, catches up with its assignment, or leaves with -1, or with -2 when it is
 * static and comes back. Answers once what it says is durable by the fsync schedule.
 *
 * Version notes: 0 and 1; 1 brought subscriptions by pattern (RE2, matched against whole names) and
 * has the member make its id itself.
 */
export class ConsumerGroupHeartbeatHandler implements KafkaHandler<
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse
> {
  readonly codec = consumerGroupHeartbeatCodec;

  constructor(private readonly groups: Pick<KafkaServices['groups'], 'coordinator' | 'topics'>) {}

  /** Rejects as `askGroups`, or with INVALID_REQUEST: nothing changed. */
  async handle(
    request: Decoded<ConsumerGroupHeartbeatRequest>,
    { version, clientId, session }: KafkaCall,
  ): Promise<KafkaReply<ConsumerGroupHeartbeatResponse>> {
    const { groupId, memberId, rackId, topicPartitions } = request;
    if (memberId === '' && version >= OWN_ID_VERSION) {
      throw new KafkaRefusal('INVALID_REQUEST', 'The member id is missing.');
    }
    if (rackId === '') throw new KafkaRefusal('INVALID_REQUEST', 'A rack id is not empty.');
    const reply = await askGroups(this.groups, (coordinator) =>
      coordinator.consumerHeartbeat({
        groupId,
        memberId,
        memberEpoch: request.memberEpoch,
        instanceId: request.instanceId,
        rackId,
        clientId: clientId ?? '',
        clientHost: session.host,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs,
        topicNames: request.subscribedTopicNames,
        topicPattern: request.subscribedTopicRegex,
        serverAssignor: request.serverAssignor,
        owned:
          topicPartitions &&
          topicPartitions.map(({ topicId, partitions }) => ({
            topicId,
            partitions,
          })),
      }),
    );
    return { response: this.answer(reply) };
  }

  /** The error, with what is wrong in words. */
  refusal(
    _: Decoded<ConsumerGroupHeartbeatRequest>,
    { errorCode, errorMessage }: KafkaFailure,
  ): ConsumerGroupHeartbeatResponse {
    const nothing = { memberEpoch: 0, heartbeatIntervalMs: 0 };
    return { throttleTimeMs: 0, errorCode, errorMessage, ...nothing };
  }

  private answer(reply: ConsumerHeartbeatReply): ConsumerGroupHeartbeatResponse {
    const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = reply;
    const errorCode = groupCode(reply.error);
    const errorMessage = errorCode === NO_ERROR ? null : (reply.message ?? null);
    const { topics } = this.groups;
    const topicPartitions = assignment
      ?.filter(({ topicId }) => topics.nameOf(topicId) !== undefined)
      .map(({ topicId, partitions }) => ({ topicId, partitions }));
    return {
      throttleTimeMs: 0,
      errorCode,
      errorMessage,
      memberId,
      memberEpoch,
      heartbeatIntervalMs,
      assignment: topicPartitions === undefined ? null : { topicPartitions },
    };
  }
}
