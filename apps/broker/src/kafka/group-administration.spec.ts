// DescribeGroups, ListGroups and DeleteGroups: what each version says, and what clients depend on.
import {
  consumerGroupDescribeCodec,
  consumerGroupHeartbeatCodec,
  deleteGroupsCodec,
  describeGroupsCodec,
  leaveGroupCodec,
  listGroupsCodec,
  offsetCommitCodec,
} from '@walrusmq/kafka-protocol';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import { assignmentOf, code, join, subscriptionTo, sync } from '../../test/kafka-members';

/** READ, DELETE and DESCRIBE, and what is said where nobody asked. */
const OPERATIONS = 328;
const NOT_ASKED = -2147483648;

describe('groups as administrators of Kafka see them', () => {
  let fixture: KafkaGroupFixture;
  let client: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    client = fixture.client();
  });
  afterEach(() => fixture.close());

  const commitIn = async (groupId: string): Promise<void> => {
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedMetadata: '' }];
    const topics = [{ name: 'orders', partitions }];
    const request = { groupId, memberId: '', topics };
    const committed = await client.request(offsetCommitCodec, 9, request);
    expect(committed.topics[0]?.partitions[0]?.errorCode).toBe(0);
  };
  const joinServerSide = (groupId: string) =>
    client.request(consumerGroupHeartbeatCodec, 1, {
      groupId,
      memberId: 'm',
      memberEpoch: 0,
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: ['orders'],
      topicPartitions: [],
    });

  /** Makes a stable group whose members have so many bytes of subscription and of assignment. */
  const fill = async (groupId: string, memberCount: number, bytes: number): Promise<void> => {
    const given = {
      groupId,
      sessionTimeoutMs: 60_000,
      protocols: [{ name: 'range', metadata: Buffer.alloc(bytes, 7) }],
    };
    const joins = Array.from({ length: memberCount }, () => join(fixture.client(), given, 3));
    await fixture.clock.turn(7_000);
    const members = await Promise.all(joins);
    const leader = members.find(({ leader: id, memberId }) => id === memberId);
    if (leader === undefined) throw new Error('nobody leads');
    const assigned = members.map(({ memberId }) => [memberId, Buffer.alloc(bytes, 8)] as const);
    expect((await sync(client, leader, assigned, { groupId })).errorCode).toBe(0);
  };

  it.each([0, 1, 2, 3, 4, 5, 6])(
    'are described with version %i, bytes as they came',
    async (version) => {
      const instance = version >= 4 ? { groupInstanceId: 'pod' } : {};
      const joined = await join(client, instance);
      const assignment = assignmentOf('orders', 0, 2);
      await sync(client, joined, [[joined.memberId, assignment]], instance);
      const { groups } = await client.request(describeGroupsCodec, version, { groups: ['g'] });
      expect(groups).toMatchObject([
        {
          errorCode: 0,
          groupId: 'g',
          groupState: 'Stable',
          protocolType: 'consumer',
          protocolData: 'range',
          authorizedOperations: NOT_ASKED,
          members: [
            {
              memberId: joined.memberId,
              groupInstanceId: version >= 4 ? 'pod' : null,
              clientId: 'app',
              clientHost: '/10.1.2.3',
            },
          ],
        },
      ]);
      const [member] = groups[0]?.members ?? [];
      expect(member?.memberMetadata.equals(subscriptionTo('orders'))).toBe(true);
      expect(member?.memberAssignment.equals(assignment)).toBe(true);
    },
  );

  it('that there are not are Dead without an error, and an error from version 6 on', async () => {
    await joinServerSide('server-side');
    for (let version = 0; version <= 6; version += 1) {
      const names = ['none', 'server-side', ''];
      const { groups } = await client.request(describeGroupsCodec, version, { groups: names });
      const isLate = version >= 6;
      const errorCode = isLate ? code('GROUP_ID_NOT_FOUND') : 0;
      const dead = { errorCode, groupState: 'Dead', protocolType: '', members: [] };
      expect(groups).toMatchObject(names.map((groupId) => ({ ...dead, groupId })));
      expect(groups.map(({ errorMessage }) => errorMessage)).toEqual(
        isLate
          ? [
              'Group none not found.',
              'Group server-side is not a classic group.',
              'Group  not found.',
            ]
          : [null, null, null],
      );
    }
  });

  it('in the middle of a rebalance are described without what it may change', async () => {
    const joined = await join(client);
    const { groups } = await client.request(describeGroupsCodec, 5, { groups: ['g'] });
    expect(groups).toMatchObject([
      { groupState: 'CompletingRebalance', protocolType: 'consumer', protocolData: '' },
    ]);
    const [member] = groups[0]?.members ?? [];
    expect(member?.memberId).toBe(joined.memberId);
    expect([member?.memberMetadata.length, member?.memberAssignment.length]).toEqual([0, 0]);
  });

  it('tell what may be done with them when they are asked (authorized operations)', async () => {
    await commitIn('g');
    await joinServerSide('h');
    const asked = { includeAuthorizedOperations: true };
    for (const version of [3, 4, 5]) {
      const request = { groups: ['g', 'none'], ...asked };
      const { groups } = await client.request(describeGroupsCodec, version, request);
      expect(groups.map((each) => each.authorizedOperations)).toEqual([OPERATIONS, OPERATIONS]);
    }
    const request = { groupIds: ['h', 'none'], ...asked };
    const { groups } = await client.request(consumerGroupDescribeCodec, 0, request);
    expect(groups.map((each) => each.authorizedOperations)).toEqual([OPERATIONS, NOT_ASKED]);
  });

  it('that are too large for one response are an error, each by itself', async () => {
    fixture.close();
    fixture = await KafkaGroupFixture.open({ initialRebalanceDelayMs: 3_000 });
    client = fixture.client();
    for (const groupId of ['first', 'second']) await fill(groupId, 12, 200 << 10);
    const { groups } = await client.request(describeGroupsCodec, 5, {
      groups: ['first', 'second'],
    });
    expect(groups.map(({ errorCode }) => errorCode)).toEqual([
      0,
      code('COORDINATOR_LOAD_IN_PROGRESS'),
    ]);
    const { groups: alone } = await client.request(describeGroupsCodec, 5, { groups: ['second'] });
    expect(alone[0]).toMatchObject({ errorCode: 0, groupState: 'Stable' });
    expect(alone[0]?.members).toHaveLength(12);
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'are listed with version %i, of both protocols and those with offsets only',
    async (version) => {
      await commitIn('offsets');
      await joinServerSide('server-side');
      const { memberId } = await join(client, { groupId: 'classic' });
      const { errorCode, groups } = await client.request(listGroupsCodec, version, {});
      expect(errorCode).toBe(0);
      const line = (
        groupId: string,
        protocolType: string,
        groupState: string,
        groupType: string,
      ) => ({
        groupId,
        protocolType,
        groupState: version >= 4 ? groupState : '',
        groupType: version >= 5 ? groupType : '',
      });
      expect(groups).toEqual([
        line('classic', 'consumer', 'CompletingRebalance', 'classic'),
        line('offsets', '', 'Empty', 'classic'),
        line('server-side', 'consumer', 'Stable', 'consumer'),
      ]);
      await client.request(leaveGroupCodec, 5, { groupId: 'classic', members: [{ memberId }] });
    },
  );

  it('are listed by states and types, whatever the case of their letters', async () => {
    await commitIn('offsets');
    await joinServerSide('server-side');
    const listed = async (statesFilter: string[], typesFilter: string[] = []) => {
      const version = typesFilter.length > 0 ? 5 : 4;
      const { groups } = await client.request(listGroupsCodec, version, {
        statesFilter,
        ...(version >= 5 ? { typesFilter } : {}),
      });
      return groups.map(({ groupId }) => groupId);
    };
    expect(await listed(['Empty'])).toEqual(['offsets']);
    expect(await listed(['stable', 'EMPTY'])).toEqual(['offsets', 'server-side']);
    expect(await listed(['Dead'])).toEqual([]);
    expect(await listed(['no state'])).toEqual([]);
    expect(await listed([], ['Classic'])).toEqual(['offsets']);
    expect(await listed([], ['consumer', 'classic'])).toEqual(['offsets', 'server-side']);
    expect(await listed(['Empty'], ['consumer'])).toEqual([]);
    expect(await listed([], ['share'])).toEqual([]);
  });

  it.each([0, 1, 2])(
    'are deleted with version %i, each with its own error, once',
    async (version) => {
      await commitIn('g');
      await join(client, { groupId: 'used' });
      await fixture.topics.pin('orders', { kind: 'group', name: 'g' });
      const groupsNames = ['used', 'g', 'none', '', 'g'];
      const { results } = await client.request(deleteGroupsCodec, version, { groupsNames });
      expect(results).toEqual([
        { groupId: 'used', errorCode: code('NON_EMPTY_GROUP') },
        { groupId: 'g', errorCode: 0 },
        { groupId: 'none', errorCode: code('GROUP_ID_NOT_FOUND') },
        { groupId: '', errorCode: code('INVALID_GROUP_ID') },
      ]);
      expect(fixture.topics.require('orders').pins).toEqual([]);
      const { groups } = await client.request(listGroupsCodec, 5, {});
      expect(groups.map(({ groupId }) => groupId)).toEqual(['used']);
    },
  );
});
