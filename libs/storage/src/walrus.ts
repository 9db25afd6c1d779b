import { BATCH_ENTRIES_MAX, checkBatch } from './batch-limits';
import { EntrySource } from './entry-source';
import { EntryTail } from './entry-tail';
import { instanceDirectory } from './instance-directory';
import type { Backend, RecoveryReport, StorageStats } from './instance-storage';
import { checkReader, checkWholeNumber } from './log-id';
import { LogWatches } from './log-watches';
import {
  awaitNative,
  callNative,
  closedAfter,
  openNativeWal,
  recoveryReportOf,
} from './native-binding';
import type { NativeWal } from './native-binding';
import { OpenTopics } from './open-topics';
import type { TimestampedOffset } from './partition-log';
import { PendingAppend } from './pending-append';
import { ReadConsistency } from './read-consistency';
import type { FsyncSchedule } from './fsync-schedule';
import { lineSink } from './operator-lines';
import { recoveryLines } from './recovery-lines';
import { SettlementQueue } from './settlement-queue';
import { StorageError } from './storage-error';
import { PositionTailSource, ReaderTailSource, offsetOf } from './tail-sources';
import { readerStatesOf, topicStatsOf } from './topic-stats';
import type {
  Entry,
  ReadAtOptions,
  ReadOptions,
  ReaderState,
  StartPosition,
  StoredEntry,
  TailOptions,
  TopicStats,
  WalrusOptions,
} from './walrus-options';

export const READ_AT_BYTES = 2 ** 20;

/**
 * The seed's API: topics of raw entries, read in order through named readers.
 *
 * Every call that returns no promise runs, and waits for the disk, on the calling thread. A topic
 * is partition 0 of the broker's topic of that name; an entry is a batch of one record with that
 * value. Threads of one process that open the same directory share one engine: what one of them
 * appends the others read, and each entry of a reader is handed out to one of them.
 *
 * Life: from the constructor to `close`. A process that ends without `close` loses no entry whose
 * append returned.
 */
export class Walrus {
  readonly directory: string;
  /** What opening the directory found and did. */
  readonly recoveryReport: RecoveryReport;
  private readonly native: NativeWal;
  private readonly opened: OpenTopics;
  private readonly settlements: SettlementQueue;
  private readonly watches: LogWatches;
  private readonly lastAppend: Float64Array;
  private closing: Promise<void> | undefined;
  /** Ends with the deletions that an earlier run had left to do. */
  private finishing: Promise<void> = Promise.resolve();

  /**
   * Opens the instance and recovers what is in its directory, which is created when it does not
   * exist.
   * @throws {StorageError} LOCKED another process has it; INVALID_INPUT bad options, or other ones
   *   than those that a thread of this process has it open with; CORRUPT (the list of topics), IO:
   *   nothing is left open.
   */
  constructor(options: WalrusOptions = {}) {
    const { directory, dataDir, key, readConsistency, onLog, ...rest } = options;
    const consistency = readConsistency ?? ReadConsistency.StrictlyAtOnce;
    const persistEvery = consistency.kind === 'at-least-once' ? consistency.persistEvery : 1;
    this.directory = instanceDirectory({ directory, dataDir, key });
    const sharing = { persistEvery };
    this.native = openNativeWal({ ...rest, directory: this.directory }, { sharing, onLog });
    try {
      this.opened = new OpenTopics(this.native);
      this.recoveryReport = recoveryReportOf(this.native.recoveryReport);
    } catch (error) {
      throw closedAfter(this.native, error);
    }
    const isSyncEach = options.fsyncSchedule?.kind === 'sync-each';
    this.settlements = new SettlementQueue(isSyncEach);
    this.native.onSettled(this.settlements.settle);
    this.watches = new LogWatches(this.native);
    this.lastAppend = this.native.lastAppend;
    const lines = recoveryLines(this.directory, this.recoveryReport);
    for (const line of lines) lineSink(onLog)(line);
    this.finishing = this.finishDeletions();
  }

  /** As the constructor. */
  static open(options: WalrusOptions = {}): Walrus {
    return new Walrus(options);
  }

