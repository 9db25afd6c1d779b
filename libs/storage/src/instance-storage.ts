import type { FsyncSchedule } from './fsync-schedule';
import type { GroupStore } from './group-store';
import type { LogId, PartitionLog } from './partition-log';
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
  /** Default: `auto`, unless `disableFdBackend` was called. */
  readonly backend?: Backend;
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
  readonly groups: GroupStore;

  /**
   * The log of a topic's partition, created by its first append. The same object for the same id.
   * @throws {StorageError} INVALID_INPUT for an id that is not a UUID or is reserved; CLOSED.
   */
  log(topicId: string, partition: number): PartitionLog;

  /**
   * Removes the logs of a deleted topic and their cursors; durable on resolution in every schedule.
   * Appends and reads on them fail with CLOSED.
   */
  deleteTopicLogs(topic: TopicDescription): Promise<void>;

  stats(): StorageStats;

  /**
   * The first failed write or sync, since which every append fails; undefined while all is well.
   */
  readonly fence: StorageError | undefined;

  /**
   * Commits and syncs what was accepted, whatever the schedule. Idempotent. Rejects with the error
   * of a sync that failed; the instance is closed all the same.
   */
  close(): Promise<void>;
}
