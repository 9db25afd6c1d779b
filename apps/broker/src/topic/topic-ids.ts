import type { TopicDescription } from '@walrusmq/storage';
import type { Topics } from './topics';

/**
 * Topics by their ids, for protocols that name them so.
 *
 * Life: fills itself with the first question, and follows the topics from then on.
 */
export class TopicIds {
  private names: Map<string, string> | undefined;

  constructor(private readonly topics: Topics) {}

  /** The topic with this id, if there is one. */
  find(id: string): TopicDescription | undefined {
    this.names ??= this.collect();
    const name = this.names.get(id);
    return name === undefined ? undefined : this.topics.find(name);
  }

  private collect(): Map<string, string> {
    const names = new Map(this.topics.list().map((topic) => [topic.id, topic.name]));
    this.topics.onChanged(({ what, topic }) => {
      if (what === 'deleted') names.delete(topic.id);
      else names.set(topic.id, topic.name);
    });
    return names;
  }
}
