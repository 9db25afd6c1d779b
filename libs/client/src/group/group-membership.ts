import { Backoff } from '../backoff';
import { asWalrusError } from '../broker-client';
import { BrokerError, ClosedError, type WalrusError } from '../errors';
import type { PartitionSource } from '../partition-source';
import { Signal } from '../signal';
import { GroupCommits } from './group-commits';
import { isFencing, NO_GROUP, ofClassicProtocol, UNRELEASED } from './group-errors';
import { GroupMember } from './group-member';
import {
  giveUpMs,
  LEAVE_TIMEOUT_MS,
  reconcilerOf,
  type MembershipOptions,
} from './membership-options';
import { PollWatch } from './poll-watch';
import { within, type Reconciler } from './reconciler';
import { Standing } from './standing';

/**
 * Membership in a consumer group whose assignment the broker makes (KIP-848, client side).
 *
 * Place: the consumer's session owns it; it puts partitions into the session's set and takes them
 * out. It shares the control lane with the commits, so that a commit leaves before the heartbeat
 * that gives its partition up.
 *
 * Life: joins in `open`; heartbeats over lost connections and broker restarts, and joins again when
 * the broker has put it out, until `close` leaves the group. While the program asks for no records
 * for too long the member is out, and joins again when it does.
 *
 * Invariants:
 *  (1) Heartbeats go on whatever the program does; one is under way at a time.
 *  (2) A partition that the broker wants back is reported as owned until the reconciler has given
 *      it up.
 *  (3) A member that is out owns nothing, and its commits are refused before they are sent.
 */
export class GroupMembership implements PartitionSource {
  readonly target: GroupCommits;
  private readonly member: GroupMember;
  private readonly reconciler: Reconciler;
  private readonly watch: PollWatch;
  private readonly alarm = new Signal();
  private readonly pauses: Backoff;
  private readonly standing: Standing;
  private joiningSinceMs = 0;
  private lost = new AbortController();
  private reconciling: Promise<void> | undefined;
  /** Under way while the program is told that all is lost. */
  private losing: Promise<void> | undefined;
  private refreshed: (() => void)[] = [];
  private opened: ((error?: WalrusError) => void) | undefined;
  /** Whether it is out until the program asks for records. */
  private isAway = false;
  private isStopped = false;
  private isClosed = false;

  constructor(private readonly options: MembershipOptions) {
    const { settings, group, control, partitions, work } = options;
    const topics = settings.topics.map(({ topic }) => topic);
    this.member = new GroupMember(group, topics);
    this.pauses = new Backoff(settings.connection.backoff);
    this.standing = new Standing(settings.connection.requestTimeoutMs);
    this.target = new GroupCommits({
      group: group.group,
      member: this.member,
      partitions,
      control,
      connection: settings.connection,
      refresh: () => this.refresh(),
    });
    this.reconciler = reconcilerOf(options, this.target, {
      isStopped: () => this.isStopped,
      confirm: () => this.standing.confirm(() => this.refresh()),
      onGivenUp: () => this.alarm.notify(),
    });
    this.watch = new PollWatch(
      group.maxPollIntervalMs,
      () => work.askCount(),
      () => this.goAway(),
    );
  }

