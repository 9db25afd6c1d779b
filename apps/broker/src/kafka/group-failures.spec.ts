// What clients are told while groups cannot be used or stored, by every API in every version, and
// what is left of a client that goes while it waits.
import {
  consumerGroupDescribeCodec,
  consumerGroupHeartbeatCodec,
  deleteGroupsCodec,
  describeGroupsCodec,
  heartbeatCodec,
  joinGroupCodec,
  leaveGroupCodec,
  listGroupsCodec,
  offsetCommitCodec,
  offsetDeleteCodec,
  offsetFetchCodec,
  syncGroupCodec,
  type AnyApiCodec,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import { StorageError, type GroupStore, type StorageErrorCode } from '@walrusmq/storage';
import { settle } from '../../test/group-fixture';
import { KafkaGroupFixture } from '../../test/kafka-group-fixture';
import { code, join, joining, sync } from '../../test/kafka-members';
import { override } from '../../test/override';

const POSITION = { partitionIndex: 0, committedOffset: 1, committedMetadata: null };

/** A request that each version can say. */
const REQUESTS: readonly (readonly [AnyApiCodec, (version: number) => object])[] = [
  [joinGroupCodec, () => joining()],
  [
    syncGroupCodec,
    (version) => ({
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      ...(version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
      assignments: [],
    }),
  ],
  [heartbeatCodec, () => ({ groupId: 'g', generationId: 1, memberId: 'm' })],
  [
    leaveGroupCodec,
    (version) => ({ groupId: 'g', ...(version < 3 ? { memberId: 'm' } : { members: [] }) }),
  ],
  [
    offsetCommitCodec,
    (version) => ({
      groupId: 'g',
      memberId: '',
      topics: [{ ...(version < 10 ? { name: 'orders' } : {}), partitions: [POSITION] }],
    }),
  ],
  [
    offsetFetchCodec,
    (version) =>
      version < 8
        ? { groupId: 'g', topics: [{ name: 'orders', partitionIndexes: [0] }] }
        : { groups: [{ groupId: 'g', topics: null }] },
  ],
  [offsetDeleteCodec, () => ({ groupId: 'g', topics: [] })],
  [describeGroupsCodec, () => ({ groups: ['g'] })],
  [listGroupsCodec, () => ({})],
  [deleteGroupsCodec, () => ({ groupsNames: ['g'] })],
  [
    consumerGroupHeartbeatCodec,
    () => ({
      groupId: 'g',
      memberId: 'm',
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['orders'],
      topicPartitions: [],
    }),
  ],
  [consumerGroupDescribeCodec, () => ({ groupIds: ['g'], includeAuthorizedOperations: false })],
];

const CASES = REQUESTS.flatMap(([codec, request]) =>
  Array.from({ length: codec.maxVersion - codec.minVersion + 1 }, (_, at) => {
    const version = codec.minVersion + at;
    return [codec.name, version, codec, request(version)] as const;
  }),
);

/** Every error in a response, wherever it stands. */
function errorsIn(response: unknown): number[] {
  if (Array.isArray(response)) return response.flatMap(errorsIn);
  if (typeof response !== 'object' || response === null || Buffer.isBuffer(response)) return [];
  return Object.entries(response).flatMap(([name, value]) =>
    name === 'errorCode' ? [Number(value)] : errorsIn(value),
  );
}

describe('while the groups cannot be used', () => {
  let fixture: KafkaGroupFixture;
  beforeAll(async () => {
    fixture = await KafkaGroupFixture.open();
    const { topics } = fixture.services.groups;
    fixture.services.groups = {
      topics,
      get coordinator(): never {
        throw new ProtocolError('CORRUPT', 'The log of the consumer groups cannot be read.');
      },
    };
  });
  afterAll(() => fixture.close());

  it.each(CASES)('%s %i answers COORDINATOR_NOT_AVAILABLE', async (_, version, codec, request) => {
    const response = await fixture.client().request(codec as never, version, request);
    const failed = errorsIn(response).filter((errorCode) => errorCode !== 0);
    expect(failed).toEqual([code('COORDINATOR_NOT_AVAILABLE')]);
  });
});

describe('a store of groups that refuses', () => {
  const failing = (failure: StorageErrorCode) => (store: GroupStore) =>
    override(store, {
      append: () => Promise.reject(new StorageError(failure, 'as the test wants it')),
    });

  it.each(['NO_SPACE', 'BUSY', 'FENCED', 'IO'] as const)(
    'with %s has what would be stored answered COORDINATOR_NOT_AVAILABLE',
    async (failure) => {
      const fixture = await KafkaGroupFixture.open({}, failing(failure));
      const client = fixture.client();
      const joined = await client.request(joinGroupCodec, 3, joining());
      expect(joined).toMatchObject({
        errorCode: code('COORDINATOR_NOT_AVAILABLE'),
        generationId: -1,
      });
      const commit = { groupId: 'g', memberId: '' };
      const topics = [{ name: 'orders', partitions: [POSITION] }];
      const committed = await client.request(offsetCommitCodec, 9, { ...commit, topics });
      expect(errorsIn(committed)).toEqual([code('COORDINATOR_NOT_AVAILABLE')]);
      fixture.close();
    },
  );

  it('with CLOSED has the connection end', async () => {
    const fixture = await KafkaGroupFixture.open();
    fixture.close();
    const asked = fixture.client().request(joinGroupCodec, 3, joining());
    await expect(asked).rejects.toThrow('the connection ends');
  });
});

describe('a client that goes while it waits', () => {
  let fixture: KafkaGroupFixture;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
  });
  afterEach(() => fixture.close());

  it('for the others to join is not waited for by its connection, and leaves nothing', async () => {
    const one = fixture.client();
    const first = await join(one);
    await sync(one, first);
    const gone = fixture.client();
    const waiting = join(gone);
    await settle();
    expect(fixture.coordinator.describe('g').state).toBe('PreparingRebalance');
    gone.session.end();
    await expect(waiting).rejects.toThrow('the connection ends');
    // The group goes on as with a client whose answer is lost: a member until its session is over.
    const led = await join(one, { memberId: first.memberId });
    expect(led.members).toHaveLength(2);
    await sync(one, led);
    for (let turn = 0; turn < 3; turn += 1) {
      await fixture.clock.turn(4_000);
      const beat = { groupId: 'g', memberId: first.memberId, generationId: led.generationId };
      await one.request(heartbeatCodec, 4, beat);
    }
    const { members } = fixture.coordinator.describe('g');
    expect(members.map(({ memberId }) => memberId)).toEqual([first.memberId]);
  });

  it('for the leader’s assignment ends its wait, too', async () => {
    const one = fixture.client();
    const first = await join(one);
    const gone = fixture.client();
    const newcomer = join(gone);
    await settle();
    const led = await join(one, { memberId: first.memberId });
    const waiting = sync(gone, await newcomer);
    await settle();
    gone.session.end();
    await expect(waiting).rejects.toThrow('the connection ends');
    expect((await sync(one, led)).errorCode).toBe(0);
  });

  it('is not listened to any more once it was answered', async () => {
    const one = fixture.client();
    let listening = 0;
    const listen = one.session.onCancelled.bind(one.session);
    one.session.onCancelled = (listener) => {
      listening += 1;
      const stop = listen(listener);
      return () => {
        listening -= 1;
        stop();
      };
    };
    const waiting = join(one, {}, 3);
    expect(listening).toBe(1);
    await sync(one, await waiting, [], {}, 3);
    await settle();
    expect(listening).toBe(0);
  });

  it('and is gone already is answered nothing', async () => {
    const gone = fixture.client();
    gone.session.end();
    await expect(join(gone, {}, 3)).rejects.toThrow('the connection ends');
  });
});
