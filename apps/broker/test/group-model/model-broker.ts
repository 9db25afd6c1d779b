// The broker of the model: one group, a clock that is turned by hand, and a store that is a map. It
// does what `GroupRunner` does, without waiting for anything.
import type { GroupChange, GroupRecord, GroupRecordKey } from '@walrusmq/storage';
import type { GroupCommand, GroupRequest } from '../../src/group/group-command';
import type {
  ConsumerHeartbeatReply,
  ErrorReply,
  FetchOffsetsReply,
  GroupReply,
  JoinReply,
  LeaveReply,
  PartitionsReply,
  SyncReply,
} from '../../src/group/group-requests';
import { defaultGroupSettings, type GroupSettings } from '../../src/group/group-settings';
import { changesBetween, restoreGroups, timersAfterRestart } from '../../src/group/group-records';
import { runGroupCommand, type GroupOutcome } from '../../src/group/group-state';
import type { GroupState } from '../../src/group/group-state-types';
import type { GroupEnvironment, GroupTimer } from '../../src/group/group-step';
import { OffsetStore, PendingOffsets } from '../../src/group/offset-store';
import type { GroupTopic } from '../../src/group/group-topics';

export const GROUP = 'g';
export const MODEL_SETTINGS: GroupSettings = {
  ...defaultGroupSettings,
  initialRebalanceDelayMs: 3_000,
  newMemberJoinTimeoutMs: 30_000,
  consumerSessionTimeoutMs: 10_000,
  membersMax: 5,
  offsetsMax: 9,
  offsetsRetentionMs: 60_000,
};

/** A promise of the coordinator that does not hold. */
export class ModelViolation extends Error {
  override readonly name = 'ModelViolation';
}

/** Fails the run. */
export function violation(text: string): never {
  throw new ModelViolation(text);
}

/** What each request is answered with. */
interface Replies {
  readonly join: JoinReply;
  readonly sync: SyncReply;
  readonly heartbeat: ErrorReply;
  readonly leave: LeaveReply;
  readonly consumerHeartbeat: ConsumerHeartbeatReply;
  readonly commit: PartitionsReply;
  readonly fetchOffsets: FetchOffsetsReply;
  readonly deleteOffsets: PartitionsReply;
  readonly deleteGroup: ErrorReply;
  readonly moveOffsets: ErrorReply;
}

/** A request that was sent: answered once, or never when the broker goes down. */
interface Sent {
  readonly onReply: (reply: GroupReply | undefined) => void;
}

/** Told of every step of the group, before replies go out. */
export type StepListener = (
  before: GroupState | undefined,
  after: GroupState | undefined,
  command: GroupCommand,
) => void;

export class ModelBroker {
  nowMs = 1_000_000;
  state: GroupState | undefined;
  offsets = new OffsetStore();
  readonly topics = new Map<string, GroupTopic>();
  readonly timers = new Map<GroupTimer, number>();
  readonly sent = new Map<number, Sent>();
  /** The store takes none of the changes of the next command that has some. */
  failsNext = false;
  private readonly stored = new Map<string, GroupRecord>();
  private lastRequestId = 0;
  private lastUniqueId = 0;

  constructor(private readonly onStep: StepListener) {}

  /** Sends a request; the answer comes at once, or in a later command, or as undefined: none. */
  request<Type extends GroupRequest['type']>(
    request: Extract<GroupRequest, { readonly type: Type }>,
    onReply: (reply: Replies[Type] | undefined) => void,
  ): void {
    this.lastRequestId += 1;
    const requestId = this.lastRequestId;
    this.sent.set(requestId, { onReply: onReply as Sent['onReply'] });
    this.run({ ...request, requestId });
  }

  run(command: GroupCommand): void {
    const before = this.state;
    const offsets = new PendingOffsets(GROUP, this.offsets);
    const outcome = runGroupCommand(GROUP, before, command, this.environment(offsets));
    if (this.failsNext && outcome.records.length > 0) {
      this.failsNext = false;
      this.refuse(command);
      return;
    }
    this.adopt(outcome);
    this.onStep(before, this.state, command);
    for (const { requestId, reply } of outcome.replies) {
      const sent = this.sent.get(requestId);
      if (sent === undefined) violation(`request ${requestId} was answered twice`);
      this.sent.delete(requestId);
      sent.onReply(reply);
    }
  }