  /** Opens the default instance with this read consistency; syncs every 1,000 ms. */
  static withConsistency(readConsistency: ReadConsistency): Walrus {
    return new Walrus({ readConsistency });
  }

  /** Opens the default instance with this read consistency and fsync schedule. */
  static withConsistencyAndSchedule(
    readConsistency: ReadConsistency,
    fsyncSchedule: FsyncSchedule,
  ): Walrus {
    return new Walrus({ readConsistency, fsyncSchedule });
  }

  /** Opens the instance with this key, in a directory of its own: `StrictlyAtOnce`, 1,000 ms. */
  static newForKey(key: string): Walrus {
    return new Walrus({ key });
  }

  /** As `withConsistency`, for the instance with this key. */
  static withConsistencyForKey(key: string, readConsistency: ReadConsistency): Walrus {
    return new Walrus({ key, readConsistency });
  }

  /** As `withConsistencyAndSchedule`, for the instance with this key. */
  static withConsistencyAndScheduleForKey(
    key: string,
    readConsistency: ReadConsistency,
    fsyncSchedule: FsyncSchedule,
  ): Walrus {
    return new Walrus({ key, readConsistency, fsyncSchedule });
  }

  /**
   * Appends one entry; the topic is created by its first one. On return the promise of the fsync
   * schedule holds.
   * @throws {StorageError} INVALID_INPUT (name, or an entry that fits no file), WOULD_BLOCK (a
   *   batch is in flight on the topic: try again), BUSY, NO_SPACE, CLOSED: nothing was appended.
   *   FENCED, IO: whether it is there after a restart is unknown.
   */
  appendForTopic(topic: string, data: Uint8Array): void {
    this.opened.write(topic, (handle) => this.native.appendEntrySync(handle, data));
  }

  /**
   * Appends up to 2,000 entries (10 GiB in sum, 96 bytes for each counted in) atomically: readers
   * and a restart see all or none. Without entries nothing happens.
   * @throws {StorageError} As `appendForTopic`; INVALID_INPUT also for a batch over those limits.
   */
  batchAppendForTopic(topic: string, batch: readonly Uint8Array[]): void {
    checkBatch(batch);
    if (batch.length === 0) return;
    this.opened.write(topic, (handle) => this.native.appendEntriesSync(handle, batch));
  }

  /**
   * Appends one entry behind all that is in flight; resolves with its offset when the promise of
   * the fsync schedule holds. Creating the topic waits for the disk on this thread.
   *
   * `data` must not be changed before that. Rejects as `appendForTopic` throws, but with BUSY in
   * place of WOULD_BLOCK: so many bytes are in flight that nothing was taken.
   */
  async appendAsync(topic: string, data: Uint8Array): Promise<number> {
    return this.settled(topic, (handle) => this.native.appendEntry(handle, data));
  }

  /**
   * As `appendAsync`, for a batch as of `batchAppendForTopic`; resolves with the offset of its
   * first entry. A batch over the whole byte budget is taken when nothing else is in flight.
   */
  async batchAppendAsync(topic: string, batch: readonly Uint8Array[]): Promise<number> {
    checkBatch(batch);
    if (batch.length === 0) throw new StorageError('INVALID_INPUT', 'the batch has no entries');
    return this.settled(topic, (handle) => this.native.appendEntries(handle, batch));
  }

  /**
   * The next entry, or null when there is none. With `checkpoint` the cursor moves past it, saved
   * as the read consistency says; without, the same entry comes again.
   * @throws {StorageError} CORRUPT the entry is damaged; FENCED, NO_SPACE, IO the cursor could not
   *   be saved; INVALID_INPUT the reader's name; CLOSED. The cursor has not moved.
   */
  readNext(topic: string, checkpoint = true, options: ReadOptions = {}): Entry | null {
    const entries = this.opened.read(topic, (open) =>
      this.opened.readerOf(open, options.reader).read(0, 1, checkpoint),
    );
    const entry = entries?.[0];
    return entry === undefined ? null : { data: entry.data };
  }

