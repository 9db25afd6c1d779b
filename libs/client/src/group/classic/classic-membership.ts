import type { NamedPartitions } from '@walrusmq/protocol';
import { Backoff } from '../../backoff';
import { asWalrusError } from '../../broker-client';
import { BrokerError, ClosedError, type WalrusError } from '../../errors';
import type { PartitionSource } from '../../partition-source';
import { Signal } from '../../signal';
import { GroupCommits } from '../group-commits';
import { ILLEGAL_GENERATION, inClearWords, isOut, REBALANCE_IN_PROGRESS } from '../group-errors';
import {
  giveUpMs,
  LEAVE_TIMEOUT_MS,
  reconcilerOf,
  type MembershipOptions,
} from '../membership-options';
import { PollWatch } from '../poll-watch';
import { isOver, within, type Reconciler } from '../reconciler';
import { Standing } from '../standing';
import { ClassicHeartbeats } from './classic-heartbeats';
import { ClassicMember } from './classic-member';
import type { ClassicSettings } from './classic-options';
import { GroupJoins, leaveGroup } from './group-joins';
import { GroupLeader } from './group-leader';
import { GroupTopics } from './group-topics';
import { TopicWatch } from './topic-watch';

/**
 * Membership in a consumer group of the classic protocol, whose leader assigns the partitions.
 *
 * Place: as `GroupMembership`, which it stands in for. Commits and heartbeats share the control
 * lane; joins and syncs, whose answers wait for other members, have a lane of their own.
 *
 * Life: joins in `open`; goes through every rebalance, over lost connections and broker restarts,
 * and joins again when the broker has put it out, until `close` leaves the group, or, for a static
 * member, until the session is over that it leaves behind.
 *
 * Order: a rebalance is: give up what has to be given up first, join, assign if this member leads,
 * sync, give up and take what has changed. One thing at a time; heartbeats go on beside it.
 *
 * Invariants:
 *  (1) A member whose assignors are not all cooperative owns nothing when it joins.
 *  (2) A cooperative member says in each join what it has; when it has given up what went to
 *      others it joins again, as they are given it only then (KIP-429).
 *  (3) A member that is out owns nothing, and its commits are refused before they are sent.
 */
export class ClassicMembership implements PartitionSource {
  readonly target: GroupCommits;
  private readonly member: ClassicMember;
  private readonly topics: GroupTopics;
  private readonly leader: GroupLeader;
  private readonly reconciler: Reconciler;
  private readonly heartbeats: ClassicHeartbeats;
  private readonly watch: PollWatch;
  private readonly looks: TopicWatch;
  private readonly joins: GroupJoins;
  private readonly alarm = new Signal();
  private readonly pauses: Backoff;
  private readonly standing: Standing;
  private joiningSinceMs = 0;
  private lost = new AbortController();
  /** Under way while the program is told that all is lost. */
  private losing: Promise<void> | undefined;
  private leaving: Promise<void> | undefined;
  /** Under way while partitions are given up or taken. */
  private reconciling: Promise<void> | undefined;
  private refreshed: (() => void)[] = [];
  private opened: ((error?: WalrusError) => void) | undefined;
  /** By the last sync. */
  private assigned: readonly NamedPartitions[] = [];
  private mustJoin = true;
  /** Whether what it has is to be held against what it was assigned. */
  private mustReconcile = false;
  private isRebalancing = false;
  /** Whether it is out until the program asks for records. */
  private isAway = false;
  private isStopped = false;
  private isClosing = false;
  private isClosed = false;

  constructor(
    private readonly options: MembershipOptions,
    private readonly classic: ClassicSettings,
  ) {
    const { settings, group, control, partitions, work } = options;
    const { connection } = settings;
    const names = settings.topics.map(({ topic }) => topic);
    this.member = new ClassicMember(group, classic);
    this.topics = new GroupTopics(control, names, classic.matches, connection.requestTimeoutMs);
    this.leader = new GroupLeader(classic.assignors, this.topics);
    this.joins = new GroupJoins(this.member, this.leader, connection, group.rebalanceTimeoutMs);
    this.looks = new TopicWatch(this.member, this.topics, this.leader, classic.metadataMaxAgeMs);
    this.pauses = new Backoff(connection.backoff);
    this.target = new GroupCommits({
      group: group.group,
      member: this.member,
      partitions,
      control,
      connection,
      refresh: () => this.refresh(),
    });
    this.standing = new Standing(connection.requestTimeoutMs, classic.heartbeatIntervalMs);
    this.reconciler = reconcilerOf(options, this.target, {
      isStopped: () => this.isStopped,
      confirm: () => this.standing.confirm(() => this.refresh()),
    });
    this.heartbeats = new ClassicHeartbeats({
      member: this.member,
      control,
      standing: this.standing,
      isDue: () => this.member.isIn && !this.joins.isJoining && !this.isClosed,
      onAnswered: () => this.settleRefreshed(),
      onRefused: (error) => this.refused(error),
    });
    this.watch = new PollWatch(
      group.maxPollIntervalMs,
      () => work.askCount(),
      () => this.goAway(),
    );
  }

