import type { FsyncSchedule } from './fsync-schedule';
import type { GroupStore } from './group-store';
import type { LogId, PartitionLog, ReaderCursor } from './partition-log';
import type { ProducerIds } from './producer-ids';
import type { StorageError } from './storage-error';
import type { TopicCatalogue, TopicDescription } from './topic-catalogue';

/**
 * How data files are written: descriptors with io_uring where several operations go together (falls
 * back to `fd` where the system forbids it), descriptors alone, or memory maps. `auto` is as
 * `io_uring`, but small appends that are not synced one by one are stored into maps.
 */
export type Backend = 'auto' | 'io_uring' | 'fd' | 'mmap';

/** What opening a directory found and did. */
export interface RecoveryReport {
  readonly previousCloseWasClean: boolean;
  readonly leaderEpochBumped: boolean;
  readonly journalGroupsReplayed: number;
  readonly bytesRead: number;
  /** Logs whose torn tail was cut: they end at `offset` now. */
  readonly cuts: readonly {
    readonly log: LogId;
    readonly offset: number;
    readonly bytes: number;
  }[];
  /** Damage to acknowledged records: `offset` is the first that cannot be read. */
  readonly corruptions: readonly {
    readonly log: LogId;
    readonly offset: number;
    readonly what: string;
    /** Where a copy of the bytes is; empty when there is none. */
    readonly quarantinePath: string;
  }[];
  /** Readers that stood above the end their log has now. */
  readonly clampedCursors: readonly {
    readonly log: LogId;
    readonly reader: string;
    readonly from: number;
    readonly to: number;
  }[];
  readonly notes: readonly string[];
}

/** Counters since the instance was opened. */
export interface StorageStats {
  /** Bytes accepted and not written yet. */
  readonly queuedBytes: number;
  readonly appends: number;
  readonly appendedBytes: number;
  readonly commitGroups: number;
  readonly syncs: number;
  /** Bytes written to all files, the commit journal included. */
  readonly writtenBytes: number;
  readonly journaledGroups: number;
  /** Data files that are open now; see `openFilesMax`. */
  readonly openFiles: number;
  /** Calls of idempotent producers that were not the first of their kind. */
  readonly duplicateAppends: number;
  /** Producers that are remembered, once for each log. */
  readonly producers: number;
}

/** How to open an instance. Sizes in bytes; what is left out takes the engine's default. */
export interface StorageOptions {
  readonly directory: string;
  /** Default: `FsyncSchedule.Milliseconds(1000)`, as the seed. */
  readonly fsyncSchedule?: FsyncSchedule;
  /** 4 KiB to 1 GiB, a multiple of 4,096; default 10 MiB. */
  readonly blockBytes?: number;
  /** 1 to 10,000; default 100. */
  readonly blocksPerFile?: number;
  /** Appends that are accepted and not written yet; default 64 MiB. */
  readonly queuedBytesMax?: number;
  /** No entry, and no record batch, is larger; default 1 GiB. */
  readonly batchBytesMax?: number;
  readonly journalBytes?: number;
  readonly journalBypassRunBytes?: number;
  /** Space kept back for cursors; default 16 MiB. */
  readonly reserveBytes?: number;
  /**
   * Free space of the disk below which appends to the logs of topics are refused with NO_SPACE, so
   * that topics, groups and readers can still be written down and deleted; those go on down to
   * `reserveBytes`. Default 0: everything does. Not for `Walrus`.
   */
  readonly freeBytesMin?: number;
  readonly readerThreads?: number;
  /**
   * Data files that are kept open, 16 to 1,000,000; default 256. More are only while each holds the
   * open block of some log or bytes that no sync covers, or is being read.
   */
  readonly openFilesMax?: number;
  /**
   * What frees the blocks of new logs, recorded for each log. `retention` (default of
   * `openWalStorage`): only `truncate` and deletion. `consumed` (default of `Walrus`): a block goes
   * once every named reader, the default one included, has passed it.
   */
  readonly reclaimRule?: 'consumed' | 'retention';
  /** A log's open block is sealed this long after its first record; 0 (default): never. */
  readonly segmentMs?: number;
  /** A producer is forgotten this long after its last append to a log; default 24 hours. */
  readonly producerIdExpirationMs?: number;
  /**
   * Producers that a log remembers; default 4096. Of more, the one that appended longest ago is
   * forgotten, and may go on with any sequence.
   */
  readonly producersPerLogMax?: number;
  /** The same for all logs together; default 65,536. */
  readonly producersMax?: number;
  /** Default: `auto`, unless `disableFdBackend` was called. */
  readonly backend?: Backend;
}

