import { randomBytes } from 'node:crypto';
import type { InstanceStorage, RecoveryReport, StorageStats } from './instance-storage';
import { checkLogId } from './log-id';
import { MemoryGroupStore } from './memory-group-store';
import { MemoryPartitionLog } from './memory-partition-log';
import { MemoryTopicCatalogue } from './memory-topic-catalogue';
import type { PartitionLog } from './partition-log';
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

class MemoryStorage implements InstanceStorage {
  readonly directory = '';
  readonly instanceId = randomBytes(16).toString('hex');
  readonly recoveryReport = NOTHING_RECOVERED;
  readonly fence = undefined;
  readonly catalogue: MemoryTopicCatalogue;
  readonly groups: MemoryGroupStore;
  private readonly logs = new Map<string, MemoryPartitionLog>();
  private readonly queue: (() => void)[] = [];
  private commits: Promise<void> = Promise.resolve();
  private commitGroups = 0;
  private appends = 0;
  private isClosed = false;

  constructor() {
    this.catalogue = new MemoryTopicCatalogue(this.commit);
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
    }
    return log;
  }

  async deleteTopicLogs(topic: TopicDescription): Promise<void> {
    for (const [key, log] of this.logs) {
      if (log.id.topicId !== topic.id) continue;
      log.close();
      this.logs.delete(key);
    }
    return Promise.resolve();
  }

  stats(): StorageStats {
    const storedBytes = [...this.logs.values()].reduce((sum, log) => sum + log.storedBytes, 0);
    return {
      queuedBytes: 0,
      appends: this.appends,
      appendedBytes: storedBytes,
      commitGroups: this.commitGroups,
      syncs: this.commitGroups,
      writtenBytes: storedBytes,
      journaledGroups: 0,
      openFiles: 0,
    };
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.catalogue.close();
    this.groups.close();
    for (const log of this.logs.values()) log.close();
    await this.commits;
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
