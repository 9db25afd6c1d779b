// Where a consumer's progress is saved.
import type { TopicPartitionOffset } from './admin';
import type { BrokerClient } from './broker-client';
import { topicIdsOf } from './consumed-partition';
import { BrokerError } from './errors';
import type { PartitionSet } from './partition-set';
import type { ReaderHold } from './reader-hold';

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

/** Where and how the progress of a named reader is saved. */
export interface ReaderTargetOptions {
  readonly client: BrokerClient;
  readonly reader: string;
  /** What the consumer reads: a save is about these topics, not about others of their names. */
  readonly partitions: PartitionSet;
  /** How long a save is repeated while the broker is away. */
  readonly retryForMs: number;
  /** What has the reader for the consumer, if anything has. */
  readonly hold: ReaderHold | undefined;
  /** Another connection has the reader now. */
  readonly onLost: (error: BrokerError) => void;
}

/** Saves the cursors of a named reader, repeating that while the broker is away. */
export function readerTarget(options: ReaderTargetOptions): CommitTarget {
  const { client, reader, partitions, retryForMs, hold, onLost } = options;
  return {
    save: async (offsets) => {
      const known = offsets.flatMap(
        ({ topic, partition }) => partitions.get(`${topic}/${partition}`) ?? [],
      );
      const request = {
        reader,
        topicIds: topicIdsOf(known),
        offsets: offsets.map(({ topic, partition, offset }) => [topic, partition, offset] as const),
      };
      try {
        await hold?.ensure(retryForMs);
        await client.retrying('readerCommit', request, { activity: 'commit', retryForMs });
      } catch (error) {
        const isLost = error instanceof BrokerError && LOST.includes(error.code);
        if (isLost && hold !== undefined) onLost(error);
        throw error;
      }
    },
  };
}

const LOST: readonly string[] = ['READER_ATTACHED', 'READER_TAKEN_OVER'];
