import {
  ProtocolError,
  type ParsedReaderCreate,
  type ParsedReaderReset,
  type ReaderResetResponse,
  type ResetTarget,
  type TopicIds,
  type TopicPartitionOffset,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Topics } from '../topic/topics';
import { ReaderAttachments, type Attached, type ReaderClient } from './reader-attachments';
import {
  byTopic,
  clamped,
  eachTarget,
  findTargets,
  offsetAt,
  stateOf,
  type PlacedTarget,
  type Target,
} from './reader-targets';
import { ReaderTurns, keyOf } from './reader-turns';
import { ReaderView, unknownReader } from './reader-view';

type Move = ReaderResetResponse['offsets'][number];

const NO_IDS: TopicIds = new Map();

/** Told of a position that could not be saved when its reader was let go. */
export type OnSaveFailed = (ended: Attached, error: unknown) => void;

/**
 * The named readers of an instance: their life, who has which for itself, and all that moves them.
 *
 * Place: the handlers call it; it moves the readers of partitions.
 * Order: of one reader on one topic, one change at a time, in the order in which they were asked
 * for. A request about several topics changes them side by side.
 */
export class Readers {
  readonly attachments: ReaderAttachments;
  readonly turns = new ReaderTurns();
  readonly view: ReaderView;

  constructor(
    private readonly topics: Topics,
    onSaveFailed: OnSaveFailed,
  ) {
    this.attachments = new ReaderAttachments((ended) => {
      this.save([ended]).catch((error: unknown) => onSaveFailed(ended, error));
    });
    this.view = new ReaderView(topics, this.attachments);
  }

  /**
   * Attaches a reader on several topics, all or none. Resolves once no read of a connection that
   * had it before is under way. Rejects as `ReaderAttachments.attach`, and with UNKNOWN_TOPIC.
   */
  async attach(
    names: readonly string[],
    reader: string,
    client: ReaderClient,
    takeOver: boolean,
  ): Promise<void> {
    const topics = names.map((name) => this.topics.require(name));
    const taken = this.attachments.attach(topics, reader, client, takeOver);
    await Promise.all(
      taken.map(({ topic }) => {
        const key = keyOf(topic.id, reader);
        this.turns.wake(key);
        return this.turns.run(key, () => Promise.resolve());
      }),
    );
  }

  /**
   * Lets a reader go that this connection has attached, and saves where it stands. Rejects with
   * UNKNOWN_TOPIC; NO_SPACE or FENCED: it is let go, but the positions are not saved.
   */
  async detach(
    reader: string,
    names: readonly string[] | undefined,
    client: ReaderClient,
  ): Promise<void> {
    const topics = names?.map((name) => this.topics.require(name));
    await this.save(this.attachments.detach(reader, topics, client));
  }

  /**
   * Puts the reader at these offsets; resolves once all are durable by the schedule.
   * @param topicIds Of topics that have to be the ones of these ids.
   *
   * Rejects with UNKNOWN_TOPIC, UNKNOWN_PARTITION, OFFSET_OUT_OF_RANGE, READER_ATTACHED,
   * READER_TAKEN_OVER: nothing changed; LIMIT_EXCEEDED, NO_SPACE, FENCED: some may have.
   */
  async commit(
    reader: string,
    offsets: readonly TopicPartitionOffset[],
    client: ReaderClient,
    topicIds: TopicIds = NO_IDS,
  ): Promise<void> {
    const placed = this.place(offsets, topicIds);
    this.checkAll(placed, reader, client);
    await this.perTopic(placed, reader, client, (group) => this.put(reader, group));
  }

