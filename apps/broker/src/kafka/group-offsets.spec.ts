// OffsetCommit and OffsetFetch: what each version says, and what clients depend on.
import {
  consumerGroupHeartbeatCodec,
  offsetFetchCodec,
  ZERO_UUID,
  type Decoded,
  type OffsetFetchResponse,
} from '@walrusmq/kafka-protocol';
import { settle } from '../../test/group-fixture';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import { at, code, codesOf, commit as commitWith, join, sync } from '../../test/kafka-members';

const TOPIC_ID_VERSION = 10;
const NOTHING = {
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: 0,
};

describe('committed offsets of Kafka clients', () => {
  let fixture: KafkaGroupFixture;
  let client: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    client = fixture.client();
  });
  afterEach(() => fixture.close());

  const commit = (given: Parameters<typeof commitWith>[1], version = 9) => {
    if (version < TOPIC_ID_VERSION || given?.topics !== undefined) {
      return commitWith(client, given, version);
    }
    const { partitions = [at(0, 5)], ...rest } = given ?? {};
    const topicsById = [{ topicId: fixture.uuid('orders'), partitions }];
    return commitWith(client, { ...rest, topics: topicsById }, version);
  };
  const topics = (...partitionIndexes: number[]) => [{ name: 'orders', partitionIndexes }];
  const fetchAll = (version = 9): Promise<Decoded<OffsetFetchResponse>> =>
    client.request(
      offsetFetchCodec,
      version,
      version >= 8 ? { groups: [{ groupId: 'g', topics: null }] } : { groupId: 'g', topics: null },
    );

  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'are committed with version %i and come back',
    async (version) => {
      const epoch = version >= 6 ? { committedLeaderEpoch: 4 } : {};
      const partitions = [at(1, 7, { ...epoch, committedMetadata: 'märk' }), at(3, 0)];
      expect(await codesOf(commit({ partitions }, version))).toEqual([0, 0]);
      const committedLeaderEpoch = version >= 6 ? 4 : -1;
      const { groups } = await client.request(offsetFetchCodec, 9, {
        groups: [{ groupId: 'g', topics: topics(3, 2, 1) }],
      });
      expect(groups).toEqual([
        {
          groupId: 'g',
          errorCode: 0,
          topics: [
            {
              name: 'orders',
              topicId: ZERO_UUID,
              partitions: [
                { ...NOTHING, partitionIndex: 3, committedOffset: 0 },
                { ...NOTHING, partitionIndex: 2 },
                {
                  partitionIndex: 1,
                  committedOffset: 7,
                  committedLeaderEpoch,
                  metadata: 'märk',
                  errorCode: 0,
                },
              ],
            },
          ],
        },
      ]);
    },
  );

  it.each([1, 2, 3, 4, 5, 6, 7])(
    'are fetched with version %i, -1 where there is none',
    async (version) => {
      await commit({ partitions: [at(1, 7, { committedLeaderEpoch: 4, committedMetadata: 'm' })] });
      const epoch = version >= 5 ? 4 : -1;
      const asked = [...topics(0, 1, 9), { name: 'nothing', partitionIndexes: [0] }];
      expect(
        await client.request(offsetFetchCodec, version, { groupId: 'g', topics: asked }),
      ).toMatchObject({
        errorCode: 0,
        topics: [
          {
            name: 'orders',
            partitions: [
              { ...NOTHING, partitionIndex: 0 },
              { partitionIndex: 1, committedOffset: 7, committedLeaderEpoch: epoch, metadata: 'm' },
              { ...NOTHING, partitionIndex: 9 },
            ],
          },
          { name: 'nothing', partitions: [{ ...NOTHING, partitionIndex: 0 }] },
        ],
      });
    },
  );

  it.each([2, 3, 4, 5, 6, 7, 8, 9, 10])(
    'are all fetched with null topics in version %i',
    async (version) => {
      await commit({ partitions: [at(3, 3), at(1, 1)] });
      await commit({ topics: [{ name: 'bills', partitions: [at(1, 9)] }] });
      const response = await fetchAll(version);
      const found = version >= 8 ? response.groups[0]?.topics : response.topics;
      const shown = found?.map((topic) => [
        version >= TOPIC_ID_VERSION && 'topicId' in topic ? topic.topicId : topic.name,
        ...topic.partitions.map(({ partitionIndex, committedOffset }) => [
          partitionIndex,
          committedOffset,
        ]),
      ]);
      const called = (name: string): string =>
        version >= TOPIC_ID_VERSION ? fixture.uuid(name) : name;
      expect(shown).toEqual([
        [called('bills'), [1, 9]],
        [called('orders'), [1, 1], [3, 3]],
      ]);
    },
  );

  it('of a group that has none are none, of all and of some', async () => {
    expect(await fetchAll(7)).toMatchObject({ errorCode: 0, topics: [] });
    expect((await fetchAll(8)).groups).toEqual([{ groupId: 'g', errorCode: 0, topics: [] }]);
  });

  it('of several groups are fetched at once, each group with its own error (KIP-709)', async () => {
    await commit({ partitions: [at(0, 1)] });
    await commit({ groupId: 'h', partitions: [at(0, 2)] });
    const groups = [
      { groupId: 'h', topics: topics(0) },
      { groupId: '', topics: topics(0) },
      { groupId: 'g', topics: null },
      { groupId: 'none', topics: topics(1) },
    ];
    const response = await client.request(offsetFetchCodec, 8, { groups });
    const shown = response.groups.map(({ groupId, errorCode, topics: found }) => [
      groupId,
      errorCode,
      ...found.flatMap(({ partitions }) => partitions.map((each) => each.committedOffset)),
    ]);
    expect(shown).toEqual([
      ['h', 0, 2],
      ['', code('INVALID_GROUP_ID')],
      ['g', 0, 1],
      ['none', 0, -1],
    ]);
  });

  it('of a group that cannot be are an error where each version has room for one', async () => {
    const request = { groupId: '', topics: topics(0, 1) };
    const errorCode = code('INVALID_GROUP_ID');
    const oldest = await client.request(offsetFetchCodec, 1, request);
    expect(oldest.topics).toMatchObject([
      { name: 'orders', partitions: [{ errorCode, committedOffset: -1 }, { errorCode }] },
    ]);
    for (const version of [2, 7]) {
      expect(await client.request(offsetFetchCodec, version, request)).toMatchObject({
        errorCode,
        topics: [],
      });
    }
  });

  it('are stable as long as there are no transactions (require stable)', async () => {
    await commit({});
    const asked = { groupId: 'g', topics: topics(0), requireStable: true };
    const { topics: found } = await client.request(offsetFetchCodec, 7, asked);
    expect(found[0]?.partitions).toMatchObject([{ committedOffset: 5, errorCode: 0 }]);
    const groups = [{ groupId: 'g', topics: topics(0) }];
    const later = await client.request(offsetFetchCodec, 9, { groups, requireStable: true });
    expect(later.groups[0]?.topics[0]?.partitions).toMatchObject([{ committedOffset: 5 }]);
  });

  it('are committed with generation -1 by simple consumers while there is no member', async () => {
    // Some have made themselves a member id, although they join no group.
    for (const memberId of ['', 'own']) {
      expect(await codesOf(commit({ memberId, generationIdOrMemberEpoch: -1 }))).toEqual([0]);
    }
    const stranger = { memberId: 'nobody', generationIdOrMemberEpoch: 3 };
    expect(await codesOf(commit({ ...stranger, groupId: 'new' }))).toEqual([
      code('ILLEGAL_GENERATION'),
    ]);
    const joined = await join(client);
    const { memberId, generationId } = joined;
    for (const nobody of ['', 'own']) {
      expect(await codesOf(commit({ memberId: nobody }))).toEqual([code('UNKNOWN_MEMBER_ID')]);
    }
    const member = { memberId, generationIdOrMemberEpoch: generationId };
    expect(await codesOf(commit(member))).toEqual([code('REBALANCE_IN_PROGRESS')]);
    await sync(client, joined);
    expect(await codesOf(commit(member))).toEqual([0]);
    const old = { ...member, generationIdOrMemberEpoch: generationId + 1 };
    expect(await codesOf(commit(old))).toEqual([code('ILLEGAL_GENERATION')]);
    expect(await codesOf(commit(stranger))).toEqual([code('UNKNOWN_MEMBER_ID')]);
  });

  it('of a server-side member go by its epoch, which old versions cannot refuse', async () => {
    const joined = await client.request(consumerGroupHeartbeatCodec, 1, {
      groupId: 'g',
      memberId: 'm',
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['orders'],
      topicPartitions: [],
    });
    const { memberEpoch } = joined;
    const member = { memberId: 'm', generationIdOrMemberEpoch: memberEpoch };
    for (const version of [2, 8, 9]) expect(await codesOf(commit(member, version))).toEqual([0]);
    const stale = { ...member, generationIdOrMemberEpoch: memberEpoch + 1 };
    expect(await codesOf(commit(stale, 8))).toEqual([code('UNSUPPORTED_VERSION')]);
    expect(await codesOf(commit(stale, 9))).toEqual([code('STALE_MEMBER_EPOCH')]);
    const ask = (memberId: string | null, epoch: number) => ({
      groupId: 'g',
      memberId,
      memberEpoch: epoch,
      topics: topics(0),
    });
    const groups = [ask('m', memberEpoch), ask('m', memberEpoch + 1), ask('x', 1), ask(null, -1)];
    const fetched = await client.request(offsetFetchCodec, 9, { groups });
    expect(fetched.groups.map(({ errorCode }) => errorCode)).toEqual([
      0,
      code('STALE_MEMBER_EPOCH'),
      code('UNKNOWN_MEMBER_ID'),
      0,
    ]);
  });

  it('are refused partition by partition, and the others are committed', async () => {
    const partitions = [
      at(0, 1, { committedMetadata: 'x'.repeat(4_097) }),
      at(1, 2, { committedMetadata: 'x'.repeat(4_096) }),
      at(4, 3),
      at(-1, 3),
      at(2, -3),
    ];
    const asked = commit({
      topics: [
        { name: 'nothing', partitions: [at(0, 1)] },
        { name: 'orders', partitions },
      ],
    });
    const unknown = code('UNKNOWN_TOPIC_OR_PARTITION');
    const tooLarge = code('OFFSET_METADATA_TOO_LARGE');
    expect(await codesOf(asked)).toEqual([
      ...[unknown, tooLarge, 0, unknown, unknown],
      code('INVALID_REQUEST'),
    ]);
    const { topics: found } = await fetchAll(7);
    expect(found[0]?.partitions).toMatchObject([{ partitionIndex: 1, committedOffset: 2 }]);
  });

  it('go by topic ids in version 10, so that none reaches a topic that was made anew', async () => {
    const before = fixture.uuid('orders');
    await commit({});
    await fixture.topics.delete('orders');
    await fixture.topics.create({ name: 'orders', partitions: 4 });
    await settle();
    const after = fixture.uuid('orders');
    const topicsNamed = [before, after].map((topicId) => ({ topicId, partitions: [at(0, 3)] }));
    expect(await codesOf(commit({ topics: topicsNamed }, 10))).toEqual([
      code('UNKNOWN_TOPIC_ID'),
      0,
    ]);
    const asked = [before, after].map((topicId) => ({ topicId, partitionIndexes: [0, 8] }));
    const groups = [{ groupId: 'g', topics: asked }];
    const { groups: fetched } = await client.request(offsetFetchCodec, 10, { groups });
    const errorCode = code('UNKNOWN_TOPIC_ID');
    expect(fetched[0]?.topics).toMatchObject([
      { topicId: before, partitions: [{ errorCode, committedOffset: -1 }, { errorCode }] },
      { topicId: after, partitions: [{ committedOffset: 3 }, { ...NOTHING, partitionIndex: 8 }] },
    ]);
  });

  it('of -1 and -2, with which kafkajs resets a group, are kept and mean none', async () => {
    expect(await codesOf(commit({ partitions: [at(0, -1), at(1, -2)] }, 5))).toEqual([0, 0]);
    const { topics: found } = await client.request(offsetFetchCodec, 4, {
      groupId: 'g',
      topics: topics(0, 1),
    });
    expect(found[0]?.partitions).toMatchObject([{ committedOffset: -1 }, { committedOffset: -2 }]);
  });

  it('expire when the client says so, up to version 4', async () => {
    const nowMs = fixture.clock.nowMs();
    const expiry = async (version: number, retentionTimeMs: number) => {
      await commit({ retentionTimeMs }, version);
      const { id: topicId } = fixture.topics.require('orders');
      return fixture.coordinator.offsets.get('g', { topicId, partition: 0 })?.expiresAtMs;
    };
    expect(await expiry(2, 60_000)).toBe(nowMs + 60_000);
    expect(await expiry(3, -1)).toBeNull();
    expect(await expiry(4, Number.MAX_SAFE_INTEGER)).toBe(nowMs + 10 ** 12);
    expect(await expiry(5, -1)).toBeNull();
    expect(await codesOf(commit({ retentionTimeMs: -2 }, 2))).toEqual([code('INVALID_REQUEST')]);
  });

  it('keep the pins of the group from expiring', async () => {
    const pin = { kind: 'group', name: 'g', expireMs: 60_000 } as const;
    await fixture.topics.pin('orders', pin);
    await fixture.clock.turn(30_000);
    const idleMs = (): number => fixture.topics.pins.idleMs(fixture.topics.require('orders'), pin);
    const idleBefore = idleMs();
    await commit({ partitions: [at(9, 1)] });
    expect(idleMs()).toBe(idleBefore);
    await commit({});
    expect(idleMs()).toBe(0);
  });
});
