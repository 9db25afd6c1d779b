// What specs of the group coordinator are made of: a clock that is turned by hand, topics that are
// a list, and requests with nothing said that a test does not care about.
import { openMemoryStorage, type GroupStore } from '@walrusmq/storage';
import type { GroupClock } from '../src/group/group-clock';
import { GroupCoordinator } from '../src/group/group-coordinator';
import type {
  CommitRequest,
  ConsumerHeartbeatRequest,
  JoinRequest,
  OffsetCommit,
  SyncRequest,
} from '../src/group/group-requests';
import type { GroupSettings } from '../src/group/group-settings';
import type { GroupTopic, GroupTopics, TopicChange } from '../src/group/group-topics';

export class TurnedClock implements GroupClock {
  readonly timers = new Set<{ readonly dueMs: number; readonly callback: () => void }>();
  private timeMs = 1_000;
  private jumpedMs = 0;

  nowMs(): number {
    return 1_700_000_000_000 + this.timeMs + this.jumpedMs;
  }

  /** Only the wall clock goes on; nothing that is timed notices. */
  jump(durationMs: number): void {
    this.jumpedMs += durationMs;
  }

  monotonicMs(): number {
    return this.timeMs;
  }

  schedule(callback: () => void, delayMs: number): () => void {
    const timer = { dueMs: this.timeMs + delayMs, callback };
    this.timers.add(timer);
    return () => {
      this.timers.delete(timer);
    };
  }

  /** Turns the clock; after each timer, what it started goes on until it waits. */
  async turn(durationMs: number): Promise<void> {
    await settle();
    const untilMs = this.timeMs + durationMs;
    for (;;) {
      const [next] = [...this.timers]
        .filter(({ dueMs }) => dueMs <= untilMs)
        .sort((one, other) => one.dueMs - other.dueMs);
      if (next === undefined) break;
      this.timeMs = Math.max(this.timeMs, next.dueMs);
      this.timers.delete(next);
      next.callback();
      await settle();
    }
    this.timeMs = untilMs;
    await settle();
  }
}

/** Lets everything that can go on go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export class ListedTopics implements GroupTopics {
  /** Groups that pin, by topic. */
  readonly pins = new Map<string, string>();
  private readonly topics = new Map<string, GroupTopic>();
  private readonly listeners = new Set<(change: TopicChange) => void>();

  find(name: string): GroupTopic | undefined {
    return this.topics.get(name);
  }

  list(): Iterable<GroupTopic> {
    return this.topics.values();
  }

  isPinned(name: string, groupId: string): boolean {
    return this.pins.get(name) === groupId;
  }

  onChanged(listener: (change: TopicChange) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }

  /** Creates a topic, or gives it this many partitions. */
  set(name: string, partitionCount: number, id = `id of ${name}`): void {
    const what = this.topics.has(name) ? 'grown' : 'created';
    const topic = { name, id, partitionCount };
    this.topics.set(name, topic);
    for (const listener of this.listeners) listener({ what, topic });
  }

  delete(name: string): void {
    const topic = this.topics.get(name);
    if (topic === undefined) return;
    this.topics.delete(name);
    for (const listener of this.listeners) listener({ what: 'deleted', topic });
  }
}

/** A coordinator on storage in memory, with topics t0 (4 partitions) and t1 (2). */
export class GroupFixture {
  readonly clock = new TurnedClock();
  readonly topics = new ListedTopics();
  readonly failures: unknown[] = [];
  coordinator: GroupCoordinator;

  private constructor(
    readonly store: GroupStore,
    readonly settings: Partial<GroupSettings>,
  ) {
    this.topics.set('t0', 4);
    this.topics.set('t1', 2);
    this.coordinator = this.newCoordinator();
  }

  static async open(
    settings: Partial<GroupSettings> = {},
    store: GroupStore = openMemoryStorage().groups,
  ): Promise<GroupFixture> {
    const fixture = new GroupFixture(store, settings);
    await fixture.coordinator.open();
    return fixture;
  }

  /** Another coordinator takes over from what is stored. */
  async restart(): Promise<void> {
    this.coordinator.close();
    this.coordinator = this.newCoordinator();
    await this.coordinator.open();
    await settle();
  }

  private newCoordinator(): GroupCoordinator {
    const { store, topics, clock, settings } = this;
    return new GroupCoordinator({
      store,
      topics,
      clock,
      settings,
      subscribedTopics: (_, metadata) => metadata.toString().split(','),
      onFailure: (_, error) => this.failures.push(error),
    });
  }
}

export function joinRequest(given: Partial<JoinRequest> = {}): JoinRequest {
  return {
    groupId: 'g',
    memberId: '',
    instanceId: null,
    clientId: 'client',
    clientHost: '127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 60_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from('t0') }],
    requiresKnownMemberId: false,
    canSkipAssignment: false,
    ...given,
  };
}

export function syncRequest(given: Partial<SyncRequest>): SyncRequest {
  return {
    groupId: 'g',
    memberId: '',
    instanceId: null,
    generation: 1,
    protocolType: null,
    protocolName: null,
    assignments: [],
    ...given,
  };
}

/** A heartbeat that joins. */
export function joinHeartbeat(
  memberId: string,
  given: Partial<ConsumerHeartbeatRequest> = {},
): ConsumerHeartbeatRequest {
  return {
    groupId: 'g',
    memberId,
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    clientId: 'client',
    clientHost: '127.0.0.1',
    rebalanceTimeoutMs: 60_000,
    topicNames: ['t0'],
    topicPattern: null,
    serverAssignor: null,
    owned: [],
    ...given,
  };
}

/** A heartbeat that says nothing new but what it is given. */
export function heartbeat(
  memberId: string,
  memberEpoch: number,
  given: Partial<ConsumerHeartbeatRequest> = {},
): ConsumerHeartbeatRequest {
  const nothing = { rebalanceTimeoutMs: -1, topicNames: null, owned: null };
  return joinHeartbeat(memberId, { ...nothing, memberEpoch, ...given });
}

export function commitRequest(given: Partial<CommitRequest> = {}): CommitRequest {
  return {
    groupId: 'g',
    memberId: '',
    instanceId: null,
    generation: -1,
    retentionMs: null,
    offsets: [position()],
    ...given,
  };
}

/** A position in partition 0 of t0. */
export function position(given: Partial<OffsetCommit> = {}): OffsetCommit {
  const where = { topicId: 'id of t0', topicName: 't0', partition: 0 };
  return { ...where, offset: 5, leaderEpoch: -1, metadata: '', ...given };
}