  /**
   * Joins; resolves once the member has its part of the assignment.
   *
   * @throws {BrokerError} Refused: `INCONSISTENT_GROUP_PROTOCOL`, `INVALID_SESSION_TIMEOUT`,
   *   `GROUP_MAX_SIZE_REACHED`.
   * @throws {WalrusError} `INVALID_ASSIGNMENT`, `INVALID_REPLY`: what members say to each other
   *   cannot be.
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

  /** The broker does not have one of the partitions: the topics are looked at. */
  doubted(): void {
    this.mustReconcile = true;
    this.looks.isDue = true;
    this.alarm.notify();
  }

  /** Takes no more partitions; heartbeats go on while the last records are being worked on. */
  stop(): void {
    this.isStopped = true;
    this.alarm.notify();
  }

  /**
   * Gives up what it has, tells the program, and leaves, so that others go on at once. A static
   * member leaves its place to the next one of its instance id.
   *
   * @param deadlineMs When it waits for the program no longer, by `performance.now`.
   */
  async close(deadlineMs: number): Promise<void> {
    this.stop();
    this.isClosing = true;
    this.watch.stop();
    this.reconciler.close();
    // Whoever waits there for other members waits for nothing.
    this.joins.close();
    const { partitions, group } = this.options;
    const { signal } = this.lost;
    const latestMs = Math.min(deadlineMs, performance.now() + giveUpMs(group));
    if (!this.reconciler.isPlacing) await within(latestMs, this.reconciling);
    if (!signal.aborted && partitions.size > 0) {
      const how = { saves: false, deadlineMs: latestMs };
      await this.reconciler.giveUp([...partitions], signal, how);
    }
    await within(latestMs, this.losing);
    this.isClosed = true;
    this.heartbeats.stop();
    this.alarm.notify();
    await (this.leaving ?? this.leave());
    this.settleRefreshed();
  }

  private async run(): Promise<void> {
    this.joiningSinceMs = performance.now();
    this.watch.start();
    this.heartbeats.start();
    while (!this.isClosing) {
      try {
        await this.step();
      } catch (thrown) {
        if (!(await this.recover(asWalrusError(thrown)))) break;
      }
    }
    this.watch.stop();
    this.settleRefreshed();
    this.opened?.(new ClosedError('the consumer'));
  }

  private async step(): Promise<void> {
    if (this.losing !== undefined) {
      await this.losing;
      this.losing = undefined;
      this.lost = new AbortController();
    }
    if (this.isStopped || this.isAway) await this.alarm.wait();
    else if (this.mustJoin) await this.rebalance();
    else if (this.mustReconcile) await this.reconcile();
    else if (!this.looks.isDue) await this.looks.rest(this.alarm);
    else if (await this.looks.isOther()) this.mustJoin = true;
  }

  /** As a call, since it changes while others are waited for. */
  private hasGone(): boolean {
    return this.isAway;
  }

  /** One rebalance up to the assignment. */
  private async rebalance(): Promise<void> {
    const { lost, member } = this;
    await this.leaving;
    this.leaving = undefined;
    // Heartbeats will need it, and so does whoever leaves while others are waited for.
    await this.options.control.connection();
    member.topics = await this.topics.subscribed();
    await this.prepare(lost.signal);
    if (this.isStopped || this.hasGone() || isOver(lost.signal)) return;
    this.isRebalancing = true;
    try {
      // A reason to join that comes from now on is one to join once more.
      this.mustJoin = false;
      const answer = await this.joins.join(this.options.partitions);
      if (this.hasGone()) return;
      // Also if it takes no more: commits of what is still worked on carry the generation.
      member.joined(answer);
      const sentMs = performance.now();
      const assigned = await this.joins.sync(answer);
      if (isOver(lost.signal)) return;
      this.standing.heard(sentMs);
      this.assigned = assigned;
      this.mustReconcile = true;
      this.pauses.reset();
    } catch (error) {
      this.mustJoin = true;
      throw error;
    } finally {
      this.isRebalancing = false;
      this.settleRefreshed();
    }
    this.opened?.();
    this.opened = undefined;
  }

  /** Gives up what the member must not have while others are given theirs. */
  private async prepare(lost: AbortSignal): Promise<void> {
    const { partitions, group } = this.options;
    const { topics } = this.member;
    const surplus = partitions.filter(
      ({ topic }) => !this.classic.isCooperative || !topics.includes(topic),
    );
    if (surplus.length === 0) return;
    const deadlineMs = performance.now() + giveUpMs(group);
    await this.reconcilingBy(this.reconciler.giveUp(surplus, lost, { saves: true, deadlineMs }));
  }

