// JoinGroup, SyncGroup, Heartbeat and LeaveGroup: what each version says, and what clients depend
// on. The rules themselves are in group/classic-group.spec.ts.
import {
  describeGroupsCodec,
  heartbeatCodec,
  joinGroupCodec,
  leaveGroupCodec,
  syncGroupCodec,
} from '@walrusmq/kafka-protocol';
import { settle } from '../../test/group-fixture';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import {
  assignmentOf,
  code,
  join,
  joining,
  subscriptionTo,
  sync,
  joinPair,
} from '../../test/kafka-members';

const versions = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('a Kafka member of a classic group', () => {
  let fixture: KafkaGroupFixture;
  let one: KafkaGroupClient;
  let two: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    one = fixture.client();
    two = fixture.client();
  });
  afterEach(() => fixture.close());

  const beat = (client: KafkaGroupClient, memberId: string, generationId: number) =>
    client.request(heartbeatCodec, 4, { groupId: 'g', memberId, generationId });
  const stateOf = (): string => fixture.coordinator.describe('g').state;

  it.each(versions(0, 3))('joins at once with version %i (MEMBER_ID_REQUIRED)', async (version) => {
    const joined = await one.request(joinGroupCodec, version, joining());
    expect(joined).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range' });
    expect(joined.memberId).toMatch(/^app-[0-9a-f-]{36}$/);
    expect(joined.leader).toBe(joined.memberId);
    expect(joined.members).toMatchObject([{ memberId: joined.memberId }]);
  });

  it.each(versions(4, 9))(
    'is sent back with its id in version %i (MEMBER_ID_REQUIRED)',
    async (version) => {
      const refused = await one.request(joinGroupCodec, version, joining());
      expect(refused).toMatchObject({
        errorCode: code('MEMBER_ID_REQUIRED'),
        generationId: -1,
        protocolType: null,
        protocolName: version >= 7 ? null : '',
        leader: '',
        members: [],
      });
      const { memberId } = refused;
      expect(memberId).toMatch(/^app-[0-9a-f-]{36}$/);
      const joined = await one.request(joinGroupCodec, version, joining({ memberId }));
      expect(joined).toMatchObject({ errorCode: 0, memberId, leader: memberId, generationId: 1 });
      expect(joined.protocolType).toBe(version >= 7 ? 'consumer' : null);
    },
  );

  it('that was sent back and does not come is waited for one session timeout', async () => {
    const first = await join(one);
    await sync(one, first);
    await two.request(joinGroupCodec, 9, joining({ sessionTimeoutMs: 7_000 }));
    const third = join(fixture.client());
    await settle();
    const again = join(one, { memberId: first.memberId });
    let isAnswered = false;
    void Promise.all([third, again]).then(() => (isAnswered = true));
    await fixture.clock.turn(6_500);
    expect(isAnswered).toBe(false);
    await fixture.clock.turn(1_000);
    expect((await third).generationId).toBe(2);
    expect((await again).members).toHaveLength(2);
  });

  it.each([
    ['UNKNOWN_MEMBER_ID', { memberId: 'nobody' }],
    ['INVALID_SESSION_TIMEOUT', { sessionTimeoutMs: 5_999 }],
    ['INVALID_SESSION_TIMEOUT', { sessionTimeoutMs: 1_800_001 }],
    ['INVALID_GROUP_ID', { groupId: '' }],
    ['INCONSISTENT_GROUP_PROTOCOL', { protocols: [] }],
    ['INCONSISTENT_GROUP_PROTOCOL', { protocolType: '' }],
    ['INVALID_REQUEST', { rebalanceTimeoutMs: -1 }],
  ] as const)('is refused with %s for %j, in every version', async (error, given) => {
    for (const version of versions(error === 'INVALID_REQUEST' ? 1 : 0, 9)) {
      const refused = await one.request(joinGroupCodec, version, joining(given));
      expect(refused).toMatchObject({
        errorCode: code(error),
        generationId: -1,
        leader: '',
        members: [],
        memberId: 'memberId' in given ? given.memberId : '',
      });
    }
  });

  it('is refused where it shares no protocol, or no protocol type, with the others', async () => {
    await join(one);
    const metadata = subscriptionTo('orders');
    for (const given of [
      { protocols: [{ name: 'sticky', metadata }] },
      { protocolType: 'connect' },
    ]) {
      const { errorCode } = await join(two, given);
      expect(errorCode).toBe(code('INCONSISTENT_GROUP_PROTOCOL'));
    }
  });

  it('is refused where the leader could not be told of it (GROUP_MAX_SIZE_REACHED)', async () => {
    fixture.close();
    fixture = await KafkaGroupFixture.open({ groupBytesMax: 1_000 });
    const protocols = [{ name: 'range', metadata: Buffer.alloc(900) }];
    await join(fixture.client(), { protocols });
    for (const version of versions(0, 9)) {
      const newcomer = fixture.client();
      const refused = await newcomer.request(joinGroupCodec, version, joining({ protocols }));
      expect(refused).toMatchObject({
        errorCode: code('GROUP_MAX_SIZE_REACHED'),
        generationId: -1,
        members: [],
      });
    }
  });

  it.each([
    [0, 2],
    [1, 1],
  ])(
    'of version %i joins anew within its session timeout or not: generation %i (rebalance timeout)',
    async (version, generation) => {
      const timeouts = { sessionTimeoutMs: 7_000, rebalanceTimeoutMs: 60_000 };
      const first = await join(one, timeouts, version);
      await sync(one, first, [], {}, 0);
      const second = join(two, timeouts, version);
      await settle();
      // It stays in touch, but does not join again.
      await fixture.clock.turn(3_700);
      const told = await beat(one, first.memberId, 1);
      expect(told.errorCode).toBe(code('REBALANCE_IN_PROGRESS'));
      await fixture.clock.turn(3_700);
      expect(fixture.coordinator.describe('g').generation).toBe(generation);
      // In the second case that is what the rebalance waits for.
      const members = [{ memberId: first.memberId }];
      await one.request(leaveGroupCodec, 5, { groupId: 'g', members });
      expect(await second).toMatchObject({ errorCode: 0, generationId: 2 });
    },
  );

  it('has metadata and assignment passed on byte for byte, whatever the assignor', async () => {
    const metadata = Buffer.from('ff00c3a9not a subscription', 'latin1');
    const protocols = [{ name: 'the app’s own', metadata }];
    const given = { protocolType: 'connect', protocols };
    for (const version of versions(0, 9)) {
      const groupId = `g-${version}`;
      const joined = await join(one, { ...given, groupId }, version);
      expect(joined.members.map((each) => each.metadata.toString('hex'))).toEqual([
        metadata.toString('hex'),
      ]);
      const assignment = Buffer.from([0, 255, 1, version]);
      const syncVersion = Math.min(version, 5);
      const names = { protocolType: 'connect', protocolName: 'the app’s own' };
      const said = { groupId, ...(syncVersion >= 5 ? names : {}) };
      const synced = await sync(one, joined, [[joined.memberId, assignment]], said, syncVersion);
      expect(synced).toMatchObject({
        errorCode: 0,
        protocolType: syncVersion >= 5 ? 'connect' : null,
        protocolName: syncVersion >= 5 ? 'the app’s own' : null,
      });
      expect(synced.assignment.equals(assignment)).toBe(true);
    }
  });

  it('keeps its assignment when the frame that it came in is written over', async () => {
    const joined = await join(one);
    const assignment = assignmentOf('orders', 0, 1, 2, 3);
    const synced = await sync(one, joined, [[joined.memberId, assignment]]);
    one.sent.fill(0);
    const { members } = fixture.coordinator.describe('g');
    expect(members[0]?.assignment?.equals(assignment)).toBe(true);
    expect(synced.assignment.equals(assignment)).toBe(true);
  });

  it('keeps its subscription when the frame that it came in is written over', async () => {
    const first = await join(one);
    one.sent.fill(0);
    const newcomer = join(two);
    await settle();
    two.sent.fill(0);
    const led = await join(one, { memberId: first.memberId });
    const subscriptions = led.members.map(({ metadata }) => metadata.toString('hex'));
    const sent = subscriptionTo('orders').toString('hex');
    expect(subscriptions).toEqual([sent, sent]);
    expect((await newcomer).errorCode).toBe(0);
  });

  it('is sent no bytes where the leader sent none or named it not', async () => {
    for (const [at, version] of versions(0, 5).entries()) {
      const groupId = `empty-${at}`;
      const leader = await join(one, { groupId });
      const follower = join(two, { groupId });
      await settle();
      const [led, joined] = await Promise.all([
        join(one, { groupId, memberId: leader.memberId }),
        follower,
      ]);
      const waiting = sync(two, joined, [], { groupId }, version);
      await settle();
      const given = version % 2 === 0 ? [[joined.memberId, Buffer.alloc(0)] as const] : [];
      const own = await sync(one, led, given, { groupId }, version);
      expect([own.errorCode, own.assignment.length]).toEqual([0, 0]);
      const { errorCode, assignment } = await waiting;
      expect([errorCode, assignment.length]).toEqual([0, 0]);
    }
  });

  it('is told of the others only where it leads', async () => {
    const first = await join(one);
    const joinedLater = join(two);
    await settle();
    const leader = await join(one, { memberId: first.memberId });
    const follower = await joinedLater;
    expect(leader.members.map(({ memberId }) => memberId).sort()).toEqual(
      [first.memberId, follower.memberId].sort(),
    );
    expect(follower).toMatchObject({ leader: first.memberId, members: [], generationId: 2 });
  });

  it('hears REBALANCE_IN_PROGRESS only while the group waits for members', async () => {
    expect((await beat(one, 'm', 1)).errorCode).toBe(code('UNKNOWN_MEMBER_ID'));
    const joined = await join(one);
    const { memberId } = joined;
    expect(stateOf()).toBe('CompletingRebalance');
    expect((await beat(one, memberId, 1)).errorCode).toBe(0);
    await sync(one, joined);
    expect(stateOf()).toBe('Stable');
    expect((await beat(one, memberId, 1)).errorCode).toBe(0);
    expect((await beat(one, memberId, 2)).errorCode).toBe(code('ILLEGAL_GENERATION'));
    const second = join(two);
    await settle();
    expect(stateOf()).toBe('PreparingRebalance');
    for (const version of versions(0, 4)) {
      const request = { groupId: 'g', memberId, generationId: 1 };
      const told = await one.request(heartbeatCodec, version, request);
      expect(told.errorCode).toBe(code('REBALANCE_IN_PROGRESS'));
    }
    await join(one, { memberId });
    await leave(one, memberId);
    await leave(two, (await second).memberId);
    expect(stateOf()).toBe('Empty');
    expect((await beat(one, memberId, 2)).errorCode).toBe(code('UNKNOWN_MEMBER_ID'));
  });

  it('does not time out while it waits for the others to join', async () => {
    const first = await join(one);
    await sync(one, first);
    const second = join(two);
    await settle();
    const again = join(one, { memberId: first.memberId });
    const [led, joined] = await Promise.all([again, second]);
    await Promise.all([sync(two, joined), sync(one, led)]);
    const third = join(fixture.client());
    await settle();
    const waiting = join(one, { memberId: first.memberId });
    for (let turn = 0; turn < 4; turn += 1) {
      await fixture.clock.turn(8_000);
      await beat(two, joined.memberId, joined.generationId);
    }
    expect(fixture.coordinator.describe('g').members).toHaveLength(3);
    await join(two, { memberId: joined.memberId });
    expect(await waiting).toMatchObject({ errorCode: 0, memberId: first.memberId });
    expect((await third).generationId).toBe(3);
  });

  it('that follows and says nothing new comes back to the same generation', async () => {
    const { led, joined } = await joinPair(one, two);
    const back = await join(two, { memberId: joined.memberId });
    expect(back).toMatchObject({ errorCode: 0, generationId: led.generationId, members: [] });
    expect(stateOf()).toBe('Stable');
  });

  it.each([
    ['leads', true],
    ['follows and says something new', false],
  ])('that %s and joins again has all others join', async (_, isLeader) => {
    const { led, joined } = await joinPair(one, two);
    const protocols = [{ name: 'range', metadata: subscriptionTo('orders', 'bills') }];
    const again = isLeader
      ? join(one, { memberId: led.memberId })
      : join(two, { memberId: joined.memberId, protocols });
    await settle();
    expect(stateOf()).toBe('PreparingRebalance');
    const [client, memberId] = isLeader ? [two, joined.memberId] : [one, led.memberId];
    const other = await join(client, { memberId });
    expect(other).toMatchObject({ errorCode: 0, generationId: led.generationId + 1 });
    expect((await again).generationId).toBe(other.generationId);
  });

  it('is known in two rebalances right behind each other (cooperative-sticky)', async () => {
    const said = (...owned: number[]) => ({
      protocols: [{ name: 'range', metadata: Buffer.from([0, ...owned]) }],
    });
    const first = await join(one, said());
    await sync(one, first, [[first.memberId, Buffer.from([0, 1, 2, 3])]]);
    const newcomer = join(two, said());
    await settle();
    const { memberId } = first;
    const led = await join(one, { memberId, ...said(0, 1, 2, 3) });
    const joined = await newcomer;
    const waiting = sync(two, joined);
    await settle();
    await sync(one, led, [[memberId, Buffer.from([0, 1])]]);
    await waiting;
    // The old owner has given up what it had to, and joins at once; the other only hears of it.
    const ownAgain = join(one, { memberId, ...said(0, 1) });
    await settle();
    const told = await beat(two, joined.memberId, joined.generationId);
    expect(told.errorCode).toBe(code('REBALANCE_IN_PROGRESS'));
    const otherAgain = await join(two, { memberId: joined.memberId, ...said() });
    const led2 = await ownAgain;
    expect([led2.errorCode, otherAgain.errorCode]).toEqual([0, 0]);
    expect(led2.generationId).toBe(led.generationId + 1);
    const [given] = await Promise.all([
      sync(two, otherAgain),
      sync(one, led2, [[otherAgain.memberId, Buffer.from([2, 3])]]),
    ]);
    expect(given.assignment.equals(Buffer.from([2, 3]))).toBe(true);
  });

  it.each([
    ['no protocol type', { protocolType: null }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol name', { protocolName: null }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another protocol type', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another protocol name', { protocolName: 'sticky' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['another generation', { generationId: 7 }, 'ILLEGAL_GENERATION'],
    ['a member that is not there', { memberId: 'nobody' }, 'UNKNOWN_MEMBER_ID'],
    ['no group', { groupId: '' }, 'INVALID_GROUP_ID'],
  ] as const)('is refused an assignment with %s (SyncGroup 5)', async (_, given, error) => {
    const joined = await join(one);
    const refused = await sync(one, joined, [], given);
    expect(refused).toMatchObject({
      errorCode: code(error),
      protocolType: null,
      protocolName: null,
    });
    expect(refused.assignment).toHaveLength(0);
    expect((await sync(one, joined)).errorCode).toBe(0);
  });

  it('is described with its client id and its address', async () => {
    const named = fixture.client('shop');
    const joined = await join(named);
    await sync(named, joined, [[joined.memberId, assignmentOf('orders', 0)]]);
    const { groups } = await one.request(describeGroupsCodec, 5, { groups: ['g'] });
    expect(groups[0]?.members).toMatchObject([{ clientId: 'shop', clientHost: '/10.1.2.3' }]);
    const nameless = fixture.client(null);
    expect((await join(nameless, { groupId: 'h' })).memberId).toMatch(/^-[0-9a-f-]{36}$/);
  });

  it('that is a leader asks for its assignment again and gets it', async () => {
    const joined = await join(one);
    const assignment = assignmentOf('orders', 3);
    await sync(one, joined, [[joined.memberId, assignment]]);
    const request = { groupId: 'g', generationId: 1, memberId: joined.memberId, assignments: [] };
    const again = await one.request(syncGroupCodec, 4, request);
    expect(again.assignment.equals(assignment)).toBe(true);
  });

  async function leave(client: KafkaGroupClient, memberId: string): Promise<void> {
    const request = { groupId: 'g', members: [{ memberId }] };
    const { members } = await client.request(leaveGroupCodec, 5, request);
    expect(members[0]?.errorCode).toBe(0);
  }
});
