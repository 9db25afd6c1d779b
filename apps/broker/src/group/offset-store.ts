import { partitionKey } from './committed-offset';
import type { CommittedOffset, OffsetChange, OffsetView } from './committed-offset';
import type { PartitionName } from './group-requests';

/** Positions of one group by topic id and partition. */
type GroupOffsets = Map<string, Map<number, CommittedOffset>>;

/** A place in the order of topic names and partitions. */
export interface OffsetPlace {
  readonly topicName: string;
  readonly partition: number;
}

/** The committed offsets of all groups, for reading. */
export type DurableOffsets = Pick<OffsetStore, 'get' | 'page' | 'size'>;

/**
 * The committed offsets of all groups, as they are durable.
 *
 * Place: the coordinator puts in what the store has taken; commands read through `view`.
 */
export class OffsetStore {
  private readonly groups = new Map<string, GroupOffsets>();
  private readonly sizes = new Map<string, number>();
  private total = 0;

  /** Offsets of all groups. */
  get size(): number {
    return this.total;
  }

  /** Groups that have committed something. */
  groupIds(): IterableIterator<string> {
    return this.groups.keys();
  }

  /** Offsets of a group. */
  sizeOf(groupId: string): number {
    return this.sizes.get(groupId) ?? 0;
  }

  /** Whether the group has offsets in the topic. */
  hasTopic(groupId: string, topicId: string): boolean {
    return this.groups.get(groupId)?.has(topicId) ?? false;
  }

  /** The offset of a group in a partition, if there is one. */
  get(groupId: string, { topicId, partition }: PartitionName): CommittedOffset | undefined {
    return this.groups.get(groupId)?.get(topicId)?.get(partition);
  }

  /** All offsets of a group. */
  *all(groupId: string): Generator<CommittedOffset> {
    for (const topic of this.groups.get(groupId)?.values() ?? []) yield* topic.values();
  }

  /**
   * Offsets of a group by topic name and partition: at most `limit`, behind the place `after`.
   */
  page(groupId: string, after: OffsetPlace | undefined, limit: number): CommittedOffset[] {
    const from = after?.topicName ?? '';
    const topics: { readonly name: string; readonly offsets: readonly CommittedOffset[] }[] = [];
    for (const topic of this.groups.get(groupId)?.values() ?? []) {
      const offsets = [...topic.values()];
      const name = offsets[0]?.topicName ?? '';
      if (name >= from) topics.push({ name, offsets });
    }
    topics.sort((one, other) => (one.name < other.name ? -1 : 1));
    const page: CommittedOffset[] = [];
    for (const { name, offsets } of topics) {
      if (page.length >= limit) break;
      const first = name === after?.topicName ? after.partition + 1 : 0;
      const behind = offsets.filter(({ partition }) => partition >= first);
      behind.sort((one, other) => one.partition - other.partition);
      page.push(...behind.slice(0, limit - page.length));
    }
    return page;
  }

  /** Makes the changes. */
  apply(groupId: string, changes: readonly OffsetChange[]): void {
    for (const change of changes) {
      if ('put' in change) this.put(groupId, change.put);
      else this.remove(groupId, change.remove);
    }
  }

  private put(groupId: string, offset: CommittedOffset): void {
    let group = this.groups.get(groupId);
    if (group === undefined) {
      group = new Map<string, Map<number, CommittedOffset>>();
      this.groups.set(groupId, group);
    }
    let topic = group.get(offset.topicId);
    if (topic === undefined) {
      topic = new Map<number, CommittedOffset>();
      group.set(offset.topicId, topic);
    }
    if (!topic.has(offset.partition)) this.count(groupId, 1);
    topic.set(offset.partition, offset);
  }

  private remove(groupId: string, { topicId, partition }: PartitionName): void {
    const group = this.groups.get(groupId);
    const topic = group?.get(topicId);
    if (group === undefined || topic?.delete(partition) !== true) return;
    this.count(groupId, -1);
    if (topic.size === 0) group.delete(topicId);
    if (group.size === 0) this.groups.delete(groupId);
  }

  private count(groupId: string, difference: number): void {
    this.total += difference;
    const size = this.sizeOf(groupId) + difference;
    if (size === 0) this.sizes.delete(groupId);
    else this.sizes.set(groupId, size);
  }
}

/**
 * A group's offsets as they will be once the changes of commands that went before are durable.
 *
 * Life: for one run of commands.
 */
export class PendingOffsets implements OffsetView {
  private readonly changed = new OffsetStore();
  private readonly removed = new Set<string>();
  private added = 0;

  constructor(
    private readonly groupId: string,
    private readonly durable: OffsetStore,
  ) {}

  get size(): number {
    return this.durable.sizeOf(this.groupId) + this.added;
  }

  get(name: PartitionName): CommittedOffset | undefined {
    const changed = this.changed.get(this.groupId, name);
    if (changed !== undefined || this.removed.has(partitionKey(name))) return changed;
    return this.durable.get(this.groupId, name);
  }

  *all(): Generator<CommittedOffset> {
    yield* this.changed.all(this.groupId);
    for (const offset of this.durable.all(this.groupId)) {
      const isSame =
        this.changed.get(this.groupId, offset) === undefined &&
        !this.removed.has(partitionKey(offset));
      if (isSame) yield offset;
    }
  }

  /** Shows the changes to the commands that follow. */
  apply(changes: readonly OffsetChange[]): void {
    for (const change of changes) {
      const name = 'put' in change ? change.put : change.remove;
      const before = this.get(name) === undefined ? 0 : 1;
      if ('put' in change) this.removed.delete(partitionKey(name));
      else this.removed.add(partitionKey(name));
      this.changed.apply(this.groupId, [change]);
      this.added += ('put' in change ? 1 : 0) - before;
    }
  }
}
