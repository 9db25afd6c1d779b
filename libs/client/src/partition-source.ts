// Where a consumer's partitions come from: fixed ones, or those that a group gives it.
import { assignPartitions } from './assignment';
import type { BrokerClient } from './broker-client';
import { readerTarget, type CommitTarget } from './commit-target';
import type { ConsumerSettings } from './consumer-options';
import type { PartitionSet } from './partition-set';

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

  constructor(
    private readonly settings: ConsumerSettings,
    private readonly partitions: PartitionSet,
    private readonly control: BrokerClient,
  ) {
    const { reader, connection } = settings;
    if (reader === undefined) return;
    this.target = readerTarget(control, reader, connection.requestTimeoutMs);
  }

  /** Errors as those of `assignPartitions`. */
  async open(): Promise<void> {
    this.partitions.add(await assignPartitions(this.control, this.settings));
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

  close(): Promise<void> {
    return Promise.resolve();
  }
}
