import {
  parseOffsetCommit,
  type IncomingFrame,
  type OffsetCommitResponse,
  type PartitionOutcome,
} from '@walrusmq/protocol';
import { touchGroupPins } from '../group/group-pins';
import type { OffsetCommit } from '../group/group-requests';
import type { InstanceGroups } from '../group/instance-groups';
import type { Topics } from '../topic/topics';
import { outcomeOf, settled } from './group-errors';
import { findPartition } from './group-partitions';
import type { OperationHandler, Reply } from './operation-handler';

const NO_MEMBER = -1;

/**
 * Behaviour: saves positions of a group, each with an outcome of its own, and answers once they are
 * durable by the fsync schedule. Only a member of the present generation or epoch may, or anybody
 * while the group has no members. Positions are not held against the log.
 *
 * Version notes: protocol 1. As OffsetCommit 9 of Kafka.
 */
export class OffsetCommitHandler implements OperationHandler {
  readonly operation = 'offsetCommit';

  constructor(
    private readonly groups: InstanceGroups,
    private readonly topics: Pick<Topics, 'find' | 'pins'>,
  ) {}

  /** Rejects with the errors of docs/protocol.md: nothing was committed. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const request = parseOffsetCommit(frame.fields);
    const { coordinator, topics } = this.groups;
    const offsets: OffsetCommit[] = [];
    const found = request.offsets.map(({ topic, partition, ...position }) => {
      const place = findPartition(topics, topic, partition, request.topicIds.get(topic));
      if ('name' in place) offsets.push({ ...place.name, ...position });
      return place;
    });
    const reply = await settled(
      coordinator.commit({
        groupId: request.group,
        memberId: request.member ?? '',
        instanceId: request.instanceId ?? null,
        generation: request.epoch ?? NO_MEMBER,
        retentionMs: null,
        offsets,
      }),
    );
    const outcomes = reply.partitions.values();
    const partitions = request.offsets.map(({ topic, partition }, index): PartitionOutcome => {
      const place = found[index];
      if (place !== undefined && 'error' in place) return [topic, partition, place.error];
      const { value } = outcomes.next();
      return [topic, partition, value === undefined ? null : outcomeOf(value)];
    });
    const committed = partitions.filter(([, , error]) => error === null);
    touchGroupPins(
      this.topics,
      request.group,
      committed.map(([topic]) => topic),
    );
    const fields: OffsetCommitResponse = { partitions };
    return { fields };
  }
}
