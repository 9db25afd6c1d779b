/**
 * The write-ahead log of WalrusMQ, as the addon offers it. Every error that is thrown or rejected
 * with is an `Error` whose `code` is one of the engine's: WOULD_BLOCK, INVALID_INPUT, CORRUPT,
 * FENCED, NO_SPACE, LOCKED, BUSY, OUT_OF_RANGE, IO, CLOSED, OUT_OF_ORDER_SEQUENCE,
 * DUPLICATE_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH. Offsets and sizes are safe integers.
 */
import type { NativeLogId } from './inspection';

export * from './inspection';

/** Sizes in bytes; what is left out takes the engine's default (native/wal/wal.h). */
export interface NativeOptions {
  directory: string;
  fsync?: 'sync-each' | 'milliseconds' | 'no-fsync';
  fsyncIntervalMs?: number;
  blockBytes?: number;
  blocksPerFile?: number;
  queuedBytesMax?: number;
  batchBytesMax?: number;
  journalBytes?: number;
  journalBypassRunBytes?: number;
  reserveBytes?: number;
  readerThreads?: number;
  openFilesMax?: number;
  reclaimRule?: 'consumed' | 'retention';
  /** Default: that of `setDefaultBackend`. io_uring falls back to fd where it is forbidden. */
  backend?: 'auto' | 'io_uring' | 'fd' | 'mmap';
  segmentMs?: number;
  producerIdExpirationMs?: number;
  producersPerLogMax?: number;
  producersMax?: number;
  /**
   * Whether other handles of this process (its worker threads too) that ask for the same options
   * may have the directory at the same time. Default: false, LOCKED for everybody else.
   */
  shared?: boolean;
  /** Entries between two saves of a named reader's cursor (`advanceReader`); default 1. */
  persistEvery?: number;
}

export interface NativeLogState extends NativeLogId {
  readonly startOffset: number;
  readonly writtenEnd: number;
  readonly syncedEnd: number;
  readonly readableEnd: number;
  readonly nextOffset: number;
  readonly storedBytes: number;
  /** What its blocks take of the disk: whole pages up to the last byte in use. */
  readonly diskBytes: number;
  readonly leaderEpoch: number;
  /** First offset that cannot be read, when the log is damaged. */
  readonly corruptOffset: number | null;
}

export interface NativeRecoveryReport {
  readonly previousCloseWasClean: boolean;
  readonly leaderEpochBumped: boolean;
  readonly journalGroupsReplayed: number;
  readonly bytesRead: number;
  readonly cuts: readonly (NativeLogId & { readonly offset: number; readonly bytes: number })[];
  readonly corruptions: readonly (NativeLogId & {
    readonly offset: number;
    readonly what: string;
    readonly quarantinePath: string;
  })[];
  readonly clampedCursors: readonly (NativeLogId & {
    readonly reader: string;
    readonly from: number;
    readonly to: number;
  })[];
  readonly notes: readonly string[];
}

export interface NativeStats {
  readonly fence: (Error & { readonly code: string }) | null;
  readonly queuedBytes: number;
  readonly appends: number;
  readonly appendedBytes: number;
  readonly commitGroups: number;
  readonly syncs: number;
  readonly writtenBytes: number;
  readonly journaledGroups: number;
  readonly openFiles: number;
  /** Calls of idempotent producers that were answered from memory. */
  readonly duplicateAppends: number;
  /** Producers that are remembered, once for each log. */
  readonly producers: number;
  /** How data files are written, after what the system allows. */
  readonly backend: 'io_uring' | 'fd' | 'mmap';
  /** How often the loop thread was woken for this instance. */
  readonly wakeups: number;
}

/** One operation that failed: its number, and the error's code and message. */
export type NativeFailure = readonly [sequence: number, code: string, message: string];

/**
 * A handle on an open log directory. Stays open until `close()` even when nobody holds it; the end
 * of its environment (process.exit, a worker that is terminated) closes it too. After that every
 * call throws CLOSED. The process stays alive while appends or reads are in flight or a log is
 * watched, and may end when none is. The engine behind it is closed with its last handle.
 */
export class Wal {
  private constructor();

