// How a member gets from the partitions it has to those it may have.
import { resolveStarts } from '../assignment';
import { asWalrusError, type BrokerClient } from '../broker-client';
import { ConsumedPartition } from '../consumed-partition';
import type { StartPosition } from '../consumer-options';
import type { WalrusError } from '../errors';
import type { PartitionSet } from '../partition-set';
import type { Signal } from '../signal';
import type { GroupCommits } from './group-commits';
import { isFencing, isGone, NOT_ASSIGNED } from './group-errors';
import type { Target } from './group-member';
import type { RebalanceCallbacks } from './rebalance-callbacks';

/** Of the time that giving partitions up may take: for saving what the program has done. */
const SAVING_SHARE = 0.25;

/** What is going on with the records of a member's partitions. */
export interface Work {
  /** Goes up whenever the program asks for records; undefined while it waits for some. */
  askCount(): number | undefined;
  /** Whether the program works on something of the partition. */
  isAtWork(partition: ConsumedPartition): boolean;
  /** Given when what the program worked on is finished or given up. */
  readonly released: Signal;
  /** What the program works on of the partition counts no more. */
  drop(partition: ConsumedPartition): void;
  /** Saves what is done, if that is automatic, once what is being saved already is. */
  saveDone(): Promise<void>;
  /** Partitions came, or go. */
  changed(): void;
}

/** What a reconciler is built with. */
export interface ReconcilerOptions {
  readonly partitions: PartitionSet;
  readonly work: Work;
  readonly commits: GroupCommits;
  readonly callbacks: RebalanceCallbacks;
  readonly control: BrokerClient;
  /** Where to begin in a partition where the group has saved nothing. */
  readonly from: StartPosition;
  /** Whether no more partitions are to be taken. */
  readonly isStopped: () => boolean;
  /**
   * Resolves once the broker has said whether the member still is in the group, where that is in
   * doubt, or cannot be asked. A member that is out loses all meanwhile. Never rejects.
   */
  readonly confirm: () => Promise<void>;
  /** How long giving up may take, all in all. */
  readonly giveUpMs: number;
  /** Partitions were given up: the broker may be told. */
  readonly onGivenUp?: () => void;
  /** What is done could not be saved, and no retry helps. */
  readonly onFailed: (error: WalrusError) => void;
}

/**
 * Takes partitions for a member and gives them up.
 *
 * A partition that is to go is first handed over no more; then what the program works on may be
 * finished, what is done is saved, and the program is told. Only then is it the member's no more,
 * so that its next heartbeat says so. The bound of that is the rebalance timeout, after which the
 * broker would put the member out: what is not finished by then is handed over again by others.
 */
export class Reconciler {
  /**
   * Whether it asks the broker where new partitions begin, which may take as long as it is away.
   */
  isPlacing = false;
  private readonly closing = new AbortController();

  constructor(private readonly options: ReconcilerOptions) {}

  /**
   * Gives up what is not in the target and takes what is new in it.
   *
   * @param lost Ends it, at the next pause, when the member loses all; what was begun is not
   *   finished then.
   * @returns False when a new partition's place could not be found, as its topic is going.
   * @throws {WalrusError} The broker refused to say where to begin, and no retry helps.
   */
  async run(target: Target, lost: AbortSignal): Promise<boolean> {
    const { partitions } = this.options;
    const surplus = partitions.filter((each) => target.get(each.key)?.topicId !== each.topicId);
    if (surplus.length > 0) {
      const deadlineMs = performance.now() + this.options.giveUpMs;
      await this.giveUp(surplus, lost, { saves: true, deadlineMs });
    }
    const fresh = [...target.values()]
      .filter(({ topic, partition }) => partitions.get(`${topic}/${partition}`) === undefined)
      .map((each) => {
        const { topic, partition, topicId } = each;
        return new ConsumedPartition(topic, partition, this.options.from, topicId);
      });
    return isOver(lost) || fresh.length === 0 || this.take(fresh, lost);
  }

  /**
   * From now on it waits neither for what the program works on, which counts as not finished, nor
   * until the program has taken new partitions.
   */
  close(): void {
    this.closing.abort();
    this.options.work.released.notify();
  }

