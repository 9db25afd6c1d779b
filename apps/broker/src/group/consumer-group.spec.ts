// The server-side protocol (KIP-848) through the coordinator.
import {
  GroupFixture,
  commitRequest,
  heartbeat,
  joinHeartbeat,
  joinRequest,
  position,
  settle,
} from '../../test/group-fixture';
import type { ConsumerHeartbeatReply, ConsumerHeartbeatRequest } from './group-requests';
import { TopicPatterns } from './topic-patterns';

const T0 = 'id of t0';
const T1 = 'id of t1';
const partsOf = (...partitions: number[]) => [{ topicId: T0, partitions }];

describe('a group whose assignment the broker makes', () => {
  let fixture: GroupFixture;
  beforeEach(async () => {
    fixture = await GroupFixture.open();
  });
  afterEach(() => fixture.coordinator.close());

  const send = (request: ConsumerHeartbeatRequest): Promise<ConsumerHeartbeatReply> =>
    fixture.coordinator.consumerHeartbeat(request);
  const commit = (memberId: string, generation: number) =>
    fixture.coordinator.commit(commitRequest({ memberId, generation }));
  const group = () => fixture.coordinator.describe('g');

  it('gives the first member everything at once', async () => {
    const reply = await send(joinHeartbeat('a', { topicNames: ['t0', 't1', 'not there'] }));
    expect(reply).toEqual({
      error: 'NONE',
      message: null,
      memberId: 'a',
      memberEpoch: 1,
      heartbeatIntervalMs: 5_000,
      assignment: [
        { topicId: T0, partitions: [0, 1, 2, 3] },
        { topicId: T1, partitions: [0, 1] },
      ],
    });
    expect(group()).toMatchObject({ kind: 'consumer', state: 'Stable', generation: 1 });
    expect(await send(heartbeat('a', 1))).toMatchObject({ memberEpoch: 1, assignment: null });
  });

  it('makes an id for a member that has none', async () => {
    const { memberId } = await send(joinHeartbeat(''));
    expect(memberId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('hands a partition over only when its owner has given it up', async () => {
    await send(joinHeartbeat('a'));
    expect(await send(joinHeartbeat('b'))).toMatchObject({ memberEpoch: 2, assignment: [] });
    // Told to give up, it goes on working until it has.
    const told = await send(heartbeat('a', 1));
    expect(told).toMatchObject({ memberEpoch: 1, assignment: partsOf(0, 1) });
    expect(group().state).toBe('Reconciling');
    expect(await send(heartbeat('a', 1))).toMatchObject({ memberEpoch: 1, assignment: null });
    expect(await send(heartbeat('b', 2))).toMatchObject({ assignment: null });
    expect(await commit('a', 1)).toMatchObject({ error: 'NONE' });
    const given = await send(heartbeat('a', 1, { owned: partsOf(0, 1) }));
    expect(given).toMatchObject({ memberEpoch: 2, assignment: null });
    expect(await send(heartbeat('b', 2))).toMatchObject({ assignment: partsOf(2, 3) });
    expect(group().state).toBe('Stable');
    expect(await commit('a', 1)).toMatchObject({ error: 'STALE_MEMBER_EPOCH' });
    expect(await commit('a', 2)).toMatchObject({ error: 'NONE' });
  });

  it('fences a member that does not give up in its rebalance timeout', async () => {
    await send(joinHeartbeat('a', { rebalanceTimeoutMs: 20_000 }));
    await send(joinHeartbeat('b'));
    await send(heartbeat('a', 1));
    for (let second = 0; second < 20; second += 4) {
      expect(await send(heartbeat('a', 1))).toMatchObject({ error: 'NONE' });
      await fixture.clock.turn(4_000);
    }
    expect(await send(heartbeat('a', 1))).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await send(heartbeat('b', 2))).toMatchObject({
      memberEpoch: 3,
      assignment: partsOf(0, 1, 2, 3),
    });
  });

  it('fences a member that is silent, and its commits', async () => {
    await send(joinHeartbeat('a'));
    await send(joinHeartbeat('b'));
    await fixture.clock.turn(44_000);
    await send(heartbeat('b', 2));
    await fixture.clock.turn(1_000);
    expect(group().members.map(({ memberId }) => memberId)).toEqual(['b']);
    expect(await commit('a', 1)).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
    expect(await send(heartbeat('a', 1))).toMatchObject({ error: 'UNKNOWN_MEMBER_ID' });
  });

  it('gives what a member had to the others when it leaves', async () => {
    await send(joinHeartbeat('a'));
    await send(joinHeartbeat('b'));
    expect(await send(heartbeat('a', -1))).toMatchObject({ error: 'NONE', memberEpoch: -1 });
    expect(await send(heartbeat('b', 2))).toMatchObject({ assignment: partsOf(0, 1, 2, 3) });
    await send(heartbeat('b', -1));
    expect(group()).toMatchObject({ state: 'Empty', generation: 4 });
  });

  it('takes a member that missed the last answer, and tells it again', async () => {
    await send(joinHeartbeat('a'));
    await send(joinHeartbeat('b'));
    await send(heartbeat('a', 1));
    await send(heartbeat('a', 1, { owned: partsOf(0, 1) }));
    const again = await send(heartbeat('a', 1, { owned: partsOf(0, 1) }));
    expect(again).toMatchObject({ memberEpoch: 2, assignment: partsOf(0, 1) });
    const tooMuch = await send(heartbeat('a', 1, { owned: partsOf(0, 1, 2) }));
    expect(tooMuch).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' });
    expect(await send(heartbeat('a', 1))).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' });
    expect(await send(heartbeat('a', 9))).toMatchObject({ error: 'FENCED_MEMBER_EPOCH' });
  });

  it('lets a member that joins again under its id have what it had', async () => {
    await send(joinHeartbeat('a'));
    const again = await send(joinHeartbeat('a'));
    expect(again).toMatchObject({ memberEpoch: 1, assignment: partsOf(0, 1, 2, 3) });
  });

  it('follows a member to other topics', async () => {
    await send(joinHeartbeat('a'));
    const reply = await send(heartbeat('a', 1, { topicNames: ['t1'] }));
    expect(reply).toMatchObject({ memberEpoch: 1, assignment: [] });
    const next = await send(heartbeat('a', 1, { owned: [] }));
    expect(next).toMatchObject({
      memberEpoch: 2,
      assignment: [{ topicId: T1, partitions: [0, 1] }],
    });
  });

  it('gives out the partitions of topics that grow, come, and match', async () => {
    await send(joinHeartbeat('a', { topicNames: null, topicPattern: 't\\d+' }));
    fixture.topics.set('t0', 5);
    fixture.topics.set('t22', 1);
    fixture.topics.set('other', 1);
    await settle();
    const { assignment, memberEpoch } = await send(heartbeat('a', 1));
    expect(memberEpoch).toBe(3);
    expect(assignment).toEqual([
      { topicId: T0, partitions: [0, 1, 2, 3, 4] },
      { topicId: T1, partitions: [0, 1] },
      { topicId: 'id of t22', partitions: [0] },
    ]);
    fixture.topics.delete('t1');
    await settle();
    const after = await send(heartbeat('a', 3));
    expect(after.assignment?.map(({ topicId }) => topicId)).toEqual([T0, 'id of t22']);
  });

  it('matches patterns against whole names, and takes a pattern back', async () => {
    const reply = await send(joinHeartbeat('a', { topicNames: null, topicPattern: 't' }));
    expect(reply.assignment).toEqual([]);
    await send(heartbeat('a', 1, { topicPattern: 't1' }));
    expect((await send(heartbeat('a', 2))).assignment).toBeNull();
    const back = await send(heartbeat('a', 2, { topicPattern: '' }));
    expect(back).toMatchObject({ error: 'NONE', assignment: [] });
  });

  it.each([
    ['no expression', '('],
    ['one that RE2 does not have', '(?=x)'],
    ['too long', 'x'.repeat(1_025)],
    ['too large', '(abc){500}'],
  ])('refuses a pattern that is %s', async (_, topicPattern) => {
    const reply = await send(joinHeartbeat('a', { topicPattern }));
    expect(reply.error).toBe('INVALID_REGULAR_EXPRESSION');
    expect(fixture.coordinator.list()).toEqual([]);
  });

  it('matches a pattern that is cruel to other engines in no time', async () => {
    fixture.topics.set('x'.repeat(249), 1);
    const reply = await send(joinHeartbeat('a', { topicNames: [], topicPattern: '(x+x+)+y' }));
    expect(reply).toMatchObject({ error: 'NONE', assignment: [] });
  });

  it('keeps the place of a static member that says it will be back', async () => {
    const instanceId = 'i';
    await send(joinHeartbeat('a', { instanceId }));
    await send(joinHeartbeat('b'));
    const used = await send(joinHeartbeat('c', { instanceId }));
    expect(used).toMatchObject({ error: 'UNRELEASED_INSTANCE_ID' });
    expect(await send(heartbeat('a', -2, { instanceId }))).toMatchObject({ memberEpoch: -2 });
    expect(await commit('a', -2)).toMatchObject({ error: 'STALE_MEMBER_EPOCH' });
    const back = await send(joinHeartbeat('c', { instanceId }));
    expect(back).toMatchObject({ memberEpoch: 2, assignment: partsOf(0, 1) });
    expect(await send(heartbeat('a', 1, { instanceId }))).toMatchObject({
      error: 'FENCED_INSTANCE_ID',
    });
    expect(await send(heartbeat('b', 2))).toMatchObject({ assignment: partsOf(2, 3) });
  });

  it('takes no position of a topic for another one that was made under its name', async () => {
    await send(joinHeartbeat('a', { topicNames: ['t0', 't1'] }));
    fixture.topics.delete('t0');
    fixture.topics.set('t0', 4, 'a new id');
    await settle();
    // The client says names, so it is the broker that takes it for the new topic.
    const offsets = [position({ topicId: 'a new id' }), position({ topicId: T1, topicName: 't1' })];
    const request = commitRequest({ memberId: 'a', generation: 1, offsets });
    expect((await fixture.coordinator.commit(request)).partitions).toEqual([
      { topicId: 'a new id', partition: 0, error: 'UNKNOWN_TOPIC_OR_PARTITION' },
      { topicId: T1, partition: 0, error: 'NONE' },
    ]);
    const told = await send(heartbeat('a', 1, { owned: [{ topicId: T1, partitions: [0, 1] }] }));
    expect(told.assignment).toContainEqual({ topicId: 'a new id', partitions: [0, 1, 2, 3] });
    const later = { ...request, generation: told.memberEpoch };
    const { partitions } = await fixture.coordinator.commit(later);
    expect(partitions.map(({ error }) => error)).toEqual(['NONE', 'NONE']);
  });

  it('looks once at its patterns for all of its offsets', async () => {
    await send(joinHeartbeat('a', { topicNames: ['t1'], topicPattern: 't0' }));
    const offsets = [0, 1, 2, 3].map((partition) => position({ partition }));
    const request = commitRequest({ memberId: 'a', generation: 1, offsets });
    await fixture.coordinator.commit(request);
    const matching = jest.spyOn(TopicPatterns.prototype, 'matching');
    const reply = await fixture.coordinator.deleteOffsets({ groupId: 'g', partitions: offsets });
    expect(reply.partitions.map(({ error }) => error)).toEqual(
      Array(4).fill('GROUP_SUBSCRIBED_TO_TOPIC'),
    );
    expect(matching).toHaveBeenCalledTimes(1);
    matching.mockRestore();
  });

  it('gives what a member had to the group when it takes the place of a static one', async () => {
    const instanceId = 'i';
    await send(joinHeartbeat('a', { instanceId }));
    await send(joinHeartbeat('b'));
    await send(heartbeat('a', -2, { instanceId }));
    // The only member now: nobody else is to own anything.
    const reply = await send(joinHeartbeat('b', { instanceId }));
    expect(reply).toMatchObject({ memberEpoch: 3, assignment: partsOf(0, 1, 2, 3) });
  });

  it('gives the place away when the static member is not back in a session', async () => {
    const instanceId = 'i';
    await send(joinHeartbeat('a', { instanceId }));
    await send(heartbeat('a', -2, { instanceId }));
    await fixture.clock.turn(45_000);
    expect(group()).toMatchObject({ state: 'Empty' });
    expect(await send(heartbeat('a', 1, { instanceId }))).toMatchObject({
      error: 'UNKNOWN_MEMBER_ID',
    });
  });

  it('uses the assignor that most members ask for', async () => {
    const range = { topicNames: ['t0', 't1'], serverAssignor: 'range' };
    await send(joinHeartbeat('a', range));
    expect(group().protocolName).toBe('range');
    await send(joinHeartbeat('b', { topicNames: ['t0', 't1'], serverAssignor: 'uniform' }));
    await send(joinHeartbeat('c', { topicNames: ['t0', 't1'] }));
    expect(group().protocolName).toBe('uniform');
    expect(await send(joinHeartbeat('d', { serverAssignor: 'sticky' }))).toMatchObject({
      error: 'UNSUPPORTED_ASSIGNOR',
      message: "There is no assignor 'sticky': use uniform or range.",
    });
  });

  it.each([
    ['joins with partitions', joinHeartbeat('a', { owned: partsOf(0) })],
    ['joins without a subscription', joinHeartbeat('a', { topicNames: [] })],
    ['joins without a rebalance timeout', joinHeartbeat('a', { rebalanceTimeoutMs: -1 })],
    ['has no id', heartbeat('', 1)],
    ['leaves for a while without an instance id', heartbeat('a', -2)],
    ['has an epoch that is none', heartbeat('a', -3)],
    ['has an empty instance id', joinHeartbeat('a', { instanceId: '' })],
    [
      'subscribes to too many topics',
      joinHeartbeat('a', { topicNames: Array<string>(10_001).fill('t') }),
    ],
  ])('refuses a member that %s', async (_, request) => {
    expect(await send(request)).toMatchObject({ error: 'INVALID_REQUEST', memberId: null });
  });

  it('refuses the member after the last with GROUP_MAX_SIZE_REACHED', async () => {
    fixture.coordinator.close();
    fixture = await GroupFixture.open({ membersMax: 2 });
    await send(joinHeartbeat('a'));
    await send(joinHeartbeat('b'));
    expect(await send(joinHeartbeat('c'))).toMatchObject({ error: 'GROUP_MAX_SIZE_REACHED' });
    expect(await send(joinHeartbeat('b'))).toMatchObject({ error: 'NONE' });
  });

  it('changes to the other protocol when it has no members, and only then', async () => {
    expect(await send(heartbeat('a', 1))).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' });
    await send(joinHeartbeat('a'));
    expect(await fixture.coordinator.join(joinRequest())).toMatchObject({
      error: 'INCONSISTENT_GROUP_PROTOCOL',
    });
    await commit('a', 1);
    await send(heartbeat('a', -1));
    const join = fixture.coordinator.join(joinRequest());
    await fixture.clock.turn(3_000);
    const { memberId, generation } = await join;
    // Its number goes on: no generation is used twice under one name.
    expect(generation).toBe(3);
    expect(await send(joinHeartbeat('b'))).toMatchObject({ error: 'GROUP_ID_NOT_FOUND' });
    await fixture.coordinator.leave({ groupId: 'g', members: [{ memberId, instanceId: null }] });
    expect(await send(joinHeartbeat('b'))).toMatchObject({ memberEpoch: 5 });
    const request = { groupId: 'g', memberId: null, memberEpoch: -1, partitions: null };
    expect((await fixture.coordinator.fetchOffsets(request)).offsets).toHaveLength(1);
  });

  it('lets an operator remove members by their instance', async () => {
    await send(joinHeartbeat('a', { instanceId: 'i' }));
    const members = [
      { memberId: '', instanceId: 'i' },
      { memberId: 'x', instanceId: null },
    ];
    const reply = await fixture.coordinator.leave({ groupId: 'g', members });
    expect(reply.members.map(({ error }) => error)).toEqual(['NONE', 'UNKNOWN_MEMBER_ID']);
    expect(group().state).toBe('Empty');
  });

  it('is the same after a restart, patterns and half a hand-over included', async () => {
    await send(joinHeartbeat('a', { topicNames: null, topicPattern: 't0|t5' }));
    await send(joinHeartbeat('b', { rebalanceTimeoutMs: 10_000 }));
    await send(heartbeat('a', 1));
    const before = group();
    await fixture.restart();
    expect(group()).toEqual(before);
    expect(await send(heartbeat('b', 2))).toMatchObject({ error: 'NONE', assignment: null });
    const given = await send(heartbeat('a', 1, { owned: partsOf(0, 1) }));
    expect(given).toMatchObject({ memberEpoch: 2 });
    expect(await send(heartbeat('b', 2))).toMatchObject({ assignment: partsOf(2, 3) });
    fixture.topics.set('t5', 1);
    await settle();
    expect((await send(heartbeat('a', 2))).assignment).toContainEqual({
      topicId: 'id of t5',
      partitions: [0],
    });
  });

  it('sees topics that changed while nobody listened', async () => {
    await send(joinHeartbeat('a'));
    fixture.coordinator.close();
    fixture.topics.set('t0', 6);
    await fixture.restart();
    expect(await send(heartbeat('a', 1))).toMatchObject({ assignment: partsOf(0, 1, 2, 3, 4, 5) });
  });
});
