// Where a consumer's progress is saved.
import type { TopicPartitionOffset } from './admin';
import type { BrokerClient } from './broker-client';

/** The next offset to read in a partition, to be saved. */
export interface OffsetToCommit extends TopicPartitionOffset {
  /** A text that is kept with the offset; in groups only. */
  readonly metadata?: string | undefined;
}

/** Saves offsets under the name of a reader, or for a group. */
export interface CommitTarget {
  /**
   * Resolves once the offsets are durable by the instance's schedule.
   *
   * @throws {WalrusError} Nothing of this call was saved, unless the error is a `ConnectionError`
   *   or a `TimeoutError`: then that is unknown.
   */
  save(offsets: readonly OffsetToCommit[]): Promise<void>;
}

/** Saves the cursors of a named reader, repeating that while the broker is away. */
export function readerTarget(
  client: BrokerClient,
  reader: string,
  retryForMs: number,
): CommitTarget {
  return {
    save: async (offsets) => {
      const request = {
        reader,
        offsets: offsets.map(({ topic, partition, offset }) => [topic, partition, offset] as const),
      };
      await client.retrying('readerCommit', request, { activity: 'commit', retryForMs });
    },
  };
}