  /**
   * Locks the directory and recovers, or joins the handles that this process has on it. LOCKED:
   * somebody has it open. INVALID_INPUT: bad options, other ones than those it is open with, or a
   * directory of something else. IO.
   */
  static open(options: NativeOptions): Wal;

  /**
   * As `open`, on a thread of Node's pool: the loop goes on meanwhile, and stays alive for it. Bad
   * options are thrown; all else rejects, with nothing left open. An environment that ends
   * meanwhile waits for the opening and closes what it opened.
   */
  static openAsync(options: NativeOptions): Promise<Wal>;

  readonly recoveryReport: NativeRecoveryReport;

  /** What an operator should know of the opening; of several handles the first one has it. */
  readonly openingLines: readonly string[];

  /**
   * [base offset, record count, 1 for a duplicate, log append time or -1] of the last append of any
   * kind; the same array each time.
   */
  readonly lastAppend: Float64Array;

  /** A handle for the log; the same one for the same log. */
  openLog(topicId: Uint8Array, partition: number): number;
  listLogs(): NativeLogState[];
  logInfo(log: number): NativeLogState;
  /**
   * Fills `logState` with [start offset, readable end, next offset, stored bytes, leader epoch]:
   * for callers to whom the object of `logInfo` costs too much.
   */
  loadLogState(log: number): void;
  /** What `loadLogState` filled in last; the same array each time. */
  readonly logState: Float64Array;
  /** Only `readableEnd` of `logInfo`, without the object. */
  readableEnd(log: number): number;

  /**
   * Verifies, stamps in place and queues whole record batches as one atomic call; returns the base
   * offset. The Buffers are kept alive until it settles; they must not be written or transferred
   * before. BUSY, INVALID_INPUT, CORRUPT, FENCED, NO_SPACE: nothing was taken.
   */
  append(log: number, chunks: readonly Uint8Array[]): number;
  /** As `append`; returns when the schedule's promise holds. Not numbered. */
  appendSync(log: number, chunks: readonly Uint8Array[]): number;
  /** Appends one raw entry as a batch of one record. WOULD_BLOCK: as `appendEntriesSync`. */
  appendEntrySync(log: number, payload: Uint8Array): number;
  /**
   * Appends raw entries as one atomic call, packed into batches of at most 1 MiB. WOULD_BLOCK: a
   * call with several entries, of any thread, is in flight on the log.
   */
  appendEntriesSync(log: number, payloads: readonly Uint8Array[]): number;
  /**
   * As `append`, of one raw entry. Payloads over 64 KiB are kept alive and must not be written
   * before it settles; smaller ones are copied.
   */
  appendEntry(log: number, payload: Uint8Array): number;
  /** As `appendEntry`, of several as one atomic call; in flight for `appendEntrySync` meanwhile. */
  appendEntries(log: number, payloads: readonly Uint8Array[]): number;

  /**
   * `append…` (without Sync), `commitCursor` and `deleteCursor` calls of this handle are numbered
   * 1, 2, 3…; the callback is told how many of the first are written and synced so far. A failed one counts as
   * both and is listed once.
   */
  onSettled(
    callback: (written: number, synced: number, failures: readonly NativeFailure[]) => void,
  ): void;

  /** Whole batches from the one that holds `offset`; empty at the readable end. */
  read(log: number, offset: number, maxBytes: number): Promise<Buffer>;
  /** As `read`, at once; null when the disk would have to be waited for. */
  readNow(log: number, offset: number, maxBytes: number): Buffer | null;
  /** As `read`, waiting on this thread. */
  readSync(log: number, offset: number, maxBytes: number): Buffer;
  /**
   * As `readSync`, with a table of the entries at and above `offset`: four numbers for each
   * (offset, timestamp, position and length of its value in the bytes), and last the offset up to
   * which they are listed: a batch that is compressed or malformed ends the table. null at the
   * readable end.
   */
  readEntries(
    log: number,
    offset: number,
    maxBytes: number,
  ): [bytes: Buffer, table: Float64Array] | null;
  /** The first record at or after the time; null when there is none. */
  offsetForTimestamp(
    log: number,
    timestampMs: number,
  ): Promise<{ offset: number; timestamp: number } | null>;

