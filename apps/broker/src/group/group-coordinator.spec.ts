// The coordinator around the state machine: what is stored before it is answered, what happens when
// it cannot be, committed offsets, limits.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  StorageError,
  openMemoryStorage,
  openWalStorage,
  type GroupChange,
  type GroupRecord,
  type GroupStore,
  type StorageErrorCode,
} from '@walrusmq/storage';
import {
  GroupFixture,
  commitRequest,
  heartbeat,
  joinHeartbeat,
  joinRequest,
  position,
  settle,
} from '../../test/group-fixture';
import { GroupCoordinator } from './group-coordinator';
import type { OffsetCommit } from './group-requests';

/** A store that can be told to fail, or to take its time. */
class UnsteadyStore implements GroupStore {
  fails: StorageErrorCode | undefined;
  refuses: (changes: readonly GroupChange[]) => boolean = () => false;
  appendCount = 0;
  private gate: Promise<void> = Promise.resolve();
  private readonly inner = openMemoryStorage().groups;

  open(): Promise<void> {
    return this.inner.open();
  }

  load(): readonly GroupRecord[] {
    return this.inner.load();
  }

  async append(changes: readonly GroupChange[]): Promise<void> {
    this.appendCount += 1;
    await this.gate;
    if (this.fails !== undefined) throw new StorageError(this.fails, 'as the test wants it');
    if (this.refuses(changes)) throw new StorageError('INVALID_INPUT', 'as the test wants it');
    await this.inner.append(changes);
  }

  /** Holds appends back until the returned function is called. */
  hold(): () => void {
    let release = (): void => undefined;
    this.gate = new Promise((resolve) => {
      release = resolve;
    });
    return () => {
      release();
    };
  }
}

const ALL = { groupId: 'g', memberId: null, memberEpoch: -1, partitions: null };