  /**
   * The next entries in order, up to `maxBytes` of payload or 2,000, whichever comes first; the
   * first one always. With `checkpoint` the cursor moves past them.
   * @throws {StorageError} As `readNext`. Entries before a damaged one are returned first.
   */
  batchReadForTopic(
    topic: string,
    maxBytes: number,
    checkpoint = true,
    options: ReadOptions = {},
  ): Entry[] {
    checkWholeNumber('maxBytes', maxBytes);
    const entries = this.opened.read(topic, (open) =>
      this.opened.readerOf(open, options.reader).read(maxBytes, BATCH_ENTRIES_MAX, checkpoint),
    );
    return (entries ?? []).map(({ data }) => ({ data }));
  }

  /**
   * The entries from `offset` on; none at the end. No cursor moves.
   * @throws {StorageError} OUT_OF_RANGE below the log start or above the end; CORRUPT the first one
   *   is damaged; INVALID_INPUT no such topic; IO, CLOSED.
   */
  readAt(topic: string, offset: number, options: ReadAtOptions = {}): StoredEntry[] {
    const { maxBytes = READ_AT_BYTES, maxEntries = BATCH_ENTRIES_MAX } = options;
    checkWholeNumber('offset', offset);
    checkWholeNumber('maxBytes', maxBytes);
    checkWholeNumber('maxEntries', maxEntries, BATCH_ENTRIES_MAX);
    const { handle } = this.opened.get(topic);
    const { startOffset } = callNative(() => this.native.logInfo(handle));
    if (offset < startOffset) {
      const text = `offset ${offset} is below the log start ${startOffset}`;
      throw new StorageError('OUT_OF_RANGE', text);
    }
    const source = new EntrySource(this.native, handle);
    return source.take(offset, maxBytes, maxEntries).entries;
  }

  /**
   * The entries as they come, waiting on an event of the engine for those that do not exist yet,
   * the topic included. A reader's tail claims each entry as `readNext` does when it is asked for
   * it; a tail with `from` moves no cursor. It is done when its signal, its `return` or `close`
   * ends it.
   * @throws {StorageError} INVALID_INPUT for `reader` and `from` together; CLOSED.
   */
  tail(topic: string, { reader, from, signal }: TailOptions = {}): EntryTail {
    if (from !== undefined && reader !== undefined) {
      throw new StorageError('INVALID_INPUT', 'a tail has a reader or a position, not both');
    }
    const context = { native: this.native, topics: this.opened, watches: this.watches };
    const source =
      from === undefined
        ? new ReaderTailSource(context, topic, reader)
        : new PositionTailSource(context, topic, from);
    return new EntryTail(source, () => this.closing !== undefined, signal);
  }

  /**
   * Creates a named reader; resolves with the offset it begins at, which is saved.
   *
   * Rejects with INVALID_INPUT for no such topic, a name that is none, or a reader that exists
   * (`seekReader` moves it); OUT_OF_RANGE for an offset that is not in the log; FENCED, NO_SPACE,
   * IO, CLOSED.
   */
  async createReader(
    topic: string,
    reader: string,
    at: StartPosition = 'earliest',
  ): Promise<number> {
    const { handle } = this.opened.get(topic);
    checkReader(reader);
    if (callNative(() => this.native.cursor(handle, reader)) !== null) {
      throw new StorageError('INVALID_INPUT', `reader ${JSON.stringify(reader)} exists`);
    }
    return this.seekReader(topic, reader, at);
  }

  /**
   * Moves a reader, forwards or back, for all threads; the topic's own reader unless one is named.
   * Resolves with the offset, which is saved. Rejects as `createReader`.
   */
  async seekReader(topic: string, reader: string | undefined, at: StartPosition): Promise<number> {
    const open = this.opened.get(topic);
    if (reader !== undefined) checkReader(reader);
    const offset = await offsetOf(this.native, open, at);
    checkWholeNumber('offset', offset);
    this.opened.readerOf(open, reader).moveTo(offset);
    return offset;
  }

  /**
   * Forgets a reader, for all threads, durable by the schedule: what it held back may go. A read
   * with its name begins at the log start. Without such a reader nothing happens.
   * @throws {StorageError} INVALID_INPUT no such topic; FENCED, NO_SPACE, IO, CLOSED: it is there.
   */
  deleteReader(topic: string, reader: string): void {
    this.opened.readerOf(this.opened.get(topic), reader).remove();
  }

