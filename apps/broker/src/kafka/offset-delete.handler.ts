import {
  offsetDeleteCodec,
  ZERO_UUID,
  type Decoded,
  type OffsetDeleteRequest,
  type OffsetDeleteResponse,
} from '@walrusmq/kafka-protocol';
import { NO_ERROR, type KafkaFailure } from './error-codes';
import { askGroups, groupCode } from './group-answers';
import { placeCodes, placeOf } from './group-places';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

/**
 * Behaviour: deletes positions of a group, each partition with an error of its own, except in
 * topics that its members are subscribed to; answers once they are gone durably by the fsync
 * schedule (KIP-496).
 *
 * Version notes: 0; never flexible.
 */
export class OffsetDeleteHandler implements KafkaHandler<
  OffsetDeleteRequest,
  OffsetDeleteResponse
> {
  readonly codec = offsetDeleteCodec;

  constructor(private readonly services: OffsetDeleteServices) {}

  /** Rejects as `askGroups`: nothing was deleted. */
  async handle({
    groupId,
    topics,
  }: Decoded<OffsetDeleteRequest>): Promise<KafkaReply<OffsetDeleteResponse>> {
    const places = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }) =>
        placeOf(this.services, { name, topicId: ZERO_UUID }, partitionIndex, false),
      ),
    );
    const partitions = places.flatMap((place) => ('name' in place ? [place.name] : []));
    const reply = await askGroups(this.services.groups, (coordinator) =>
      coordinator.deleteOffsets({ groupId, partitions }),
    );
    if (reply.error !== 'NONE') return { response: failed(groupCode(reply.error)) };
    const codes = placeCodes(places, reply.partitions).values();
    const answered = topics.map((topic) => ({
      name: topic.name,
      partitions: topic.partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codes.next().value ?? NO_ERROR,
      })),
    }));
    return { response: { errorCode: NO_ERROR, throttleTimeMs: 0, topics: answered } };
  }

  /** The error alone. */
  refusal(_: Decoded<OffsetDeleteRequest>, { errorCode }: KafkaFailure): OffsetDeleteResponse {
    return failed(errorCode);
  }
}

/** What it needs of the instance. */
export interface OffsetDeleteServices {
  readonly groups: Pick<KafkaServices['groups'], 'coordinator'>;
  readonly topics: Pick<KafkaServices['topics'], 'find'>;
  readonly topicIds: Pick<KafkaServices['topicIds'], 'find'>;
}

function failed(errorCode: number): OffsetDeleteResponse {
  return { errorCode, throttleTimeMs: 0, topics: [] };
}
