import {
  ProtocolError,
  parseOffsetFetch,
  type FetchedOffset,
  type IncomingFrame,
  type OffsetFetchResponse,
  type ParsedOffsetFetch,
  type TopicPartition,
} from '@walrusmq/protocol';
import type { GroupCoordinator } from '../group/group-coordinator';
import type { FetchOffsetsReply, PartitionName } from '../group/group-requests';
import type { InstanceGroups } from '../group/instance-groups';
import { settled } from './group-errors';
import { findPartition } from './group-partitions';
import { OFFSETS_BYTES_MAX, offsetPage, placeOf, sizeOfOffset } from './offset-pages';
import type { OperationHandler, Reply } from './operation-handler';

const NOT_SAID = -1;
const NONE = -1;

/**
 * Behaviour: the committed offsets of a group: of the partitions asked for, nil where there is
 * none, or all of them a page at a time. A client that says which member it is, is answered only
 * while it is that.
 *
 * Version notes: protocol 1. As OffsetFetch 9 of Kafka.
 */
export class OffsetFetchHandler implements OperationHandler {
  readonly operation = 'offsetFetch';

  constructor(private readonly groups: InstanceGroups) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_MEMBER_ID or STALE_MEMBER_EPOCH. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const request = parseOffsetFetch(frame.fields);
    const { coordinator } = this.groups;
    const fields =
      request.partitions === undefined
        ? await this.page(coordinator, request)
        : await this.some(coordinator, request, request.partitions);
    return { fields };
  }

  private async some(
    coordinator: GroupCoordinator,
    request: ParsedOffsetFetch,
    wanted: readonly TopicPartition[],
  ): Promise<OffsetFetchResponse> {
    const names: PartitionName[] = [];
    const isThere = wanted.map(([topic, partition]) => {
      const place = findPartition(this.groups.topics, topic, partition);
      if ('name' in place) names.push(place.name);
      return 'name' in place;
    });
    const reply = await ask(coordinator, request, names);
    const bytes = reply.offsets.reduce((sum, offset) => sum + sizeOfOffset(offset), 0);
    if (bytes > OFFSETS_BYTES_MAX) {
      const text = `The offsets take ${bytes} bytes with their metadata: ask for fewer partitions.`;
      throw new ProtocolError('INVALID_REQUEST', text);
    }
    const found = reply.offsets.values();
    const offsets = wanted.map(([topic, partition], index): FetchedOffset => {
      const next = isThere[index] === true ? found.next().value : undefined;
      // A client of Kafka may have committed that there is no position.
      if (next === undefined || next.offset < 0) return [topic, partition, null, NONE, ''];
      return [topic, partition, next.offset, next.leaderEpoch, next.metadata];
    });
    return { offsets, next: null };
  }

  private async page(
    coordinator: GroupCoordinator,
    request: ParsedOffsetFetch,
  ): Promise<OffsetFetchResponse> {
    const { group, after } = request;
    const place = after === undefined ? undefined : placeOf(this.operation, after);
    // In turn with the commits that came before, and only for a member where one is named.
    await ask(coordinator, request, []);
    const page = offsetPage(coordinator.offsets, group, place);
    const offsets = page.offsets
      .filter(({ topicId }) => this.groups.topics.nameOf(topicId) !== undefined)
      .map((each): FetchedOffset => {
        const { topicName, partition, offset, leaderEpoch, metadata } = each;
        return [topicName, partition, offset, leaderEpoch, metadata];
      });
    return { offsets, next: page.next };
  }
}

function ask(
  coordinator: GroupCoordinator,
  { group, member, epoch }: ParsedOffsetFetch,
  partitions: readonly PartitionName[],
): Promise<FetchOffsetsReply> {
  return settled(
    coordinator.fetchOffsets({
      groupId: group,
      memberId: member ?? null,
      memberEpoch: epoch ?? NOT_SAID,
      partitions,
    }),
  );
}
