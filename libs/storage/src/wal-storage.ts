import { statfs } from 'node:fs/promises';
import { AppendRoom } from './append-room';
import { CatalogueLog } from './catalogue-log';
import { loadCatalogue } from './catalogue-records';
import type { ReplayedCatalogue } from './catalogue-records';
import type { FsyncSchedule } from './fsync-schedule';
import type {
  ExpiredLog,
  InstanceStorage,
  LogSettings,
  LogState,
  RecoveryReport,
  RetentionLimits,
  StorageOptions,
  StorageStats,
} from './instance-storage';
import {
  CATALOGUE_TOPIC_ID,
  GROUPS_TOPIC_ID,
  PRODUCERS_TOPIC_ID,
  checkLogId,
  topicIdBytes,
  topicIdText,
} from './log-id';
import {
  awaitNative,
  callNative,
  closedAfterAsync,
  openNativeWalAsync,
  recoveryReportOf,
} from './native-binding';
import type { NativeWal } from './native-binding';
import type { ReaderCursor } from './partition-log';
import { ProducerIds, SKIPPED_IDS } from './producer-ids';
import { SettlementQueue } from './settlement-queue';
import { StateLog } from './state-log';
import { StorageError } from './storage-error';
import type { TopicDescription } from './topic-catalogue';
import { WalGroupStore } from './wal-group-store';
import { WalLog } from './wal-log';
import { WalTopicCatalogue } from './wal-topic-catalogue';

/** Of each log in what the addon's `logStates` answers, and the last of them where no log is. */
const STATE_NUMBERS = 4;
const EPOCH = 3;
const NO_LOG = -1;

function argumentsOf(
  topicId: string,
  first: number,
  count: number,
  { logAppendTime, segmentMs }: LogSettings,
): Parameters<NativeWal['configureLogs']> {
  return [topicIdBytes(topicId), first, count, logAppendTime, segmentMs];
}

/** The catalogue of an instance, on the log that it goes on being written to. */
interface OpenedCatalogue {
  readonly log: WalLog;
  readonly settlements: SettlementQueue;
  readonly room: AppendRoom;
  readonly replayed: ReplayedCatalogue;
}

class WalStorage implements InstanceStorage {
  readonly directory: string;
  readonly instanceId: string;
  readonly recoveryReport: RecoveryReport;
  readonly catalogue: WalTopicCatalogue;
  readonly producerIds: ProducerIds;
  readonly groups: WalGroupStore;
  private readonly catalogueLog: CatalogueLog;
  private readonly settlements: SettlementQueue;
  private readonly room: AppendRoom;
  private readonly logs = new Map<string, WalLog>();
  /** Of the topics whose logs were configured. */
  private readonly settings = new Map<string, LogSettings>();
  private readonly leaderEpoch: number;
  private lastFence: StorageError | undefined;
  private closing: Promise<void> | undefined;
  /** Ends with the deletions that an earlier run had left to do. */
  private finishing: Promise<void> = Promise.resolve();

  constructor(
    { directory, fsyncSchedule: schedule }: StorageOptions,
    private readonly native: NativeWal,
    { log, settlements, room, replayed }: OpenedCatalogue,
  ) {
    this.directory = directory;
    this.instanceId = replayed.instanceId;
    this.recoveryReport = recoveryReportOf(native.recoveryReport);
    this.settlements = settlements;
    this.room = room;
    this.leaderEpoch = log.leaderEpoch;
    this.catalogueLog = new CatalogueLog(log, replayed, {
      durableEnd: () => callNative(() => native.logInfo(log.handle)).syncedEnd,
    });
    this.catalogue = new WalTopicCatalogue(this.catalogueLog, replayed.table);
    const handle = callNative(() => native.openLog(topicIdBytes(PRODUCERS_TOPIC_ID), 0));
    const ids = { topicId: PRODUCERS_TOPIC_ID, partition: 0 };
    // The schedule of the run before, which nobody knows, says what a crash took.
    const mayHaveLost = !this.recoveryReport.previousCloseWasClean;
    this.producerIds = new ProducerIds(
      new WalLog(ids, native, handle, this.settlements),
      mayHaveLost ? SKIPPED_IDS : 0,
    );
    this.groups = new WalGroupStore(() => this.openStateLog(GROUPS_TOPIC_ID, schedule));
    this.room.start();
  }

