// What becomes of the topics that keep records for a group when the group commits, or goes.
import { ProtocolError } from '@walrusmq/protocol';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import type { GroupCoordinator } from './group-coordinator';
import type { ErrorReply } from './group-requests';

/** The group has committed in these topics: what it pins there has not expired. */
export function touchGroupPins(
  topics: Pick<Topics, 'find' | 'pins'>,
  groupId: string,
  topicNames: Iterable<string>,
): void {
  for (const name of new Set(topicNames)) {
    const topic = topics.find(name);
    if (topic !== undefined) topics.pins.touch(topic, 'group', groupId);
  }
}

/**
 * Deletes a group without members, its committed offsets and its pins; resolves once they are gone
 * durably by the fsync schedule. Where that ends between group and pins, the same call takes what
 * is left of the pins: NONE then, although the group was gone.
 *
 * Rejects with a StorageError or the ProtocolError of a topic that could not be changed.
 */
export async function deleteGroupWithPins(
  coordinator: Pick<GroupCoordinator, 'deleteGroup'>,
  topics: Pick<Topics, 'list' | 'unpin'>,
  groupId: string,
): Promise<ErrorReply> {
  const reply = await coordinator.deleteGroup(groupId);
  if (reply.error !== 'NONE' && reply.error !== 'GROUP_ID_NOT_FOUND') return reply;
  const unpinnedCount = await unpinAll(topics, groupId);
  return unpinnedCount > 0 ? { error: 'NONE' } : reply;
}

async function unpinAll(topics: Pick<Topics, 'list' | 'unpin'>, groupId: string): Promise<number> {
  const budget = new TickBudget();
  let count = 0;
  for (const { name, pins } of topics.list()) {
    const pause = budget.pause();
    if (pause !== undefined) await pause;
    const isPinned = pins.some((pin) => pin.kind === 'group' && pin.name === groupId);
    if (!isPinned) continue;
    await topics.unpin(name, { kind: 'group', name: groupId }).catch(topicGone);
    count += 1;
  }
  return count;
}

/** A topic that was deleted meanwhile took its pins with it. */
function topicGone(error: unknown): void {
  if (!(error instanceof ProtocolError && error.code === 'UNKNOWN_TOPIC')) throw error;
}
