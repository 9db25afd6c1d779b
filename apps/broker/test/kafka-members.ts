// Members of classic groups as they are on the wire, for specs of the Kafka protocol.
import {
  joinGroupCodec,
  KAFKA_ERRORS,
  offsetCommitCodec,
  syncGroupCodec,
  type ApiCodec,
  type Decoded,
  type JoinGroupRequest,
  type JoinGroupResponse,
  type KafkaErrorName,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '@walrusmq/kafka-protocol';
import { encodeAssignment, encodeSubscription } from '@walrusmq/protocol';
import { settle } from './group-fixture';

/** Whoever sends requests of the Kafka protocol and gets their responses. */
export interface KafkaAsker {
  request<Request, Response>(
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
  const first = await client.request(joinGroupCodec, version, joining(given));
  if (first.errorCode !== code('MEMBER_ID_REQUIRED')) return first;
  const { memberId } = first;
  return client.request(joinGroupCodec, version, joining({ ...given, memberId }));
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
  return client.request(syncGroupCodec, version, {
    groupId: 'g',
    generationId,
    memberId,
    ...protocol,
    assignments: assignments.map(([member, assignment]) => ({ memberId: member, assignment })),
    ...given,
  });
}

/** Two members of a stable group; `led`, of the first client, leads. */
export async function joinPair(one: KafkaAsker, two: KafkaAsker) {
  const first = await join(one);
  await sync(one, first);
  const newcomer = join(two);
  await settle();
  const led = await join(one, { memberId: first.memberId });
  const joined = await newcomer;
  const waiting = sync(two, joined);
  await settle();
  await sync(one, led);
  await waiting;
  return { led, joined };
}

/** A position to commit. */
export function at(
  partitionIndex: number,
  committedOffset: number,
  given: Partial<OffsetCommitRequest.OffsetCommitRequestPartition> = {},
): OffsetCommitRequest.OffsetCommitRequestPartition {
  return { partitionIndex, committedOffset, committedMetadata: null, ...given };
}

/** Commits in `orders` unless told otherwise, as a client without a group. */
export function commit(
  client: KafkaAsker,
  given: Partial<OffsetCommitRequest> & {
    readonly partitions?: readonly OffsetCommitRequest.OffsetCommitRequestPartition[];
  } = {},
  version = 9,
): Promise<Decoded<OffsetCommitResponse>> {
  const { partitions = [at(0, 5)], ...rest } = given;
  const topics = [{ name: 'orders', partitions }];
  return client.request(offsetCommitCodec, version, {
    groupId: 'g',
    memberId: '',
    topics,
    ...rest,
  });
}

/** The errors of all partitions, in the order of the request. */
export async function codesOf(asked: Promise<Decoded<OffsetCommitResponse>>): Promise<number[]> {
  const { topics } = await asked;
  return topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
}
