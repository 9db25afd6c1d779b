import { StorageError, type GroupStore } from '@walrusmq/storage';
import type { CommittedOffset } from './committed-offset';
import { failedHeartbeat } from './consumer-heartbeat';
import { failedJoin, failedSync } from './classic-rebalance';
import { systemClock, type GroupClock } from './group-clock';
import type { GroupRequest } from './group-command';
import {
  describeGroup,
  listingOf,
  type GroupDescription,
  type GroupListing,
} from './group-description';
import { restoreGroups, timersAfterRestart } from './group-records';
import type {
  CommitRequest,
  ConsumerHeartbeatReply,
  ConsumerHeartbeatRequest,
  DeleteOffsetsRequest,
  ErrorReply,
  FetchOffsetsReply,
  FetchOffsetsRequest,
  GroupReply,
  HeartbeatRequest,
  JoinReply,
  JoinRequest,
  LeaveReply,
  LeaveRequest,
  PartitionName,
  PartitionsReply,
  SyncReply,
  SyncRequest,
} from './group-requests';
import { GroupRunner, type GroupServices } from './group-runner';
import { defaultGroupSettings, type GroupSettings } from './group-settings';
import type { GroupEnvironment } from './group-step';
import type { GroupTopics, TopicChange } from './group-topics';
import { startOffsetCheck } from './offset-check';
import { OffsetStore, type DurableOffsets } from './offset-store';
import {
  checkAssignments,
  checkCommit,
  checkConsumerHeartbeat,
  checkGroupId,
  checkJoin,
} from './request-checks';
import { SessionTimers } from './session-timers';
import { TopicPatternError, TopicPatterns, patternsOf } from './topic-patterns';

/** What a coordinator is made of; what is left out has a default. */
export interface GroupCoordinatorOptions {
  readonly store: GroupStore;
  readonly topics: GroupTopics;
  readonly settings?: Partial<GroupSettings>;
  readonly clock?: GroupClock;
  /** Reads classic members' metadata; without it no offset expires while a group has members. */
  readonly subscribedTopics?: GroupEnvironment['subscribedTopics'];
  /** Told of what nobody waits for and could not be stored; it is tried again where it can be. */
  readonly onFailure?: (groupId: string, error: unknown) => void;
}

/** A committed offset that stood above the end of its partition. */
export interface ClampedOffset extends PartitionName {
  readonly groupId: string;
  readonly topicName: string;
  readonly from: number;
  readonly to: number;
}

interface Waiting {
  readonly resolve: (reply: GroupReply) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The consumer groups of an instance, for every protocol that asks.
 *
 * Place: handlers of both wire protocols call it with plain objects; it calls the group store, and
 * the topics for their partitions. What a group does is decided in `group-state.ts`.
 * Life: `open` loads what is stored; then requests, until `close` ends those that wait.
 * Order: requests of one group take effect in call order.
 *
 * Invariants:
 *  1. Nothing is answered before what it says is durable by the instance's schedule.
 *  2. Every request is answered, or rejected with a StorageError (nothing changed, except as FENCED
 *     and IO say). A join and a sync may take as long as a rebalance.
 */
export class GroupCoordinator {
  /** The committed offsets of all groups, as they are durable. */
  readonly offsets: DurableOffsets;
  private readonly settings: GroupSettings;
  private readonly services: GroupServices;
  private readonly runners = new Map<string, GroupRunner>();
  private readonly waiting = new Map<number, Waiting>();
  /** Patterns of requests that are not in a state yet. */
  private readonly patternsInUse: string[] = [];
  private lastRequestId = 0;
  private ends: (() => void)[] = [];
  private isOpen = false;

