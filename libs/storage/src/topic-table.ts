import { randomUUID } from 'node:crypto';
import { checkName, checkWholeNumber } from './log-id';
import { StorageError } from './storage-error';
import { TOPIC_NAME_BYTES_MAX, TOPIC_PARTITIONS_MAX } from './topic-catalogue';
import type { TopicDescription, TopicSettings } from './topic-catalogue';

/**
 * The topics that are visible, and the names on which a change is under way.
 *
 * Place: the state of every topic catalogue; knows nothing of where it is kept.
 */
export class TopicTable {
  private readonly topics = new Map<string, TopicDescription>();
  private readonly busyNames = new Set<string>();

  /** All visible topics, in the order in which they were added. */
  list(): readonly TopicDescription[] {
    return [...this.topics.values()];
  }

  /** The visible topic of that name. */
  find(name: string): TopicDescription | undefined {
    return this.topics.get(name);
  }

  /**
   * A description for a new topic, with a new id; its name is taken until `end`.
   * @throws {StorageError} INVALID_INPUT when the name is taken or not one, or the count is no
   * count.
   */
  beginCreate(name: string, settings: TopicSettings): TopicDescription {
    checkTopic(name, settings.partitionCount);
    if (this.topics.has(name) || this.busyNames.has(name)) {
      throw new StorageError('INVALID_INPUT', `topic ${JSON.stringify(name)} exists`);
    }
    this.busyNames.add(name);
    return {
      name,
      id: randomUUID(),
      partitionCount: settings.partitionCount,
      createdAtMs: Date.now(),
      configs: { ...settings.configs },
    };
  }

  /**
   * The topic to delete; its name is taken until `end`.
   * @throws {StorageError} INVALID_INPUT when there is none, or a change of it is under way.
   */
  beginDelete(name: string): TopicDescription {
    const topic = this.topics.get(name);
    if (topic === undefined || this.busyNames.has(name)) {
      throw new StorageError('INVALID_INPUT', `there is no topic ${JSON.stringify(name)}`);
    }
    this.busyNames.add(name);
    return topic;
  }

  /** The change of this name is over, whether it was applied or not. */
  end(name: string): void {
    this.busyNames.delete(name);
  }

  /** Makes a topic visible. */
  add(topic: TopicDescription): void {
    this.topics.set(topic.name, topic);
  }

  /** Makes a topic invisible; nothing happens when there is none. */
  remove(name: string): void {
    this.topics.delete(name);
  }
}

function checkTopic(name: string, partitionCount: number): void {
  checkName('the name of the topic', name, TOPIC_NAME_BYTES_MAX);
  checkWholeNumber('partitionCount', partitionCount, TOPIC_PARTITIONS_MAX);
  if (partitionCount > 0) return;
  throw new StorageError('INVALID_INPUT', 'partitionCount is 0: a topic has at least one');
}
