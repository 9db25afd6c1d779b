import {
  parseOffsetDelete,
  type IncomingFrame,
  type OffsetDeleteResponse,
  type PartitionOutcome,
} from '@walrusmq/protocol';
import type { DeleteOffsetsRequest } from '../group/group-requests';
import type { InstanceGroups } from '../group/instance-groups';
import { outcomeOf, settled } from './group-errors';
import { findPartition } from './group-partitions';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: deletes positions of a group, each with an outcome of its own, except in topics that
 * its members are subscribed to; answers once they are gone durably by the fsync schedule.
 *
 * Version notes: protocol 1. As OffsetDelete of Kafka (KIP-496).
 */
export class OffsetDeleteHandler implements OperationHandler {
  readonly operation = 'offsetDelete';

  constructor(private readonly groups: InstanceGroups) {}

  /** Rejects with the errors of docs/protocol.md: nothing was deleted. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const request = parseOffsetDelete(frame.fields);
    const { coordinator, topics } = this.groups;
    const names: DeleteOffsetsRequest['partitions'][number][] = [];
    const found = request.partitions.map(([topic, partition]) => {
      const place = findPartition(topics, topic, partition);
      if ('name' in place) names.push(place.name);
      return place;
    });
    const asked = coordinator.deleteOffsets({ groupId: request.group, partitions: names });
    const outcomes = (await settled(asked)).partitions.values();
    const partitions = request.partitions.map(([topic, partition], index): PartitionOutcome => {
      const place = found[index];
      if (place !== undefined && 'error' in place) return [topic, partition, place.error];
      const { value } = outcomes.next();
      return [topic, partition, value === undefined ? null : outcomeOf(value)];
    });
    const fields: OffsetDeleteResponse = { partitions };
    return { fields };
  }
}
