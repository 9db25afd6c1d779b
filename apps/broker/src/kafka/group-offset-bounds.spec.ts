// OffsetDelete, and how many offsets there may be in a group, a request and a response.
import { offsetDeleteCodec, offsetFetchCodec } from '@walrusmq/kafka-protocol';
import { KafkaGroupFixture, type KafkaGroupClient } from '../../test/kafka-group-fixture';
import { at, code, codesOf, commit, join, sync } from '../../test/kafka-members';

describe('committed offsets of Kafka clients', () => {
  let fixture: KafkaGroupFixture;
  let client: KafkaGroupClient;
  beforeEach(async () => {
    fixture = await KafkaGroupFixture.open();
    client = fixture.client();
  });
  afterEach(() => fixture.close());

  it('are as many as the broker takes; one more is POLICY_VIOLATION', async () => {
    fixture.close();
    fixture = await KafkaGroupFixture.open({ offsetsMax: 2, groupsMax: 1 });
    client = fixture.client();
    const partitions = [at(0, 1), at(1, 1), at(2, 1)];
    expect(await codesOf(commit(client, { partitions }))).toEqual([0, 0, code('POLICY_VIOLATION')]);
    expect(await codesOf(commit(client, { groupId: 'h' }))).toEqual([code('POLICY_VIOLATION')]);
  });

  it('that are too many for one response are an error of their group alone', async () => {
    await fixture.topics.create({ name: 'wide', partitions: 2_200 });
    const metadata = 'x'.repeat(4_000);
    const wide = (groupId: string, count: number) =>
      commit(client, {
        groupId,
        topics: [
          {
            name: 'wide',
            partitions: Array.from({ length: count }, (_, partition) =>
              at(partition, 1, { committedMetadata: metadata }),
            ),
          },
        ],
      });
    await wide('large', 2_200);
    await wide('first', 1_500);
    await wide('second', 1_500);
    const groups = ['large', 'first', 'second'].map((groupId) => ({ groupId, topics: null }));
    const response = await client.request(offsetFetchCodec, 8, { groups });
    expect(response.groups.map(({ errorCode }) => errorCode)).toEqual([
      code('INVALID_REQUEST'),
      0,
      code('COORDINATOR_LOAD_IN_PROGRESS'),
    ]);
    expect(response.groups[1]?.topics[0]?.partitions).toHaveLength(1_500);
  });

  it('are deleted, but in topics that members subscribe to', async () => {
    const remove = (groupId: string, ...names: string[]) =>
      client.request(offsetDeleteCodec, 0, {
        groupId,
        topics: names.map((name) => ({
          name,
          partitions: [{ partitionIndex: 0 }, { partitionIndex: 7 }],
        })),
      });
    expect(await remove('g', 'orders')).toMatchObject({
      errorCode: code('GROUP_ID_NOT_FOUND'),
      topics: [],
    });
    await commit(client);
    await commit(client, { topics: [{ name: 'bills', partitions: [at(0, 2)] }] });
    const joined = await join(client);
    await sync(client, joined);
    const unknown = { partitionIndex: 7, errorCode: code('UNKNOWN_TOPIC_OR_PARTITION') };
    const subscribed = code('GROUP_SUBSCRIBED_TO_TOPIC');
    expect(await remove('g', 'orders', 'bills', 'nothing')).toMatchObject({
      errorCode: 0,
      topics: [
        { name: 'orders', partitions: [{ partitionIndex: 0, errorCode: subscribed }, unknown] },
        { name: 'bills', partitions: [{ partitionIndex: 0, errorCode: 0 }, unknown] },
        { name: 'nothing', partitions: [{ errorCode: 3 }, { errorCode: 3 }] },
      ],
    });
    const left = (await client.request(offsetFetchCodec, 7, { groupId: 'g', topics: null })).topics;
    expect(left.map(({ name }) => name)).toEqual(['orders']);
  });
});
