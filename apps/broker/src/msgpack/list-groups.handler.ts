import {
  parseListGroups,
  type GroupState,
  type IncomingFrame,
  type ListGroupsResponse,
} from '@walrusmq/protocol';
import type { InstanceGroups } from '../group/instance-groups';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: the groups of the instance ordered by name, a page at a time; those that only have
 * committed offsets too. Filters by state and by type.
 *
 * Version notes: protocol 1. As ListGroups 5 of Kafka, and in pages.
 */
export class ListGroupsHandler implements OperationHandler {
  readonly operation = 'listGroups';

  constructor(private readonly groups: InstanceGroups) {}

  /** @throws {ProtocolError} INVALID_REQUEST. */
  handle(frame: IncomingFrame): Reply {
    const { after, limit, states, types } = parseListGroups(frame.fields);
    const wanted = this.groups.coordinator.list().filter(
      ({ groupId, state, kind }) =>
        (after === undefined || groupId > after) &&
        // A group that is dead is not listed.
        (states === undefined || states.includes(state as GroupState)) &&
        (types === undefined || types.includes(kind)),
    );
    wanted.sort((one, other) => (one.groupId < other.groupId ? -1 : 1));
    const page = wanted.slice(0, limit);
    const fields: ListGroupsResponse = {
      groups: page.map(({ groupId, state, kind, protocolType, memberCount }) => ({
        group: groupId,
        state: state as GroupState,
        type: kind,
        protocolType,
        members: memberCount,
      })),
      next: wanted.length > page.length ? (page.at(-1)?.groupId ?? null) : null,
    };
    return { fields };
  }
}