  /**
   * Gives partitions up in order.
   *
   * @param how.saves Whether what is done is still to be saved.
   * @param how.deadlineMs When it waits for the program no longer, by `performance.now`.
   */
  async giveUp(
    surplus: readonly ConsumedPartition[],
    lost: AbortSignal,
    { saves, deadlineMs }: { readonly saves: boolean; readonly deadlineMs: number },
  ): Promise<void> {
    const { partitions, work, callbacks } = this.options;
    for (const partition of surplus) partition.withhold();
    work.changed();
    // What is done by then is still to be saved, which asks the broker.
    const savingMs = saves ? (deadlineMs - performance.now()) * SAVING_SHARE : 0;
    await this.workDone(surplus, deadlineMs - savingMs, lost);
    if (isOver(lost)) return;
    if (saves) await within(deadlineMs, this.saved());
    if (isOver(lost)) return;
    // The time may have passed while the process stood still; then they are lost and not given up.
    const confirmed = this.options.confirm();
    await (saves ? confirmed : within(deadlineMs, confirmed));
    if (isOver(lost)) return;
    await within(deadlineMs, callbacks.revoked(surplus));
    // Only what was begun before may still be on its way to the broker; the heartbeat comes behind.
    partitions.remove(surplus);
    surplus.forEach((each) => work.drop(each));
    this.options.onGivenUp?.();
  }

  /** All is lost, at once; resolves when the program was told. */
  async lose(): Promise<void> {
    const { partitions, work, callbacks } = this.options;
    const all = [...partitions];
    for (const partition of all) partition.withhold();
    partitions.remove(all);
    all.forEach((each) => work.drop(each));
    work.changed();
    await callbacks.lost(all);
  }

  private async take(fresh: readonly ConsumedPartition[], lost: AbortSignal): Promise<boolean> {
    const { partitions, work, callbacks, commits, control, isStopped } = this.options;
    this.isPlacing = true;
    try {
      await commits.place(fresh);
      if (!isOver(lost)) await resolveStarts(control, fresh, Infinity);
    } catch (thrown) {
      const error = asWalrusError(thrown);
      if (isOver(lost) || isStopped() || isFencing(error)) return true;
      if (isGone(error)) return false;
      throw error;
    } finally {
      this.isPlacing = false;
    }
    if (isOver(lost) || isStopped()) return true;
    for (const partition of fresh) partition.withheld = true;
    partitions.add(fresh);
    await unlessAborted(callbacks.assigned(fresh), [this.closing.signal, lost]);
    if (isStopped()) return true;
    // Else a member that dies before its first commit would leave a gap: the next one would begin
    // at the end of then.
    if (this.options.from !== 'earliest' && !isOver(lost)) await this.saved();
    for (const partition of fresh) if (!isOver(lost)) partition.withheld = false;
    work.changed();
    return true;
  }

  private async workDone(
    surplus: readonly ConsumedPartition[],
    deadlineMs: number,
    lost: AbortSignal,
  ): Promise<void> {
    const { work } = this.options;
    const look = (): void => work.released.notify();
    // Its own signal and not the clock: a timer may fire a little early by that.
    const late = new AbortController();
    late.signal.addEventListener('abort', look);
    const timer = setTimeout(() => late.abort(), deadlineMs - performance.now()).unref();
    lost.addEventListener('abort', look, { once: true });
    try {
      while (surplus.some((each) => work.isAtWork(each))) {
        if (isOver(this.closing.signal) || isOver(lost) || isOver(late.signal)) return;
        await work.released.wait();
      }
    } finally {
      clearTimeout(timer);
      lost.removeEventListener('abort', look);
    }
  }

  /**
   * What is done is saved, or cannot be for a reason that the member's next heartbeat deals with.
   */
  private async saved(): Promise<void> {
    try {
      await this.options.work.saveDone();
    } catch (thrown) {
      const error = asWalrusError(thrown);
      const isDealtWith = error.retriable || isFencing(error) || error.code === NOT_ASSIGNED;
      if (!isDealtWith) this.options.onFailed(error);
    }
  }
}

/** Resolves when the promise does, which never rejects, or at the deadline. */
export async function within(
  deadlineMs: number,
  promise: Promise<void> | undefined,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    // A callback that never ends keeps no process alive that has closed its consumer.
    timer = setTimeout(resolve, deadlineMs - performance.now()).unref();
  });
  try {
    await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resolves when the promise does, which never rejects, or once one of the signals is aborted. */
async function unlessAborted(
  promise: Promise<void>,
  signals: readonly AbortSignal[],
): Promise<void> {
  const signal = AbortSignal.any([...signals]);
  let abort: () => void = () => undefined;
  const aborted = new Promise<void>((resolve) => (abort = resolve));
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Whether it was aborted: as a call, since that changes while others are waited for. */
export function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
