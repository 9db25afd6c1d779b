// The classic protocol through the coordinator: Kafka's rules, one by one.
import {
  GroupFixture,
  commitRequest,
  joinRequest,
  settle,
  syncRequest,
} from '../../test/group-fixture';
import type { JoinReply, JoinRequest } from './group-requests';

describe('a classic group', () => {
  let fixture: GroupFixture;
  beforeEach(async () => {
    fixture = await GroupFixture.open();
  });
  afterEach(() => fixture.coordinator.close());

  /** Lets these clients join at once and waits until the first rebalance is over. */
  async function joined(...requests: Partial<JoinRequest>[]): Promise<JoinReply[]> {
    const joins = requests.map((each) => fixture.coordinator.join(joinRequest(each)));
    await settle();
    // A member that comes while a group waits for more has it wait as long again.
    await fixture.clock.turn(requests.length > 1 ? 6_000 : 3_000);
    return Promise.all(joins);
  }

  /** Has the leader give each member its id as assignment; returns the errors. */
  async function synced(replies: readonly JoinReply[]): Promise<string[]> {
    const assignments = replies.map(({ memberId }) => ({
      memberId,
      assignment: Buffer.from(memberId),
    }));
    const syncs = replies.map(({ memberId, generation, leaderId }) =>
      fixture.coordinator.sync(
        syncRequest({
          memberId,
          generation,
          assignments: memberId === leaderId ? assignments : [],
        }),
      ),
    );
    const errors = (await Promise.all(syncs)).map(({ error, assignment }, index) => {
      expect(error !== 'NONE' || assignment.toString() === replies[index]?.memberId).toBe(true);
      return error;
    });
    return errors;
  }

  const beat = ({ memberId, generation }: JoinReply, instanceId: string | null = null) =>
    fixture.coordinator.heartbeat({ groupId: 'g', memberId, instanceId, generation });
  const commit = ({ memberId, generation }: JoinReply, instanceId: string | null = null) =>
    fixture.coordinator.commit(commitRequest({ memberId, generation, instanceId }));
  const state = () => fixture.coordinator.describe('g').state;

  it('waits for more members at first, and tells the leader of all', async () => {
    const first = fixture.coordinator.join(joinRequest());
    await fixture.clock.turn(2_000);
    const second = fixture.coordinator.join(joinRequest());
    await fixture.clock.turn(2_000);
    expect(state()).toBe('PreparingRebalance');
    await fixture.clock.turn(2_000);
    const [leader, follower] = [await first, await second];
    expect(leader).toMatchObject({ error: 'NONE', generation: 1, protocolName: 'range' });
    expect(leader.leaderId).toBe(leader.memberId);
    expect(leader.members.map(({ memberId }) => memberId)).toEqual([
      leader.memberId,
      follower.memberId,
    ]);
    expect(follower).toMatchObject({ generation: 1, leaderId: leader.memberId, members: [] });
    expect(state()).toBe('CompletingRebalance');
  });

  it('hands out the assignments once the leader has sent them', async () => {
    const replies = await joined({}, {}, {});
    const [leader, ...others] = replies as [JoinReply, JoinReply, JoinReply];
    const waiting = fixture.coordinator.sync(syncRequest({ memberId: others[0].memberId }));
    await settle();
    expect(await synced([leader, others[1]])).toEqual(['NONE', 'NONE']);
    // The leader left this one out: it gets nothing, as those bytes say.
    expect(await waiting).toMatchObject({ error: 'NONE', assignment: Buffer.alloc(0) });
    expect(state()).toBe('Stable');
  });

  it('sends a client back with an id first, and lets nobody else in for it', async () => {
    const asked = await fixture.coordinator.join(joinRequest({ requiresKnownMemberId: true }));
    expect(asked).toMatchObject({ error: 'MEMBER_ID_REQUIRED', generation: -1 });
    expect(asked.memberId).toMatch(/^client-/);
    const [reply] = await joined({ memberId: asked.memberId, requiresKnownMemberId: true });
    expect(reply).toMatchObject({ error: 'NONE', memberId: asked.memberId });
    expect(await fixture.coordinator.join(joinRequest({ memberId: 'made up' }))).toMatchObject({
      error: 'UNKNOWN_MEMBER_ID',
    });
  });

  it('forgets an id that nobody came back with', async () => {
    const asked = await fixture.coordinator.join(joinRequest({ requiresKnownMemberId: true }));
    await fixture.clock.turn(10_000);
    const late = await fixture.coordinator.join(joinRequest({ memberId: asked.memberId }));
    expect(late.error).toBe('UNKNOWN_MEMBER_ID');
    expect(fixture.coordinator.list()).toEqual([]);
  });

  it('chooses the protocol that most members prefer among those that all have', async () => {
    const protocols = (...names: string[]) => ({
      protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
    });
    const replies = await joined(
      protocols('sticky', 'range', 'only mine'),
      protocols('range', 'sticky'),
      protocols('range', 'sticky'),
    );
    expect(replies.map(({ protocolName }) => protocolName)).toEqual(['range', 'range', 'range']);
    expect(replies[0]?.members[0]?.metadata).toEqual(Buffer.from('range'));
    const stranger = await fixture.coordinator.join(joinRequest(protocols('only mine')));
    expect(stranger.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
    const foreign = await fixture.coordinator.join(joinRequest({ protocolType: 'connect' }));
    expect(foreign.error).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });

  it('tells members of a rebalance at their heartbeats, and drops who does not come', async () => {
    const [leader, other] = (await joined({}, {})) as [JoinReply, JoinReply];
    await synced([leader, other]);
    const third = fixture.coordinator.join(joinRequest());
    await settle();
    expect(await beat(leader)).toEqual({ error: 'REBALANCE_IN_PROGRESS' });
    const again = fixture.coordinator.join(joinRequest({ memberId: leader.memberId }));
    for (let second = 0; second < 55; second += 5) {
      await fixture.clock.turn(5_000);
      expect(await beat(other)).toEqual({ error: 'REBALANCE_IN_PROGRESS' });
    }
    await fixture.clock.turn(5_000);
    expect((await again).members).toHaveLength(2);
    expect(await third).toMatchObject({ generation: 2 });
    expect(await beat(other)).toEqual({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('drops a member that is silent for its session timeout, and no other', async () => {
    const replies = (await joined({ sessionTimeoutMs: 6_000 }, {})) as [JoinReply, JoinReply];
    await synced(replies);
    const [silent, other] = replies;
    await fixture.clock.turn(5_000);
    expect(await beat(other)).toEqual({ error: 'NONE' });
    await fixture.clock.turn(999);
    expect(state()).toBe('Stable');
    await fixture.clock.turn(1);
    expect(state()).toBe('PreparingRebalance');
    expect(await beat(silent)).toEqual({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await commit(silent)).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await commit(other)).toMatchObject({ error: 'NONE' });
  });

  it('does not wait for ever for members that do not ask for their assignment', async () => {
    const replies = (await joined({}, {})) as [JoinReply, JoinReply];
    const [leader, other] = replies;
    const waiting = fixture.coordinator.sync(syncRequest({ memberId: other.memberId }));
    for (let second = 0; second < 60; second += 5) {
      await fixture.clock.turn(5_000);
      await beat(leader);
    }
    expect(await waiting).toMatchObject({ error: 'REBALANCE_IN_PROGRESS' });
    expect(await beat(leader)).toEqual({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('lets a follower join again unchanged without a rebalance', async () => {
    const replies = (await joined({}, {})) as [JoinReply, JoinReply];
    await synced(replies);
    const [leader, follower] = replies;
    const again = await fixture.coordinator.join(joinRequest({ memberId: follower.memberId }));
    expect(again).toMatchObject({ generation: 1, members: [], leaderId: leader.memberId });
    expect(state()).toBe('Stable');
    void fixture.coordinator.join(joinRequest({ memberId: leader.memberId })).catch(() => 'closed');
    await settle();
    expect(state()).toBe('PreparingRebalance');
  });

  it('lets a client take the place of its instance without a rebalance', async () => {
    const replies = (await joined({ instanceId: 'i' }, {})) as [JoinReply, JoinReply];
    await synced(replies);
    const [old] = replies;
    const now = await fixture.coordinator.join(joinRequest({ instanceId: 'i' }));
    expect(now).toMatchObject({
      error: 'NONE',
      generation: 1,
      members: [],
      leaderId: old.memberId,
    });
    expect(now.memberId).not.toBe(old.memberId);
    expect(state()).toBe('Stable');
    const sync = await fixture.coordinator.sync(
      syncRequest({ memberId: now.memberId, instanceId: 'i' }),
    );
    expect(sync.assignment.toString()).toBe(old.memberId);
    expect(await beat(old, 'i')).toEqual({ error: 'FENCED_INSTANCE_ID' });
    expect(await commit(old, 'i')).toMatchObject({ error: 'FENCED_INSTANCE_ID' });
    expect(await beat(now, 'i')).toEqual({ error: 'NONE' });
  });

  it('lets a static leader that can skip the assignment go on as leader', async () => {
    const replies = (await joined({ instanceId: 'i' }, {})) as [JoinReply, JoinReply];
    await synced(replies);
    const request = joinRequest({ instanceId: 'i', canSkipAssignment: true });
    const now = await fixture.coordinator.join(request);
    expect(now).toMatchObject({ skipAssignment: true, leaderId: now.memberId });
    expect(now.members).toHaveLength(2);
  });

  it('answers FENCED_INSTANCE_ID to a join that waits and is replaced', async () => {
    const first = fixture.coordinator.join(joinRequest({ instanceId: 'i' }));
    await settle();
    const second = fixture.coordinator.join(joinRequest({ instanceId: 'i' }));
    expect(await first).toMatchObject({ error: 'FENCED_INSTANCE_ID' });
    await fixture.clock.turn(3_000);
    expect((await second).members).toHaveLength(1);
  });

  it('takes several members out with one request, by id, by instance and by both', async () => {
    const replies = await joined({}, { instanceId: 'i' }, { instanceId: 'j' });
    await synced(replies);
    const ids = replies.map(({ memberId }) => memberId) as [string, string, string];
    const members = [
      { memberId: ids[0], instanceId: null },
      { memberId: '', instanceId: 'i' },
      { memberId: 'other', instanceId: 'j' },
      { memberId: ids[2], instanceId: 'j' },
      { memberId: '', instanceId: 'k' },
    ];
    const reply = await fixture.coordinator.leave({ groupId: 'g', members });
    expect(reply.members.map(({ error }) => error)).toEqual([
      'NONE',
      'NONE',
      'FENCED_INSTANCE_ID',
      'NONE',
      'UNKNOWN_MEMBER_ID',
    ]);
    expect(fixture.coordinator.describe('g')).toMatchObject({ state: 'Empty', generation: 2 });
  });

  it('refuses the member after the last with GROUP_MAX_SIZE_REACHED', async () => {
    fixture.coordinator.close();
    fixture = await GroupFixture.open({ membersMax: 2 });
    const replies = await joined({}, {}, {});
    expect(replies.map(({ error }) => error).sort()).toEqual([
      'GROUP_MAX_SIZE_REACHED',
      'NONE',
      'NONE',
    ]);
    const late = await fixture.coordinator.join(joinRequest());
    expect(late.error).toBe('GROUP_MAX_SIZE_REACHED');
    const ids = Array.from({ length: 3 }, () =>
      fixture.coordinator.join(joinRequest({ groupId: 'h', requiresKnownMemberId: true })),
    );
    expect((await Promise.all(ids)).map(({ error }) => error)).toEqual([
      'MEMBER_ID_REQUIRED',
      'MEMBER_ID_REQUIRED',
      'GROUP_MAX_SIZE_REACHED',
    ]);
  });

  it('refuses who says more than the leader could be told of all', async () => {
    fixture.coordinator.close();
    fixture = await GroupFixture.open({ groupBytesMax: 300 });
    const says = (bytes: number) => ({
      protocols: [{ name: 'range', metadata: Buffer.alloc(bytes - 'range'.length) }],
    });
    const join = (given: Partial<JoinRequest>) => fixture.coordinator.join(joinRequest(given));
    const [first, , third, fourth] = await joined(says(100), says(100), says(100), says(5));
    expect([first, third, fourth].map((each) => each?.error)).toEqual([
      'NONE',
      'NONE',
      'GROUP_MAX_SIZE_REACHED',
    ]);
    expect(first?.members).toHaveLength(3);
    const grown = await join({ memberId: third!.memberId, ...says(101) });
    expect(grown.error).toBe('GROUP_MAX_SIZE_REACHED');
    // What it had the others share. Those that have not come back do not count.
    expect(state()).toBe('PreparingRebalance');
    const newcomers = [join(says(100)), join(says(200))];
    await settle();
    const late = await join({ memberId: first!.memberId, ...says(100) });
    expect(late.error).toBe('GROUP_MAX_SIZE_REACHED');
    await fixture.clock.turn(11_000);
    const [leader, follower] = await Promise.all(newcomers);
    expect([leader?.error, follower?.error]).toEqual(['NONE', 'NONE']);
    expect(leader).toMatchObject({ generation: 2, members: [{}, {}] });
  });

  it('refuses what belongs to another generation, protocol or phase', async () => {
    const replies = (await joined({}, {})) as [JoinReply, JoinReply];
    const [leader, other] = replies;
    expect(await commit(leader)).toMatchObject({ error: 'REBALANCE_IN_PROGRESS' });
    const { memberId } = other;
    const sync = async (given: object): Promise<string> =>
      (await fixture.coordinator.sync(syncRequest({ memberId, ...given }))).error;
    expect(await sync({ generation: 0 })).toBe('ILLEGAL_GENERATION');
    expect(await sync({ protocolType: 'connect' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(await sync({ protocolName: 'sticky' })).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(await sync({ memberId: 'nobody' })).toBe('UNKNOWN_MEMBER_ID');
    expect(await sync({ groupId: 'none' })).toBe('UNKNOWN_MEMBER_ID');
    await synced(replies);
    expect(await beat({ ...leader, generation: 0 })).toEqual({ error: 'ILLEGAL_GENERATION' });
    expect(await commit({ ...leader, generation: 2 })).toMatchObject({
      error: 'ILLEGAL_GENERATION',
    });
    expect(await commit({ ...leader, memberId: 'x' })).toMatchObject({
      error: 'UNKNOWN_MEMBER_ID',
    });
    expect(await fixture.coordinator.commit(commitRequest())).toMatchObject({
      error: 'UNKNOWN_MEMBER_ID',
    });
  });

  it.each([
    ['no group id', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['a long group id', { groupId: 'x'.repeat(250) }, 'INVALID_GROUP_ID'],
    ['a short session', { sessionTimeoutMs: 5_999 }, 'INVALID_SESSION_TIMEOUT'],
    ['a long session', { sessionTimeoutMs: 1_800_001 }, 'INVALID_SESSION_TIMEOUT'],
    ['no session', { sessionTimeoutMs: Number.NaN }, 'INVALID_SESSION_TIMEOUT'],
    ['a negative rebalance timeout', { rebalanceTimeoutMs: -1 }, 'INVALID_REQUEST'],
    ['no protocol', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol type', { protocolType: '' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    [
      'too much metadata',
      { protocols: [{ name: 'a', metadata: Buffer.alloc(256 << 10) }] },
      'INVALID_REQUEST',
    ],
    ['a long client id', { clientId: 'x'.repeat(499) }, 'INVALID_REQUEST'],
  ])('refuses a join with %s', async (_, given, error) => {
    expect(await fixture.coordinator.join(joinRequest(given))).toMatchObject({ error });
    expect(fixture.coordinator.list()).toEqual([]);
  });

  it('is the same after a restart, and its members have their session timeout anew', async () => {
    const replies = (await joined({}, {})) as [JoinReply, JoinReply];
    await synced(replies);
    const before = fixture.coordinator.describe('g');
    await fixture.clock.turn(9_000);
    await fixture.restart();
    expect(fixture.coordinator.describe('g')).toEqual(before);
    await fixture.clock.turn(9_000);
    expect(await beat(replies[0])).toEqual({ error: 'NONE' });
    await fixture.clock.turn(1_000);
    expect(fixture.coordinator.describe('g').members).toHaveLength(1);
  });

  it('completes a rebalance that a restart interrupted', async () => {
    const replies = (await joined({}, {})) as [JoinReply, JoinReply];
    await fixture.restart();
    expect(await synced(replies)).toEqual(['NONE', 'NONE']);
    expect(fixture.coordinator.describe('g')).toMatchObject({ state: 'Stable', generation: 1 });
  });
});
