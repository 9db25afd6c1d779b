import {
  ProtocolError,
  parseDeleteGroup,
  type DeleteGroupResponse,
  type IncomingFrame,
} from '@walrusmq/protocol';
import type { InstanceGroups } from '../group/instance-groups';
import { TickBudget } from '../partition/tick-budget';
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
    const gone = await settled(this.groups.coordinator.deleteGroup(group)).catch(notFound);
    const unpinned = await this.unpinAll(group);
    if (gone instanceof ProtocolError && unpinned === 0) throw gone;
    const fields: DeleteGroupResponse = {};
    return { fields };
  }

  private async unpinAll(group: string): Promise<number> {
    const budget = new TickBudget();
    let count = 0;
    for (const { name, pins } of this.topics.list()) {
      await budget.pause();
      const isPinned = pins.some((pin) => pin.kind === 'group' && pin.name === group);
      if (!isPinned) continue;
      await this.topics.unpin(name, { kind: 'group', name: group }).catch(topicGone);
      count += 1;
    }
    return count;
  }
}

/** The error, where it is that there is no such group: its pins may be there still. */
function notFound(error: unknown): ProtocolError {
  if (error instanceof ProtocolError && error.code === 'GROUP_ID_NOT_FOUND') return error;
  throw error;
}

/** A topic that was deleted meanwhile took its pins with it. */
function topicGone(error: unknown): void {
  if (!(error instanceof ProtocolError && error.code === 'UNKNOWN_TOPIC')) throw error;
}
