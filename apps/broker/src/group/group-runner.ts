import { randomUUID } from 'node:crypto';
import { StorageError, type GroupChange, type GroupStore } from '@walrusmq/storage';
import type { OffsetChange } from './committed-offset';
import type { GroupClock } from './group-clock';
import type { GroupCommand } from './group-command';
import type { GroupSettings } from './group-settings';
import { runGroupCommand } from './group-state';
import type { GroupState } from './group-state-types';
import type { AddressedReply, GroupEnvironment, GroupTimer, TimerChange } from './group-step';
import { PendingOffsets, type OffsetStore } from './offset-store';
import type { SessionTimers } from './session-timers';
import type { TopicPatterns } from './topic-patterns';

/** Commands whose records are stored with one append. */
const RUN_COMMANDS_MAX = 256;
/** When something that the storage did not take is tried again. */
const RETRY_MS = 1_000;

/** What all groups share. */
export interface GroupServices {
  readonly store: GroupStore;
  readonly offsets: OffsetStore;
  readonly topics: TopicPatterns;
  readonly timers: SessionTimers;
  readonly clock: GroupClock;
  readonly settings: GroupSettings;
  readonly subscribedTopics: GroupEnvironment['subscribedTopics'];
  /** Offsets on their way into the store: they count against the limit already. */
  offsetsInFlight: number;
  /** Answers a request. */
  readonly deliver: (reply: AddressedReply) => void;
  /** Ends a request whose changes could not be stored. */
  readonly refuse: (requestId: number, error: unknown) => void;
  /** Told of what nobody waits for and could not be done. */
  readonly onFailure: (groupId: string, error: unknown) => void;
}

interface Run {
  readonly state: GroupState | undefined;
  readonly records: readonly GroupChange[];
  readonly offsets: readonly OffsetChange[];
  readonly replies: readonly AddressedReply[];
  readonly timers: readonly TimerChange[];
  readonly addedOffsets: number;
}

/**
 * One group at work: runs its commands one after another, and stores before it answers.
 *
 * Order: commands take effect in the order of `submit`. Those that come while others are being
 * stored are stored together.
 *
 * Invariants:
 *  1. `state` is durable by the schedule, and so are the offsets of the group.
 *  2. When the store refuses, nothing has changed: state, timers, waiting requests are as before.
 */
export class GroupRunner {
  private readonly queue: GroupCommand[] = [];
  private isRunning = false;
  /** The deleted ones of topics that changed, to be told again; undefined while no retry is due. */
  private deletedToRetry: Set<string> | undefined;

  constructor(
    readonly groupId: string,
    private current: GroupState | undefined,
    private readonly services: GroupServices,
    private readonly onIdle: (runner: GroupRunner) => void,
  ) {}

  /** The group as it is durable. */
  get state(): GroupState | undefined {
    return this.current;
  }

  /** Commands that wait for their turn. */
  get queuedCount(): number {
    return this.queue.length;
  }

  /** Whether a command is at work or waits. */
  get isBusy(): boolean {
    return this.isRunning || this.queue.length > 0;
  }

  /** Has the command run in its turn. */
  submit(command: GroupCommand): void {
    this.queue.push(command);
    if (this.isRunning) return;
    this.isRunning = true;
    this.drain().then(
      () => this.onIdle(this),
      (error: unknown) => this.services.onFailure(this.groupId, error),
    );
  }

  private async drain(): Promise<void> {
    try {
      while (this.queue.length > 0) await this.run(this.queue.splice(0, RUN_COMMANDS_MAX));
    } finally {
      this.isRunning = false;
    }
  }

  private async run(commands: readonly GroupCommand[]): Promise<void> {
    const { services } = this;
    try {
      const run = this.execute(commands);
      services.offsetsInFlight += run.addedOffsets;
      try {
        if (run.records.length > 0) await services.store.append(run.records);
      } finally {
        services.offsetsInFlight -= run.addedOffsets;
      }
      this.adopt(run);
    } catch (error) {
      const [only] = commands;
      if (only !== undefined && commands.length === 1) this.fail(only, error);
      // One of them may be what the store does not take: the others are not to suffer for it.
      else for (const command of commands) await this.run([command]);
    }
  }

  private execute(commands: readonly GroupCommand[]): Run {
    const { services, groupId } = this;
    const offsets = new PendingOffsets(groupId, services.offsets);
    const sizeBefore = offsets.size;
    const restarted = new Set<GroupTimer>();
    const records: GroupChange[] = [];
    const offsetChanges: OffsetChange[] = [];
    const replies: AddressedReply[] = [];
    const timers: TimerChange[] = [];
    let state = this.current;
    for (const command of commands) {
      if (command.type === 'timer') {
        // A command that came before it may have given the member more time.
        const { timer } = command;
        if (restarted.has(timer) || !services.timers.isDue(groupId, timer)) continue;
        timers.push({ timer, afterMs: null });
      }
      const outcome = runGroupCommand(groupId, state, command, this.environment(offsets));
      state = outcome.state;
      offsets.apply(outcome.offsets);
      records.push(...outcome.records);
      offsetChanges.push(...outcome.offsets);
      replies.push(...outcome.replies);
      timers.push(...outcome.timers);
      for (const { timer } of outcome.timers) restarted.add(timer);
    }
    const addedOffsets = Math.max(offsets.size - sizeBefore, 0);
    return { state, records, offsets: offsetChanges, replies, timers, addedOffsets };
  }

  private environment(offsets: PendingOffsets): GroupEnvironment {
    const { settings, clock, topics, subscribedTopics } = this.services;
    const taken = this.services.offsets.size + this.services.offsetsInFlight;
    return {
      nowMs: clock.nowMs(),
      settings,
      topics,
      offsets,
      isPinned: (topicName) => topics.isPinned(topicName, this.groupId),
      uniqueId: randomUUID(),
      offsetsLeft: settings.offsetsMax - taken,
      subscribedTopics,
    };
  }

  private adopt(run: Run): void {
    const { services, groupId } = this;
    this.current = run.state;
    services.offsets.apply(groupId, run.offsets);
    for (const { timer, afterMs } of run.timers) {
      if (afterMs === null) services.timers.stop(groupId, timer);
      else services.timers.start(groupId, timer, afterMs);
    }
    if (run.state === undefined) services.timers.stopAll(groupId);
    for (const reply of run.replies) services.deliver(reply);
  }

  private fail(command: GroupCommand, error: unknown): void {
    const { services, groupId } = this;
    if ('requestId' in command) {
      services.refuse(command.requestId, error);
      return;
    }
    services.onFailure(groupId, error);
    const isOver = error instanceof StorageError && /CLOSED|FENCED/.test(error.code);
    if (isOver) return;
    if (command.type === 'timer') services.timers.start(groupId, command.timer, RETRY_MS);
    else if (command.type === 'topicsChanged') this.retryTopicsChanged(command.deletedTopicIds);
    // Offsets expire with the next check.
  }

  /** Tells the group once more, later, whatever changes that the store did not take until then. */
  private retryTopicsChanged(deletedTopicIds: ReadonlySet<string>): void {
    if (this.deletedToRetry !== undefined) {
      for (const id of deletedTopicIds) this.deletedToRetry.add(id);
      return;
    }
    const deleted = new Set(deletedTopicIds);
    this.deletedToRetry = deleted;
    this.services.clock.schedule(() => {
      this.deletedToRetry = undefined;
      this.submit({ type: 'topicsChanged', deletedTopicIds: deleted });
    }, RETRY_MS);
  }
}
