/** A directory from outside: what stands in it, whether it is sound, and its repair. */

/** Names a log: 16 bytes of topic id, and the partition. */
export interface NativeLogId {
  readonly topicId: Buffer;
  readonly partition: number;
}

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
