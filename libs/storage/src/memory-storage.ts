import { randomBytes } from 'node:crypto';
import type {
  ExpiredLog,
  InstanceStorage,
  LogSettings,
  LogState,
  RecoveryReport,
  RetentionLimits,
  StorageStats,
} from './instance-storage';
import { PRODUCERS_TOPIC_ID, checkLogId, topicIdBytes } from './log-id';
import { MemoryGroupStore } from './memory-group-store';
import { MemoryPartitionLog } from './memory-partition-log';
import { MemoryTopicCatalogue } from './memory-topic-catalogue';
import type { PartitionLog, ReaderCursor } from './partition-log';
import { ProducerIds } from './producer-ids';
import { StorageError } from './storage-error';
import type { TopicDescription } from './topic-catalogue';

const NOTHING_RECOVERED: RecoveryReport = {
  previousCloseWasClean: true,
  leaderEpochBumped: false,
  journalGroupsReplayed: 0,
  bytesRead: 0,
  cuts: [],
  corruptions: [],
  clampedCursors: [],
  notes: [],
};

const NO_RECORDS: LogState = {
  leaderEpoch: 0,
  logStartOffset: 0,
  readableEnd: 0,
  storedBytes: 0,
};

class MemoryStorage implements InstanceStorage {
  readonly directory = '';
  readonly instanceId = randomBytes(16).toString('hex');
  readonly recoveryReport = NOTHING_RECOVERED;
  readonly fence = undefined;
  readonly appendRefusal = undefined;
  readonly catalogue: MemoryTopicCatalogue;
  readonly producerIds: ProducerIds;
  readonly groups: MemoryGroupStore;
  private readonly ownLog: MemoryPartitionLog;
  private readonly logs = new Map<string, MemoryPartitionLog>();
  private readonly settings = new Map<string, LogSettings>();
  private readonly queue: (() => void)[] = [];
  private commits: Promise<void> = Promise.resolve();
  private commitGroups = 0;
  private appends = 0;
  private isClosed = false;

  constructor() {
    this.catalogue = new MemoryTopicCatalogue(this.commit);
    const id = { topicId: PRODUCERS_TOPIC_ID, partition: 0 };
    this.ownLog = new MemoryPartitionLog(id, this.commit);
    this.producerIds = new ProducerIds(this.ownLog);
    this.groups = new MemoryGroupStore(this.commit);
  }

  log(topicId: string, partition: number): PartitionLog {
    if (this.isClosed) throw new StorageError('CLOSED', 'the instance is closed');
    checkLogId(topicId, partition);
    const key = `${topicId}/${partition}`;
    let log = this.logs.get(key);
    if (log === undefined) {
      log = new MemoryPartitionLog({ topicId, partition }, this.commit);
      this.logs.set(key, log);
      const settings = this.settings.get(topicId);
      if (settings) log.configure(settings);
    }
    return log;
  }

  logStates(topicId: string, first: number, count: number): readonly LogState[] {
    this.checkTopicId(topicId);
    return Array.from({ length: count }, (_, index) => {
      const log = this.logs.get(`${topicId}/${first + index}`);
      if (log === undefined) return NO_RECORDS;
      const { leaderEpoch, logStartOffset, readableEnd, storedBytes } = log;
      return { leaderEpoch, logStartOffset, readableEnd, storedBytes };
    });
  }

  cursors(topicId: string, first: number, count: number): readonly (readonly ReaderCursor[])[] {
    this.checkTopicId(topicId);
    return Array.from(
      { length: count },
      (_, index) => this.logs.get(`${topicId}/${first + index}`)?.cursors() ?? [],
    );
  }

  configureLogs(topicId: string, partitionCount: number, settings: LogSettings): void {
    this.checkTopicId(topicId);
    this.settings.set(topicId, settings);
    for (let partition = 0; partition < partitionCount; partition += 1) {
      this.logs.get(`${topicId}/${partition}`)?.configure(settings);
    }
  }

  findExpired(
    topicId: string,
    first: number,
    count: number,
    limits: RetentionLimits,
  ): readonly ExpiredLog[] {
    this.checkTopicId(topicId);
    const expired: ExpiredLog[] = [];
    for (let partition = first; partition < first + count; partition += 1) {
      const log = this.logs.get(`${topicId}/${partition}`);
      const beforeOffset = log?.expiredBelow(limits) ?? 0;
      if (log && beforeOffset > log.logStartOffset) expired.push({ partition, beforeOffset });
    }
    return expired;
  }

  async deleteTopicLogs(topic: TopicDescription): Promise<void> {
    this.settings.delete(topic.id);
    for (const [key, log] of this.logs) {
      if (log.id.topicId !== topic.id) continue;
      log.close();
      this.logs.delete(key);
    }
    return Promise.resolve();
  }

  private checkTopicId(topicId: string): void {
    if (this.isClosed) throw new StorageError('CLOSED', 'the instance is closed');
    topicIdBytes(topicId);
  }

  stats(): StorageStats {
    const storedBytes = this.sum((log) => log.storedBytes);
    return {
      queuedBytes: 0,
      appends: this.appends,
      appendedBytes: storedBytes,
      commitGroups: this.commitGroups,
      syncs: this.commitGroups,
      writtenBytes: storedBytes,
      journaledGroups: 0,
      openFiles: 0,
      duplicateAppends: this.sum((log) => log.producers.duplicates),
      producers: this.sum((log) => log.producers.count),
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.catalogue.close();
    this.ownLog.close();
    this.groups.close();
    for (const log of this.logs.values()) log.close();
    await this.commits;
  }

  private sum(of: (log: MemoryPartitionLog) => number): number {
    return [...this.logs.values()].reduce((total, log) => total + of(log), 0);
  }

  /** What is handed in during one turn is one commit group, settled in order in a microtask. */
  private readonly commit = (settle: () => void): void => {
    this.appends += 1;
    this.queue.push(settle);
    if (this.queue.length > 1) return;
    this.commits = Promise.resolve().then(() => {
      this.commitGroups += 1;
      for (const each of this.queue.splice(0)) each();
    });
  };
}

/** An empty instance in memory that keeps the contracts of the one on the log; for tests. */
export function openMemoryStorage(): InstanceStorage {
  return new MemoryStorage();
}