  /** Turns the clock; what is due happens when it is due. */
  wait(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (let next = this.nextTimer(); next !== undefined && next[1] <= untilMs;) {
      const [timer, dueMs] = next;
      this.nowMs = Math.max(dueMs, this.nowMs);
      this.timers.delete(timer);
      this.run({ type: 'timer', timer });
      next = this.nextTimer();
    }
    this.nowMs = untilMs;
  }

  /** Another process takes over from what is stored. */
  restart(): void {
    for (const { onReply } of this.takeSent()) onReply(undefined);
    const restored = restoreGroups([...this.stored.values()]).get(GROUP);
    const [was, is] = [recordsOf(this.state), recordsOf(restored?.state)];
    if (was !== is) violation(`G4: a restart changes the group from ${was} to ${is}`);
    this.state = restored?.state;
    this.offsets = new OffsetStore();
    this.offsets.apply(
      GROUP,
      (restored?.offsets ?? []).map((put) => ({ put })),
    );
    this.timers.clear();
    if (this.state === undefined) return;
    for (const { timer, afterMs } of timersAfterRestart(this.state, MODEL_SETTINGS)) {
      if (afterMs !== null) this.timers.set(timer, this.nowMs + afterMs);
    }
  }

  /** Committed offset by partition key. */
  committed(): Map<string, number> {
    return new Map(
      [...this.offsets.all(GROUP)].map((each) => [
        `${each.topicId}/${each.partition}`,
        each.offset,
      ]),
    );
  }

  private takeSent(): Sent[] {
    const all = [...this.sent.values()];
    this.sent.clear();
    return all;
  }

  private nextTimer(): [GroupTimer, number] | undefined {
    let first: [GroupTimer, number] | undefined;
    for (const entry of this.timers) {
      if (first === undefined || entry[1] < first[1]) first = entry;
    }
    return first;
  }

  private refuse(command: GroupCommand): void {
    if (command.type === 'timer') this.timers.set(command.timer, this.nowMs + 1_000);
    if (command.type === 'topicsChanged') this.run(command);
    if (!('requestId' in command)) return;
    const sent = this.sent.get(command.requestId);
    this.sent.delete(command.requestId);
    sent?.onReply(undefined);
  }

  private adopt({ state, records, offsets, timers }: GroupOutcome): void {
    this.state = state;
    for (const change of records) this.store(change);
    this.offsets.apply(GROUP, offsets);
    for (const { timer, afterMs } of timers) {
      if (afterMs === null) this.timers.delete(timer);
      else this.timers.set(timer, this.nowMs + afterMs);
    }
    if (state === undefined) this.timers.clear();
  }

  private store(change: GroupChange): void {
    if ('put' in change) this.stored.set(keyOf(change.put), change.put);
    else this.stored.delete(keyText(change.remove));
  }

  private environment(offsets: PendingOffsets): GroupEnvironment {
    this.lastUniqueId += 1;
    return {
      nowMs: this.nowMs,
      settings: MODEL_SETTINGS,
      topics: {
        find: (name) => this.topics.get(name),
        matching: (pattern) =>
          [...this.topics.keys()].filter((name) => new RegExp(`^(${pattern})$`).test(name)),
      },
      offsets,
      isPinned: () => false,
      uniqueId: `u${this.lastUniqueId}`,
      offsetsLeft: MODEL_SETTINGS.offsetsMax - this.offsets.size,
      subscribedTopics: (_, metadata) => JSON.parse(metadata.toString()) as string[],
    };
  }
}

/** All that lasts of a group, as text. */
function recordsOf(state: GroupState | undefined): string {
  const records = changesBetween(GROUP, undefined, state).map((each) => JSON.stringify(each));
  return records.sort().join('\n');
}

function keyOf(record: GroupRecord): string {
  const { groupId } = record;
  if (record.type === 'offset') {
    const { topicId, partition } = record;
    return keyText({ kind: 'offset', groupId, topicId, partition });
  }
  if ('memberId' in record) return keyText({ kind: 'member', groupId, memberId: record.memberId });
  return keyText({ kind: 'group', groupId });
}

function keyText(key: GroupRecordKey): string {
  if (key.kind === 'group') return 'group';
  if (key.kind === 'member') return `member ${key.memberId}`;
  return `offset ${key.topicId}/${key.partition}`;
}