describe('GroupCoordinator', () => {
  let store: UnsteadyStore;
  let fixture: GroupFixture;
  beforeEach(async () => {
    store = new UnsteadyStore();
    fixture = await GroupFixture.open(
      { groupsMax: 3, offsetsMax: 6, queuedCommandsMax: 50 },
      store,
    );
  });
  afterEach(() => fixture.coordinator.close());

  const commit = (...offsets: Partial<OffsetCommit>[]) =>
    fixture.coordinator.commit(commitRequest({ offsets: offsets.map(position) }));
  const fetched = async (): Promise<number[]> =>
    (await fixture.coordinator.fetchOffsets(ALL)).offsets.map(({ offset }) => offset);

  it('answers nothing before it is stored', async () => {
    const release = store.hold();
    let isAnswered = false;
    const reply = fixture.coordinator.consumerHeartbeat(joinHeartbeat('a')).finally(() => {
      isAnswered = true;
    });
    await settle();
    expect(isAnswered).toBe(false);
    expect(fixture.coordinator.describe('g').state).toBe('Dead');
    release();
    expect(await reply).toMatchObject({ error: 'NONE' });
    expect(fixture.coordinator.describe('g').state).toBe('Stable');
  });

  it('stores what comes meanwhile together, in call order', async () => {
    const release = store.hold();
    const commits = Array.from({ length: 20 }, (_, offset) => commit({ offset }));
    release();
    for (const reply of await Promise.all(commits)) expect(reply.error).toBe('NONE');
    expect(await fetched()).toEqual([19]);
    expect(store.appendCount).toBe(2);
  });

  it('rejects with the error of the store, with nothing changed, and goes on', async () => {
    await commit({ offset: 1 });
    await fixture.coordinator.consumerHeartbeat(joinHeartbeat('a', { groupId: 'h' }));
    store.fails = 'NO_SPACE';
    await expect(commit({ offset: 2 })).rejects.toMatchObject({ code: 'NO_SPACE' });
    const join = fixture.coordinator.consumerHeartbeat(joinHeartbeat('b', { groupId: 'h' }));
    await expect(join).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(await fetched()).toEqual([1]);
    expect(fixture.coordinator.describe('h').members).toHaveLength(1);
    const beat = heartbeat('a', 1, { groupId: 'h' });
    expect(await fixture.coordinator.consumerHeartbeat(beat)).toMatchObject({ error: 'NONE' });
    store.fails = undefined;
    expect(await commit({ offset: 3 })).toMatchObject({ error: 'NONE' });
    expect(await fetched()).toEqual([3]);
  });

  it('does not let one request that cannot be stored fail those beside it', async () => {
    const isBad = (change: GroupChange): boolean =>
      'put' in change && change.put.type === 'offset' && change.put.metadata === 'bad';
    store.refuses = (changes) => changes.some(isBad);
    const release = store.hold();
    const results = Promise.allSettled([
      commit({ offset: 1 }),
      commit({ offset: 2 }),
      commit({ offset: 3, metadata: 'bad' }),
      commit({ offset: 4, partition: 1 }),
    ]);
    release();
    expect((await results).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await fetched()).toEqual([2, 4]);
  });

  it('tries again to drop a silent member when the store did not take it', async () => {
    await fixture.coordinator.consumerHeartbeat(joinHeartbeat('a'));
    store.fails = 'NO_SPACE';
    await fixture.clock.turn(45_500);
    expect(fixture.failures).toEqual([expect.objectContaining({ code: 'NO_SPACE' })]);
    expect(fixture.coordinator.describe('g').members).toHaveLength(1);
    store.fails = undefined;
    await fixture.clock.turn(1_000);
    expect(fixture.coordinator.describe('g').state).toBe('Empty');
  });

  it('does not drop a member whose heartbeat came before its time was over', async () => {
    await fixture.coordinator.consumerHeartbeat(joinHeartbeat('a'));
    await fixture.clock.turn(44_999);
    const release = store.hold();
    // The group is busy while both wait for their turn.
    const slow = commit({ offset: 1 });
    const beat = fixture.coordinator.consumerHeartbeat(heartbeat('a', 1));
    await fixture.clock.turn(1);
    release();
    expect(await slow).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await beat).toMatchObject({ error: 'NONE' });
    await settle();
    expect(fixture.coordinator.describe('g').state).toBe('Stable');
  });

  it('commits and fetches offsets of clients that are no members', async () => {
    const offset = { offset: 2 ** 53 - 1, leaderEpoch: 4, metadata: 'märk' };
    await commit(offset, { partition: 3, offset: 0 });
    const partitions = [3, 1, 0].map((partition) => ({ topicId: 'id of t0', partition }));
    const reply = await fixture.coordinator.fetchOffsets({ ...ALL, partitions });
    const none = { offset: -1, leaderEpoch: -1, metadata: '' };
    expect(reply).toEqual({
      error: 'NONE',
      offsets: [
        { ...partitions[0], ...none, offset: 0 },
        { ...partitions[1], ...none },
        { ...partitions[2], ...offset },
      ],
    });
    expect(fixture.coordinator.list()).toEqual([
      { groupId: 'g', kind: 'classic', state: 'Empty', protocolType: '', memberCount: 0 },
    ]);
    expect(await fixture.coordinator.fetchOffsets({ ...ALL, groupId: 'none' })).toEqual({
      error: 'NONE',
      offsets: [],
    });
  });

  it('answers for each partition by itself what is wrong with it', async () => {
    const reply = await commit(
      { offset: 7 },
      { partition: 1, metadata: 'x'.repeat(4_097) },
      { partition: 4 },
      { topicId: 'another', partition: 2 },
      { partition: 2, offset: -3 },
      { partition: 3, leaderEpoch: -2 },
    );
    expect(reply.partitions.map(({ error }) => error)).toEqual([
      'NONE',
      'OFFSET_METADATA_TOO_LARGE',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'UNKNOWN_TOPIC_OR_PARTITION',
      'INVALID_REQUEST',
      'INVALID_REQUEST',
    ]);
    expect(await fetched()).toEqual([7]);
  });

  it('refuses the group, and the offset, after the last', async () => {
    for (const groupId of ['a', 'b', 'c']) {
      await fixture.coordinator.commit(commitRequest({ groupId }));
    }
    const many = { error: 'TOO_MANY_GROUPS' };
    expect(await commit({})).toMatchObject(many);
    expect(await fixture.coordinator.join(joinRequest())).toMatchObject(many);
    expect(await fixture.coordinator.consumerHeartbeat(joinHeartbeat('a'))).toMatchObject(many);
    const offsets = [1, 2, 3, 0].map((partition) => position({ partition }));
    const reply = await fixture.coordinator.commit(commitRequest({ groupId: 'a', offsets }));
    // Three are there: three more have room, and one that is there can always move.
    expect(reply.partitions.map(({ error }) => error)).toEqual(['NONE', 'NONE', 'NONE', 'NONE']);
    const last = await fixture.coordinator.commit(
      commitRequest({ groupId: 'b', offsets: [position({ partition: 1 })] }),
    );
    expect(last.partitions[0]?.error).toBe('TOO_MANY_OFFSETS');
  });

  it('refuses with BUSY when too many requests of a group wait', async () => {
    const release = store.hold();
    const commits = Array.from({ length: 51 }, () => commit({}));
    const refused = commit({});
    await expect(refused).rejects.toMatchObject({ code: 'BUSY' });
    release();
    for (const reply of await Promise.all(commits)) expect(reply.error).toBe('NONE');
  });

  it('deletes offsets that nobody is subscribed to, and groups without members', async () => {
    const { coordinator } = fixture;
    const both = [position(), position({ topicId: 'id of t1', topicName: 't1' })];
    await coordinator.commit(commitRequest({ offsets: both }));
    await coordinator.consumerHeartbeat(joinHeartbeat('a'));
    const reply = await coordinator.deleteOffsets({ groupId: 'g', partitions: both });
    expect(reply.partitions.map(({ error }) => error)).toEqual([
      'GROUP_SUBSCRIBED_TO_TOPIC',
      'NONE',
    ]);
    expect(await fetched()).toEqual([5]);
    expect(await coordinator.deleteGroup('g')).toEqual({ error: 'NON_EMPTY_GROUP' });
    await coordinator.consumerHeartbeat(heartbeat('a', -1));
    expect(await coordinator.deleteGroup('g')).toEqual({ error: 'NONE' });
    expect(await coordinator.deleteGroup('g')).toEqual({ error: 'GROUP_ID_NOT_FOUND' });
    expect(await coordinator.deleteOffsets({ groupId: 'g', partitions: both })).toEqual({
      error: 'GROUP_ID_NOT_FOUND',
      partitions: [],
    });
    expect(coordinator.list()).toEqual([]);
    expect(store.load()).toEqual([]);
  });

  it('drops offsets that nobody has needed for the retention, and the group', async () => {
    const dayMs = 24 * 3_600_000;
    await fixture.coordinator.consumerHeartbeat(joinHeartbeat('a'));
    const { coordinator } = fixture;
    await coordinator.commit(commitRequest({ memberId: 'a', generation: 1 }));
    await coordinator.consumerHeartbeat(heartbeat('a', -1));
    await coordinator.commit(commitRequest({ groupId: 'h', retentionMs: dayMs }));
    await fixture.clock.turn(dayMs + 600_000);
    expect(coordinator.list().map(({ groupId }) => groupId)).toEqual(['g']);
    await fixture.clock.turn(6 * dayMs - 1_200_000);
    expect(await fetched()).toEqual([5]);
    await fixture.clock.turn(1_200_000);
    expect(coordinator.list()).toEqual([]);
    expect(store.load()).toEqual([]);
  });

  it('keeps offsets of subscribed topics however old, and drops those of others', async () => {
    const { coordinator, clock } = fixture;
    await coordinator.consumerHeartbeat(joinHeartbeat('a'));
    const offsets = [position(), position({ topicId: 'id of t1', topicName: 't1', offset: 6 })];
    await coordinator.commit(commitRequest({ memberId: 'a', generation: 1, offsets }));
    clock.jump(7 * 24 * 3_600_000);
    // Ten minutes until the check that sees the jump, and ten until it is believed.
    for (let seconds = 0; seconds < 1_200; seconds += 40) {
      const beat = await coordinator.consumerHeartbeat(heartbeat('a', 1));
      // A jump of the wall clock ends no session.
      expect(beat.error).toBe('NONE');
      await clock.turn(40_000);
    }
    expect(await fetched()).toEqual([5]);
  });

  it('drops no offset because of a clock that was wrong for less than ten minutes', async () => {
    await fixture.coordinator.commit(commitRequest());
    fixture.clock.jump(365 * 24 * 3_600_000);
    await fixture.clock.turn(600_000);
    fixture.clock.jump(-365 * 24 * 3_600_000);
    await fixture.clock.turn(3_600_000);
    expect(await fetched()).toEqual([5]);
    fixture.clock.jump(365 * 24 * 3_600_000);
    await fixture.clock.turn(1_200_000);
    expect(await fetched()).toEqual([]);
  });

  it('drops the offsets of a topic that is deleted, even while nobody listens', async () => {
    const offsets = [position(), position({ topicId: 'id of t1', topicName: 't1', offset: 6 })];
    await fixture.coordinator.commit(commitRequest({ offsets }));
    fixture.topics.delete('t1');
    fixture.topics.set('t1', 2, 'a new id');
    await settle();
    expect(await fetched()).toEqual([5]);
    fixture.coordinator.close();
    fixture.topics.delete('t0');
    await fixture.restart();
    expect(fixture.coordinator.list()).toEqual([]);
  });

  it('moves offsets above the end of their partitions to that end, and says so', async () => {
    await commit({ offset: 9 }, { partition: 1, offset: 3 }, { partition: 2, offset: 8 });
    const clamped = await fixture.coordinator.clampOffsets(({ partition }) =>
      partition === 2 ? undefined : 4,
    );
    expect(clamped).toEqual([
      { groupId: 'g', topicId: 'id of t0', topicName: 't0', partition: 0, from: 9, to: 4 },
    ]);
    expect(await fetched()).toEqual([4, 3, 8]);
    await fixture.restart();
    expect((await fetched()).sort()).toEqual([3, 4, 8]);
  });

  it('rejects what waits, and what comes, with CLOSED when it is closed', async () => {
    const waiting = fixture.coordinator.join(joinRequest());
    await settle();
    fixture.coordinator.close();
    await expect(waiting).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(commit({})).rejects.toMatchObject({ code: 'CLOSED' });
    expect(fixture.clock.timers.size).toBe(0);
  });

  it('uses one timer of the clock, whatever it waits for', async () => {
    const { coordinator, clock } = fixture;
    for (let index = 0; index < 40; index += 1) {
      await coordinator.consumerHeartbeat(joinHeartbeat(`a${index}`));
    }
    // That, and the one for offsets that expire.
    expect(clock.timers.size).toBe(2);
  });

  it('does not open with records that do not fit together', async () => {
    const records = openMemoryStorage().groups;
    const [, member] = EVERY_KIND;
    await records.append([{ put: member }]);
    const { topics, clock } = fixture;
    const coordinator = new GroupCoordinator({ store: records, topics, clock });
    await expect(coordinator.open()).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('finds its groups again on the native log', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'walrus-groups-'));
    try {
      const options = { directory, blockBytes: 64 << 10, blocksPerFile: 4 };
      const first = await openWalStorage(options);
      const before = await GroupFixture.open({}, first.groups);
      await before.coordinator.consumerHeartbeat(joinHeartbeat('a'));
      await before.coordinator.commit(commitRequest({ memberId: 'a', generation: 1 }));
      const described = before.coordinator.describe('g');
      before.coordinator.close();
      await first.close();
      const second = await openWalStorage(options);
      const after = await GroupFixture.open({}, second.groups);
      expect(after.coordinator.describe('g')).toEqual(described);
      expect((await after.coordinator.fetchOffsets(ALL)).offsets).toHaveLength(1);
      after.coordinator.close();
      await second.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

const EVERY_KIND = [
  { groupId: 'g' },
  {
    type: 'classicMember',
    groupId: 'g',
    memberId: 'm',
    instanceId: null,
    clientId: '',
    clientHost: '',
    sessionTimeoutMs: 1,
    rebalanceTimeoutMs: 1,
    protocols: [],
    assignment: Buffer.alloc(0),
  },
] as const;
