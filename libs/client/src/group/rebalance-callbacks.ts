import { asWalrusError } from '../broker-client';
import type { ConsumedPartition } from '../consumed-partition';
import type { WalrusError } from '../errors';
import type { GroupSettings, RebalanceListener } from './group-options';

/**
 * Tells the program which partitions come and go.
 *
 * Invariants:
 *  (1) One call is under way at a time, in the order of the events.
 *  (2) Each partition is told to come once and to go once, as revoked or as lost.
 */
export class RebalanceCallbacks {
  private readonly told = new Set<ConsumedPartition>();
  private last: Promise<void> = Promise.resolve();

  /** @param onFailed Takes what a callback threw; calls resolve all the same. */
  constructor(
    private readonly settings: GroupSettings,
    private readonly onFailed: (error: WalrusError) => void,
  ) {}

  /** Resolves once the program has taken them. */
  assigned(partitions: readonly ConsumedPartition[]): Promise<void> {
    for (const partition of partitions) this.told.add(partition);
    return this.call(this.settings.onAssigned, partitions);
  }

  /** As `assigned`, for partitions that others are about to have. */
  revoked(partitions: readonly ConsumedPartition[]): Promise<void> {
    return this.call(this.settings.onRevoked, this.untell(partitions));
  }

  /** As `assigned`, for partitions that others may have already. */
  lost(partitions: readonly ConsumedPartition[]): Promise<void> {
    return this.call(this.settings.onLost, this.untell(partitions));
  }

  private untell(partitions: readonly ConsumedPartition[]): ConsumedPartition[] {
    return partitions.filter((partition) => this.told.delete(partition));
  }

  private call(
    listener: RebalanceListener | undefined,
    partitions: readonly ConsumedPartition[],
  ): Promise<void> {
    if (listener === undefined || partitions.length === 0) return Promise.resolve();
    const list = partitions.map(({ topic, partition }) => ({ topic, partition }));
    this.last = this.last.then(async () => {
      try {
        await listener(list);
      } catch (error) {
        this.onFailed(asWalrusError(error));
      }
    });
    return this.last;
  }
}