  constructor(private readonly options: GroupCoordinatorOptions) {
    const clock = options.clock ?? systemClock;
    this.settings = { ...defaultGroupSettings, ...options.settings };
    const offsets = new OffsetStore();
    this.offsets = offsets;
    this.services = {
      store: options.store,
      offsets,
      topics: new TopicPatterns(options.topics),
      timers: new SessionTimers(clock, ({ groupId, timer }) =>
        this.runners.get(groupId)?.submit({ type: 'timer', timer }),
      ),
      clock,
      settings: this.settings,
      subscribedTopics: options.subscribedTopics ?? (() => undefined),
      offsetsInFlight: 0,
      deliver: ({ requestId, reply }) => this.take(requestId)?.resolve(reply),
      refuse: (requestId, error) => this.take(requestId)?.reject(error),
      onFailure: options.onFailure ?? (() => undefined),
    };
  }

  /**
   * Loads the groups; members get their timeouts anew.
   *
   * Rejects with StorageError or GroupRecordsError (CORRUPT): nothing is open; other parts of the
   * broker can go on without groups.
   */
  async open(): Promise<void> {
    const { services, settings } = this;
    await services.store.open();
    const groups = restoreGroups(services.store.load());
    for (const pattern of patternsOf([...groups.values()].map(({ state }) => state))) {
      await services.topics.resolve(pattern).catch((error: unknown) => {
        // Another version took it: it matches nothing until its members say another.
        if (!(error instanceof TopicPatternError)) throw error;
      });
    }
    for (const [groupId, { state, offsets }] of groups) {
      services.offsets.apply(
        groupId,
        offsets.map((put) => ({ put })),
      );
      this.runners.set(groupId, this.newRunner(groupId, state));
      for (const { timer, afterMs } of state ? timersAfterRestart(state, settings) : []) {
        if (afterMs !== null) services.timers.start(groupId, timer, afterMs);
      }
    }
    this.isOpen = true;
    this.ends.push(this.options.topics.onChanged((change) => this.onTopicChanged(change)));
    this.catchUpWithTopics();
    this.scheduleCheck();
  }

  /** Ends all timers, and the requests that wait with CLOSED. What is being stored is stored. */
  close(): void {
    this.isOpen = false;
    for (const end of this.ends.splice(0)) end();
    this.services.timers.close();
    const error = new StorageError('CLOSED', 'the group coordinator is closed');
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }

  /** Lets a classic member in, or back in; answers when the rebalance is complete. */
  async join(request: JoinRequest): Promise<JoinReply> {
    const { groupId, memberId } = request;
    const refusal = checkGroupId(groupId, this.settings) ?? checkJoin(request, this.settings);
    if (refusal !== undefined) return { ...failedJoin(refusal.error, memberId), ...refusal };
    if (!this.hasRoomFor(groupId)) return failedJoin('TOO_MANY_GROUPS', memberId);
    const rebalanceTimeoutMs = Math.min(
      request.rebalanceTimeoutMs,
      this.settings.rebalanceTimeoutMaxMs,
    );
    return this.ask(groupId, { type: 'join', request: { ...request, rebalanceTimeoutMs } });
  }

  /** Gives a classic member its assignment; answers when the leader has sent all. */
  async sync(request: SyncRequest): Promise<SyncReply> {
    const refusal =
      checkGroupId(request.groupId, this.settings) ?? checkAssignments(request, this.settings);
    if (refusal !== undefined) return { ...failedSync(refusal.error), ...refusal };
    return this.ask(request.groupId, { type: 'sync', request });
  }

  /** Keeps a classic member in the group. */
  async heartbeat(request: HeartbeatRequest): Promise<ErrorReply> {
    return this.checked(request.groupId, { type: 'heartbeat', request });
  }

  /** Takes members out, of either kind. */
  async leave(request: LeaveRequest): Promise<LeaveReply> {
    const reply = await this.checked<LeaveReply | ErrorReply>(request.groupId, {
      type: 'leave',
      request,
    });
    return { members: [], ...reply };
  }

