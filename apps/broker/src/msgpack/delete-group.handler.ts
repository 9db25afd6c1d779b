import { parseDeleteGroup, type DeleteGroupResponse, type IncomingFrame } from '@walrusmq/protocol';
import { deleteGroupWithPins } from '../group/group-pins';
import type { InstanceGroups } from '../group/instance-groups';
import type { Topics } from '../topic/topics';
import { settled } from './group-errors';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: deletes a group without members, its committed offsets and its pins, and answers once
 * they are gone durably by the fsync schedule. Where that ends between group and pins, the same
 * request takes what is left of the pins.
 *
 * Version notes: protocol 1. As DeleteGroups of Kafka, one at a time.
 */
export class DeleteGroupHandler implements OperationHandler {
  readonly operation = 'deleteGroup';

  constructor(
    private readonly groups: InstanceGroups,
    private readonly topics: Pick<Topics, 'list' | 'unpin'>,
  ) {}

  /** Rejects with the errors of docs/protocol.md; NON_EMPTY_GROUP: nothing changed. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { group } = parseDeleteGroup(frame.fields);
    await settled(deleteGroupWithPins(this.groups.coordinator, this.topics, group));
    const fields: DeleteGroupResponse = {};
    return { fields };
  }
}
