import { checkTopicName, ProtocolError, type ListTopicsResponse } from '@walrusmq/protocol';
import type {
  InstanceStorage,
  LogState,
  ReaderCursor,
  TopicDescription,
  TopicPin,
} from '@walrusmq/storage';
import type { BrokerSettings } from '../config/settings-table';
import { Partition, type PartitionLimits } from '../partition/partition';
import { isSamePin, type IsPinDue, type PinChange, type Pins } from '../partition/pins';
import { toProtocolError } from '../partition/storage-errors';
import { TickBudget } from '../partition/tick-budget';
import { checkGrowth, configChangesOf, type NewTopic, type TopicAlteration } from './topic-changes';
import type { TopicDefaults } from './topic-config-row';
import { TopicConfigs, type EffectiveConfigs } from './topic-configs';
import { checkAlteration, checkCreation, checkPins, type TopicLimits } from './topic-checks';
import { TopicNames } from './topic-names';

/** Where the topics live; open by the time a topic is asked for. */
export interface TopicStore {
  readonly storage: InstanceStorage;
}

/** The settings that topics follow. */
export type TopicSettings = TopicDefaults &
  TopicLimits &
  Pick<BrokerSettings, 'autoCreateTopics' | 'defaultPartitions' | 'readConsistency'>;

/** What happened to a topic, and what it is now, or was last. */
export interface TopicNews {
  readonly what: 'created' | 'deleted' | 'grown';
  readonly topic: TopicDescription;
}

/** The partitions of a topic that somebody used: one that nobody touched costs nothing. */
interface OpenedTopic {
  readonly limits: PartitionLimits;
  readonly partitions: Map<number, Partition>;
}

/**
 * The topics of the instance and their partitions.
 *
 * Place: handlers find partitions here; the catalogue says which topics there are.
 * Order: creations, alterations and deletions happen one after another; the records of a deleted
 * topic go afterwards, in the background.
 *
 * Invariants:
 *  1. There is at most one Partition for a topic id and an index.
 *  2. A Partition exists only for a topic that the catalogue has.
 *  3. What an alteration says holds for every partition when it resolves.
 */
export class Topics {
  /** What topics are kept by. */
  readonly configs: TopicConfigs;
  private readonly opened = new Map<string, OpenedTopic>();
  private readonly names = new TopicNames(() => this.list());
  private readonly creations = new Map<string, Promise<TopicDescription>>();
  private readonly listeners = new Set<(news: TopicNews) => void>();
  private change: Promise<unknown> = Promise.resolve();
  private readonly persistEvery: number;

  /** @param onDeletionFailed Told when the records of a deleted topic are left until a restart. */
  constructor(
    private readonly store: TopicStore,
    private readonly settings: TopicSettings,
    readonly pins: Pins,
    private readonly onDeletionFailed: (topic: TopicDescription, error: unknown) => void,
  ) {
    this.configs = new TopicConfigs(settings);
    const { readConsistency } = settings;
    this.persistEvery = 'persistEvery' in readConsistency ? readConsistency.persistEvery : 1;
  }

  /**
   * Makes the logs of all topics follow their configs. REQUIRES: once, before the first use.
   *
   * @returns The names of topics with configs that the settings of before kept and these do not.
   */
  async open(): Promise<readonly string[]> {
    const defaults = this.configs.of({ ...NO_TOPIC, configs: {} });
    const budget = new TickBudget();
    const unkept: string[] = [];
    for (const topic of this.list()) {
      await budget.pause();
      if (this.configs.warnings(topic.configs).length > 0) unkept.push(topic.name);
      const { segmentMs, isLogAppendTime } = this.configs.of(topic);
      // The storage was opened with the defaults.
      if (isLogAppendTime || segmentMs !== defaults.segmentMs) this.configureLogs(topic);
    }
    return unkept;
  }

  /** Topics that set nothing themselves follow other defaults from now on. */
  configure(defaults: TopicDefaults): void {
    this.configs.configure(defaults);
    for (const topic of this.list()) this.configureLogs(topic);
  }