/** Where a log stands. Offsets as in `PartitionLog`. */
export interface LogState {
  readonly leaderEpoch: number;
  readonly logStartOffset: number;
  readonly readableEnd: number;
  readonly storedBytes: number;
}

/** How the logs of a topic treat what comes. Kept in memory only. */
export interface LogSettings {
  /** Batches get the time of their append as timestamp (LogAppendTime), and a checksum to it. */
  readonly logAppendTime: boolean;
  /** A log's open block is sealed this long after its first record; 0: never. */
  readonly segmentMs: number;
}

/** What the logs of a topic may keep; whole blocks that no limit covers can go, oldest first. */
export interface RetentionLimits {
  /** A block goes once its newest record is older; undefined: at no age. */
  readonly oldestMs?: number | undefined;
  /** A block goes as long as the rest has so many bytes; undefined: never. */
  readonly bytesMax?: number | undefined;
  /** Blocks wholly below it go. Default 0. */
  readonly consumedBelow?: number | undefined;
}

/** A log and where it would begin without the blocks that limits do not cover. */
export interface ExpiredLog {
  readonly partition: number;
  readonly beforeOffset: number;
}

/**
 * Everything one instance stores: its topics and their logs.
 *
 * Life: from `openWalStorage` or `openMemoryStorage` to `close`. After a failed write or sync the
 * instance is fenced: appends fail, reads go on.
 */
export interface InstanceStorage {
  /** Empty for storage in memory. */
  readonly directory: string;
  /** 32 hex digits, drawn when the directory was first used. */
  readonly instanceId: string;
  readonly recoveryReport: RecoveryReport;
  readonly catalogue: TopicCatalogue;
  readonly producerIds: ProducerIds;
  readonly groups: GroupStore;

  /**
   * The log of a topic's partition, created by its first append. The same object for the same id.
   * @throws {StorageError} INVALID_INPUT for an id that is not a UUID or is reserved; CLOSED.
   */
  log(topicId: string, partition: number): PartitionLog;

  /**
   * Where `count` partitions from `first` on stand, without opening them: one that was never
   * appended to costs nothing.
   * @throws {StorageError} INVALID_INPUT for an id that is not a UUID; CLOSED.
   */
  logStates(topicId: string, first: number, count: number): readonly LogState[];

  /**
   * The cursors of `count` partitions from `first` on, one list for each, without opening them.
   * @throws {StorageError} As `logStates`.
   */
  cursors(topicId: string, first: number, count: number): readonly (readonly ReaderCursor[])[];

  /**
   * Sets how the topic's partitions below `partitionCount` treat later appends and the blocks that
   * are open now; partitions that are opened later follow too, until `deleteTopicLogs`.
   * @throws {StorageError} As `logStates`.
   */
  configureLogs(topicId: string, partitionCount: number, settings: LogSettings): void;

  /**
   * Which of `count` partitions from `first` on hold blocks that `limits` do not cover. Opens and
   * frees nothing: `truncate` does. A block that is still written to is left to a later call, and
   * sealed for it. Blocks whose records have no timestamps go with the one behind them; a damaged
   * log is left alone.
   * @throws {StorageError} As `logStates`.
   */
  findExpired(
    topicId: string,
    first: number,
    count: number,
    limits: RetentionLimits,
  ): readonly ExpiredLog[];

  /**
   * Removes the logs of a deleted topic and their cursors; durable on resolution in every schedule.
   * Appends and reads on them fail with CLOSED. Rejected, some may be there still: the next opening
   * removes them.
   */
  deleteTopicLogs(topic: TopicDescription): Promise<void>;

  stats(): StorageStats;

  /**
   * The first failed write or sync, since which every append fails; undefined while all is well.
   */
  readonly fence: StorageError | undefined;

  /** Why every append to the log of a topic is refused while less than `freeBytesMin` is free. */
  readonly appendRefusal: string | undefined;

  /**
   * Commits and syncs what was accepted, whatever the schedule. Idempotent. Rejects with the error
   * of a sync that failed; the instance is closed all the same.
   */
  close(): Promise<void>;
}
