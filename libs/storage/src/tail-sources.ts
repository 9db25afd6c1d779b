import type { TailSource } from './entry-tail';
import { EntrySource } from './entry-source';
import type { LogWatches } from './log-watches';
import { awaitNative, callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import type { OpenTopic, OpenTopics } from './open-topics';
import { StorageError } from './storage-error';
import type { TopicReader } from './topic-reader';
import type { StartPosition, StoredEntry } from './walrus-options';

/** What tails of one Walrus share. */
export interface TailContext {
  readonly native: NativeWal;
  readonly topics: OpenTopics;
  readonly watches: LogWatches;
}

/** The offset that a start position means in the topic now. */
export async function offsetOf(
  native: NativeWal,
  { handle }: OpenTopic,
  position: StartPosition,
): Promise<number> {
  if (position === 'earliest') return callNative(() => native.logInfo(handle)).startOffset;
  if (position === 'latest') return callNative(() => native.readableEnd(handle));
  if ('offset' in position) return position.offset;
  const { timestampMs } = position;
  const found = await awaitNative(() => native.offsetForTimestamp(handle, timestampMs));
  return found?.offset ?? callNative(() => native.readableEnd(handle));
}

/** Entries of a topic that may not exist yet. */
abstract class TopicTailSource implements TailSource {
  /** Of the topic that the tail is of, once there is one. */
  private topicId: string | undefined;

  constructor(
    protected readonly context: TailContext,
    private readonly name: string,
  ) {
    this.topicId = context.topics.find(name)?.description.id;
  }

  async next(): Promise<StoredEntry | undefined> {
    const topic = this.context.topics.find(this.name);
    this.topicId ??= topic?.description.id;
    if (topic?.description.id === this.topicId) return topic && this.nextOf(topic);
    throw new StorageError('CLOSED', `topic ${JSON.stringify(this.name)} was deleted`);
  }

  wait(isEnded: () => boolean): Promise<StoredEntry | undefined> {
    const { topics, watches } = this.context;
    const logs = (): number[] => [(topics.find(this.name) ?? topics.catalogue).handle];
    return watches.waitFor(logs, () => this.next(), isEnded);
  }

  wake(): void {
    this.context.watches.wakeAll();
  }

  protected abstract nextOf(topic: OpenTopic): Promise<StoredEntry | undefined>;
}

/** The entries that a named reader claims one by one, as `readNext` does. */
export class ReaderTailSource extends TopicTailSource {
  constructor(
    context: TailContext,
    topic: string,
    private readonly reader: string | undefined,
  ) {
    super(context, topic);
  }

  protected async nextOf(topic: OpenTopic): Promise<StoredEntry | undefined> {
    const reader: TopicReader = this.context.topics.readerOf(topic, this.reader);
    await reader.fetch();
    return reader.read(0, 1, true)[0];
  }
}

/** The entries from a position on; no cursor moves. */
export class PositionTailSource extends TopicTailSource {
  private readonly start: Promise<number> | undefined;
  private source: EntrySource | undefined;
  private offset: number | undefined;

  constructor(
    context: TailContext,
    topic: string,
    private readonly from: StartPosition,
  ) {
    super(context, topic);
    const known = context.topics.find(topic);
    // Now and not at the first `next`: "latest" means what comes after this call.
    this.start = known && offsetOf(context.native, known, from);
    // The first `next` reports it.
    this.start?.catch(() => undefined);
  }

  protected async nextOf(topic: OpenTopic): Promise<StoredEntry | undefined> {
    const { native } = this.context;
    // Of a topic that was created since, all entries came after the call.
    this.offset ??= await (this.start ?? (this.from === 'latest' ? 0 : this.startIn(topic)));
    this.source ??= new EntrySource(native, topic.handle);
    await this.source.fetch(this.offset);
    const { entries, end } = this.source.take(this.offset, 0, 1);
    if (entries.length > 0) this.offset = end;
    return entries[0];
  }

  private startIn(topic: OpenTopic): Promise<number> {
    return offsetOf(this.context.native, topic, this.from);
  }
}
