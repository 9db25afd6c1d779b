// ConsumerGroupHeartbeat and ConsumerGroupDescribe (KIP-848), as Kafka clients see them. The rules
// themselves are in group/consumer-group.spec.ts.
import {
  consumerGroupDescribeCodec,
  consumerGroupHeartbeatCodec,
  type ConsumerGroupHeartbeatRequest,
} from '@walrusmq/kafka-protocol';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import { code, join } from '../../test/kafka-members';

type Lists = ConsumerGroupHeartbeatRequest['topicPartitions'];

describe('a Kafka member whose partitions the broker assigns', () => {
  let fixture: KafkaGroupFixture;
  let client: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    client = fixture.client();
  });
  afterEach(() => fixture.close());

  const beat = (given: Partial<ConsumerGroupHeartbeatRequest>, version = 1) =>
    client.request(consumerGroupHeartbeatCodec, version, {
      groupId: 'g',
      memberId: 'm',
      memberEpoch: 0,
      ...given,
    });
  const joinWith = (given: Partial<ConsumerGroupHeartbeatRequest> = {}, version = 1) =>
    beat(
      {
        rebalanceTimeoutMs: 60_000,
        subscribedTopicNames: ['orders'],
        topicPartitions: [],
        ...given,
      },
      version,
    );
  const all = (name: string, count: number) => ({
    topicId: fixture.uuid(name),
    partitions: Array.from({ length: count }, (_, partition) => partition),
  });

  it('is given partitions by topic ids, and hears nothing while nothing changes', async () => {
    const joined = await joinWith();
    expect(joined).toMatchObject({
      errorCode: 0,
      errorMessage: null,
      memberId: 'm',
      memberEpoch: 1,
      heartbeatIntervalMs: 5_000,
      assignment: { topicPartitions: [all('orders', 4)] },
    });
    expect(await beat({ memberEpoch: 1 })).toMatchObject({
      errorCode: 0,
      memberEpoch: 1,
      assignment: null,
    });
  });

  it('is given an id in version 0 only: from 1 on it makes its own', async () => {
    const joined = await joinWith({ memberId: '' }, 0);
    expect(joined.memberId).toMatch(/^[0-9a-f-]{36}$/);
    expect(await joinWith({ memberId: '' }, 1)).toMatchObject({
      errorCode: code('INVALID_REQUEST'),
      errorMessage: 'The member id is missing.',
    });
  });

  it('subscribes by a pattern, to topics that come later, too, and takes it back', async () => {
    const joined = await joinWith({ subscribedTopicNames: null, subscribedTopicRegex: 'b.*|new' });
    expect(joined.assignment?.topicPartitions).toEqual([all('bills', 2)]);
    await fixture.topics.create({ name: 'new', partitions: 1 });
    await fixture.topics.create({ name: 'newer', partitions: 1 });
    const told = await beat({ memberEpoch: joined.memberEpoch });
    expect(told.assignment?.topicPartitions).toEqual(
      expect.arrayContaining([all('bills', 2), all('new', 1)]),
    );
    expect(told.assignment?.topicPartitions).toHaveLength(2);
    const topicPartitions = told.assignment?.topicPartitions as Lists;
    const changed = await beat({
      memberEpoch: told.memberEpoch,
      subscribedTopicRegex: '',
      subscribedTopicNames: ['new'],
      topicPartitions: topicPartitions ?? null,
    });
    expect(changed.assignment?.topicPartitions).toEqual([all('new', 1)]);
  });

  it.each([
    ['INVALID_REGULAR_EXPRESSION', { subscribedTopicRegex: '(' }],
    ['UNSUPPORTED_ASSIGNOR', { serverAssignor: 'sticky' }],
    ['INVALID_GROUP_ID', { groupId: '' }],
    ['INVALID_REQUEST', { rackId: '' }],
    ['INVALID_REQUEST', { instanceId: '' }],
    ['INVALID_REQUEST', { topicPartitions: null }],
    ['INVALID_REQUEST', { rebalanceTimeoutMs: -1 }],
    ['INVALID_REQUEST', { subscribedTopicNames: [] }],
    ['UNKNOWN_MEMBER_ID', { memberEpoch: 3 }],
  ] as const)('is refused with %s for %j, in words', async (error, given) => {
    await joinWith({ memberId: 'other' });
    const refused = await joinWith(given);
    expect(refused).toMatchObject({ errorCode: code(error), memberEpoch: 0, assignment: null });
    expect(refused.errorMessage).toMatch(/\w{3,}/);
  });

  it('is fenced with a future epoch, and with the last unless it missed the answer', async () => {
    const { memberEpoch } = await joinWith();
    const fenced = code('FENCED_MEMBER_EPOCH');
    expect((await beat({ memberEpoch: memberEpoch + 1 })).errorCode).toBe(fenced);
    await joinWith({ memberId: 'other' });
    const asked = await beat({ memberEpoch, topicPartitions: [all('orders', 4)] });
    const topicPartitions = asked.assignment?.topicPartitions ?? [];
    const caughtUp = await beat({ memberEpoch, topicPartitions });
    expect(caughtUp.memberEpoch).toBeGreaterThan(memberEpoch);
    expect(await beat({ memberEpoch, topicPartitions })).toMatchObject({
      errorCode: 0,
      memberEpoch: caughtUp.memberEpoch,
      assignment: { topicPartitions },
    });
    expect((await beat({ memberEpoch })).errorCode).toBe(fenced);
  });

  it('leaves for good with -1; a static one with -2, and is waited for', async () => {
    await joinWith();
    expect(await beat({ memberEpoch: -1 })).toMatchObject({
      errorCode: 0,
      memberId: 'm',
      memberEpoch: -1,
      assignment: null,
    });
    expect(fixture.coordinator.describe('g').state).toBe('Empty');
    const instanceId = 'pod';
    const { memberEpoch } = await joinWith({ instanceId });
    expect(await joinWith({ instanceId, memberId: 'usurper' })).toMatchObject({
      errorCode: code('UNRELEASED_INSTANCE_ID'),
    });
    expect(await beat({ instanceId, memberEpoch: -2 })).toMatchObject({
      errorCode: 0,
      memberEpoch: -2,
    });
    const back = await joinWith({ instanceId, memberId: 'next life' });
    expect(back).toMatchObject({ errorCode: 0, memberId: 'next life', memberEpoch });
    expect(back.assignment?.topicPartitions).toEqual([all('orders', 4)]);
    const old = await beat({ instanceId, memberEpoch });
    expect(old.errorCode).toBe(code('FENCED_INSTANCE_ID'));
  });

  it('shares with another, which gets what the first has given up', async () => {
    const first = await joinWith({ memberId: 'a' });
    const second = await joinWith({ memberId: 'b' });
    expect(second.assignment).toEqual({ topicPartitions: [] });
    const asked = await beat({ memberId: 'a', memberEpoch: first.memberEpoch });
    const kept = asked.assignment?.topicPartitions ?? [];
    expect(kept[0]?.partitions).toHaveLength(2);
    const topicPartitions = kept as Lists;
    const gave = await beat({
      memberId: 'a',
      memberEpoch: asked.memberEpoch,
      topicPartitions: topicPartitions ?? null,
    });
    const got = await beat({ memberId: 'b', memberEpoch: second.memberEpoch });
    expect(got.memberEpoch).toBe(gave.memberEpoch);
    const both = [...kept, ...(got.assignment?.topicPartitions ?? [])];
    expect(both.flatMap(({ partitions }) => partitions).sort()).toEqual([0, 1, 2, 3]);
  });

  it('is not let into a group of the classic protocol', async () => {
    await join(client);
    expect(await joinWith()).toMatchObject({ errorCode: code('GROUP_ID_NOT_FOUND') });
  });

  it.each([0, 1])('is described in version %i with what it owns and shall own', async (version) => {
    const named = fixture.client('shop');
    await named.request(consumerGroupHeartbeatCodec, 1, {
      groupId: 'g',
      memberId: 'm',
      memberEpoch: 0,
      instanceId: 'pod',
      rackId: 'r1',
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['orders'],
      subscribedTopicRegex: 'b.*',
      topicPartitions: [],
    });
    await join(client, { groupId: 'classic' });
    const request = { groupIds: ['g', 'classic', 'none'], includeAuthorizedOperations: false };
    const { groups } = await client.request(consumerGroupDescribeCodec, version, request);
    const errorCode = code('GROUP_ID_NOT_FOUND');
    expect(groups).toMatchObject([
      {
        errorCode: 0,
        groupState: 'Stable',
        groupEpoch: 1,
        assignmentEpoch: 1,
        assignorName: 'uniform',
        members: [
          {
            memberId: 'm',
            instanceId: 'pod',
            rackId: 'r1',
            memberEpoch: 1,
            clientId: 'shop',
            clientHost: '/10.1.2.3',
            subscribedTopicNames: ['orders'],
            subscribedTopicRegex: 'b.*',
            memberType: version === 0 ? -1 : 1,
          },
        ],
      },
      { errorCode, groupId: 'classic', errorMessage: 'Group classic is not a consumer group.' },
      { errorCode, groupId: 'none', errorMessage: 'Group none not found.' },
    ]);
    const owned = [
      { ...all('orders', 4), topicName: 'orders' },
      { ...all('bills', 2), topicName: 'bills' },
    ];
    const [member] = groups[0]?.members ?? [];
    for (const assignment of [member?.assignment, member?.targetAssignment]) {
      expect(assignment?.topicPartitions).toHaveLength(2);
      expect(assignment?.topicPartitions).toEqual(expect.arrayContaining(owned));
    }
  });
});
