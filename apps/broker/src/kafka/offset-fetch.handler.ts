import {
  offsetFetchCodec,
  ZERO_UUID,
  type Decoded,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
} from '@walrusmq/kafka-protocol';
import type { FetchedOffset } from '../group/group-requests';
import { itemFailureOf, kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import { askGroups, coordinatorOf, groupCode } from './group-answers';
import { placeOf, type GroupPlace } from './group-places';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { ResponseRoom } from './response-room';

type Request = Decoded<OffsetFetchRequest>;
type AskedGroup = Decoded<OffsetFetchRequest.OffsetFetchRequestGroup>;
type AskedTopic = Decoded<OffsetFetchRequest.OffsetFetchRequestTopics>;
type AnsweredGroup = OffsetFetchResponse.OffsetFetchResponseGroup;
type AnsweredTopic = OffsetFetchResponse.OffsetFetchResponseTopics;
type AnsweredPartition = OffsetFetchResponse.OffsetFetchResponsePartitions;

// From here on an error of the group has a place of its own.
const GROUP_ERROR_VERSION = 2;
// From here on several groups are asked for at once (KIP-709).
const BATCH_VERSION = 8;
// From here on topics are named by their ids.
const TOPIC_ID_VERSION = 10;
const NONE = -1;
// About what an offset takes beside its metadata, and a topic beside its name.
const OFFSET_BYTES = 28;
const TOPIC_BYTES = 24;

/**
 * Behaviour: the committed offsets of groups, of the partitions that were asked for or of all in
 * which the group has committed something. Where nothing is committed, or there is no such
 * partition, it is offset -1 without an error. A client that says which member it is, is answered
 * only while it is that. As long as there are no transactions every offset is stable, so that
 * `requireStable` changes nothing.
 *
 * Version notes: 1 to 9, and 10 for who sends it: from 2 on null topics are all, 5 brought leader
 * epochs, 7 `requireStable`, 8 several groups, 9 members, 10 topic ids (UNKNOWN_TOPIC_ID).
 */
export class OffsetFetchHandler implements KafkaHandler<OffsetFetchRequest, OffsetFetchResponse> {
  readonly codec = offsetFetchCodec;

  constructor(private readonly services: OffsetFetchServices) {}

  /** Rejects as `askGroups`; from version 8 each group has its error. */
  async handle(request: Request, call: KafkaCall): Promise<KafkaReply<OffsetFetchResponse>> {
    const groups = askedGroups(request, call.version);
    const room = new ResponseRoom();
    const answered: AnsweredGroup[] = [];
    for (const group of groups) answered.push(await this.answer(group, call.version, room));
    if (call.version >= BATCH_VERSION) return { response: { groups: answered } };
    const [only] = answered;
    if (only === undefined) throw new Error('a request without a group has no answer');
    if (only.errorCode === NO_ERROR) return { response: { topics: byName(only.topics) } };
    const failure = { errorCode: only.errorCode, errorMessage: '' };
    return { response: this.refusal(request, failure, call) };
  }

  /** The error in each group, or, before there was a place for it, in each partition. */
  refusal(
    { groups, topics }: Request,
    { errorCode }: KafkaFailure,
    { version }: KafkaCall,
  ): OffsetFetchResponse {
    if (version >= BATCH_VERSION) {
      return { groups: groups.map(({ groupId }) => ({ groupId, topics: [], errorCode })) };
    }
    if (version >= GROUP_ERROR_VERSION) return { topics: [], errorCode };
    return {
      topics: (topics ?? []).map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((index) => without(index, errorCode)),
      })),
    };
  }

  private async answer(
    { groupId, memberId, memberEpoch, topics }: AskedGroup,
    version: number,
    room: ResponseRoom,
  ): Promise<AnsweredGroup> {
    try {
      const places = topics && topics.flatMap((topic) => this.placesOf(topic, version));
      const partitions = (places ?? []).flatMap((place) => ('name' in place ? [place.name] : []));
      // For all of them, too: in turn with the commits that came before, and only for a member.
      const reply = await askGroups(this.services.groups, (coordinator) =>
        coordinator.fetchOffsets({ groupId, memberId, memberEpoch, partitions }),
      );
      if (reply.error !== 'NONE') {
        return { groupId, topics: [], errorCode: groupCode(reply.error) };
      }
      const found =
        topics === null || places === null
          ? this.all(groupId, version)
          : answeredTopics(topics, places, reply.offsets, version);
      room.take(sizeOf(found), `What group ${groupId} has committed`);
      return { groupId, topics: found, errorCode: NO_ERROR };
    } catch (error) {
      return { groupId, topics: [], errorCode: itemFailureOf(error).errorCode };
    }
  }

  private placesOf(topic: AskedTopic, version: number): GroupPlace[] {
    const isById = version >= TOPIC_ID_VERSION;
    return topic.partitionIndexes.map((index) => placeOf(this.services, topic, index, isById));
  }

  /** All that the group has committed in topics that are there. */
  private all(groupId: string, version: number): AnsweredTopic[] {
    const { groups } = this.services;
    const { offsets } = coordinatorOf(groups);
    const answered: (AnsweredTopic & { readonly partitions: AnsweredPartition[] })[] = [];
    let last = '';
    for (const committed of offsets.page(groupId, undefined, Infinity)) {
      const { topicId, topicName } = committed;
      if (groups.topics.nameOf(topicId) === undefined) continue;
      if (topicId !== last) {
        answered.push({ ...headOf(topicId, topicName, version), partitions: [] });
      }
      last = topicId;
      answered.at(-1)?.partitions.push(withOffset(committed));
    }
    return answered;
  }
}

