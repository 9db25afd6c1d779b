import { PARTITION_COUNT_MAX, ProtocolError, checkTopicName } from '@walrusmq/protocol';
import { StorageError, type InstanceStorage, type TopicDescription } from '@walrusmq/storage';
import { Partition, type PartitionLimits } from '../partition/partition';
import { toProtocolError } from '../partition/storage-errors';

/** Where the topics live; open by the time a topic is asked for. */
export interface TopicStore {
  readonly storage: InstanceStorage;
}

/**
 * The topics of the instance and their partitions.
 *
 * Place: handlers find partitions here; the catalogue says which topics there are.
 * Order: creations and deletions happen one after another.
 *
 * Invariants:
 *  1. There is at most one Partition for a topic id and an index.
 *  2. A Partition exists only for a topic that the catalogue has.
 */
export class Topics {
  /** Partitions that somebody used, by topic id: one that nobody touched costs nothing. */
  private readonly opened = new Map<string, Map<number, Partition>>();
  private change: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly store: TopicStore,
    private readonly limits: PartitionLimits,
  ) {}

  /** All topics, oldest first. */
  list(): readonly TopicDescription[] {
    return this.store.storage.catalogue.list();
  }

  /** The topic of that name, if there is one. */
  find(name: string): TopicDescription | undefined {
    return this.store.storage.catalogue.find(name);
  }

  /**
   * The topic of that name.
   * @throws {ProtocolError} UNKNOWN_TOPIC.
   */
  require(name: string): TopicDescription {
    const topic = this.find(name);
    if (topic === undefined) throw new ProtocolError('UNKNOWN_TOPIC', `No topic '${name}'.`);
    return topic;
  }

  /**
   * The partition `index` of the topic `name`.
   * @throws {ProtocolError} UNKNOWN_TOPIC, UNKNOWN_PARTITION.
   */
  partition(name: string, index: number): Partition {
    return this.partitionOf(this.require(name), index);
  }

  /**
   * The partition `index` of a topic.
   * @throws {ProtocolError} UNKNOWN_PARTITION.
   */
  partitionOf(topic: TopicDescription, index: number): Partition {
    const known = this.opened.get(topic.id)?.get(index);
    if (known !== undefined) return known;
    if (!Number.isInteger(index) || index < 0 || index >= topic.partitionCount) {
      throw new ProtocolError(
        'UNKNOWN_PARTITION',
        `Topic '${topic.name}' has partitions 0 to ${topic.partitionCount - 1}, not ${index}.`,
      );
    }
    const log = this.store.storage.log(topic.id, index);
    const partition = new Partition(topic.name, index, log, this.limits);
    const partitions = this.opened.get(topic.id) ?? new Map<number, Partition>();
    this.opened.set(topic.id, partitions.set(index, partition));
    return partition;
  }

  /**
   * Creates a topic; resolves once it is durable by the schedule.
   *
   * Rejects, with nothing changed, with INVALID_TOPIC_NAME, INVALID_PARTITIONS, TOPIC_EXISTS,
   * NO_SPACE or FENCED.
   */
  async create(name: string, partitionCount: number): Promise<TopicDescription> {
    checkTopicName(name);
    if (partitionCount < 1 || partitionCount > PARTITION_COUNT_MAX) {
      throw new ProtocolError(
        'INVALID_PARTITIONS',
        `A topic has 1 to ${PARTITION_COUNT_MAX} partitions, not ${partitionCount}.`,
      );
    }
    return this.oneAtATime(async () => {
      if (this.find(name) !== undefined) {
        throw new ProtocolError('TOPIC_EXISTS', `Topic '${name}' exists already.`);
      }
      return this.store.storage.catalogue.create(name, { partitionCount });
    });
  }

  /**
   * Deletes a topic with its records and cursors; resolves once that is durable.
   *
   * From the moment the catalogue has forgotten it, its partitions answer UNKNOWN_TOPIC and the
   * fetches that wait on them end. Rejects with UNKNOWN_TOPIC, NO_SPACE or FENCED.
   */
  async delete(name: string): Promise<void> {
    await this.oneAtATime(async () => {
      const topic = this.require(name);
      await this.store.storage.catalogue.delete(name);
      const partitions = this.opened.get(topic.id);
      this.opened.delete(topic.id);
      for (const partition of partitions?.values() ?? []) partition.close();
      await this.store.storage.deleteTopicLogs(topic);
    });
  }

  private async oneAtATime<Value>(change: () => Promise<Value>): Promise<Value> {
    const result = this.change.then(change).catch((error: unknown) => {
      throw error instanceof StorageError ? toProtocolError(error) : error;
    });
    // Reported to whoever asked for this change; the next one only waits for its end.
    this.change = result.catch(() => undefined);
    return result;
  }
}
