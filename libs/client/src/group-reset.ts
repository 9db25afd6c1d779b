// How `Admin.resetGroupOffsets` finds where offsets go, and moves them.
import { LIST_ELEMENTS_MAX, type OffsetFetchResponse, type OffsetMoment } from '@walrusmq/protocol';
import type { TopicPartition } from './admin-topics';
import type { BrokerClient, RetryOptions } from './broker-client';
import { BrokerError, InvalidOptionError } from './errors';
import { describeTopics } from './topic-metadata';

/** Which offsets: of every partition of topics, or of some. Default: all that the group has. */
export interface GroupScope {
  readonly topics?: readonly string[] | undefined;
  readonly partitions?: readonly TopicPartition[] | undefined;
}

/** Where the offsets of a group go. */
export type ResetGroupOptions = {
  /** Only say where they would go. Default false. */
  readonly dryRun?: boolean | undefined;
} & (
  | { readonly offsets: readonly (TopicPartition & { readonly offset: number })[] }
  | (GroupScope &
      (
        | {
            /** A number is a time in ms: the first record that is not older. */
            readonly at: OffsetMoment;
          }
        /** The same offset in every partition. */
        | { readonly toOffset: number }
        /** Records forward; back where negative. */
        | { readonly shiftBy: number }
        /** To where this other group stands, in the partitions where it has committed. */
        | { readonly copyFrom: string }
      ))
);

/** Where a reset takes a group in one partition. */
export interface GroupMove extends TopicPartition {
  /** null: it had committed nothing there. */
  readonly before: number | null;
  readonly after: number;
}

type Offsets = ReadonlyMap<string, TopicPartition & { readonly offset: number }>;

/** One reset: first the plan, then the moves. */
export class GroupReset {
  constructor(
    private readonly client: BrokerClient,
    private readonly retry: RetryOptions,
    private readonly group: string,
    private readonly options: ResetGroupOptions,
  ) {}

  /** Where each offset would go, by topic and partition. */
  async plan(): Promise<GroupMove[]> {
    const committed = await this.committed(this.group);
    const wanted = (await this.targets(committed)).map((each) => [keyOf(each), each] as const);
    const targets = [...new Map(wanted).values()];
    const lows = await this.offsetsAt(targets, 'earliest');
    const highs = await this.offsetsAt(targets, 'latest');
    const moves = targets.map(({ topic, partition, offset }): GroupMove => {
      const key = keyOf({ topic, partition });
      const low = required(lows, key, topic, partition);
      const high = required(highs, key, topic, partition);
      const after = Math.min(Math.max(offset, low), high);
      return { topic, partition, before: committed.get(key)?.offset ?? null, after };
    });
    return moves.sort((one, other) =>
      one.topic === other.topic
        ? one.partition - other.partition
        : one.topic < other.topic
          ? -1
          : 1,
    );
  }

  /** Commits what was planned. Refused, with nothing moved, while the group has members. */
  async carryOut(moves: readonly GroupMove[]): Promise<void> {
    await this.requireNoMembers();
    for (let first = 0; first < moves.length; first += LIST_ELEMENTS_MAX) {
      const part = moves.slice(first, first + LIST_ELEMENTS_MAX);
      const offsets = part.map(({ topic, partition, after }) => [topic, partition, after] as const);
      const request = { group: this.group, offsets };
      const { partitions } = await this.client
        .retrying('offsetCommit', request, this.retry)
        .catch((error: unknown) => {
          const hasMembers = error instanceof BrokerError && error.code === 'UNKNOWN_MEMBER_ID';
          throw hasMembers ? this.nonEmpty(error) : error;
        });
      const refused = partitions.find(([, , error]) => error !== null);
      if (!refused?.[2]) continue;
      const [topic, partition, { code, message }] = refused;
      throw new BrokerError(code, `${topic}/${partition}: ${message}`);
    }
  }

  private async requireNoMembers(): Promise<void> {
    const { group, client } = this;
    try {
      const { state } = await client.retrying('describeGroup', { group }, this.retry);
      if (state !== 'Empty') throw this.nonEmpty();
    } catch (error) {
      // A group that does not exist has no members; it comes into being with its offsets.
      if (!(error instanceof BrokerError && error.code === 'GROUP_ID_NOT_FOUND')) throw error;
    }
  }

