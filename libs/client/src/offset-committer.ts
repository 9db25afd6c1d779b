import { asWalrusError } from './broker-client';
import type { CommitTarget, OffsetToCommit } from './commit-target';
import type { ConsumedPartition } from './consumed-partition';
import { ConnectionError, InvalidOptionError, TimeoutError, type WalrusError } from './errors';
import { isFencing, NOT_ASSIGNED } from './group/group-errors';
import type { PartitionSet } from './partition-set';

/** What a committer is built with. */
export interface CommitterOptions {
  readonly target: CommitTarget;
  readonly partitions: PartitionSet;
  /** Of the automatic commit; undefined: off. */
  readonly intervalMs: number | undefined;
  /** What counts as done of a partition: all below this offset. */
  readonly doneOf: (partition: ConsumedPartition) => number;
  /** An automatic commit failed by an error that no retry helps against. */
  readonly onFailed: (error: WalrusError) => void;
}

/** An offset to save, with where its partition was when that was asked for. */
interface AskedOffset {
  readonly key: string;
  readonly partition: ConsumedPartition | undefined;
  /** Of the partition. */
  readonly moves: number | undefined;
  /**
   * What counts as finished once it is saved. Not what is finished by the time that it is: reading
   * goes on while it waits behind another commit, and while the broker saves it.
   */
  readonly finished: number;
}

/**
 * Saves the progress of a named reader or of a member of a group.
 *
 * Order: one commit is under way at a time, so that an older one never overwrites a newer one.
 *
 * Invariant: the timer of the automatic commit exists only while there is unsaved progress.
 */
export class OffsetCommitter {
  private last: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(private readonly options: CommitterOptions) {}

  /** There is unsaved progress; it is saved within the interval. */
  progressed(): void {
    const { intervalMs } = this.options;
    if (this.timer !== undefined || intervalMs === undefined || this.closed) return;
    // The consumer's connections keep the process alive; this timer need not.
    this.timer = setTimeout(() => void this.commitInBackground(), intervalMs).unref();
  }

  /**
   * Saves these offsets; resolves once they are durable by the instance's schedule.
   *
   * @throws {BrokerError} Refused; nothing of this call was saved.
   * @throws {ConnectionError} The broker was away too long; whether they were saved is unknown.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    // False for what a program without types may pass.
    const isList: boolean = Array.isArray(offsets);
    if (!isList) {
      const message = 'commit takes nothing, a record, or a list of offsets';
      return Promise.reject(new InvalidOptionError(message));
    }
    if (offsets.length === 0) return this.last;
    const { partitions } = this.options;
    const asked = offsets.map(({ topic, partition: number, offset }) => {
      const key = `${topic}/${number}`;
      const partition = partitions.get(key);
      const finished = partition?.finishedWhenSaved(offset) ?? offset;
      return { key, partition, moves: partition?.moves, finished };
    });
    const commit = this.last.then(() => this.save(offsets, asked));
    // The caller gets the rejection; the commit behind this one only waits for its end.
    this.last = commit.catch(() => undefined);
    return commit;
  }

  /** Saves what is done and not saved, and waits for what is being saved. Errors as `commit`. */
  commitFinished(): Promise<void> {
    const { partitions, doneOf } = this.options;
    const offsets = partitions
      .filter((each) => each.start === undefined && doneOf(each) !== each.saved)
      .map((each) => ({ topic: each.topic, partition: each.partition, offset: doneOf(each) }));
    return this.commit(offsets);
  }

  /** Resolves once nothing is being saved. */
  idle(): Promise<void> {
    return this.last;
  }

  /** No automatic commit starts from now on. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async save(
    offsets: readonly OffsetToCommit[],
    asked: readonly AskedOffset[],
  ): Promise<void> {
    const { target, partitions } = this.options;
    try {
      await target.save(offsets);
    } catch (error) {
      // It may have been carried out all the same.
      if (error instanceof ConnectionError || error instanceof TimeoutError) {
        for (const { key } of asked) forget(partitions.get(key));
      }
      throw error;
    }
    for (const { key, partition, moves, finished } of asked) {
      const current = partitions.get(key);
      // A seek meanwhile has made another place the one to save.
      if (current !== partition || current?.moves !== moves) forget(current);
      else current?.savedWith(finished);
    }
  }

  private async commitInBackground(): Promise<void> {
    // Before the commit, so that what is finished while it is under way has a timer of its own.
    this.timer = undefined;
    try {
      await this.commitFinished();
    } catch (thrown) {
      const error = asWalrusError(thrown);
      if (this.closed) return;
      // What was taken away meanwhile is left out the next time.
      const isOutdated = isFencing(error) || error.code === NOT_ASSIGNED;
      if (error.retriable || isOutdated) this.progressed();
      else this.options.onFailed(error);
    }
  }
}

/** What is saved of the partition is not known any more: the next commit sends its place. */
function forget(partition: ConsumedPartition | undefined): void {
  if (partition !== undefined) partition.saved = undefined;
}