/** What it needs of the instance. */
export interface OffsetFetchServices {
  readonly groups: Pick<KafkaServices['groups'], 'coordinator' | 'topics'>;
  readonly topics: Pick<KafkaServices['topics'], 'find'>;
  readonly topicIds: Pick<KafkaServices['topicIds'], 'find'>;
}

/** The groups of a request, in the form of versions that have several. */
function askedGroups({ groups, groupId, topics }: Request, version: number): readonly AskedGroup[] {
  if (version >= BATCH_VERSION) return groups;
  const asked = topics && topics.map((topic) => ({ ...topic, topicId: ZERO_UUID }));
  return [{ groupId, memberId: null, memberEpoch: NONE, topics: asked }];
}

/** The topics of a response, in the form of versions that have one group. */
function byName(topics: readonly AnsweredTopic[]): OffsetFetchResponse.OffsetFetchResponseTopic[] {
  return topics.map(({ name = '', partitions }) => ({ name, partitions }));
}

/** @param offsets Of those places that there are, in their order. */
function answeredTopics(
  topics: readonly AskedTopic[],
  places: readonly GroupPlace[],
  offsets: readonly FetchedOffset[],
  version: number,
): AnsweredTopic[] {
  const [restOfPlaces, restOfOffsets] = [places.values(), offsets.values()];
  const answerTo = (index: number): AnsweredPartition => {
    const { value: place } = restOfPlaces.next();
    if (place !== undefined && 'errorCode' in place) return without(index, spoken(place.errorCode));
    const { value: found } = restOfOffsets.next();
    return found === undefined ? without(index, NO_ERROR) : withOffset(found);
  };
  return topics.map(({ name, topicId, partitionIndexes }) => ({
    ...(version >= TOPIC_ID_VERSION ? { topicId } : { name }),
    partitions: partitionIndexes.map(answerTo),
  }));
}

/** A name without a topic has no offset, and that is all; an id without one is an error. */
function spoken(errorCode: number): number {
  return errorCode === kafkaCode('UNKNOWN_TOPIC_ID') ? errorCode : NO_ERROR;
}

function headOf(topicId: string, name: string, version: number): Omit<AnsweredTopic, 'partitions'> {
  return version >= TOPIC_ID_VERSION ? { topicId } : { name };
}

function withOffset({
  partition,
  offset,
  leaderEpoch,
  metadata,
}: Omit<FetchedOffset, 'topicId'>): AnsweredPartition {
  return {
    partitionIndex: partition,
    committedOffset: offset,
    committedLeaderEpoch: leaderEpoch,
    metadata,
    errorCode: NO_ERROR,
  };
}

function without(partitionIndex: number, errorCode: number): AnsweredPartition {
  return {
    partitionIndex,
    committedOffset: NONE,
    committedLeaderEpoch: NONE,
    metadata: '',
    errorCode,
  };
}

function sizeOf(topics: readonly AnsweredTopic[]): number {
  let bytes = 0;
  for (const { name = '', partitions } of topics) {
    bytes += TOPIC_BYTES + Buffer.byteLength(name) + OFFSET_BYTES * partitions.length;
    for (const { metadata } of partitions) bytes += Buffer.byteLength(metadata ?? '');
  }
  return bytes;
}
