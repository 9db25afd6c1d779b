// What a membership is built with, whichever protocol its group speaks.
import type { BrokerClient } from '../broker-client';
import type { ConsumerSettings } from '../consumer-options';
import type { WalrusError } from '../errors';
import type { PartitionSet } from '../partition-set';
import type { GroupSettings } from './group-options';
import type { GroupCommits } from './group-commits';
import { RebalanceCallbacks } from './rebalance-callbacks';
import { Reconciler, type ReconcilerOptions, type Work } from './reconciler';

/** What a membership is built with. */
export interface MembershipOptions {
  readonly settings: ConsumerSettings;
  readonly group: GroupSettings;
  readonly control: BrokerClient;
  /** Holds what the member owns: all that is in it. */
  readonly partitions: PartitionSet;
  readonly work: Work;
  /** It has ended by an error that no retry helps against. */
  readonly onFailed: (error: WalrusError) => void;
}

/** How long the broker's answer to the last request may take. */
export const LEAVE_TIMEOUT_MS = 5_000;

/** How long giving partitions up may take: the rest is for the request that says so. */
export function giveUpMs({ rebalanceTimeoutMs }: GroupSettings): number {
  return rebalanceTimeoutMs * 0.9;
}

/** What takes partitions for a member and gives them up; see `ReconcilerOptions`. */
export function reconcilerOf(
  { settings, group, control, partitions, work, onFailed }: MembershipOptions,
  commits: GroupCommits,
  membership: Pick<ReconcilerOptions, 'isStopped' | 'confirm' | 'onGivenUp'>,
): Reconciler {
  return new Reconciler({
    ...membership,
    partitions,
    work,
    commits,
    callbacks: new RebalanceCallbacks(group, onFailed),
    control,
    from: settings.from,
    giveUpMs: giveUpMs(group),
    onFailed,
  });
}
