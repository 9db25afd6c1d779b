import { createPartitionsCodec, type CreatePartitionsRequest } from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

type Wanted = Partial<CreatePartitionsRequest.CreatePartitionsTopic> & {
  readonly name: string;
  readonly count: number;
};

describe('CreatePartitions', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open();
    await fixture.topics.create({ name: 'orders', partitions: 2 });
  });
  afterEach(() => fixture.close());

  const count = (): number | undefined => fixture.topics.find('orders')?.partitionCount;
  const grow = async (
    topics: readonly Wanted[],
    { version = 3, validateOnly = false } = {},
  ): Promise<readonly (readonly [name: string, error: string, message: string | null])[]> => {
    const request = {
      topics: topics.map((wanted) => ({ assignments: null, ...wanted })),
      timeoutMs: 1,
      validateOnly,
    };
    const { throttleTimeMs, results } = await fixture.ask(createPartitionsCodec, version, request);
    expect(throttleTimeMs).toBe(0);
    return results.map(({ name, errorCode, errorMessage }) => [
      name,
      errorName(errorCode),
      errorMessage,
    ]);
  };

  it.each(advertisedVersions(createPartitionsCodec))('grows in version %d', async (version) => {
    const results = await grow([{ name: 'orders', count: 4 }], { version });
    expect(results).toEqual([['orders', 'NONE', null]]);
    expect(count()).toBe(4);
  });

  it('changes nothing with validateOnly', async () => {
    const validateOnly = true;
    const good = await grow([{ name: 'orders', count: 4 }], { validateOnly });
    expect(good).toEqual([['orders', 'NONE', null]]);
    const [bad] = await grow([{ name: 'orders', count: 1 }], { validateOnly });
    expect(bad?.[1]).toBe('INVALID_PARTITIONS');
    expect(count()).toBe(2);
  });

  it.each([
    [2, 'has 2 partitions already'],
    [1, 'can only get more, not 1'],
    [0, '1 to 10000'],
    [-1, '1 to 10000'],
    [10_001, 'not 10001'],
  ])('answers INVALID_PARTITIONS for a count of %d: %s', async (wanted, words) => {
    const [result] = await grow([{ name: 'orders', count: wanted }]);
    expect(result).toEqual(['orders', 'INVALID_PARTITIONS', expect.stringContaining(words)]);
    expect(count()).toBe(2);
  });

  it('lets one of two requests for the same count win', async () => {
    const wanted = [{ name: 'orders', count: 5 }];
    const results = await Promise.all([grow(wanted), grow(wanted)]);
    expect(
      results
        .flat()
        .map(([, error]) => error)
        .sort(),
    ).toEqual(['INVALID_PARTITIONS', 'NONE']);
  });

  it('takes an assignment to broker 1 for each new partition', async () => {
    const here = { brokerIds: [1] };
    await grow([{ name: 'orders', count: 4, assignments: [here, here] }]);
    expect(count()).toBe(4);
  });

  it.each([
    ['1 assignments for 2 new', [[1]]],
    ['3 assignments for 2 new', [[1], [1], [1]]],
    ['no broker 7', [[1], [7]]],
    ['list is empty', [[1], []]],
    ['more than once', [[1, 1], [1]]],
  ])('answers INVALID_REPLICA_ASSIGNMENT: %s', async (words, brokers) => {
    const assignments = brokers.map((brokerIds) => ({ brokerIds }));
    const [result] = await grow([{ name: 'orders', count: 4, assignments }]);
    expect(result).toEqual([
      'orders',
      'INVALID_REPLICA_ASSIGNMENT',
      expect.stringContaining(words),
    ]);
    expect(count()).toBe(2);
  });

  it('answers each topic for itself, and refuses one that is there twice', async () => {
    await fixture.topics.create({ name: 'other' });
    const results = await grow([
      { name: 'orders', count: 3 },
      { name: 'none', count: 3 },
      { name: 'other', count: 3 },
      { name: 'orders', count: 4 },
    ]);
    expect(results.map(([name, error]) => [name, error])).toEqual([
      ['orders', 'INVALID_REQUEST'],
      ['none', 'UNKNOWN_TOPIC_OR_PARTITION'],
      ['other', 'NONE'],
    ]);
    expect(count()).toBe(2);
  });
});
