import type { TopicDescription } from '@walrusmq/storage';
import type { Topics } from '../topic/topics';
import type { GroupTopic, GroupTopics, TopicChange } from './group-topics';

/**
 * The topics of the instance as groups know them, and their names by id.
 *
 * Life: knows names from `open` to `close`; the names of deleted topics are forgotten.
 */
export class CatalogueTopics implements GroupTopics {
  private readonly names = new Map<string, string>();
  private stopListening: (() => void) | undefined;

  constructor(private readonly topics: Pick<Topics, 'find' | 'list' | 'onChanged'>) {}

  /** Begins to keep the names. */
  open(): void {
    for (const { id, name } of this.topics.list()) this.names.set(id, name);
    this.stopListening = this.topics.onChanged(({ what, topic: { id, name } }) => {
      if (what === 'deleted') this.names.delete(id);
      else this.names.set(id, name);
    });
  }

  /** Ends that. */
  close(): void {
    this.stopListening?.();
  }

  /** The name of a topic; undefined when there is none of that id. */
  nameOf(topicId: string): string | undefined {
    return this.names.get(topicId);
  }

  find(name: string): GroupTopic | undefined {
    const topic = this.topics.find(name);
    return topic && groupTopic(topic);
  }

  *list(): Generator<GroupTopic> {
    for (const topic of this.topics.list()) yield groupTopic(topic);
  }

  isPinned(name: string, groupId: string): boolean {
    const pins = this.topics.find(name)?.pins ?? [];
    return pins.some((pin) => pin.kind === 'group' && pin.name === groupId);
  }

  onChanged(listener: (change: TopicChange) => void): () => void {
    return this.topics.onChanged(({ what, topic }) => listener({ what, topic: groupTopic(topic) }));
  }
}

function groupTopic({ id, name, partitionCount }: TopicDescription): GroupTopic {
  return { id, name, partitionCount };
}