  /** Makes the reader where it is not; answers where it stands. Rejects as `commit`, and with
   * READER_EXISTS. */
  async create(
    request: ParsedReaderCreate,
    client: ReaderClient,
  ): Promise<readonly TopicPartitionOffset[]> {
    const { reader, ifExists } = request;
    const { topics, view } = this;
    const known = 'offsets' in request ? this.place(request.offsets) : undefined;
    const targets: readonly (Target & { readonly offset?: number })[] =
      known ?? ('chosen' in request ? findTargets(topics, request.chosen) : []);
    this.checkAll(targets, reader, client);
    const checkNew = ({ topic, index }: Target): void => {
      if (ifExists === 'keep' || view.position(topic, index, reader) === undefined) return;
      throw new ProtocolError(
        'READER_EXISTS',
        `Reader '${reader}' has a position in ${topic.name}-${index}: reset moves it, ` +
          "ifExists 'keep' leaves it.",
      );
    };
    targets.forEach(checkNew);
    const at = 'at' in request ? request.at : 'earliest';
    const made = await this.perTopic(targets, reader, client, async (group) => {
      group.forEach(checkNew);
      return eachTarget(group, async (target): Promise<TopicPartitionOffset> => {
        const { topic, index } = target;
        const old = view.position(topic, index, reader);
        const offset = old ?? target.offset ?? (await offsetAt(topics, target, at));
        if (old === undefined) await this.commitOne({ topic, index, offset }, reader);
        return [topic.name, index, offset];
      });
    });
    return made.flat();
  }

  /**
   * Moves the reader, or says where it would go. Offsets that are not in the log become the nearest
   * ones that are.
   *
   * Rejects with UNKNOWN_TOPIC, UNKNOWN_PARTITION, UNKNOWN_READER, READER_ATTACHED,
   * READER_TAKEN_OVER: nothing changed; CORRUPT, BUSY, LIMIT_EXCEEDED, NO_SPACE, FENCED: some
   * partitions may have.
   */
  async reset(request: ParsedReaderReset, client: ReaderClient): Promise<readonly Move[]> {
    const { reader, target, dryRun, takeOver } = request;
    const targets = this.targetsOf(target);
    this.requireKnown(targets, reader);
    if ('copyFrom' in target) this.requireKnown(targets, target.copyFrom);
    const plan = (group: readonly PlacedTarget[]): Promise<Move[]> =>
      eachTarget(group, (one) => this.planMove(one, reader, target));
    if (dryRun) return plan(targets);
    if (!takeOver) this.checkAll(targets, reader, client);
    const moved = await this.perTopic(
      targets,
      reader,
      client,
      async (group) => {
        const moves = await plan(group);
        const placed = group.map((one, at) => ({ ...one, offset: moves[at]?.[3] ?? one.offset }));
        await this.put(reader, placed);
        return moves;
      },
      takeOver,
    );
    return moved.flat();
  }

  /**
   * Takes the reader's pins and positions away, durably by the schedule; answers the topics.
   *
   * Rejects with UNKNOWN_TOPIC, UNKNOWN_READER, READER_ATTACHED, READER_TAKEN_OVER: nothing
   * changed; NO_SPACE, FENCED: some may be gone.
   */
  async remove(
    reader: string,
    names: readonly string[] | undefined,
    client: ReaderClient,
    takeOver: boolean,
  ): Promise<readonly string[]> {
    const found: TopicDescription[] = [];
    if (names === undefined) found.push(...(await this.view.topicsOf(reader)));
    for (const name of names ?? []) {
      const topic = this.topics.require(name);
      if (await this.view.isIn(topic, reader)) found.push(topic);
    }
    if (found.length === 0) throw unknownReader(reader, names);
    const targets = found.map((topic) => ({ topic, index: 0 }));
    if (!takeOver) this.checkAll(targets, reader, client);
    await this.perTopic(
      targets,
      reader,
      client,
      (group) => eachTarget(group, ({ topic }) => this.removeFrom(topic, reader, client)),
      takeOver,
    );
    return found.map(({ name }) => name);
  }

  /** Runs `work` as the one thing that moves the reader on the topic; rejects as `check`, too. */
  async exclusively<Value>(
    topic: TopicDescription,
    reader: string,
    client: ReaderClient,
    work: () => Promise<Value>,
  ): Promise<Value> {
    return this.turns.run(keyOf(topic.id, reader), () => {
      this.attachments.check(topic, reader, client);
      return work();
    });
  }

  private async removeFrom(
    { name, id }: TopicDescription,
    reader: string,
    client: ReaderClient,
  ): Promise<void> {
    // First the pin: one without a position would hold everything back.
    await this.topics.unpin(name, { kind: 'reader', name: reader });
    const topic = this.topics.require(name);
    if (topic.id !== id) return;
    const indexes = Array.from({ length: topic.partitionCount }, (_, index) => index);
    await eachTarget(indexes, async (index) => {
      if (this.view.position(topic, index, reader) === undefined) return;
      await this.topics.partitionOf(topic, index).readers.remove(reader);
    });
    this.attachments.forget(topic, reader, client);
  }

