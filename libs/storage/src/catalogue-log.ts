import { encodeBatch } from '@walrusmq/record-batch';
import { catalogueValue, encodeCatalogueRecord } from './catalogue-records';
import type { CatalogueChange, CatalogueRecord, ReplayedCatalogue } from './catalogue-records';
import type { PartitionLog } from './partition-log';
import { StorageError } from './storage-error';

/** Records that count no more, below which nothing is written anew: about a MiB. */
const DEAD_RECORDS_MIN = 4_096;
/**
 * Bytes of records in a batch, and in a turn of the event loop, while all is written anew. A batch
 * has to fit into a file, and files may be small.
 */
const REWRITE_BYTES = 8 << 10;

/** A prefix that may go, and how much of the log has to be on the disk before. */
interface Cut {
  readonly before: number;
  readonly needsDurable: number;
}

/** What the catalogue is told about the log below it. */
export interface CatalogueLogOptions {
  /** Records below this offset are on the disk, whatever the schedule. */
  readonly durableEnd: () => number;
  /** Default 4,096. */
  readonly deadRecordsMin?: number;
}

/**
 * The log of a topic catalogue, which keeps itself short.
 *
 * Once the log has more than twice as many records as count (and `deadRecordsMin`), all that counts
 * is appended again, in one call: the instance, the deleted topics whose logs are still there, and
 * every topic as it is, in the order of their creation. When that is on the disk the log is
 * truncated before it. The call is there as a whole or not at all, and replayed behind the records
 * that it repeats it says nothing new, so a crash anywhere leaves the same topics.
 *
 * Place: `WalTopicCatalogue` appends to it; `shorten` is also called once it was replayed. A
 * rewrite that is not known to be on the disk (under `NoFsync` before a clean stop) is cut after
 * the next start, and none is made meanwhile.
 * Order: changes take effect in call order, and wait while all is written anew.
 *
 * REQUIRES: nobody else appends to the log.
 */
export class CatalogueLog {
  private readonly deadRecordsMin: number;
  private inFlight = 0;
  private rewriting: Promise<void> | undefined;
  private cut: Cut | undefined;
  private isCutting = false;
  /** None is made before the log has this end: not again and again where it takes none. */
  private notBefore = 0;

  constructor(
    private readonly log: PartitionLog,
    private readonly replayed: ReplayedCatalogue,
    private readonly options: CatalogueLogOptions,
  ) {
    this.deadRecordsMin = options.deadRecordsMin ?? DEAD_RECORDS_MIN;
    const { rewriteOffset: before, nextOffset } = replayed;
    if (before !== undefined) this.cut = { before, needsDurable: nextOffset };
  }

  /**
   * Appends a change; calls `apply` and resolves once it is durable by the schedule.
   *
   * Rejects with BUSY, NO_SPACE, CLOSED: nothing changed. FENCED, IO: `apply` was not called, and
   * the change may be there after a restart.
   */
  async append(change: CatalogueChange, apply: () => void): Promise<void> {
    while (this.rewriting !== undefined) await this.rewriting;
    this.inFlight += 1;
    try {
      await this.log.append([encodeCatalogueRecord(change)]).synced;
      apply();
      if (change.type === 'topicDeleted') this.replayed.deletedTopics.set(change.id, change.name);
    } finally {
      this.inFlight -= 1;
      this.shorten();
    }
  }

  /** The logs of these deleted topics are gone: nobody has to be told of them any more. */
  forgetDeleted(topicIds: Iterable<string>): void {
    for (const id of topicIds) this.replayed.deletedTopics.delete(id);
  }

  /** Makes the log shorter where that is due and can be; does not wait for it. */
  shorten(): void {
    try {
      if (this.cut !== undefined) this.cutIfDurable(this.cut);
      else if (this.rewriting === undefined && this.inFlight === 0 && this.isDue()) {
        this.rewriting = this.rewrite().finally(() => {
          this.rewriting = undefined;
          this.shorten();
        });
      }
    } catch (error) {
      // It was closed meanwhile.
      if (!(error instanceof StorageError)) throw error;
    }
  }

  private isDue(): boolean {
    const { table, deletedTopics } = this.replayed;
    const { logStartOffset, logEndOffset } = this.log;
    const live = 1 + deletedTopics.size + table.size;
    const isLong = logEndOffset - logStartOffset >= 2 * live + this.deadRecordsMin;
    return isLong && logEndOffset >= this.notBefore;
  }

  private async rewrite(): Promise<void> {
    this.notBefore = this.log.logEndOffset + this.deadRecordsMin;
    try {
      const { baseOffset, recordCount, synced } = this.log.append(await this.rewritten());
      await synced;
      this.cut = { before: baseOffset, needsDurable: baseOffset + recordCount };
    } catch (error) {
      // Whoever makes the next change is told why the log takes no more.
      if (!(error instanceof StorageError)) throw error;
    }
  }

  /** All that counts, in batches. */
  private async rewritten(): Promise<Buffer[]> {
    const batches: Buffer[] = [];
    let values: Buffer[] = [];
    let bytes = 0;
    for (const record of this.allThatCounts()) {
      const value = catalogueValue(record);
      if (bytes > 0 && bytes + value.length > REWRITE_BYTES) {
        batches.push(batchOf(values));
        values = [];
        bytes = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
      values.push(value);
      bytes += value.length;
    }
    batches.push(batchOf(values));
    return batches;
  }

  /** Nothing of it changes meanwhile: changes wait, and what is forgotten may be said once more. */
  private *allThatCounts(): Generator<CatalogueRecord> {
    const { instanceId, table, deletedTopics } = this.replayed;
    yield { type: 'instance', id: instanceId };
    for (const [id, name] of [...deletedTopics]) yield { type: 'topicDeleted', name, id };
    for (const topic of table.list()) yield { type: 'topicCreated', ...topic };
  }

  private cutIfDurable({ before, needsDurable }: Cut): void {
    if (this.isCutting || this.options.durableEnd() < needsDurable) return;
    this.isCutting = true;
    this.log
      .truncate(before)
      .then(
        () => (this.cut = undefined),
        (error: unknown) => {
          // Tried again behind the next change.
          if (!(error instanceof StorageError)) throw error;
        },
      )
      .finally(() => (this.isCutting = false));
  }
}

function batchOf(values: readonly Buffer[]): Buffer {
  return encodeBatch(values.map((value) => ({ value })));
}
