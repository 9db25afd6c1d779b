import {
  ProtocolError,
  type ListedReader,
  type ListReadersResponse,
  type ParsedListReaders,
  type ReaderPartition,
  type ReaderTopic,
  type TopicReaderName,
} from '@walrusmq/protocol';
import type { LogState, TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import type { ReaderAttachments } from './reader-attachments';
import { stateOf } from './reader-targets';

/** Topics that are looked up by name at a time. */
const TOPICS_PAGE = 1_000;

interface Counted {
  partitions: number;
  /** What its lag is above that of a reader that has read nothing. */
  lag: number;
}

/**
 * Which named readers there are and where they stand.
 *
 * No partition is opened to be looked at; loops over many let others have their turn.
 */
export class ReaderView {
  constructor(
    private readonly topics: Topics,
    private readonly attachments: ReaderAttachments,
  ) {}

  /** What the reader reads next in a partition; undefined where it has no position. */
  position(topic: TopicDescription, index: number, reader: string): number | undefined {
    const opened = this.topics.openedPartitions(topic).get(index);
    return opened === undefined
      ? this.savedPosition(topic, index, reader)
      : opened.readers.position(reader);
  }

  /** The names of the topics in which the reader has a position or a pin. */
  async topicsOf(reader: string): Promise<readonly TopicDescription[]> {
    const found: TopicDescription[] = [];
    for await (const topic of this.eachTopic(undefined)) {
      if (await this.isIn(topic, reader)) found.push(topic);
    }
    return found;
  }

  /** Whether the reader has a position or a pin in the topic. */
  async isIn(topic: TopicDescription, reader: string): Promise<boolean> {
    if (topic.pins.some(({ kind, name }) => kind === 'reader' && name === reader)) return true;
    const budget = new TickBudget();
    for (let index = 0; index < topic.partitionCount; index += 1) {
      await budget.pause();
      if (this.position(topic, index, reader) !== undefined) return true;
    }
    return false;
  }

  /**
   * A page of the readers, ordered by topic and name.
   *
   * Rejects with UNKNOWN_TOPIC.
   */
  async list({ topic: only, after, limit }: ParsedListReaders): Promise<ListReadersResponse> {
    const readers: ListedReader[] = [];
    for await (const topic of this.topicsBehind(only, after)) {
      const behind = after?.[0] === topic.name ? after[1] : undefined;
      const listed = await this.listTopic(topic, behind);
      readers.push(...listed.slice(0, limit + 1 - readers.length));
      if (readers.length > limit) break;
    }
    const page = readers.slice(0, limit);
    const last = page.at(-1);
    const next =
      last !== undefined && readers.length > limit ? ([last.topic, last.reader] as const) : null;
    return { readers: page, next };
  }

  /**
   * Where the reader stands in these topics, or in all in which it is.
   *
   * Rejects with UNKNOWN_TOPIC; UNKNOWN_READER when it is in none of them.
   */
  async describe(
    reader: string,
    names: readonly string[] | undefined,
  ): Promise<readonly ReaderTopic[]> {
    const named = names?.map((name) => this.topics.require(name));
    const found = named ?? (await this.topicsOf(reader));
    const described: ReaderTopic[] = [];
    let isKnown = false;
    for (const topic of found) {
      const one = await this.describeTopic(topic, reader);
      isKnown ||= one.pin !== null || one.holder !== null;
      isKnown ||= one.partitions.some(({ position }) => position !== null);
      described.push(one);
    }
    if (!isKnown) throw unknownReader(reader, names);
    return described;
  }

  private async describeTopic(topic: TopicDescription, reader: string): Promise<ReaderTopic> {
    const partitions: ReaderPartition[] = [];
    const budget = new TickBudget();
    for (let index = 0; index < topic.partitionCount; index += 1) {
      await budget.pause();
      partitions.push(this.describePartition(topic, index, reader));
    }
    const pin = topic.pins.find(({ kind, name }) => kind === 'reader' && name === reader);
    const idleMs = pin === undefined ? 0 : this.topics.pins.idleMs(topic, pin);
    return {
      topic: topic.name,
      lag: partitions.reduce((sum, { lag }) => sum + lag, 0),
      pin: pin === undefined ? null : { expireMs: pin.expireMs ?? null, idleMs },
      holder: this.attachments.holder(topic, reader),
      partitions,
    };
  }

  private describePartition(topic: TopicDescription, index: number, reader: string) {
    const state = stateOf(this.topics, { topic, index });
    const { logStartOffset, readableEnd, storedBytes } = state;
    const position = this.position(topic, index, reader) ?? null;
    const lag = lagOf(position, state);
    const readable = readableEnd - logStartOffset;
    return {
      partition: index,
      position,
      saved: this.savedPosition(topic, index, reader) ?? null,
      logStartOffset,
      readableEnd,
      lag,
      lagBytes: readable === 0 ? 0 : Math.round((storedBytes * lag) / readable),
      missed: position === null ? 0 : Math.max(0, logStartOffset - position),
    };
  }

  private savedPosition(topic: TopicDescription, index: number, name: string): number | undefined {
    const [cursors = []] = this.topics.cursors(topic, index, 1);
    return cursors.find(({ reader }) => reader === name)?.offset;
  }

  private async listTopic(
    topic: TopicDescription,
    behind: string | undefined,
  ): Promise<ListedReader[]> {
    const counted = new Map<string, Counted>();
    const pinned = new Set<string>();
    for (const { kind, name } of topic.pins) {
      if (kind !== 'reader') continue;
      pinned.add(name);
      counted.set(name, { partitions: 0, lag: 0 });
    }
    const readable = await this.countReaders(topic, counted);
    const isBehind = (name: string): boolean => behind === undefined || name > behind;
    const names = [...counted.keys()].filter(isBehind).sort();
    return names.map((reader) => {
      const { partitions, lag } = counted.get(reader) as Counted;
      const holder = this.attachments.holder(topic, reader);
      const isPinned = pinned.has(reader);
      return { topic: topic.name, reader, partitions, lag: readable + lag, isPinned, holder };
    });
  }

  /** Adds the readers of all partitions; resolves with how many records these have to read. */
  private async countReaders(
    topic: TopicDescription,
    counted: Map<string, Counted>,
  ): Promise<number> {
    let readableRecords = 0;
    const budget = new TickBudget();
    for (let index = 0; index < topic.partitionCount; index += 1) {
      await budget.pause();
      const state = stateOf(this.topics, { topic, index });
      const readable = state.readableEnd - state.logStartOffset;
      readableRecords += readable;
      for (const [reader, offset] of this.positionsIn(topic, index)) {
        const one = counted.get(reader) ?? { partitions: 0, lag: 0 };
        one.partitions += 1;
        one.lag += lagOf(offset, state) - readable;
        counted.set(reader, one);
      }
    }
    return readableRecords;
  }

  /** Where all readers of a partition stand. */
  private positionsIn(topic: TopicDescription, index: number): Map<string, number> {
    const [cursors = []] = this.topics.cursors(topic, index, 1);
    const positions = new Map(cursors.map(({ reader, offset }) => [reader, offset]));
    const opened = this.topics.openedPartitions(topic).get(index);
    for (const { reader, offset } of opened?.unsavedReaders ?? []) positions.set(reader, offset);
    return positions;
  }

  private async *topicsBehind(
    only: string | undefined,
    after: TopicReaderName | undefined,
  ): AsyncGenerator<TopicDescription> {
    if (only !== undefined) {
      const topic = this.topics.require(only);
      if (after === undefined || after[0] <= only) yield topic;
      return;
    }
    const first = after === undefined ? undefined : this.topics.find(after[0]);
    if (first !== undefined) yield first;
    yield* this.eachTopic(after?.[0]);
  }

  /** The topics by name; those that go meanwhile are left out. */
  private async *eachTopic(behind: string | undefined): AsyncGenerator<TopicDescription> {
    const budget = new TickBudget();
    let after: string | undefined = behind;
    for (;;) {
      const page = this.topics.page(after, TOPICS_PAGE);
      for (const { name } of page.topics) {
        await budget.pause();
        const topic = this.topics.find(name);
        if (topic !== undefined) yield topic;
      }
      if (page.next === null) return;
      after = page.next;
    }
  }
}

/** The error for a reader that is in none of these topics, or in none at all. */
export function unknownReader(reader: string, names?: readonly string[]): ProtocolError {
  const of = names?.slice(0, 3).join(', ') ?? '';
  const where = names === undefined ? 'in any topic' : `in the partitions asked for of ${of}`;
  const message = `Reader '${reader}' has no position ${where}: readerCreate gives it one.`;
  return new ProtocolError('UNKNOWN_READER', message);
}

/** Records that a reader at `position` has not read. */
function lagOf(position: number | null, { logStartOffset, readableEnd }: LogState): number {
  return Math.max(0, readableEnd - Math.max(position ?? 0, logStartOffset));
}
