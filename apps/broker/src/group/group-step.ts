// What a command of a group may use, and what it leaves to be done.
import type { OffsetChange, OffsetView } from './committed-offset';
import type { GroupReply } from './group-requests';
import type { GroupSettings } from './group-settings';
import type { TopicView } from './group-topics';

/** Names a timer of a group: one of the whole group, or one of a member. */
export type GroupTimer = 'join' | 'sync' | `session:${string}` | `revoke:${string}`;

/** All that a command depends on beside the group's state. */
export interface GroupEnvironment {
  /** Wall clock: for what people see and for the age of offsets, never for timeouts. */
  readonly nowMs: number;
  readonly settings: GroupSettings;
  readonly topics: TopicView;
  readonly offsets: OffsetView;
  /** Whether the group has a topic keep records for it. */
  readonly isPinned: (topicName: string) => boolean;
  /** Drawn for this command: what a member that needs an id gets, after its client's name. */
  readonly uniqueId: string;
  /** Offsets that may still be added, over all groups. */
  readonly offsetsLeft: number;
  /**
   * The topics that a classic member's metadata subscribes to; undefined where that cannot be told.
   */
  readonly subscribedTopics: (
    protocolType: string,
    metadata: Buffer,
  ) => readonly string[] | undefined;
}

/** Answers a request; some come long after it. */
export interface AddressedReply {
  readonly requestId: number;
  readonly reply: GroupReply;
}

/** Starts a timer anew, or ends it (null). */
export interface TimerChange {
  readonly timer: GroupTimer;
  readonly afterMs: number | null;
}

/** Gathers what has to be done once the new state is durable. */
export class Outbox {
  readonly replies: AddressedReply[] = [];
  readonly timers: TimerChange[] = [];
  readonly offsets: OffsetChange[] = [];

  /** Answers a request. */
  reply(requestId: number, reply: GroupReply): void {
    this.replies.push({ requestId, reply });
  }

  /** Starts a timer, anew where it runs. */
  start(timer: GroupTimer, afterMs: number): void {
    this.timers.push({ timer, afterMs });
  }

  /** Ends a timer; nothing happens where it does not run. */
  stop(timer: GroupTimer): void {
    this.timers.push({ timer, afterMs: null });
  }
}
