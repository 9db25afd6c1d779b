/**
 * The write-ahead log of WalrusMQ, as the addon offers it. Every error that is thrown or rejected
 * with is an `Error` whose `code` is one of the engine's: WOULD_BLOCK, INVALID_INPUT, CORRUPT,
 * FENCED, NO_SPACE, LOCKED, BUSY, OUT_OF_RANGE, IO, CLOSED. Offsets and sizes are safe integers.
 */

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
  /**
   * Whether other handles of this process (its worker threads too) that ask for the same options
   * may have the directory at the same time. Default: false, LOCKED for everybody else.
   */
  shared?: boolean;
  /** Entries between two saves of a named reader's cursor (`advanceReader`); default 1. */
  persistEvery?: number;
}

/** Names a log: 16 bytes of topic id, and the partition. */
export interface NativeLogId {
  readonly topicId: Buffer;
  readonly partition: number;
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

  readonly recoveryReport: NativeRecoveryReport;

  /** What an operator should know of the opening; of several handles the first one has it. */
  readonly openingLines: readonly string[];

  /** [base offset, record count] of the last append of any kind; the same array each time. */
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
   * `append…` (without Sync) and `commitCursor` calls of this handle are numbered 1, 2, 3…; the
   * callback is told how many of the first are written and synced so far. A failed one counts as
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

  /** The callback is told which watched logs grew, or were deleted. */
  onReadable(callback: (logs: readonly number[]) => void): void;
  /** From the next move of its readable end on; many moves may come as one. */
  watch(log: number): void;
  unwatch(log: number): void;

  /** Moves the log start; durable on resolution. */
  truncate(log: number, offset: number): Promise<void>;
  /** Removes the log and its cursors; durable on resolution. */
  deleteLog(log: number): Promise<void>;

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

/** What `inspect` shows: positions and sizes in bytes, positions within the data file. */
export type NativeInspected =
  | {
      readonly kind: 'file';
      readonly fileId: number;
      readonly bytes: number;
      readonly blockBytes: number;
      readonly blocksPerFile: number;
    }
  | (NativeLogId & {
      readonly kind: 'block';
      readonly blockId: number;
      readonly fileId: number;
      readonly position: number;
      readonly bytes: number;
      /** 0, 1, 2… within the log. */
      readonly ordinal: number;
      readonly baseOffset: number;
      readonly leaderEpoch: number;
      readonly syncedThrough: number;
      readonly sealed: boolean;
      /** Of a deleted log, or below its log's start. */
      readonly deleted: boolean;
    })
  | (NativeLogId & {
      readonly kind: 'run';
      readonly blockId: number;
      readonly position: number;
      readonly bytes: number;
      readonly batchCount: number;
      readonly baseOffset: number;
      readonly nextOffset: number;
      readonly leaderEpoch: number;
      readonly syncedThrough: number;
      readonly maxTimestamp: number;
      readonly lastOfCall: boolean;
      readonly intact: boolean;
    })
  | (NativeLogId & {
      readonly kind: 'batch';
      readonly blockId: number;
      readonly position: number;
      readonly bytes: number;
      readonly baseOffset: number;
      readonly recordCount: number;
      readonly maxTimestamp: number;
      readonly attributes: number;
      readonly producerId: number;
      readonly crc: number;
    })
  | NativeProblem;

/** Something that is wrong in a directory. What does not apply is 0 or null. */
export interface NativeProblem {
  readonly kind: 'problem';
  /**
   * `damage`: bytes that were written are gone; `torn`: the next open cuts it; `notice`: harmless.
   */
  readonly problem: 'damage' | 'torn' | 'notice';
  readonly fileId: number;
  readonly blockId: number;
  readonly topicId: Buffer | null;
  readonly partition: number | null;
  readonly offset: number;
  readonly position: number;
  readonly what: string;
}

/** One log of a verified directory, as far as it is whole. */
export interface NativeVerifiedLog extends NativeLogId {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly blocks: number;
  readonly runs: number;
  readonly batches: number;
  readonly records: number;
  readonly bytes: number;
}

/** What `verify` counted and found. */
export interface NativeVerifyReport {
  readonly damaged: boolean;
  readonly previousCloseWasClean: boolean;
  readonly files: number;
  readonly blocks: number;
  readonly runs: number;
  readonly batches: number;
  readonly records: number;
  readonly bytesRead: number;
  readonly logs: readonly NativeVerifiedLog[];
  readonly problems: readonly NativeProblem[];
}

/**
 * Shows every file of a directory that nobody has open, its blocks, runs and batches, and the
 * problems met. Waits on this thread; what `onItem` throws ends it. LOCKED, INVALID_INPUT, IO.
 */
export function inspect(directory: string, onItem: (item: NativeInspected) => void): void;

/** Checks every byte in use of a directory that nobody has open. LOCKED, INVALID_INPUT, IO. */
export function verify(directory: string): Promise<NativeVerifyReport>;

/** One thing that `repair` did, or would do. What does not apply is 0 or null. */
export interface NativeRepairAction {
  readonly kind: 'log-cut' | 'start-moved' | 'unit-cleared' | 'header-restored';
  readonly topicId: Buffer | null;
  readonly partition: number | null;
  readonly fileId: number;
  readonly blockId: number;
  /** Where the log ends (`log-cut`) or starts (`start-moved`) afterwards. */
  readonly offset: number;
  /** Bytes that go to quarantine. */
  readonly bytes: number;
  readonly what: string;
  /** Copies of those bytes, synced before anything was changed; empty while nothing was done. */
  readonly quarantinePaths: readonly string[];
}

/** What `repair` did, or would do. */
export interface NativeRepairReport {
  readonly applied: boolean;
  readonly previousCloseWasClean: boolean;
  readonly actions: readonly NativeRepairAction[];
  /** What is wrong: after the repair, or now when nothing was done. */
  readonly problems: readonly NativeProblem[];
}

/**
 * Makes the damaged logs of a directory that nobody has open writable again; without `apply` only
 * says how. LOCKED, INVALID_INPUT; NO_SPACE: a copy could not be made; IO.
 */
export function repair(directory: string, apply: boolean): Promise<NativeRepairReport>;

/** Sizes, limits, defaults and names of the engine. */
export const constants: import('./constants').NativeConstants;