  /**
   * Calls `listener`, which does not throw, after a topic was created, deleted or given more
   * partitions.
   * @returns A function that ends it.
   */
  onChanged(listener: (news: TopicNews) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** All topics, oldest first. */
  list(): readonly TopicDescription[] {
    return this.store.storage.catalogue.list();
  }

  /** A page of the topics, ordered by name: at most `limit` behind the name `after`. */
  page(after: string | undefined, limit: number): ListTopicsResponse {
    return this.names.page(after, limit);
  }

  /** The topic of that name, if there is one. */
  find(name: string): TopicDescription | undefined {
    return this.store.storage.catalogue.find(name);
  }

  /**
   * The topic of that name.
   * @throws {ProtocolError} UNKNOWN_TOPIC: there is none, or none with this id.
   */
  require(name: string, id?: string): TopicDescription {
    const topic = this.find(name);
    if (topic === undefined || (id ?? topic.id) !== topic.id) throw unknownTopic(name, id);
    return topic;
  }

  /** Whether a topic that is missing may be created for somebody who writes to it. */
  get isAutoCreating(): boolean {
    return this.settings.autoCreateTopics;
  }

  /**
   * The topic of that name, created when there is none. Of several calls one creates it.
   *
   * Rejects as `create`, but never with TOPIC_EXISTS.
   */
  async findOrCreate(name: string): Promise<TopicDescription> {
    const known = this.find(name);
    if (known !== undefined) return known;
    let creation = this.creations.get(name);
    if (creation === undefined) {
      creation = this.create({ name }).finally(() => this.creations.delete(name));
      this.creations.set(name, creation);
    }
    try {
      return await creation;
    } catch (error) {
      const other = this.find(name);
      if (other !== undefined) return other;
      throw error;
    }
  }

  /** What holds for a topic now. */
  configsOf(topic: TopicDescription): EffectiveConfigs {
    return this.configs.of(topic);
  }

  /**
   * The partition `index` of the topic `name`, which has the id `id` where one is given.
   * @throws {ProtocolError} UNKNOWN_TOPIC, UNKNOWN_PARTITION.
   */
  partition(name: string, index: number, id?: string): Partition {
    return this.partitionOf(this.require(name, id), index);
  }

  /**
   * The partition `index` of a topic, which may have been looked up some time ago.
   * @throws {ProtocolError} UNKNOWN_PARTITION; UNKNOWN_TOPIC: it was deleted since.
   */
  partitionOf(topic: TopicDescription, index: number): Partition {
    const known = this.opened.get(topic.id)?.partitions.get(index);
    if (known !== undefined) return known;
    this.requireIndex(topic, index);
    const opened = this.opened.get(topic.id) ?? this.openTopic(topic);
    const log = this.store.storage.log(topic.id, index);
    const partition = new Partition(topic.name, index, log, opened.limits, this.persistEvery);
    opened.partitions.set(index, partition);
    return partition;
  }

  /**
   * Checks that a topic has a partition; opens none.
   * @throws {ProtocolError} UNKNOWN_PARTITION.
   */
  requireIndex({ name, partitionCount }: TopicDescription, index: number): void {
    if (Number.isInteger(index) && index >= 0 && index < partitionCount) return;
    const message = `Topic '${name}' has partitions 0 to ${partitionCount - 1}, not ${index}.`;
    throw new ProtocolError('UNKNOWN_PARTITION', message);
  }

  /** Where `count` partitions of a topic from `first` on stand; opens none of them. */
  states(topic: TopicDescription, first: number, count: number): readonly LogState[] {
    return this.store.storage.logStates(topic.id, first, count);
  }

  /**
   * The saved positions of named readers in `count` partitions of a topic from `first` on, a list
   * for each; opens none of them.
   */
  cursors(
    topic: TopicDescription,
    first: number,
    count: number,
  ): readonly (readonly ReaderCursor[])[] {
    return this.store.storage.cursors(topic.id, first, count);
  }

  /** The partitions of a topic that somebody used; the others have nothing in memory. */
  openedPartitions(topic: TopicDescription): ReadonlyMap<number, Partition> {
    return this.opened.get(topic.id)?.partitions ?? NO_PARTITIONS;
  }

  /**
   * Saves the positions of named readers that are not saved yet. REQUIRES: nobody reads any more.
   * Rejects with NO_SPACE or FENCED once all were tried.
   */
  async saveReaders(): Promise<void> {
    const saves: Promise<void>[] = [];
    for (const { partitions } of this.opened.values()) {
      for (const partition of partitions.values()) {
        for (const { reader } of partition.unsavedReaders) {
          saves.push(partition.readers.save(reader));
        }
      }
    }
    const failed = (await Promise.allSettled(saves)).find(({ status }) => status === 'rejected');
    if (failed !== undefined && 'reason' in failed) throw failed.reason;
  }

  /**
   * Creates a topic; resolves once it is durable by the schedule, or with what it would be (and an
   * empty id) when it is only to be checked.
   *
   * Rejects, with nothing changed, with INVALID_TOPIC_NAME, INVALID_PARTITIONS, INVALID_CONFIG,
   * LIMIT_EXCEEDED, TOPIC_EXISTS, NO_SPACE or FENCED.
   */
  async create(topic: NewTopic): Promise<TopicDescription> {
    const { name, partitions: partitionCount = this.settings.defaultPartitions } = topic;
    checkTopicName(name);
    const configs = this.configs.applied({}, topic.configs ?? {});
    return this.oneAtATime(async () => {
      if (this.find(name) !== undefined) {
        throw new ProtocolError('TOPIC_EXISTS', `Topic '${name}' exists already.`);
      }
      checkCreation(this.names, name, partitionCount, this.settings);
      if (topic.validateOnly === true) return { ...NO_TOPIC, name, partitionCount, configs };
      const created = await this.store.storage.catalogue.create(name, { partitionCount, configs });
      this.names.add(created);
      this.configureLogs(created);
      this.tell({ what: 'created', topic: created });
      return created;
    });
  }

  /**
   * Changes a topic; resolves with what it is then, durable by the schedule, or with what it would
   * be when that is only to be checked.
   *
   * Rejects, with nothing changed, with UNKNOWN_TOPIC, INVALID_PARTITIONS, INVALID_CONFIG,
   * LIMIT_EXCEEDED, NO_SPACE or FENCED.
   */
  async alter(name: string, alteration: TopicAlteration): Promise<TopicDescription> {
    const { partitions, validateOnly = false } = alteration;
    return this.oneAtATime(async () => {
      const topic = this.require(name);
      const changes = configChangesOf(alteration, topic);
      const configs = this.configs.applied(topic.configs, changes);
      const partitionCount = partitions ?? topic.partitionCount;
      checkGrowth(alteration, topic);
      checkAlteration(this.names, topic, partitionCount, this.settings);
      if (validateOnly) return { ...topic, partitionCount, configs };
      const altered = await this.store.storage.catalogue.alter(name, { partitionCount, configs });
      this.names.replace(topic, altered);
      this.configureLogs(altered);
      if (partitionCount > topic.partitionCount) this.tell({ what: 'grown', topic: altered });
      return altered;
    });
  }

  /**
   * Lets a reader or a group hold records back, where `retention.consumed` is set; one that does so
   * already gets the new `expireMs`. Resolves once that is durable by the schedule.
   *
   * Rejects with UNKNOWN_TOPIC, LIMIT_EXCEEDED, NO_SPACE or FENCED.
   */
  async pin(name: string, pin: TopicPin): Promise<TopicDescription> {
    return this.changePins(name, async ({ pins }, save) => {
      const others = pins.filter((each) => !isSamePin(each, pin));
      checkPins(others.length + 1);
      const topic = await save([...others, pin]);
      this.pins.touch(topic, pin.kind, pin.name);
      return topic;
    });
  }

  /**
   * Takes a pin back where `isDue` says, in its turn, that it is to go; whether it did. Rejects as
   * `pin`.
   */
  async unpin(name: string, pin: TopicPin, isDue: IsPinDue = () => true): Promise<boolean> {
    return this.changePins(name, async (topic, save) => {
      const doomed = topic.pins.find((each) => isSamePin(each, pin));
      if (doomed === undefined || !isDue(topic, doomed)) return false;
      await save(topic.pins.filter((each) => each !== doomed));
      this.pins.forget(topic.id, pin);
      return true;
    });
  }

  /**
   * Deletes a topic; resolves once it is durable by the schedule that the topic is gone. Its
   * records and cursors go afterwards.
   *
   * From the moment the catalogue has forgotten it, its partitions answer UNKNOWN_TOPIC, the
   * fetches that wait on them end, and its name is free. Rejects with UNKNOWN_TOPIC, NO_SPACE or
   * FENCED.
   */
  async delete(name: string): Promise<TopicDescription> {
    return this.oneAtATime(async () => {
      const topic = this.require(name);
      await this.store.storage.catalogue.delete(name);
      this.names.remove(topic);
      const opened = this.opened.get(topic.id);
      this.opened.delete(topic.id);
      for (const partition of opened?.partitions.values() ?? []) partition.close();
      for (const pin of topic.pins) this.pins.forget(topic.id, pin);
      this.tell({ what: 'deleted', topic });
      // What a crash leaves of them is removed at the next start.
      this.store.storage.deleteTopicLogs(topic).catch((error: unknown) => {
        this.onDeletionFailed(topic, error);
      });
      return topic;
    });
  }

  private tell(news: TopicNews): void {
    for (const listener of this.listeners) listener(news);
  }

  private async changePins<Value>(name: string, change: PinChange<Value>): Promise<Value> {
    const { catalogue } = this.store.storage;
    return this.oneAtATime(() =>
      change(this.require(name), (pins) => catalogue.alter(name, { pins })),
    );
  }

  /** @throws {ProtocolError} UNKNOWN_TOPIC: opened again, a deleted topic would be a ghost. */
  private openTopic(topic: TopicDescription): OpenedTopic {
    if (this.find(topic.name)?.id !== topic.id) throw unknownTopic(topic.name);
    const limits = { batchBytesMax: this.configs.of(topic).maxMessageBytes };
    const opened = { limits, partitions: new Map<number, Partition>() };
    this.opened.set(topic.id, opened);
    return opened;
  }

  private configureLogs(topic: TopicDescription): void {
    const { segmentMs, isLogAppendTime, maxMessageBytes } = this.configs.of(topic);
    const settings = { segmentMs, logAppendTime: isLogAppendTime };
    this.store.storage.configureLogs(topic.id, topic.partitionCount, settings);
    const opened = this.opened.get(topic.id);
    if (opened !== undefined) opened.limits.batchBytesMax = maxMessageBytes;
  }

  private async oneAtATime<Value>(change: () => Promise<Value>): Promise<Value> {
    const result = this.change.then(change).catch((error: unknown) => {
      throw toProtocolError(error);
    });
    // Reported to whoever asked for this change; the next one only waits for its end.
    this.change = result.catch(() => undefined);
    return result;
  }
}

const NO_PARTITIONS: ReadonlyMap<number, Partition> = new Map();

/** A topic that is none: what is only checked has no id. */
const NO_TOPIC: TopicDescription = {
  name: '',
  id: '',
  partitionCount: 1,
  createdAtMs: 0,
  configs: {},
  pins: [],
};

function unknownTopic(name: string, id = ''): ProtocolError {
  return new ProtocolError('UNKNOWN_TOPIC', `No topic '${name}'${id && ` with the id ${id}`}.`);
}