  /**
   * Joins; resolves once the broker has let the member in.
   *
   * @throws {BrokerError} Refused: `INVALID_REGULAR_EXPRESSION`, `GROUP_MAX_SIZE_REACHED`,
   *   `INCONSISTENT_GROUP_PROTOCOL`, or `UNRELEASED_INSTANCE_ID` for all of `startTimeoutMs`.
   * @throws {ConnectionError} No broker within `startTimeoutMs`.
   */
  open(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.opened = (error) => (error === undefined ? resolve() : reject(error));
      void this.run();
    });
  }

  /** The program waits for records: a member that is out because it did not, joins again. */
  awaited(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.joiningSinceMs = performance.now();
    this.alarm.notify();
  }

  /** The broker does not have one of the partitions: a heartbeat says which are left. */
  doubted(): void {
    this.alarm.notify();
  }

  /** Takes no more partitions; heartbeats go on while the last records are being worked on. */
  stop(): void {
    this.isStopped = true;
  }

  /**
   * Gives up what it has, tells the program, and leaves, so that others go on at once.
   *
   * @param deadlineMs When it waits for the program no longer, by `performance.now`.
   */
  async close(deadlineMs: number): Promise<void> {
    this.stop();
    this.watch.stop();
    this.reconciler.close();
    const { partitions, group } = this.options;
    const { signal } = this.lost;
    const latestMs = Math.min(deadlineMs, performance.now() + giveUpMs(group));
    // Whoever looks for the place of new partitions may wait for the broker, and leaves them then.
    if (!this.reconciler.isPlacing) await within(latestMs, this.reconciling);
    if (!signal.aborted && partitions.size > 0) {
      const how = { saves: false, deadlineMs: latestMs };
      await this.reconciler.giveUp([...partitions], signal, how);
    }
    await within(latestMs, this.losing);
    this.isClosed = true;
    this.alarm.notify();
    await this.leave();
  }

  private async run(): Promise<void> {
    this.joiningSinceMs = performance.now();
    this.watch.start();
    while (!this.isClosed) {
      try {
        if (this.isAway) await this.stayAway();
        else await this.heartbeat();
        this.settleRefreshed();
        await this.rest();
      } catch (thrown) {
        const error = asWalrusError(thrown);
        if (!(await this.recover(error))) break;
      }
    }
    this.watch.stop();
    this.settleRefreshed();
    this.opened?.(new ClosedError('the consumer'));
  }

  private async heartbeat(): Promise<void> {
    const { control, partitions } = this.options;
    const request = this.member.heartbeat([...partitions]);
    const sentMs = performance.now();
    // To let a member in may take longer than to keep it.
    const answerMs = this.member.isIn ? this.standing.answerMs : undefined;
    const { fields } = await control.request('consumerGroupHeartbeat', request, answerMs);
    this.pauses.reset();
    // What came while it went away is of the membership that it has given up.
    if (this.isAway) return;
    this.member.answered(request, fields);
    this.standing.heard(sentMs, fields.heartbeatIntervalMs);
    this.opened?.();
    this.opened = undefined;
    this.reconcile();
  }

  private async rest(): Promise<void> {
    // Away until it is asked for, and without a timer.
    const timer = this.isAway
      ? undefined
      : setTimeout(() => this.alarm.notify(), this.standing.intervalMs).unref();
    try {
      await this.alarm.wait();
    } finally {
      clearTimeout(timer);
    }
  }

  /** Whether the membership goes on. */
  private async recover(error: WalrusError): Promise<boolean> {
    const { control, settings } = this.options;
    if (this.isClosed) return false;
    // Whoever joins makes the group where there is none: so it is there, and of the other kind.
    if (error.code === NO_GROUP && !this.member.isIn) {
      await this.fail(ofClassicProtocol(this.options.group.group, error));
      return false;
    }
    if (isFencing(error)) {
      await this.putOut();
      return !this.isStopped;
    }
    this.member.unanswered();
    this.settleRefreshed();
    const isLate = performance.now() - this.joiningSinceMs > settings.startTimeoutMs;
    const isStarting = this.opened !== undefined || error.code === UNRELEASED;
    if (!error.retriable || (isStarting && isLate)) {
      await this.fail(error);
      return false;
    }
    // Reconnecting waits for its own backoff; a broker that answers is paused for here.
    if (!(error instanceof BrokerError)) return true;
    const delayMs = this.pauses.next();
    control.report(error, 'heartbeat', this.pauses.failureCount, delayMs);
    // Ends by an error only when the lane is closed, which ends the loop as well.
    await control.pause(delayMs).catch(() => undefined);
    return true;
  }

  private async fail(error: WalrusError): Promise<void> {
    const { opened } = this;
    this.opened = undefined;
    await this.putOut();
    if (opened === undefined) this.options.onFailed(error);
    else opened(error);
  }

  /** Brings what the member has to what it may have, if that is not being done. */
  private reconcile(): void {
    if (this.isStopped || this.reconciling !== undefined) return;
    this.reconciling = this.reconcileAll(this.lost.signal).finally(() => {
      this.reconciling = undefined;
    });
  }

  /** Never rejects. */
  private async reconcileAll(lost: AbortSignal): Promise<void> {
    let target;
    let isDone = true;
    try {
      while (!this.isStopped && !lost.aborted && this.member.target !== target && isDone) {
        target = this.member.target;
        isDone = await this.reconciler.run(target, lost);
      }
    } catch (error) {
      if (!this.isClosed && !lost.aborted) this.options.onFailed(asWalrusError(error));
    }
  }

  /** The broker has put the member out, or it leaves: what it has is not its own any more. */
  private async putOut(): Promise<void> {
    this.member.putOut();
    this.lost.abort();
    this.settleRefreshed();
    this.losing = this.reconciler.lose();
    await this.reconciling;
    await this.losing;
    this.losing = undefined;
    this.lost = new AbortController();
    this.joiningSinceMs = performance.now();
  }

  private goAway(): void {
    if (!this.member.isIn || this.isClosed) return;
    this.isAway = true;
    this.alarm.notify();
  }

  private async stayAway(): Promise<void> {
    if (!this.member.isIn) return;
    await this.leave();
    await this.putOut();
  }

  /** Tells the broker that the member goes; where it cannot be told, the session timeout does. */
  private async leave(): Promise<void> {
    const { control, settings } = this.options;
    const connection = control.open;
    if (connection === undefined || !this.member.mayBeIn) return;
    const timeoutMs = Math.min(LEAVE_TIMEOUT_MS, settings.connection.requestTimeoutMs);
    this.member.mayBeIn = false;
    try {
      const request = this.member.leaving();
      await connection.request('consumerGroupHeartbeat', request, undefined, timeoutMs);
    } catch (thrown) {
      const error = asWalrusError(thrown);
      if (!isFencing(error)) control.report(error, 'leave', 1, 0);
    }
  }

  private refresh(): Promise<void> {
    if (this.isClosed || !this.member.isIn) return Promise.resolve();
    return new Promise((resolve) => {
      this.refreshed.push(resolve);
      this.alarm.notify();
    });
  }

  private settleRefreshed(): void {
    for (const resolve of this.refreshed.splice(0)) resolve();
  }
}