  /** Brings what the member has to what it was assigned. */
  private async reconcile(): Promise<void> {
    const { partitions, control } = this.options;
    const { lost } = this;
    const given = new Set(
      this.assigned.flatMap(({ topic, partitions: numbers }) =>
        numbers.map((each) => `${topic}/${each}`),
      ),
    );
    const hadOthers = partitions.filter(({ key }) => !given.has(key)).length > 0;
    const target = await this.topics.targetOf(this.assigned);
    if (this.isStopped || isOver(lost.signal)) return;
    this.mustReconcile = false;
    const isDone = await this.reconcilingBy(this.reconciler.run(target, lost.signal));
    if (isOver(lost.signal)) return;
    // What this member had is free for the others only now.
    if (hadOthers) this.mustJoin = true;
    if (isDone) return;
    // A topic is going; the next look says that it is gone.
    this.mustReconcile = true;
    await control.pause(this.pauses.next());
  }

  /** Has `close` wait for what is done with partitions. */
  private async reconcilingBy<Result>(work: Promise<Result>): Promise<Result> {
    // Its error is dealt with below; `close` waits only for its end.
    const ended = work.then(
      () => undefined,
      () => undefined,
    );
    this.reconciling = ended;
    try {
      return await work;
    } finally {
      this.reconciling = undefined;
    }
  }

  /** The broker refused a heartbeat of the present generation. */
  private refused(error: WalrusError): void {
    if (error.code === REBALANCE_IN_PROGRESS) {
      this.mustJoin = true;
      this.alarm.notify();
    } else if (isOut(error)) this.putOut(error);
    else void this.fail(error).finally(() => this.alarm.notify());
  }

  /** Whether the membership goes on. */
  private async recover(error: WalrusError): Promise<boolean> {
    const { control, settings } = this.options;
    if (this.isClosing) return false;
    if (this.isStopped || this.isAway) return true;
    if (error.code === REBALANCE_IN_PROGRESS) return true;
    if (isOut(error)) this.putOut(error);
    else {
      const isLate = performance.now() - this.joiningSinceMs > settings.startTimeoutMs;
      if (!error.retriable || (this.opened !== undefined && isLate)) {
        await this.fail(error);
        return false;
      }
      // Reconnecting waits for its own backoff; a broker that answers is paused for here.
      if (!(error instanceof BrokerError)) return true;
    }
    const delayMs = this.pauses.next();
    control.report(error, 'join', this.pauses.failureCount, delayMs);
    // Ends by an error only when the lane is closed, which ends the loop as well.
    await control.pause(delayMs).catch(() => undefined);
    return true;
  }

  private async fail(error: WalrusError): Promise<void> {
    const { opened, options } = this;
    this.opened = undefined;
    this.isStopped = true;
    this.heartbeats.stop();
    this.putOut();
    await this.losing;
    const clear = inClearWords(error, options.group.group, this.classic.assignors);
    if (opened === undefined) options.onFailed(clear);
    else opened(clear);
  }

  /** The broker has put the member out, or it leaves: what it has is not its own any more. */
  private putOut(why?: WalrusError): void {
    // A generation that is over says nothing against the member's id.
    if (why !== undefined && why.code !== ILLEGAL_GENERATION) this.member.forgetId();
    this.member.putOut();
    this.assigned = [];
    this.mustJoin = true;
    this.mustReconcile = false;
    this.joiningSinceMs = performance.now();
    this.settleRefreshed();
    if (this.losing === undefined) {
      this.lost.abort();
      this.losing = this.reconciler.lose();
    }
    this.alarm.notify();
  }

  private goAway(): void {
    if (this.isAway || this.isClosing || this.member.id === '') return;
    this.isAway = true;
    this.leaving = this.leave();
    this.putOut();
    this.joins.interrupt();
  }

  private leave(): Promise<void> {
    const { control, settings } = this.options;
    const timeoutMs = Math.min(LEAVE_TIMEOUT_MS, settings.connection.requestTimeoutMs);
    return leaveGroup(this.member, control, timeoutMs);
  }

  /**
   * Resolves once the broker has said how the member stands: by the rebalance that is under way, or
   * by a heartbeat; and in any case after the request timeout.
   */
  private refresh(): Promise<void> {
    if (this.isClosed || !this.member.isIn) return Promise.resolve();
    const told = new Promise<void>((resolve) => this.refreshed.push(resolve));
    if (!this.isRebalancing) this.heartbeats.now();
    const { requestTimeoutMs } = this.options.settings.connection;
    return within(performance.now() + requestTimeoutMs, told);
  }

  private settleRefreshed(): void {
    if (this.isRebalancing && this.member.isIn) return;
    for (const resolve of this.refreshed.splice(0)) resolve();
  }
}