  log(topicId: string, partition: number): WalLog {
    if (this.closing !== undefined) throw new StorageError('CLOSED', 'the instance is closed');
    const key = `${topicId}/${partition}`;
    const known = this.logs.get(key);
    if (known !== undefined) return known;
    checkLogId(topicId, partition);
    return callNative(() => {
      const handle = this.native.openLog(topicIdBytes(topicId), partition);
      const { native, settlements, room } = this;
      const log = new WalLog({ topicId, partition }, native, handle, settlements, room);
      this.logs.set(key, log);
      const settings = this.settings.get(topicId);
      if (settings) this.native.configureLogs(...argumentsOf(topicId, partition, 1, settings));
      return log;
    });
  }

  /** Replays a log of the instance's own. */
  private async openStateLog(
    topicId: string,
    schedule: FsyncSchedule | undefined,
  ): Promise<StateLog> {
    if (this.closing !== undefined) throw new StorageError('CLOSED', 'the instance is closed');
    const { native } = this;
    const handle = callNative(() => native.openLog(topicIdBytes(topicId), 0));
    const log = new WalLog({ topicId, partition: 0 }, native, handle, this.settlements);
    return StateLog.open(log, {
      // Without syncs nothing is ever known to be on the disk: a power loss may then take the
      // copies together with what was cut for them, which is what this schedule says.
      durableEnd: () =>
        schedule?.kind === 'no-fsync'
          ? log.readableEnd
          : callNative(() => native.logInfo(handle)).syncedEnd,
    });
  }

  logStates(topicId: string, first: number, count: number): readonly LogState[] {
    const numbers = callNative(() => this.native.logStates(topicIdBytes(topicId), first, count));
    const { leaderEpoch } = this;
    return Array.from({ length: count }, (_, index) => ({
      leaderEpoch,
      logStartOffset: numbers[index * STATE_NUMBERS] as number,
      readableEnd: numbers[index * STATE_NUMBERS + 1] as number,
      storedBytes: numbers[index * STATE_NUMBERS + 2] as number,
    }));
  }

  cursors(topicId: string, first: number, count: number): readonly (readonly ReaderCursor[])[] {
    const id = topicIdBytes(topicId);
    const lists = callNative(() => this.native.listCursorsOf(id, first, count));
    return lists.map((list) => list ?? []);
  }

  configureLogs(topicId: string, partitionCount: number, settings: LogSettings): void {
    callNative(() => {
      this.native.configureLogs(...argumentsOf(topicId, 0, partitionCount, settings));
    });
    this.settings.set(topicId, settings);
  }

  findExpired(
    topicId: string,
    first: number,
    count: number,
    limits: RetentionLimits,
  ): readonly ExpiredLog[] {
    const { oldestMs = 0, bytesMax = Number.MAX_SAFE_INTEGER, consumedBelow = 0 } = limits;
    // An age of 0 is none: no record is older than that.
    const oldest = Math.max(0, oldestMs);
    const id = topicIdBytes(topicId);
    const pairs = callNative(() =>
      this.native.findExpired(id, first, count, oldest, bytesMax, consumedBelow),
    );
    return Array.from({ length: pairs.length / 2 }, (_, index) => ({
      partition: pairs[2 * index] as number,
      beforeOffset: pairs[2 * index + 1] as number,
    }));
  }

  async deleteTopicLogs({ id, partitionCount }: TopicDescription): Promise<void> {
    const states = callNative(() => this.native.logStates(topicIdBytes(id), 0, partitionCount));
    const doomed: WalLog[] = [];
    for (let partition = 0; partition < partitionCount; partition += 1) {
      const exists = states[partition * STATE_NUMBERS + EPOCH] !== NO_LOG;
      if (exists) doomed.push(this.log(id, partition));
    }
    this.settings.delete(id);
    await this.deleteLogs(doomed);
    this.catalogueLog.forgetDeleted([id]);
  }

  /** Removes what is left of deleted topics, and of the catalogue's log, in the background. */
  finishDeletions(topicIds: ReadonlySet<string>): void {
    this.catalogueLog.shorten();
    if (topicIds.size === 0) return;
    this.finishing = this.deleteLogsOf(topicIds).catch((error: unknown) => {
      // The disk did not take it: appends will say so, and the next open goes on here.
      if (!(error instanceof StorageError)) throw error;
    });
  }

