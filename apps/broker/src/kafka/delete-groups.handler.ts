import {
  deleteGroupsCodec,
  type Decoded,
  type DeleteGroupsRequest,
  type DeleteGroupsResponse,
} from '@walrusmq/kafka-protocol';
import { deleteGroupWithPins } from '../group/group-pins';
import { itemFailureOf, type KafkaFailure } from './error-codes';
import { askGroups, groupCode } from './group-answers';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

type Result = DeleteGroupsResponse.DeletableGroupResult;

// Groups that are deleted at once, so that they share the syncs of the store.
const AT_ONCE = 100;

/**
 * Behaviour: deletes groups without members, their committed offsets and their pins, each with an
 * error of its own: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND. Answers once they are gone durably by the
 * fsync schedule. A name that comes twice is one.
 *
 * Version notes: 0 to 2.
 */
export class DeleteGroupsHandler implements KafkaHandler<
  DeleteGroupsRequest,
  DeleteGroupsResponse
> {
  readonly codec = deleteGroupsCodec;

  constructor(private readonly services: DeleteGroupsServices) {}

  /** Never rejects with an error of the broker's own: each group has its answer. */
  async handle({
    groupsNames,
  }: Decoded<DeleteGroupsRequest>): Promise<KafkaReply<DeleteGroupsResponse>> {
    const names = [...new Set(groupsNames)];
    const results: Result[] = [];
    for (let first = 0; first < names.length; first += AT_ONCE) {
      const some = names.slice(first, first + AT_ONCE);
      results.push(...(await Promise.all(some.map((groupId) => this.delete(groupId)))));
    }
    return { response: { throttleTimeMs: 0, results } };
  }

  /** Every group of the request with the error. */
  refusal(
    { groupsNames }: Decoded<DeleteGroupsRequest>,
    { errorCode }: KafkaFailure,
  ): DeleteGroupsResponse {
    const results = groupsNames.map((groupId) => ({ groupId, errorCode }));
    return { throttleTimeMs: 0, results };
  }

  private async delete(groupId: string): Promise<Result> {
    try {
      const { groups, topics } = this.services;
      const { error } = await askGroups(groups, (coordinator) =>
        deleteGroupWithPins(coordinator, topics, groupId),
      );
      return { groupId, errorCode: groupCode(error) };
    } catch (error) {
      return { groupId, errorCode: itemFailureOf(error).errorCode };
    }
  }
}

/** What it needs of the instance. */
export interface DeleteGroupsServices {
  readonly groups: Pick<KafkaServices['groups'], 'coordinator'>;
  readonly topics: Pick<KafkaServices['topics'], 'list' | 'unpin'>;
}
