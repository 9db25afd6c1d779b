// Members of classic groups as they are on the wire, for specs of the Kafka protocol.
import {
  joinGroupCodec,
  KAFKA_ERRORS,
  syncGroupCodec,
  type ApiCodec,
  type Decoded,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type KafkaErrorName,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@walrusmq/kafka-protocol';
import { encodeAssignment, encodeSubscription } from '@walrusmq/protocol';

/** Whoever sends requests of the Kafka protocol and gets their responses. */
export interface KafkaAsker {
  ask<Request, Response>(
    codec: ApiCodec<Request, Response>,
    version: number,
    request: Request,
  ): Promise<Decoded<Response>>;
}

export const code = (name: KafkaErrorName): number => KAFKA_ERRORS[name].code;

/** The bytes that a consumer says its subscription with. */
export function subscriptionTo(...topics: string[]): Buffer {
  return encodeSubscription({ topics, userData: null, owned: [], generation: -1, rackId: null });
}

/** The bytes that a consumer is told its partitions with. */
export function assignmentOf(topic: string, ...partitions: number[]): Buffer {
  return encodeAssignment({ partitions: [{ topic, partitions }], userData: null });
}

/** A JoinGroup request of a member that subscribes to `orders`. */
export function joining(given: Partial<JoinGroupRequest> = {}): JoinGroupRequest {
  return {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscriptionTo('orders') }],
    ...given,
  };
}

/**
 * Joins, once more where the broker sends the client back with an id; a response that may come
 * later.
 */
export async function join(
  client: KafkaAsker,
  given: Partial<JoinGroupRequest> = {},
  version = 9,
): Promise<Decoded<JoinGroupResponse>> {
  const first = await client.ask(joinGroupCodec, version, joining(given));
  if (first.errorCode !== code('MEMBER_ID_REQUIRED')) return first;
  const { memberId } = first;
  return client.ask(joinGroupCodec, version, joining({ ...given, memberId }));
}

/** A SyncGroup request of a member of what was joined. */
export function sync(
  client: KafkaAsker,
  { memberId, generationId }: Decoded<JoinGroupResponse>,
  assignments: readonly (readonly [memberId: string, assignment: Buffer])[] = [],
  given: Partial<SyncGroupRequest> = {},
  version = 5,
): Promise<Decoded<SyncGroupResponse>> {
  const protocol = version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {};
  return client.ask(syncGroupCodec, version, {
    groupId: 'g',
    generationId,
    memberId,
    ...protocol,
    assignments: assignments.map(([member, assignment]) => ({ memberId: member, assignment })),
    ...given,
  });
}