  /** Removes the logs of the topics with these ids, those that were never opened too. */
  private async deleteLogsOf(topicIds: ReadonlySet<string>): Promise<void> {
    const stored = callNative(() => this.native.listLogs());
    for (const { topicId, partition } of stored) {
      const id = topicIdText(topicId);
      if (topicIds.has(id)) this.log(id, partition);
    }
    await this.deleteLogs([...this.logs.values()].filter((log) => topicIds.has(log.id.topicId)));
    this.catalogueLog.forgetDeleted(topicIds);
  }

  private async deleteLogs(logs: readonly WalLog[]): Promise<void> {
    for (const { id } of logs) this.logs.delete(`${id.topicId}/${id.partition}`);
    if (logs.length === 0) return;
    const handles = logs.map(({ handle }) => handle);
    await awaitNative(() => this.native.deleteLogs(handles));
  }

  stats(): StorageStats {
    const stats = callNative(() => this.native.stats());
    return {
      queuedBytes: stats.queuedBytes,
      appends: stats.appends,
      appendedBytes: stats.appendedBytes,
      commitGroups: stats.commitGroups,
      syncs: stats.syncs,
      writtenBytes: stats.writtenBytes,
      journaledGroups: stats.journaledGroups,
      openFiles: stats.openFiles,
      duplicateAppends: stats.duplicateAppends,
      producers: stats.producers,
    };
  }

  get fence(): StorageError | undefined {
    if (this.lastFence !== undefined || this.closing !== undefined) return this.lastFence;
    const { fence } = callNative(() => this.native.stats());
    if (fence !== null) this.lastFence = StorageError.from(fence);
    return this.lastFence;
  }

  get appendRefusal(): string | undefined {
    return this.room.refusal;
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      const { fence } = this;
      const idle = Promise.all([this.finishing, this.room.stop()]);
      this.closing = idle.then(() => awaitNative(() => this.native.close()));
      this.lastFence = fence;
    }
    return this.closing;
  }
}

/** What the disk of a directory has left for this user. */
async function freeBytesOf(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}

/**
 * Opens the instance in `options.directory`, which is created when it does not exist. The event
 * loop goes on meanwhile: the engine recovers on another thread.
 *
 * Logs of topics whose deletion the catalogue holds, but a crash kept from being removed, are
 * removed in the background.
 *
 * Rejects with StorageError, and the directory is not left locked: LOCKED somebody has it open;
 * INVALID_INPUT bad options, or a directory of something else; CORRUPT the topic catalogue is
 * damaged; NO_SPACE, IO.
 */
export async function openWalStorage(options: StorageOptions): Promise<InstanceStorage> {
  const { freeBytesMin = 0, ...nativeOptions } = options;
  const native = await openNativeWalAsync({ reclaimRule: 'retention', ...nativeOptions });
  try {
    const catalogue = await openCatalogue(native, options, freeBytesMin);
    const storage = new WalStorage(options, native, catalogue);
    storage.finishDeletions(new Set(catalogue.replayed.deletedTopics.keys()));
    return storage;
  } catch (error) {
    throw await closedAfterAsync(native, error);
  }
}

async function openCatalogue(
  native: NativeWal,
  { directory, fsyncSchedule }: StorageOptions,
  freeBytesMin: number,
): Promise<OpenedCatalogue> {
  const room = new AppendRoom(freeBytesMin, {
    readFreeBytes: async () => freeBytesOf(directory),
    queuedBytes: () => callNative(() => native.stats()).queuedBytes,
  });
  const settlements = new SettlementQueue(fsyncSchedule?.kind === 'sync-each', () => {
    room.noteRefusal();
  });
  native.onSettled(settlements.settle);
  const handle = callNative(() => native.openLog(topicIdBytes(CATALOGUE_TOPIC_ID), 0));
  const id = { topicId: CATALOGUE_TOPIC_ID, partition: 0 };
  const log = new WalLog(id, native, handle, settlements);
  return { log, settlements, room, replayed: await loadCatalogue(log) };
}
