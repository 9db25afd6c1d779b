import { checkReader, topicIdBytes, topicIdText } from './log-id';
import { KeptEntries } from './kept-entries';
import { awaitNative, callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import { SharedCatalogue } from './shared-catalogue';
import { StorageError } from './storage-error';
import type { TopicDescription } from './topic-catalogue';
import { DEFAULT_READER, TopicReader } from './topic-reader';

/** Decoded entries that are kept, over all topics, by their encoded size. */
const KEPT_BYTES_MAX = 64 * 2 ** 20;

/** A topic that this thread has used. */
export interface OpenTopic {
  readonly description: TopicDescription;
  /** The handle of its partition 0 in the addon. */
  readonly handle: number;
  /** By name. */
  readonly readers: Map<string, TopicReader>;
  /** The one of `readers` that most reads are for. */
  defaultReader: TopicReader | undefined;
}

/**
 * The topics of an instance by name, as one thread uses them: their handles and their readers.
 *
 * Another thread may delete a topic, and create one of that name again, at any time: a call that
 * finds its log gone is made again on the new topic.
 */
export class OpenTopics {
  readonly catalogue: SharedCatalogue;
  private readonly open = new Map<string, OpenTopic>();
  private readonly kept = new KeptEntries(KEPT_BYTES_MAX);

  /** @throws {StorageError} As `replayCatalogue`. */
  constructor(private readonly native: NativeWal) {
    this.catalogue = new SharedCatalogue(native);
  }

  /** The topic of that name, if there is one. */
  find(name: string): OpenTopic | undefined {
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const description = this.catalogue.find(name);
    return description && this.openTopic(description);
  }

  /**
   * The topic of that name.
   * @throws {StorageError} INVALID_INPUT when there is none.
   */
  get(name: string): OpenTopic {
    const topic = this.find(name);
    if (topic !== undefined) return topic;
    throw new StorageError('INVALID_INPUT', `there is no topic ${JSON.stringify(name)}`);
  }

  /** Runs `call` on the topic, which is created when there is none. */
  write<T>(name: string, call: (handle: number) => T): T {
    const known = this.open.get(name);
    const topic = known ?? this.openTopic(this.catalogue.findOrCreate(name));
    try {
      return call(topic.handle);
    } catch (error) {
      if (this.isReplaced(topic, error)) return this.write(name, call);
      throw StorageError.from(error);
    }
  }

  /** Runs `call` on the topic; undefined when there is none. */
  read<T>(name: string, call: (topic: OpenTopic) => T): T | undefined {
    const topic = this.open.get(name) ?? this.find(name);
    if (topic === undefined) return undefined;
    try {
      return call(topic);
    } catch (error) {
      if (this.isReplaced(topic, error)) return this.read(name, call);
      throw error;
    }
  }

  /**
   * The topic's reader of that name.
   * @throws {StorageError} INVALID_INPUT for a name that is none.
   */
  readerOf(topic: OpenTopic, name: string = DEFAULT_READER): TopicReader {
    if (name === DEFAULT_READER && topic.defaultReader) return topic.defaultReader;
    const known = topic.readers.get(name);
    if (known !== undefined) return known;
    checkReader(name);
    const reader: TopicReader = new TopicReader(this.native, topic.handle, name, (deltaBytes) =>
      this.kept.changed(reader, deltaBytes),
    );
    topic.readers.set(name, reader);
    if (name === DEFAULT_READER) topic.defaultReader = reader;
    return reader;
  }

  /** This thread uses the topic no more. */
  forget(topic: OpenTopic): void {
    for (const reader of topic.readers.values()) reader.forget();
    const { name } = topic.description;
    if (this.open.get(name) === topic) this.open.delete(name);
  }

  /**
   * Removes the logs of deleted topics, those that were never opened too; durable on resolution.
   */
  async deleteLogsOf(topicIds: ReadonlySet<string>): Promise<void> {
    if (topicIds.size === 0) return;
    for (const { topicId, partition } of callNative(() => this.native.listLogs())) {
      if (!topicIds.has(topicIdText(topicId))) continue;
      try {
        const handle = callNative(() => this.native.openLog(topicId, partition));
        await awaitNative(() => this.native.deleteLog(handle));
      } catch (error) {
        // CLOSED: another thread was faster.
        if (!(error instanceof StorageError) || error.code !== 'CLOSED') throw error;
      }
    }
  }

  private openTopic(description: TopicDescription): OpenTopic {
    const handle = callNative(() => this.native.openLog(topicIdBytes(description.id), 0));
    const topic = { description, handle, readers: new Map(), defaultReader: undefined };
    this.open.set(description.name, topic);
    return topic;
  }

  /** Whether `error` says that the topic's log is gone because the topic is another one now. */
  private isReplaced(topic: OpenTopic, error: unknown): boolean {
    if (StorageError.from(error).code !== 'CLOSED') return false;
    this.catalogue.refresh();
    const { name, id } = topic.description;
    if (this.catalogue.find(name)?.id === id) return false;
    this.forget(topic);
    return true;
  }
}
