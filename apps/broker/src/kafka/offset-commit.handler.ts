import {
  offsetCommitCodec,
  type Decoded,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
} from '@walrusmq/kafka-protocol';
import { touchGroupPins } from '../group/group-pins';
import type { GroupError, OffsetCommit } from '../group/group-requests';
import { kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import { askGroups, groupCode } from './group-answers';
import { placeCodes, placeOf, type GroupPlace } from './group-places';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

type Request = Decoded<OffsetCommitRequest>;

// From here on members of groups whose assignment the broker makes are known (KIP-848).
const MEMBER_EPOCH_VERSION = 9;
// From here on topics are named by their ids.
const TOPIC_ID_VERSION = 10;
// Above it the time at which an offset expires would be no time any more; about 31 years.
const RETENTION_MS_MAX = 10 ** 12;

/**
 * Behaviour: saves positions of a group, each partition with an error of its own, and answers once
 * they are durable by the fsync schedule. A member commits with its generation or epoch; who takes
 * part in no group commits with generation -1, while the group has no members. Positions are not
 * held against the log; -1 and -2 are kept, too, and mean none.
 *
 * Version notes: 2 to 9, and 10 for who sends it: 5 ended retention times of the client's own, 6
 * brought leader epochs, 7 static members, 9 STALE_MEMBER_EPOCH (UNSUPPORTED_VERSION before it), 10
 * topic ids.
 */
export class OffsetCommitHandler implements KafkaHandler<
  OffsetCommitRequest,
  OffsetCommitResponse
> {
  readonly codec = offsetCommitCodec;

  constructor(private readonly services: OffsetCommitServices) {}

  /** Rejects as `askGroups`: nothing was committed. */
  async handle(
    request: Request,
    { version }: KafkaCall,
  ): Promise<KafkaReply<OffsetCommitResponse>> {
    const { groupId, memberId, retentionTimeMs } = request;
    const { places, offsets } = this.locate(request, version >= TOPIC_ID_VERSION);
    const reply = await askGroups(this.services.groups, (coordinator) =>
      coordinator.commit({
        groupId,
        memberId,
        instanceId: request.groupInstanceId,
        generation: request.generationIdOrMemberEpoch,
        retentionMs: retentionTimeMs === -1 ? null : Math.min(retentionTimeMs, RETENTION_MS_MAX),
        offsets,
      }),
    );
    if (reply.error !== 'NONE') {
      const errorCode = wholeCode(reply.error, version);
      return { response: answer(request, version, () => errorCode) };
    }
    const codes = placeCodes(places, reply.partitions);
    const names = places.flatMap((place, at) =>
      'name' in place && codes[at] === NO_ERROR ? [place.name.topicName] : [],
    );
    touchGroupPins(this.services.topics, groupId, names);
    return { response: answer(request, version, (at) => codes[at] ?? NO_ERROR) };
  }

  /** Every partition of the request with the error. */
  refusal(
    request: Request,
    { errorCode }: KafkaFailure,
    { version }: KafkaCall,
  ): OffsetCommitResponse {
    return answer(request, version, () => errorCode);
  }

  private locate(
    { topics }: Request,
    byId: boolean,
  ): { readonly places: readonly GroupPlace[]; readonly offsets: readonly OffsetCommit[] } {
    const places: GroupPlace[] = [];
    const offsets: OffsetCommit[] = [];
    for (const topic of topics) {
      for (const partition of topic.partitions) {
        const place = placeOf(this.services, topic, partition.partitionIndex, byId);
        places.push(place);
        if (!('name' in place)) continue;
        offsets.push({
          ...place.name,
          offset: partition.committedOffset,
          leaderEpoch: partition.committedLeaderEpoch,
          metadata: partition.committedMetadata ?? '',
        });
      }
    }
    return { places, offsets };
  }
}

/** What it needs of the instance. */
export interface OffsetCommitServices {
  readonly groups: Pick<KafkaServices['groups'], 'coordinator'>;
  readonly topics: Pick<KafkaServices['topics'], 'find' | 'pins'>;
  readonly topicIds: Pick<KafkaServices['topicIds'], 'find'>;
}

function wholeCode(error: GroupError, version: number): number {
  const isUnheardOf = error === 'STALE_MEMBER_EPOCH' && version < MEMBER_EPOCH_VERSION;
  return isUnheardOf ? kafkaCode('UNSUPPORTED_VERSION') : groupCode(error);
}

/** @param codeAt The error of the partition that has this number in the request. */
function answer(
  { topics }: Request,
  version: number,
  codeAt: (at: number) => number,
): OffsetCommitResponse {
  let at = 0;
  const answered = topics.map(({ name, topicId, partitions }) => ({
    ...(version >= TOPIC_ID_VERSION ? { topicId } : { name }),
    partitions: partitions.map(({ partitionIndex }) => {
      const errorCode = codeAt(at);
      at += 1;
      return { partitionIndex, errorCode };
    }),
  }));
  return { topics: answered };
}
