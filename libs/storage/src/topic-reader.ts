import { EntrySource } from './entry-source';
import { callNative } from './native-binding';
import type { NativeWal } from './native-binding';
import type { StoredEntry } from './walrus-options';

/** The seed's one reader per topic. No reader of the broker can have this name. */
export const DEFAULT_READER = '$default';

/**
 * A named reader of one topic, as one thread sees it: all threads of the process share its
 * position.
 *
 * Invariants:
 *  1. What is handed out with a checkpoint is handed out by no other thread, and lies below the
 *     saved cursor, or fewer than `persistEvery` entries have been handed out since it was saved.
 *  2. When saving fails the entry is not handed out, and the next read gets it.
 */
export class TopicReader {
  private readonly reader: number;
  private readonly source: EntrySource;
  /** Where the reader stood when this thread looked last. */
  private position: number;

  /** @param onKept As `EntrySource`'s. */
  constructor(
    private readonly native: NativeWal,
    handle: number,
    name: string,
    onKept: (deltaBytes: number) => void = () => undefined,
  ) {
    this.reader = callNative(() => native.openReader(handle, name));
    this.source = new EntrySource(native, handle, onKept);
    this.position = this.currentPosition();
  }

  /** Drops the decoded entries; the cursor stays. */
  forget(): void {
    this.source.forget();
  }

  /**
   * The next entries, up to `maxBytes` of payload or `maxCount`, whichever comes first; the first
   * one always. With `checkpoint` the reader moves past them, and no other read gets them.
   * @throws {StorageError} CORRUPT at a damaged batch, once the entries before it were read;
   *   FENCED, NO_SPACE, IO when the cursor could not be saved; CLOSED. The reader has not moved.
   */
  read(maxBytes: number, maxCount: number, checkpoint: boolean): StoredEntry[] {
    for (;;) {
      const { entries, end } = this.source.take(this.position, maxBytes, maxCount);
      const isCurrent =
        checkpoint && entries.length > 0
          ? this.claim(end, entries.length)
          : this.position === this.currentPosition();
      if (isCurrent) return entries;
      // Another thread was here meanwhile.
      this.position = this.currentPosition();
    }
  }

  /** Reads ahead without keeping the thread: the next `read` need not wait for the disk. */
  async fetch(): Promise<void> {
    await this.source.fetch(this.currentPosition());
  }

  /**
   * Goes to `offset`; saved on return.
   * @throws {StorageError} OUT_OF_RANGE it is not in the log; FENCED, NO_SPACE, IO, CLOSED. It has
   *   not moved.
   */
  moveTo(offset: number): void {
    callNative(() => {
      this.native.moveReader(this.reader, offset);
    });
    this.position = offset;
  }

  /**
   * Forgets the saved cursor: the reader stands at the log start, as one that never was.
   * @throws {StorageError} FENCED, NO_SPACE, IO, CLOSED: nothing changed.
   */
  remove(): void {
    callNative(() => {
      this.native.removeReader(this.reader);
    });
    this.position = this.currentPosition();
  }

  private claim(end: number, count: number): boolean {
    const { native, reader, position } = this;
    const isGranted = callNative(() => native.advanceReader(reader, position, end, count));
    if (isGranted) this.position = end;
    return isGranted;
  }

  private currentPosition(): number {
    return callNative(() => this.native.readerPosition(this.reader));
  }
}