  /** Takes a heartbeat of the server-side protocol: join, stay, catch up, leave. */
  async consumerHeartbeat(request: ConsumerHeartbeatRequest): Promise<ConsumerHeartbeatReply> {
    const { groupId, topicPattern } = request;
    const { settings } = this;
    const refusal = checkGroupId(groupId, settings) ?? checkConsumerHeartbeat(request, settings);
    if (refusal !== undefined) return failedHeartbeat(refusal.error, refusal.message);
    if (!this.hasRoomFor(groupId)) {
      const text = `There are ${settings.groupsMax} groups, which is the most.`;
      return failedHeartbeat('TOO_MANY_GROUPS', text);
    }
    const pattern = topicPattern === null || topicPattern === '' ? undefined : topicPattern;
    if (pattern !== undefined) this.patternsInUse.push(pattern);
    try {
      if (pattern !== undefined) await this.services.topics.resolve(pattern);
      return await this.ask(groupId, { type: 'consumerHeartbeat', request });
    } catch (error) {
      if (!(error instanceof TopicPatternError)) throw error;
      return failedHeartbeat('INVALID_REGULAR_EXPRESSION', error.message);
    } finally {
      if (pattern !== undefined) this.patternsInUse.splice(this.patternsInUse.indexOf(pattern), 1);
    }
  }

  /** Commits positions; answers when they are durable by the schedule. */
  async commit(request: CommitRequest): Promise<PartitionsReply> {
    const refusal = checkCommit(request, this.settings);
    if (refusal !== undefined) return { ...refusal, partitions: [] };
    if (!this.hasRoomFor(request.groupId)) return { error: 'TOO_MANY_GROUPS', partitions: [] };
    const reply = await this.checked<PartitionsReply | ErrorReply>(request.groupId, {
      type: 'commit',
      request,
    });
    return { partitions: [], ...reply };
  }

  /** What a group has committed. */
  async fetchOffsets(request: FetchOffsetsRequest): Promise<FetchOffsetsReply> {
    const reply = await this.checked<FetchOffsetsReply | ErrorReply>(request.groupId, {
      type: 'fetchOffsets',
      request,
    });
    return { offsets: [], ...reply };
  }

  /** Deletes positions, except in topics that members are subscribed to. */
  async deleteOffsets(request: DeleteOffsetsRequest): Promise<PartitionsReply> {
    const reply = await this.checked<PartitionsReply | ErrorReply>(request.groupId, {
      type: 'deleteOffsets',
      request,
    });
    return { partitions: [], ...reply };
  }

  /** Deletes a group that has no members, with its positions. */
  async deleteGroup(groupId: string): Promise<ErrorReply> {
    return this.checked(groupId, { type: 'deleteGroup' });
  }

  /** What a group is, as it is durable; Dead when there is none. */
  describe(groupId: string): GroupDescription {
    const { offsets } = this.services;
    return describeGroup(groupId, this.runners.get(groupId)?.state, offsets.sizeOf(groupId) > 0);
  }

  /** All groups, those that only have committed offsets too. */
  list(): GroupListing[] {
    const { offsets } = this.services;
    const listings = [...this.runners.values()].map(({ groupId, state }) =>
      listingOf(groupId, state, offsets.sizeOf(groupId) > 0),
    );
    return listings.filter(({ state }) => state !== 'Dead');
  }

  /**
   * Moves positions that stand above the end of their partitions to that end, durable by the
   * schedule: for after a recovery that lost records. `endOf` is undefined where there is no such
   * partition; positions there stay.
   *
   * @returns What was moved, for a report.
   */
  async clampOffsets(
    endOf: (partition: PartitionName) => number | undefined,
  ): Promise<ClampedOffset[]> {
    const clamped: ClampedOffset[] = [];
    for (const groupId of [...this.services.offsets.groupIds()]) {
      const moved: CommittedOffset[] = [];
      for (const offset of this.services.offsets.all(groupId)) {
        const end = endOf(offset);
        if (end === undefined || offset.offset <= end) continue;
        const { topicId, topicName, partition, offset: from } = offset;
        moved.push({ ...offset, offset: end });
        clamped.push({ groupId, topicId, topicName, partition, from, to: end });
      }
      if (moved.length > 0) await this.ask(groupId, { type: 'moveOffsets', offsets: moved });
    }
    return clamped;
  }