  /** Saves a named reader's position; numbered as appends are. */
  commitCursor(log: number, reader: string, offset: number): void;
  commitCursorSync(log: number, reader: string, offset: number): void;
  /** Forgets a named reader's position; numbered as appends are. Well, too, when it has none. */
  deleteCursor(log: number, reader: string): void;
  cursor(log: number, reader: string): number | null;

  /**
   * A handle for the reader of that name, which all handles of the process share; the same one for
   * the same reader. Without a saved cursor it stands at the log start.
   */
  openReader(log: number, name: string): number;
  /** Offset of the reader's next entry. */
  readerPosition(reader: number): number;
  /**
   * Claims the `count` entries of [from, to) and moves past them; false, and nothing moved, when
   * the reader does not stand at `from` any more. The cursor is saved before, unless fewer than
   * `persistEvery` entries were claimed since the last time. FENCED, NO_SPACE, IO, CLOSED: not
   * saved, nothing moved.
   */
  advanceReader(reader: number, from: number, to: number, count: number): boolean;
  /** Goes to an offset of the log, saved on return. OUT_OF_RANGE. */
  moveReader(reader: number, offset: number): void;

  /** Forgets the reader's cursor: it stands at the log start, as one that never was. */
  removeReader(reader: number): void;
  /** The log's readers that have a saved cursor, by name. */
  listCursors(log: number): { reader: string; offset: number }[];
  /** The same of `count` partitions of a topic, without handles; null where no log is. */
  listCursorsOf(
    topicId: Uint8Array,
    first: number,
    count: number,
  ): ({ reader: string; offset: number }[] | null)[];
  /**
   * The idempotent producers that the log remembers, the one that appended longest ago first: four
   * numbers each (producer id, epoch, sequence of its last record, time of that append in ms).
   */
  listProducers(log: number): Float64Array;

  /** The callback is told which watched logs grew, or were deleted. */
  onReadable(callback: (logs: readonly number[]) => void): void;
  /** From the next move of its readable end on; many moves may come as one. */
  watch(log: number): void;
  unwatch(log: number): void;

  /** Moves the log start; durable on resolution. */
  truncate(log: number, offset: number): Promise<void>;
  /** Removes the log and its cursors; durable on resolution. */
  deleteLog(log: number): Promise<void>;
  /** The same for several, with few syncs. Rejected: some may be there still. */
  deleteLogs(logs: readonly number[]): Promise<void>;

  /**
   * Of the partitions first, first + 1, … of a topic, `count` of them, without making handles: four
   * numbers each (start offset, readable end, stored bytes, leader epoch); 0, 0, 0, -1 where no log
   * is.
   */
  logStates(topicId: Uint8Array, first: number, count: number): Float64Array;
  /**
   * For those of these logs that exist: whether later appends get the time they come as their
   * timestamp, and how old an open block may get; 0: as old as it likes. Forgotten at closing.
   */
  configureLogs(
    topicId: Uint8Array,
    first: number,
    count: number,
    logAppendTime: boolean,
    segmentMs: number,
  ): void;
  /**
   * Pairs of partition and offset: those of these logs that hold whole blocks that limits do not
   * cover, and where they would begin without. A block goes once its newest record is older than
   * `oldestMs` (0: at no age), as long as the rest has `bytesMax` bytes (MAX_SAFE_INTEGER: never),
   * or when it lies below `consumedBelow`. An open block that would go is sealed soon and found
   * later.
   */
  findExpired(
    topicId: Uint8Array,
    first: number,
    count: number,
    oldestMs: number,
    bytesMax: number,
    consumedBelow: number,
  ): Float64Array;

  stats(): NativeStats;

  /**
   * Waits for what this handle has in flight and saves the readers; the last handle also commits
   * and syncs what was accepted and lets the directory go. The same promise each time.
   */
  close(): Promise<void>;
  /**
   * As `close`, on this thread; what is in flight settles before it returns. CLOSED after `close`.
   */
  closeSync(): void;
}

/**
 * The backend of instances opened later, in every thread of the process, whose options name none;
 * auto at first.
 */
export function setDefaultBackend(backend: 'auto' | 'io_uring' | 'fd' | 'mmap'): void;

/** The CRC-32C (Castagnoli) of `bytes`. */
export function crc32c(bytes: Uint8Array): number;

/** Sizes, limits, defaults and names of the engine. */
export const constants: import('./constants').NativeConstants;
