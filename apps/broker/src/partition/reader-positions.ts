import { ProtocolError, READERS_PER_PARTITION_MAX } from '@walrusmq/protocol';
import type { ReaderCursor } from '@walrusmq/storage';

/** Where the positions of named readers are kept. */
export interface CursorStore {
  cursor(reader: string): number | undefined;
  cursors(): readonly ReaderCursor[];
  commitCursor(reader: string, offset: number): Promise<void>;
  deleteCursor(reader: string): Promise<void>;
}

/** A position that was handed out from and not saved yet. */
interface Place {
  readonly position: number;
  /** Records handed out since the position was saved. */
  readonly unsavedCount: number;
}

/**
 * Where the named readers of one partition stand.
 *
 * A position that `advance` moved is saved after every `persistEvery` records (the instance's read
 * consistency): with 1 before they are handed out, with N a crash hands out fewer than N again.
 *
 * Place: the partition has one, made on first use; it keeps cursors in the partition's log.
 * Order: REQUIRES that of one reader at most one call that changes something is under way.
 * Bounds: READERS_PER_PARTITION_MAX readers, saved and unsaved ones together.
 *
 * Invariants:
 *  1. A call that failed moved nothing.
 *  2. A place exists only while it is ahead of the cursor.
 */
export class ReaderPositions {
  private readonly places = new Map<string, Place>();
  /** Readers without a cursor that get one, or have a place. */
  private readonly arriving = new Set<string>();
  private savedCount: number | undefined;

  constructor(
    private readonly store: CursorStore,
    private readonly persistEvery: number,
  ) {}

  /** What the reader reads next; undefined: it has no position and reads from the log start. */
  position(reader: string): number | undefined {
    return this.places.get(reader)?.position ?? this.store.cursor(reader);
  }

  /** The readers whose position is ahead of what is saved. */
  unsaved(): readonly ReaderCursor[] {
    return [...this.places].map(([reader, { position }]) => ({ reader, offset: position }));
  }

  /**
   * The reader got `count` records, the last of them before `to`; resolves when they may be handed
   * out. Rejects with LIMIT_EXCEEDED, NO_SPACE, FENCED or UNKNOWN_TOPIC.
   */
  async advance(reader: string, to: number, count: number): Promise<void> {
    const unsavedCount = (this.places.get(reader)?.unsavedCount ?? 0) + count;
    if (unsavedCount >= this.persistEvery) return this.commit(reader, to);
    if (this.isNew(reader)) this.admit(reader);
    this.places.set(reader, { position: to, unsavedCount });
  }

  /**
   * Puts the reader at an offset; resolves once that is durable by the schedule. Rejects as
   * `advance`.
   */
  async commit(reader: string, offset: number): Promise<void> {
    const isNew = this.store.cursor(reader) === undefined;
    if (isNew && !this.arriving.has(reader)) this.admit(reader);
    try {
      await this.store.commitCursor(reader, offset);
    } catch (error) {
      if (!this.places.has(reader)) this.arriving.delete(reader);
      throw error;
    }
    this.places.delete(reader);
    if (this.arriving.delete(reader) && this.savedCount !== undefined) this.savedCount += 1;
  }

  /** Forgets the reader; durable as `commit`. Well, too, when it has no position. */
  async remove(reader: string): Promise<void> {
    if (this.store.cursor(reader) !== undefined) {
      await this.store.deleteCursor(reader);
      if (this.savedCount !== undefined) this.savedCount -= 1;
    }
    this.places.delete(reader);
    this.arriving.delete(reader);
  }

  /** Saves where the reader stands, if it is ahead of that. Rejects as `advance`. */
  async save(reader: string): Promise<void> {
    const place = this.places.get(reader);
    if (place !== undefined) await this.commit(reader, place.position);
  }

  private isNew(reader: string): boolean {
    return !this.places.has(reader) && this.store.cursor(reader) === undefined;
  }

  /** @throws {ProtocolError} LIMIT_EXCEEDED. */
  private admit(reader: string): void {
    // Counted once: only what is done here changes it afterwards.
    this.savedCount ??= this.store.cursors().length;
    if (this.savedCount + this.arriving.size >= READERS_PER_PARTITION_MAX) {
      throw new ProtocolError(
        'LIMIT_EXCEEDED',
        `The partition has ${READERS_PER_PARTITION_MAX} named readers: delete one of them first.`,
      );
    }
    this.arriving.add(reader);
  }
}
