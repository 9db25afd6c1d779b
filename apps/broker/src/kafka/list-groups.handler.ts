import {
  listGroupsCodec,
  type Decoded,
  type ListGroupsRequest,
  type ListGroupsResponse,
} from '@walrusmq/kafka-protocol';
import { NO_ERROR, type KafkaFailure } from './error-codes';
import { coordinatorOf, type Coordinated } from './group-answers';
import type { KafkaHandler, KafkaReply } from './kafka-handler';

/**
 * Behaviour: the groups of the instance of both protocols, ordered by name; those that only have
 * committed offsets too. Filters by state and by type, whatever the case of their letters; one that
 * names nothing that there is matches no group.
 *
 * Version notes: 0 to 5; 4 brought states and their filter (KIP-518), 5 types and theirs (KIP-848).
 */
export class ListGroupsHandler implements KafkaHandler<ListGroupsRequest, ListGroupsResponse> {
  readonly codec = listGroupsCodec;

  constructor(private readonly groups: Coordinated) {}

  /** @throws {ProtocolError} As `coordinatorOf`. */
  handle({
    statesFilter,
    typesFilter,
  }: Decoded<ListGroupsRequest>): KafkaReply<ListGroupsResponse> {
    const isState = filterOf(statesFilter);
    const isType = filterOf(typesFilter);
    const groups = coordinatorOf(this.groups)
      .list()
      .filter(({ state, kind }) => isState(state) && isType(kind))
      .sort((one, other) => (one.groupId < other.groupId ? -1 : 1))
      .map(({ groupId, protocolType, state, kind }) => ({
        groupId,
        protocolType,
        groupState: state,
        groupType: kind,
      }));
    return { response: { errorCode: NO_ERROR, groups } };
  }

  /** The error alone. */
  refusal(_: Decoded<ListGroupsRequest>, { errorCode }: KafkaFailure): ListGroupsResponse {
    return { errorCode, groups: [] };
  }
}

function filterOf(names: readonly string[]): (name: string) => boolean {
  if (names.length === 0) return () => true;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  return (name) => wanted.has(name.toLowerCase());
}
