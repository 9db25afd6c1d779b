import type { ConsumedPartition } from '../consumed-partition';
import type { WorkItem } from './work-item';

/** What one window may hold. */
export interface WindowLimits {
  readonly records: number;
  readonly bytes: number;
}

/**
 * What was handed over of one partition and is not finished, in the order of the offsets, and who
 * waits behind whom.
 *
 * Invariants:
 *  (1) `items` are in the order in which they were taken, the oldest unfinished one first: every
 *      one before it is done.
 *  (2) `finished` of the partition lies at or below the oldest item.
 *  (3) Items of one lane are begun one after another, in the order in which they were taken, those
 *      of before a seek included.
 *  (4) At most `limits.records` items, and no item is added while there are `limits.bytes`.
 */
export class PartitionWindow<T> {
  /** Handlers at work, for items that count and for those that do not any more. */
  atWork = 0;
  private items: WorkItem<T>[] = [];
  private head = 0;
  private heldBytes = 0;
  private moves: number;
  /** By lane, those that wait behind one that is begun or about to be. */
  private readonly lanes = new Map<string, WorkItem<T>[]>();

  constructor(
    readonly partition: ConsumedPartition,
    private readonly limits: WindowLimits,
  ) {
    this.moves = partition.moves;
  }

  /** Items that are not done, and those that are done behind one that is not. */
  get size(): number {
    return this.items.length - this.head;
  }

  /** About what the items that are not done keep in memory. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** Whether one more may be added. */
  get hasRoom(): boolean {
    return this.size < this.limits.records && this.heldBytes < this.limits.bytes;
  }

  /** Whether a full window has emptied enough to be filled again. */
  get isHalfEmpty(): boolean {
    return this.size <= this.limits.records / 2 && this.heldBytes <= this.limits.bytes / 2;
  }

  /** Whether nothing waits, works or is waited for. */
  get isIdle(): boolean {
    return this.size === 0 && this.atWork === 0 && this.lanes.size === 0;
  }

  /** Adds what was taken last; whether it can begin, as nothing of its lane is before it. */
  add(item: WorkItem<T>): boolean {
    this.items.push(item);
    this.heldBytes += item.taken.sizeBytes;
    const { lane } = item.taken;
    if (lane === undefined) return true;
    const behind = this.lanes.get(lane);
    if (behind === undefined) this.lanes.set(lane, []);
    else behind.push(item);
    return behind === undefined;
  }

  /** Records that hold nothing for the program end at `endOffset`; whether `finished` moved. */
  passOver(endOffset: number): boolean {
    const last = this.items.at(-1);
    if (this.size > 0 && last !== undefined) {
      last.endOffset = endOffset;
      return false;
    }
    return this.finishUpTo(endOffset);
  }

  /**
   * An item is done. REQUIRES: it is not void.
   *
   * @returns Whether `finished` of the partition moved.
   */
  finish(item: WorkItem<T>): boolean {
    item.finish();
    this.heldBytes -= item.taken.sizeBytes;
    let endOffset: number | undefined;
    for (let first = this.items[this.head]; first?.isDone === true; first = this.items[this.head]) {
      endOffset = first.endOffset;
      this.head += 1;
    }
    this.compact();
    return endOffset !== undefined && this.finishUpTo(endOffset);
  }

  /** The next of an item's lane that counts, as the item itself is out of the way. */
  next(item: WorkItem<T>): WorkItem<T> | undefined {
    const { lane } = item.taken;
    if (lane === undefined) return undefined;
    const behind = this.lanes.get(lane);
    for (let next = behind?.shift(); next !== undefined; next = behind?.shift()) {
      if (!next.isVoid) return next;
    }
    this.lanes.delete(lane);
    return undefined;
  }

  /** The offset below which all is done, that at `offset` taken as done and nothing behind it. */
  endWith(offset: number): number {
    let endOffset = this.partition.finished;
    for (const item of this.items.slice(this.head)) {
      if (!item.isDone) return item.endOffset > offset ? offset + 1 : endOffset;
      endOffset = Math.min(item.endOffset, offset + 1);
    }
    return offset + 1;
  }

  /** Whether the partition was sought since. */
  get isStale(): boolean {
    return this.moves !== this.partition.moves;
  }

  /** Lets go of all: nothing of it counts any more. Handlers at work go on to their end. */
  clear(): readonly WorkItem<T>[] {
    const dropped = this.items.slice(this.head).filter(({ isDone }) => !isDone);
    for (const item of dropped) item.void();
    // Whoever is in front of them is at work, or is taken out of the way when its turn comes.
    for (const behind of this.lanes.values()) behind.length = 0;
    this.items = [];
    this.head = 0;
    this.heldBytes = 0;
    this.moves = this.partition.moves;
    return dropped;
  }

  private finishUpTo(endOffset: number): boolean {
    // A commit by the program may have counted more as finished.
    if (endOffset <= this.partition.finished) return false;
    this.partition.finished = endOffset;
    return true;
  }

  private compact(): void {
    if (this.head === this.items.length) this.items = [];
    else if (this.head < 64 || this.head * 2 < this.items.length) return;
    else this.items = this.items.slice(this.head);
    this.head = 0;
  }
}
