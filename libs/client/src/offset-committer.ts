import type { TopicPartitionOffset } from './admin';
import { asWalrusError, type BrokerClient } from './broker-client';
import type { ConsumedPartition } from './consumed-partition';
import type { WalrusError } from './errors';

/** What a committer is built with. */
export interface CommitterOptions {
  readonly client: BrokerClient;
  readonly reader: string;
  readonly partitions: readonly ConsumedPartition[];
  /** How long a commit is repeated while the broker is away. */
  readonly retryForMs: number;
  /** Of the automatic commit; undefined: off. */
  readonly intervalMs: number | undefined;
  /** An automatic commit failed by an error that no retry helps against. */
  readonly onFailed: (error: WalrusError) => void;
}

/**
 * Saves the progress of a named reader.
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
  commit(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const commit = this.last.then(() => this.save(offsets));
    // The caller gets the rejection; the commit behind this one only waits for its end.
    this.last = commit.catch(() => undefined);
    return commit;
  }

  /** Saves what is finished and not saved. Errors as those of `commit`. */
  commitFinished(): Promise<void> {
    const offsets = this.options.partitions
      .filter(({ start, finished, saved }) => start === undefined && finished !== saved)
      .map(({ topic, partition, finished }) => ({ topic, partition, offset: finished }));
    return offsets.length === 0 ? this.last : this.commit(offsets);
  }

  /** No automatic commit starts from now on. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
  }

  private async save(offsets: readonly TopicPartitionOffset[]): Promise<void> {
    const { client, reader, partitions, retryForMs } = this.options;
    const byKey = new Map(partitions.map((partition) => [partition.key, partition]));
    // Reading goes on while the broker saves: only what was finished by now is covered.
    const covered = offsets.flatMap(({ topic, partition: number, offset }) => {
      const partition = byKey.get(`${topic}/${number}`);
      if (partition === undefined) return [];
      const { generation } = partition;
      return { partition, generation, finished: partition.finishedWhenSaved(offset) };
    });
    const request = {
      reader,
      offsets: offsets.map(({ topic, partition, offset }) => [topic, partition, offset] as const),
    };
    const options = { activity: 'commit', retryForMs };
    await client.retrying('readerCommit', request, options);
    for (const { partition, generation, finished } of covered) {
      // A seek meanwhile has made another place the one to save.
      if (partition.generation === generation) partition.savedWith(finished);
    }
  }

  private async commitInBackground(): Promise<void> {
    try {
      await this.commitFinished();
      this.timer = undefined;
    } catch (thrown) {
      this.timer = undefined;
      const error = asWalrusError(thrown);
      if (this.closed) return;
      if (error.retriable) this.progressed();
      else this.options.onFailed(error);
    }
  }
}