  private nonEmpty(cause?: BrokerError): BrokerError {
    const text = `group "${this.group}" has members, which would commit over it: stop them first`;
    return new BrokerError('NON_EMPTY_GROUP', text, { cause });
  }

  /** Where the offsets are to go, before that is held against the log. */
  private async targets(
    committed: Offsets,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]> {
    const { options } = this;
    if ('offsets' in options) return options.offsets;
    if ('copyFrom' in options) return this.copied(options.copyFrom, options);
    const scope = unique(await this.scope(options, committed));
    if ('shiftBy' in options) {
      return scope.map((place) => {
        const known = committed.get(keyOf(place));
        if (known !== undefined) return { ...place, offset: known.offset + options.shiftBy };
        const text = `group "${this.group}" has committed nothing in ${keyOf(place)} to shift from`;
        throw new InvalidOptionError(text);
      });
    }
    if ('toOffset' in options) {
      return scope.map(({ topic, partition }) => ({ topic, partition, offset: options.toOffset }));
    }
    const found = await this.offsetsAt(scope, options.at);
    return scope.map(({ topic, partition }) => {
      const offset = required(found, keyOf({ topic, partition }), topic, partition);
      return { topic, partition, offset };
    });
  }

  private async copied(
    from: string,
    { topics, partitions }: GroupScope,
  ): Promise<readonly (TopicPartition & { readonly offset: number })[]> {
    const keys = partitions && new Set(partitions.map(keyOf));
    const offsets = [...(await this.committed(from)).values()].filter(
      (each) => (topics?.includes(each.topic) ?? true) && (keys?.has(keyOf(each)) ?? true),
    );
    if (offsets.length > 0) return offsets;
    throw new BrokerError('GROUP_ID_NOT_FOUND', `group "${from}" has committed nothing to copy`);
  }

  private async scope(
    { topics, partitions }: GroupScope,
    committed: Offsets,
  ): Promise<readonly TopicPartition[]> {
    const named = [...(partitions ?? [])];
    if (topics !== undefined && topics.length > 0) {
      const { client, retry } = this;
      for (const topic of await describeTopics(client, topics, retry.retryForMs)) {
        for (const { partition } of topic.partitions) named.push({ topic: topic.name, partition });
      }
    }
    if (named.length > 0) return named;
    if (committed.size > 0) return [...committed.values()];
    const text = `group "${this.group}" has committed nothing: say which topics or partitions`;
    throw new InvalidOptionError(text);
  }

  private async committed(group: string): Promise<Offsets> {
    const found = new Map<string, TopicPartition & { readonly offset: number }>();
    let after: string | null = null;
    do {
      const request: { group: string; after: string | null } = { group, after };
      const page: OffsetFetchResponse = await this.client.retrying(
        'offsetFetch',
        request,
        this.retry,
      );
      for (const [topic, partition, offset] of page.offsets) {
        if (offset !== null) found.set(keyOf({ topic, partition }), { topic, partition, offset });
      }
      after = page.next;
    } while (after !== null);
    return found;
  }

  /** The offsets of a moment in these partitions. */
  private async offsetsAt(
    places: readonly TopicPartition[],
    at: OffsetMoment,
  ): Promise<ReadonlyMap<string, number>> {
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of places) {
      const partitions = topics.get(topic);
      if (partitions === undefined) topics.set(topic, [partition]);
      else partitions.push(partition);
    }
    const found = new Map<string, number>();
    for (const [topic, partitions] of topics) {
      const request = { topic, partitions, at };
      const { offsets } = await this.client.retrying('listOffsets', request, this.retry);
      for (const [partition, offset] of offsets) found.set(keyOf({ topic, partition }), offset);
    }
    return found;
  }
}

/** Each partition once. */
function unique(places: readonly TopicPartition[]): readonly TopicPartition[] {
  return [...new Map(places.map((place) => [keyOf(place), place])).values()];
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

function required(
  offsets: ReadonlyMap<string, number>,
  key: string,
  topic: string,
  partition: number,
): number {
  const offset = offsets.get(key);
  if (offset !== undefined) return offset;
  throw new BrokerError('UNKNOWN_PARTITION', `topic "${topic}" has no partition ${partition}`);
}
