import { replayCatalogue } from './catalogue-records';
import type { ReplayedCatalogue } from './catalogue-records';
import type { FsyncSchedule } from './fsync-schedule';
import type {
  InstanceStorage,
  RecoveryReport,
  StorageOptions,
  StorageStats,
} from './instance-storage';
import {
  CATALOGUE_TOPIC_ID,
  GROUPS_TOPIC_ID,
  checkLogId,
  topicIdBytes,
  topicIdText,
} from './log-id';
import {
  awaitNative,
  callNative,
  closedAfter,
  openNativeWal,
  recoveryReportOf,
} from './native-binding';
import type { NativeWal } from './native-binding';
import type { PartitionLog } from './partition-log';
import { SettlementQueue } from './settlement-queue';
import { StateLog } from './state-log';
import { StorageError } from './storage-error';
import type { TopicDescription } from './topic-catalogue';
import { WalGroupStore } from './wal-group-store';
import { WalLog } from './wal-log';
import { WalTopicCatalogue } from './wal-topic-catalogue';

class WalStorage implements InstanceStorage {
  readonly instanceId: string;
  readonly recoveryReport: RecoveryReport;
  readonly catalogue: WalTopicCatalogue;
  readonly groups: WalGroupStore;
  private readonly settlements: SettlementQueue;
  private readonly logs = new Map<string, WalLog>();
  private lastFence: StorageError | undefined;
  private closing: Promise<void> | undefined;
  /** Ends with the deletions that an earlier run had left to do. */
  private finishing: Promise<void> = Promise.resolve();

  constructor(
    readonly directory: string,
    private readonly native: NativeWal,
    replayed: ReplayedCatalogue,
    schedule: FsyncSchedule | undefined,
  ) {
    this.instanceId = replayed.instanceId;
    this.recoveryReport = recoveryReportOf(native.recoveryReport);
    this.settlements = new SettlementQueue(schedule?.kind === 'sync-each');
    native.onSettled(this.settlements.settle);
    const id = { topicId: CATALOGUE_TOPIC_ID, partition: 0 };
    const log = new WalLog(id, native, replayed.handle, this.settlements);
    this.catalogue = new WalTopicCatalogue(log, replayed.table);
    this.groups = new WalGroupStore(() => this.openStateLog(GROUPS_TOPIC_ID, schedule));
  }

  log(topicId: string, partition: number): PartitionLog {
    if (this.closing !== undefined) throw new StorageError('CLOSED', 'the instance is closed');
    const key = `${topicId}/${partition}`;
    const known = this.logs.get(key);
    if (known !== undefined) return known;
    checkLogId(topicId, partition);
    return callNative(() => {
      const handle = this.native.openLog(topicIdBytes(topicId), partition);
      const log = new WalLog({ topicId, partition }, this.native, handle, this.settlements);
      this.logs.set(key, log);
      return log;
    });
  }

  /** Replays a log of the instance's own. */
  private openStateLog(topicId: string, schedule: FsyncSchedule | undefined): StateLog {
    if (this.closing !== undefined) throw new StorageError('CLOSED', 'the instance is closed');
    const { native } = this;
    const handle = callNative(() => native.openLog(topicIdBytes(topicId), 0));
    const log = new WalLog({ topicId, partition: 0 }, native, handle, this.settlements);
    return new StateLog(log, {
      readSync: (offset, maxBytes) => callNative(() => native.readSync(handle, offset, maxBytes)),
      // Without syncs nothing is ever known to be on the disk: a power loss may then take the
      // copies together with what was cut for them, which is what this schedule says.
      durableEnd: () =>
        schedule?.kind === 'no-fsync'
          ? log.readableEnd
          : callNative(() => native.logInfo(handle)).syncedEnd,
    });
  }

  async deleteTopicLogs(topic: TopicDescription): Promise<void> {
    await this.deleteLogsOf(new Set([topic.id]));
  }

  /** Removes what is left of deleted topics, in the background. */
  finishDeletions(topicIds: ReadonlySet<string>): void {
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
    const doomed = [...this.logs].filter(([, log]) => topicIds.has(log.id.topicId));
    for (const [key] of doomed) this.logs.delete(key);
    for (const [, log] of doomed) await log.delete();
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
    };
  }

  get fence(): StorageError | undefined {
    if (this.lastFence !== undefined || this.closing !== undefined) return this.lastFence;
    const { fence } = callNative(() => this.native.stats());
    if (fence !== null) this.lastFence = StorageError.from(fence);
    return this.lastFence;
  }

  close(): Promise<void> {
    if (this.closing === undefined) {
      const { fence } = this;
      this.closing = this.finishing.then(() => awaitNative(() => this.native.close()));
      this.lastFence = fence;
    }
    return this.closing;
  }
}

/**
 * Opens the instance in `options.directory`, which is created when it does not exist.
 *
 * Logs of topics whose deletion the catalogue holds, but a crash kept from being removed, are
 * removed in the background.
 *
 * @throws {StorageError} LOCKED somebody has it open; INVALID_INPUT bad options, or a directory of
 *   something else; CORRUPT the topic catalogue is damaged; IO. The directory is not left locked.
 */
export function openWalStorage(options: StorageOptions): InstanceStorage {
  const native = openNativeWal({ reclaimRule: 'retention', ...options });
  try {
    const replayed = replayCatalogue(native);
    const storage = new WalStorage(options.directory, native, replayed, options.fsyncSchedule);
    storage.finishDeletions(replayed.deletedTopicIds);
    return storage;
  } catch (error) {
    throw closedAfter(native, error);
  }
}