  /** As `ask`, for a group id that can be one. */
  private async checked<Reply extends GroupReply>(
    groupId: string,
    command: GroupRequest,
  ): Promise<Reply | ErrorReply> {
    const refusal = checkGroupId(groupId, this.settings);
    return refusal === undefined ? this.ask<Reply>(groupId, command) : refusal;
  }

  private ask<Reply extends GroupReply>(groupId: string, command: GroupRequest): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      if (!this.isOpen) throw new StorageError('CLOSED', 'the group coordinator is not open');
      const runner = this.runners.get(groupId) ?? this.newRunner(groupId, undefined);
      if (runner.queuedCount >= this.settings.queuedCommandsMax) {
        throw new StorageError('BUSY', `too many requests wait for group ${groupId}`);
      }
      this.runners.set(groupId, runner);
      this.lastRequestId += 1;
      const requestId = this.lastRequestId;
      this.waiting.set(requestId, { resolve: resolve as Waiting['resolve'], reject });
      runner.submit({ ...command, requestId });
    });
  }

  private take(requestId: number): Waiting | undefined {
    const waiting = this.waiting.get(requestId);
    this.waiting.delete(requestId);
    return waiting;
  }

  private newRunner(groupId: string, state: GroupRunner['state']): GroupRunner {
    return new GroupRunner(groupId, state, this.services, this.forgetIfGone);
  }

  /** A group of which nothing is left takes no memory. */
  private readonly forgetIfGone = (runner: GroupRunner): void => {
    const { groupId, state, isBusy } = runner;
    const isGone = state === undefined && this.services.offsets.sizeOf(groupId) === 0;
    if (isGone && !isBusy && this.runners.get(groupId) === runner) this.runners.delete(groupId);
  };

  private hasRoomFor(groupId: string): boolean {
    return this.runners.has(groupId) || this.runners.size < this.settings.groupsMax;
  }

  private onTopicChanged(change: TopicChange): void {
    const { topics, offsets } = this.services;
    topics.update(change);
    const { id, name } = change.topic;
    const subscribed = new Set(this.groupsSubscribedTo(name));
    const isDeleted = change.what === 'deleted';
    const deletedTopicIds = new Set(isDeleted ? [id] : []);
    for (const runner of this.runners.values()) {
      const hasOffsets = isDeleted && offsets.hasTopic(runner.groupId, id);
      // One that is busy may be about to subscribe, or to commit.
      if (hasOffsets || runner.isBusy || subscribed.has(runner.groupId)) {
        runner.submit({ type: 'topicsChanged', deletedTopicIds });
      }
    }
  }

  private *groupsSubscribedTo(name: string): Generator<string> {
    const { topics } = this.services;
    for (const { groupId, state } of this.runners.values()) {
      if (state?.kind !== 'consumer') continue;
      for (const { topicNames, topicPattern } of state.members.values()) {
        const isMatch = topicPattern !== null && topics.isMatch(topicPattern, name);
        if (!isMatch && !topicNames.includes(name)) continue;
        yield groupId;
        break;
      }
    }
  }

  /** Topics may have changed while nobody listened. */
  private catchUpWithTopics(): void {
    const present = new Set([...this.options.topics.list()].map(({ id }) => id));
    for (const runner of this.runners.values()) {
      const gone = [...this.services.offsets.all(runner.groupId)].map(({ topicId }) => topicId);
      const deletedTopicIds = new Set(gone.filter((topicId) => !present.has(topicId)));
      if (deletedTopicIds.size === 0 && runner.state?.kind !== 'consumer') continue;
      runner.submit({ type: 'topicsChanged', deletedTopicIds });
    }
  }

  private scheduleCheck(): void {
    const { clock, topics, onFailure } = this.services;
    const runners = (): readonly GroupRunner[] => {
      const all = [...this.runners.values()];
      const used = patternsOf(all.map(({ state }) => state));
      topics.keepOnly(new Set([...used, ...this.patternsInUse]));
      return all;
    };
    const intervalMs = this.settings.offsetsCheckIntervalMs;
    const fail = (error: unknown): void => onFailure('', error);
    this.ends.push(startOffsetCheck({ clock, intervalMs, runners, onFailure: fail }));
  }
}
