import { describeTopicPartitionsCodec, ZERO_UUID } from '@walrusmq/kafka-protocol';
import { errorName, KafkaFixture } from '../../test/kafka-fixture';
import { TOPIC_OPERATIONS } from './authorized-operations';
import { PARTITIONS_MAX } from './describe-topic-partitions.handler';

interface Place {
  readonly topicName: string;
  readonly partitionIndex: number;
}

/** Topics and the indexes of their partitions. */
type Listed = readonly (readonly [name: string | null, indexes: readonly number[]])[];

describe('DescribeTopicPartitions', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open();
    await fixture.topics.create({ name: 'b', partitions: 3 });
    await fixture.topics.create({ name: 'c', partitions: 2 });
    await fixture.topics.create({ name: 'a', partitions: 1 });
  });
  afterEach(() => fixture.close());

  const ask = async (
    names: readonly string[],
    { limit = 2_000, cursor = null as Place | null } = {},
  ) => {
    const topics = names.map((name) => ({ name }));
    const request = { topics, responsePartitionLimit: limit, cursor };
    return fixture.ask(describeTopicPartitionsCodec, 0, request);
  };
  const list = async (
    ...asked: Parameters<typeof ask>
  ): Promise<readonly [topics: Listed, nextCursor: Place | null]> => {
    const { throttleTimeMs, topics, nextCursor } = await ask(...asked);
    expect(throttleTimeMs).toBe(0);
    const listed = topics.map(
      ({ name, partitions }) =>
        [name, partitions.map(({ partitionIndex }) => partitionIndex)] as const,
    );
    return [listed, nextCursor];
  };
  const all: Listed = [
    ['a', [0]],
    ['b', [0, 1, 2]],
    ['c', [0, 1]],
  ];

  it('describes a partition with the one broker as its leader and replica', async () => {
    const { topics } = await ask(['a']);
    expect(topics).toEqual([
      {
        errorCode: 0,
        name: 'a',
        topicId: fixture.topics.require('a').id,
        isInternal: false,
        topicAuthorizedOperations: TOPIC_OPERATIONS,
        partitions: [
          {
            errorCode: 0,
            partitionIndex: 0,
            leaderId: 1,
            leaderEpoch: 0,
            replicaNodes: [1],
            isrNodes: [1],
            eligibleLeaderReplicas: [],
            lastKnownElr: [],
            offlineReplicas: [],
          },
        ],
      },
    ]);
  });

  it('lists all topics, and those that are named, ordered by name and once', async () => {
    expect(await list([])).toEqual([all, null]);
    expect(await list(['c', 'a', 'c', 'b'])).toEqual([all, null]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7])('gives every partition once in pages of %d', async (limit) => {
    for (const names of [[], ['a', 'b', 'c']]) {
      const found: string[] = [];
      let cursor: Place | null = null;
      let pages = 0;
      do {
        const [listed, next]: Awaited<ReturnType<typeof list>> = await list(names, {
          limit,
          cursor,
        });
        const page = listed.flatMap(([name, indexes]) => indexes.map((at) => `${name}-${at}`));
        expect(page.length).toBeLessThanOrEqual(limit);
        found.push(...page);
        cursor = next;
        pages += 1;
      } while (cursor !== null);
      expect(found).toEqual(['a-0', 'b-0', 'b-1', 'b-2', 'c-0', 'c-1']);
      expect(pages).toBe(Math.ceil(6 / limit));
    }
  });

  it('takes a limit below one for one, and none above its own', async () => {
    expect(await list(['b'], { limit: 0 })).toEqual([
      [['b', [0]]],
      { topicName: 'b', partitionIndex: 1 },
    ]);
    expect((await list(['b'], { limit: -5 }))[1]).toEqual({ topicName: 'b', partitionIndex: 1 });
    await fixture.topics.create({ name: 'large', partitions: PARTITIONS_MAX + 1 });
    const [listed, cursor] = await list(['large'], { limit: 1_000_000 });
    expect(listed[0]?.[1]).toHaveLength(PARTITIONS_MAX);
    expect(cursor).toEqual({ topicName: 'large', partitionIndex: PARTITIONS_MAX });
  });

  it('goes on behind a topic that was deleted between two pages', async () => {
    const cursor = { topicName: 'b', partitionIndex: 2 };
    await fixture.topics.delete('b');
    expect(await list([], { cursor })).toEqual([[['c', [0, 1]]], null]);
    const { topics } = await ask(['a', 'b', 'c'], { cursor });
    expect(topics.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['b', 'UNKNOWN_TOPIC_OR_PARTITION'],
      ['c', 'NONE'],
    ]);
  });

  it('describes nothing of a topic behind its last partition', async () => {
    const cursor = { topicName: 'b', partitionIndex: 3 };
    expect(await list(['b', 'c'], { cursor })).toEqual([
      [
        ['b', []],
        ['c', [0, 1]],
      ],
      null,
    ]);
  });

  it('answers UNKNOWN_TOPIC_OR_PARTITION for a name without a topic', async () => {
    const { topics } = await ask(['none', 'a']);
    expect(topics.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['a', 'NONE'],
      ['none', 'UNKNOWN_TOPIC_OR_PARTITION'],
    ]);
    expect(topics[1]).toMatchObject({ topicId: ZERO_UUID, partitions: [] });
  });

  it.each([
    ['a topic that was not asked for', { topicName: 'a', partitionIndex: 0 }],
    ['a negative partition', { topicName: 'b', partitionIndex: -1 }],
  ])('refuses a cursor at %s', async (_, cursor) => {
    const { topics } = await ask(['b', 'c'], { cursor });
    expect(topics.map(({ errorCode }) => errorName(errorCode))).toEqual([
      'INVALID_REQUEST',
      'INVALID_REQUEST',
    ]);
  });

  it('hangs up on a bad cursor where no topic could tell', async () => {
    const cursor = { topicName: 'b', partitionIndex: -1 };
    await expect(ask([], { cursor })).rejects.toThrow("The cursor's partition is -1");
  });
});