  /**
   * The readers of the topic that have a saved cursor, by name; the topic's own one is `$default`.
   * @throws {StorageError} INVALID_INPUT no such topic; CLOSED.
   */
  readers(topic: string): ReaderState[] {
    return readerStatesOf(this.native, this.opened.get(topic).handle);
  }

  /**
   * The first entry whose timestamp is at least `timestampMs`; undefined when there is none.
   * Rejects with INVALID_INPUT for no such topic; IO, CLOSED.
   */
  async offsetForTimestamp(
    topic: string,
    timestampMs: number,
  ): Promise<TimestampedOffset | undefined> {
    const { handle } = this.opened.get(topic);
    const found = await awaitNative(() => this.native.offsetForTimestamp(handle, timestampMs));
    return found ?? undefined;
  }

  /** The names of all topics, in the order of their creation. */
  topics(): string[] {
    return this.opened.catalogue.list().map(({ name }) => name);
  }

  /**
   * What is stored of the topic.
   * @throws {StorageError} INVALID_INPUT no such topic; CLOSED.
   */
  topicStats(topic: string): TopicStats {
    return topicStatsOf(this.native, this.opened.get(topic).handle);
  }

  /** Counters of the engine, of all threads, since it was opened. */
  stats(): StorageStats & { readonly backend: Exclude<Backend, 'auto'> } {
    const { fence: _fence, wakeups: _wakeups, ...counts } = callNative(() => this.native.stats());
    return counts;
  }

  /**
   * The first failed write or sync, since which every append fails; undefined while all is well.
   */
  get fence(): StorageError | undefined {
    const { fence } = callNative(() => this.native.stats());
    return fence === null ? undefined : StorageError.from(fence);
  }

  /**
   * Removes the entries below `beforeOffset`, durable on resolution; their space is given back in
   * the background. Rejects with OUT_OF_RANGE above the end; INVALID_INPUT no such topic; FENCED,
   * NO_SPACE, IO, CLOSED.
   */
  async truncate(topic: string, beforeOffset: number): Promise<void> {
    checkWholeNumber('beforeOffset', beforeOffset);
    const { handle } = this.opened.get(topic);
    await awaitNative(() => this.native.truncate(handle, beforeOffset));
  }

  /**
   * Removes the topic, its entries and its readers, for all threads; durable on resolution. An
   * append under its name creates another one.
   *
   * Rejects with INVALID_INPUT for no such topic; FENCED, NO_SPACE, IO, CLOSED: it may be there
   * after a restart.
   */
  async deleteTopic(topic: string): Promise<void> {
    this.opened.catalogue.refresh();
    const open = this.opened.get(topic);
    this.opened.catalogue.remove(open.description);
    this.opened.forget(open);
    await this.opened.deleteLogsOf(new Set([open.description.id]));
  }

  /**
   * Ends the tails, waits for what this object has in flight, saves the cursors and commits; the
   * last one of the process on the directory also syncs and lets it go. Idempotent. Rejects with
   * what could not be saved or synced; it is closed all the same.
   */
  close(): Promise<void> {
    this.closing ??= this.finishAndClose();
    return this.closing;
  }

  private async finishAndClose(): Promise<void> {
    this.watches.close();
    await this.finishing;
    await awaitNative(() => this.native.close());
  }

  private async settled(topic: string, append: (handle: number) => number): Promise<number> {
    const pending = this.opened.write(topic, (handle) => {
      const baseOffset = append(handle);
      const accepted = new PendingAppend(baseOffset, this.lastAppend[1] as number);
      this.settlements.push(accepted);
      return accepted;
    });
    await pending.synced;
    return pending.baseOffset;
  }

  private async finishDeletions(): Promise<void> {
    try {
      await this.opened.deleteLogsOf(this.opened.catalogue.deletedTopicIds);
    } catch (error) {
      // The disk did not take it: appends will say so, and the next open goes on here.
      if (!(error instanceof StorageError)) throw error;
    }
  }
}
