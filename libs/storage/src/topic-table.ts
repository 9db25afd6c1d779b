import { randomUUID } from 'node:crypto';
import { checkName, checkReader, checkText, checkWholeNumber } from './log-id';
import { StorageError } from './storage-error';
import {
  TOPIC_CONFIGS_MAX,
  TOPIC_CONFIG_BYTES_MAX,
  TOPIC_NAME_BYTES_MAX,
  TOPIC_PARTITIONS_MAX,
  TOPIC_PINS_MAX,
} from './topic-catalogue';
import type { TopicChange, TopicDescription, TopicPin, TopicSettings } from './topic-catalogue';

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

  /** How many topics are visible. */
  get size(): number {
    return this.topics.size;
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
    checkName('the name of the topic', name, TOPIC_NAME_BYTES_MAX);
    checkPartitionCount(settings.partitionCount, 1);
    checkConfigs(settings.configs ?? {});
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
      pins: [],
    };
  }

  /**
   * What the topic will be; its name is taken until `end`.
   * @throws {StorageError} INVALID_INPUT when there is none, a change of it is under way, or it
   *   cannot be as `change` says.
   */
  beginAlter(name: string, change: TopicChange): TopicDescription {
    const topic = this.beginDelete(name);
    try {
      checkPartitionCount(change.partitionCount ?? topic.partitionCount, topic.partitionCount);
      checkConfigs(change.configs ?? {});
      checkPins(change.pins ?? []);
    } catch (error) {
      this.end(name);
      throw error;
    }
    const { partitionCount, configs, pins } = change;
    return {
      ...topic,
      ...(partitionCount !== undefined && { partitionCount }),
      ...(configs && { configs: { ...configs } }),
      ...(pins && { pins: pins.map((pin) => ({ ...pin })) }),
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

  /** Makes a topic visible, or what became of it. */
  add(topic: TopicDescription): void {
    this.topics.set(topic.name, topic);
  }

  /** Makes a topic invisible; nothing happens when there is none. */
  remove(name: string): void {
    this.topics.delete(name);
  }
}

function checkPartitionCount(count: number, least: number): void {
  checkWholeNumber('partitionCount', count, TOPIC_PARTITIONS_MAX);
  if (count >= least) return;
  const reason = least === 1 ? 'a topic has at least one' : `the topic has ${least}, never fewer`;
  throw new StorageError('INVALID_INPUT', `partitionCount is ${count}: ${reason}`);
}

function checkConfigs(configs: Readonly<Record<string, string>>): void {
  const entries = Object.entries(configs);
  if (entries.length > TOPIC_CONFIGS_MAX) {
    const text = `${entries.length} configs are more than ${TOPIC_CONFIGS_MAX}`;
    throw new StorageError('INVALID_INPUT', text);
  }
  for (const [name, value] of entries) {
    checkName('the name of a config', name, TOPIC_CONFIG_BYTES_MAX);
    checkText(`the value of the config ${name}`, value, TOPIC_CONFIG_BYTES_MAX);
  }
}

function checkPins(pins: readonly TopicPin[]): void {
  if (pins.length > TOPIC_PINS_MAX) {
    const text = `${pins.length} pins are more than ${TOPIC_PINS_MAX}`;
    throw new StorageError('INVALID_INPUT', text);
  }
  for (const { name, expireMs } of pins) {
    checkReader(name);
    if (expireMs !== undefined) checkWholeNumber('expireMs', expireMs);
  }
}
