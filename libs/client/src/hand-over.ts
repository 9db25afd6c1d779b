// When progress is saved, in relation to the records that are handed over.
import { asWalrusError } from './broker-client';
import type { ConsumedPartition } from './consumed-partition';
import type { CommitMode } from './consumer-options';
import type { WalrusError } from './errors';
import { isFencing, NOT_ASSIGNED } from './group/group-errors';
import type { OffsetCommitter } from './offset-committer';
import type { DecodedRun } from './prefetch-buffer';
import type { FeedListener } from './record-feed';

/** What a hand-over is built with. */
export interface HandOverOptions {
  readonly mode: CommitMode;
  /** Absent for a consumer that saves nothing. */
  readonly committer: OffsetCommitter | undefined;
  /** Records may be handed over that were not before. */
  readonly onAdmitted: () => void;
  /** What was handed over is worked on no longer. */
  readonly onReleased: () => void;
  readonly onFailed: (error: WalrusError) => void;
}

/**
 * Holds records back while progress that has to be saved first is being saved.
 *
 * A commit that fails for a reason that may pass is repeated without end, as a consumer goes on
 * over lost connections; meanwhile nothing is handed over.
 */
export class HandOver implements FeedListener {
  private isSaving = false;
  /** What was finished while progress was being saved. */
  private isMore = false;
  /** Whether progress that has to be saved first never will be. */
  private isRefused = false;
  private stopped = false;

  constructor(private readonly options: HandOverOptions) {}

  finished(endsBatch: boolean): void {
    const { mode, committer } = this.options;
    if (mode === 'interval') committer?.progressed();
    else if (mode === 'eachRecord' || (mode === 'eachBatch' && endsBatch)) {
      if (this.isSaving) this.isMore = true;
      else this.saving(() => committer?.commitFinished());
    }
  }

  released(): void {
    this.options.onReleased();
  }

  admits(run: DecodedRun): boolean {
    if (this.isSaving || this.isRefused) return false;
    if (this.options.mode !== 'ahead') return true;
    const { partition, endOffset } = run;
    if (partition.claimed === endOffset) return true;
    this.saving(() => this.claim(partition, endOffset));
    return false;
  }

  /** No commit is begun or repeated from now on; what is not admitted stays so. */
  stop(): void {
    this.stopped = true;
  }

  private async claim(partition: ConsumedPartition, offset: number): Promise<void> {
    const { topic, partition: number } = partition;
    await this.options.committer?.commit([{ topic, partition: number, offset }]);
    partition.claimed = offset;
    partition.saved = offset;
  }

  private saving(save: () => Promise<void> | undefined): void {
    if (this.isSaving || this.stopped) return;
    this.isSaving = true;
    void this.untilSaved(save).finally(() => {
      this.isSaving = false;
      this.options.onAdmitted();
    });
  }

  /** Never rejects. */
  private async untilSaved(save: () => Promise<void> | undefined): Promise<void> {
    let isSaved = false;
    while (!isSaved && !this.stopped) {
      this.isMore = false;
      try {
        await save();
        isSaved = !this.isMore;
      } catch (thrown) {
        isSaved = this.isOver(asWalrusError(thrown));
      }
    }
  }

  /** Whether nothing is left to be saved after this error, or it never can be. */
  private isOver(error: WalrusError): boolean {
    const { mode, onFailed } = this.options;
    // A member that was put out of its group has lost the partitions as well.
    if (this.stopped || isFencing(error)) return true;
    // The next attempt leaves out what was taken away.
    if (error.code === NOT_ASSIGNED) return mode === 'ahead';
    if (error.retriable) return false;
    this.isRefused = true;
    onFailed(error);
    return true;
  }
}
