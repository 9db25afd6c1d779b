// Where a consumer's partitions come from: fixed ones, or those that a group gives it.
import { assignPartitions } from './assignment';
import type { BrokerClient } from './broker-client';
import { readerTarget, type CommitTarget } from './commit-target';
import type { ConsumerSettings } from './consumer-options';
import type { WalrusError } from './errors';
import type { PartitionSet } from './partition-set';
import { ReaderHold } from './reader-hold';

/**
 * Decides which partitions a consumer has.
 *
 * Life: `open`, then `stop` once nothing more is to be handed over, then `close` once what was
 * handed over is worked on no longer and its progress is saved. `stop` and `close` may come while
 * `open` is at work.
 */
export interface PartitionSource {
  /** Where progress is saved; undefined: nowhere. */
  readonly target: CommitTarget | undefined;
  /**
   * Resolves once the consumer may begin; partitions may come later.
   *
   * @throws {WalrusError} It never can.
   */
  open(): Promise<void>;
  /**
   * Resolves once the consumer may have records sent to it, which it asks for again after each lost
   * connection. Errors as `open`.
   */
  beforeSubscribe?(): Promise<void>;
  /** The program asks for records and there are none. */
  awaited(): void;
  /** The broker refuses a partition that it does not have (any more). */
  doubted(): void;
  /** Takes no more partitions. */
  stop(): void;
  /**
   * Gives up all partitions.
   *
   * @param deadlineMs When it waits for the program no longer, by `performance.now`.
   */
  close(deadlineMs: number): Promise<void>;
}

/** The partitions that the settings name, from the start to the end. */
export class FixedPartitions implements PartitionSource {
  readonly target: CommitTarget | undefined;
  private readonly hold: ReaderHold | undefined;

  /** @param onLost Told when another connection has the reader. */
  constructor(
    private readonly settings: ConsumerSettings,
    private readonly partitions: PartitionSet,
    private readonly control: BrokerClient,
    onLost: (error: WalrusError) => void,
  ) {
    const { reader, attach, topics, connection } = settings;
    if (reader === undefined) return;
    const { requestTimeoutMs } = connection;
    if (attach !== 'none') {
      this.hold = new ReaderHold({
        client: control,
        reader,
        topics: topics.map(({ topic }) => topic),
        takesOver: attach === 'take-over',
        graceMs: requestTimeoutMs,
      });
    }
    this.target = readerTarget({
      client: control,
      reader,
      partitions,
      retryForMs: requestTimeoutMs,
      hold: this.hold,
      onLost,
    });
  }

  /** Errors as those of `assignPartitions`, and `READER_ATTACHED`. */
  async open(): Promise<void> {
    await this.hold?.ensure(this.settings.startTimeoutMs);
    this.partitions.add(await assignPartitions(this.control, this.settings));
  }

  async beforeSubscribe(): Promise<void> {
    await this.hold?.ensure(Infinity);
  }

  awaited(): void {
    // They are all there.
  }

  doubted(): void {
    // The consumer ends by the refusal.
  }

  stop(): void {
    // Nothing comes of itself.
  }

  async close(): Promise<void> {
    await this.hold?.release();
  }
}
