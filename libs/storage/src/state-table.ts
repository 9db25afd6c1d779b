/** What a key of a state log stands for, and where its last record is. */
export interface StateEntry {
  readonly value: Buffer;
  readonly offset: number;
}

/** What a record costs beside its key and value, about. */
const RECORD_BYTES = 16;

/**
 * The live entries of a state log, oldest record first, and the bytes that live and dead ones take.
 *
 * Invariant: entries are in the order of their offsets, because a change moves its key to the end.
 */
export class StateTable {
  /** Bytes of the records that count. */
  liveBytes = 0;
  /** Bytes of the records in the log that count no more. */
  deadBytes = 0;
  private readonly live = new Map<string, StateEntry>();
  private mark = Number.MAX_SAFE_INTEGER;
  private deadBytesAboveMark = 0;

  /** @param endOffset Records below it are taken in. */
  constructor(public endOffset: number) {}

  /** Keys that have a value. */
  get size(): number {
    return this.live.size;
  }

  /** The entry of a key, if it has a value. */
  get(key: string): StateEntry | undefined {
    return this.live.get(key);
  }

  /** Oldest first. */
  entries(): IterableIterator<[string, StateEntry]> {
    return this.live.entries();
  }

  /** Offset of the oldest record that counts; infinite when there is none. */
  oldestOffset(): number {
    for (const entry of this.live.values()) return entry.offset;
    return Number.POSITIVE_INFINITY;
  }

  /** Takes in the record at `offset`, which is above all before. */
  apply(key: string, value: Buffer | null, offset: number): void {
    this.endOffset = offset + 1;
    const old = this.live.get(key);
    if (old !== undefined) {
      this.live.delete(key);
      const bytes = sizeOf(key, old.value);
      this.liveBytes -= bytes;
      this.bury(bytes, old.offset);
    }
    if (value === null) {
      this.bury(sizeOf(key, null), offset);
      return;
    }
    this.live.set(key, { value, offset });
    this.liveBytes += sizeOf(key, value);
  }

  /** From now on it is known which dead bytes stay when all below `mark` is cut. */
  beginPass(mark: number): void {
    this.mark = mark;
    this.deadBytesAboveMark = 0;
  }

  /** All below the mark was cut. */
  endPass(): void {
    this.deadBytes = this.deadBytesAboveMark;
    this.mark = Number.MAX_SAFE_INTEGER;
  }

  private bury(bytes: number, offset: number): void {
    this.deadBytes += bytes;
    if (offset >= this.mark) this.deadBytesAboveMark += bytes;
  }
}

function sizeOf(key: string, value: Buffer | null): number {
  return RECORD_BYTES + key.length + (value?.length ?? 0);
}