  private targetsOf(target: ResetTarget): readonly PlacedTarget[] {
    const { topics } = this;
    if ('chosen' in target) {
      return findTargets(topics, target.chosen).map((each) => ({ ...each, offset: 0 }));
    }
    const partitions = target.offsets.map(([name, index]) => [name, index] as const);
    const found = findTargets(topics, { partitions });
    return found.map((each, at) => ({ ...each, offset: target.offsets[at]?.[2] ?? 0 }));
  }

  private async planMove(place: PlacedTarget, reader: string, target: ResetTarget): Promise<Move> {
    const { topics, view } = this;
    const { topic, index } = place;
    const before = view.position(topic, index, reader);
    let offset = place.offset;
    if ('at' in target) offset = await offsetAt(topics, place, target.at);
    const state = stateOf(topics, place);
    if ('shiftBy' in target) {
      // It stands at the log start where it has no position, and where that has passed it.
      offset = Math.max(before ?? 0, state.logStartOffset) + target.shiftBy;
    }
    if ('copyFrom' in target) offset = view.position(topic, index, target.copyFrom) ?? 0;
    return [topic.name, index, before ?? null, clamped(offset, state)];
  }

  private requireKnown(targets: readonly Target[], reader: string): void {
    const isThere = ({ topic, index }: Target): boolean =>
      this.view.position(topic, index, reader) !== undefined;
    if (targets.some(isThere)) return;
    throw unknownReader(reader, [...new Set(targets.map(({ topic }) => topic.name))]);
  }

  /** Offsets as they came, each one at which a reader could stand. */
  private place(
    offsets: readonly TopicPartitionOffset[],
    topicIds = NO_IDS,
  ): readonly PlacedTarget[] {
    return offsets.map(([name, index, offset]) => {
      const topic = this.topics.require(name, topicIds.get(name));
      this.topics.partitionOf(topic, index).checkCursor(offset);
      return { topic, index, offset };
    });
  }

  private async put(reader: string, placed: readonly PlacedTarget[]): Promise<void> {
    await eachTarget(placed, (target) => this.commitOne(target, reader));
    const [first] = placed;
    if (first !== undefined) this.touch(first.topic, reader);
  }

  private async commitOne({ topic, index, offset }: PlacedTarget, reader: string): Promise<void> {
    await this.topics.partitionOf(topic, index).readers.commit(reader, offset);
  }

  /** The reader is alive: its pin does not expire. */
  touch({ name }: TopicDescription, reader: string): void {
    const topic = this.topics.find(name);
    if (topic !== undefined) this.topics.pins.touch(topic, 'reader', reader);
  }

  private checkAll(targets: readonly Target[], reader: string, client: ReaderClient): void {
    const topics = new Set(targets.map(({ topic }) => topic));
    for (const topic of topics) this.attachments.check(topic, reader, client);
  }

  private async perTopic<T extends Target, Value>(
    targets: readonly T[],
    reader: string,
    client: ReaderClient,
    work: (group: readonly T[]) => Promise<Value>,
    takeOver = false,
  ): Promise<Value[]> {
    const groups = byTopic(targets);
    return eachTarget(groups, async (group) => {
      const [{ topic }] = group as readonly [T];
      const key = keyOf(topic.id, reader);
      return this.turns.run(key, async () => {
        if (takeOver) this.attachments.takeFrom(topic, reader, client);
        this.attachments.check(topic, reader, client);
        try {
          return await work(group);
        } finally {
          this.turns.wake(key);
        }
      });
    });
  }

  private async save(ended: readonly Attached[]): Promise<void> {
    await eachTarget(ended, ({ topic, reader }) =>
      this.turns.run(keyOf(topic.id, reader), async () => {
        const opened = this.topics.openedPartitions(topic).values();
        const ahead = [...opened].filter(({ unsavedReaders }) =>
          unsavedReaders.some((each) => each.reader === reader),
        );
        await eachTarget(ahead, (partition) => partition.readers.save(reader));
      }),
    );
  }
}
