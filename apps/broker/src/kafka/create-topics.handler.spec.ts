import {
  createTopicsCodec,
  metadataCodec,
  ZERO_UUID,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { advertisedVersions, errorName, KafkaFixture } from '../../test/kafka-fixture';

type Wanted = Partial<CreateTopicsRequest.CreatableTopic> & { readonly name: string };

const VERSIONS = advertisedVersions(createTopicsCodec);

function topic(wanted: Wanted): CreateTopicsRequest.CreatableTopic {
  return { numPartitions: -1, replicationFactor: -1, assignments: [], configs: [], ...wanted };
}

describe('CreateTopics', () => {
  let fixture: KafkaFixture;
  beforeEach(async () => {
    fixture = await KafkaFixture.open({ defaultPartitions: 3 });
  });
  afterEach(() => fixture.close());

  const create = async (
    topics: readonly Wanted[],
    { version = 7, validateOnly = false } = {},
  ): Promise<Decoded<CreateTopicsResponse>['topics']> => {
    const request = { topics: topics.map(topic), validateOnly, timeoutMs: 1 };
    const { throttleTimeMs, topics: created } = await fixture.ask(
      createTopicsCodec,
      version,
      request,
    );
    expect(throttleTimeMs).toBe(0);
    return created;
  };
  const refusal = async (wanted: Wanted): Promise<readonly [string, string | null]> => {
    const [answer] = await create([wanted]);
    return [errorName(answer?.errorCode ?? 0), answer?.errorMessage ?? null];
  };

  it.each(VERSIONS)('creates a topic that is there with its answer, in version %d', async (v) => {
    const [created] = await create([{ name: 'orders', numPartitions: 2 }], { version: v });
    expect(created).toMatchObject({ name: 'orders', errorCode: 0, errorMessage: null });
    expect(fixture.topics.find('orders')?.partitionCount).toBe(2);
    expect(created?.numPartitions).toBe(v >= 5 ? 2 : -1);
    expect(created?.replicationFactor).toBe(v >= 5 ? 1 : -1);
  });

  it('leaves partitions and replicas of -1 to the broker', async () => {
    const [created] = await create([{ name: 'orders' }]);
    expect(created).toMatchObject({ numPartitions: 3, replicationFactor: 1 });
    expect(fixture.topics.find('orders')?.partitionCount).toBe(3);
  });

  it('gives ids that Metadata gives too, not zero, new for a name that comes again', async () => {
    const [first] = await create([{ name: 'orders' }]);
    const named = { topics: [{ name: 'orders' }] };
    const { topics } = await fixture.ask(metadataCodec, 12, named);
    expect(topics[0]?.topicId).toBe(first?.topicId);
    expect(first?.topicId).not.toBe(ZERO_UUID);
    await fixture.topics.delete('orders');
    const [second] = await create([{ name: 'orders' }]);
    expect(second?.topicId).not.toBe(first?.topicId);
    expect(second?.topicId).toBe(fixture.topics.require('orders').id);
  });

  it('tells what configs a new topic has (KIP-525)', async () => {
    const configs = [{ name: 'retention.ms', value: '5000' }];
    const [created] = await create([{ name: 'orders', configs }]);
    const told = new Map(created?.configs?.map(({ name, ...config }) => [name, config]));
    expect(told.get('retention.ms')).toEqual({
      value: '5000',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
    });
    expect(told.get('cleanup.policy')).toMatchObject({ value: 'delete', configSource: 5 });
    expect(told.get('min.insync.replicas')).toMatchObject({ value: '1', configSource: 5 });
    expect(created?.topicConfigErrorCode).toBe(0);
    expect(fixture.topics.find('orders')?.configs).toEqual({ 'retention.ms': '5000' });
  });

  it('takes configs of Kafka that have one value here with that value, and no other', async () => {
    const configs = (value: string) => [{ name: 'min.insync.replicas', value }];
    const refused = await refusal({ name: 'a', configs: configs('2') });
    const words = 'min.insync.replicas cannot be "2". There is one broker';
    expect(refused).toEqual(['INVALID_CONFIG', expect.stringContaining(words)]);
    await create([{ name: 'a', configs: configs('1') }]);
    expect(fixture.topics.find('a')?.configs).toEqual({ 'min.insync.replicas': '1' });
  });

  it('only checks with validateOnly', async () => {
    const [valid, invalid] = await create([{ name: 'a' }, { name: 'b', numPartitions: 0 }], {
      validateOnly: true,
    });
    expect(valid).toMatchObject({ errorCode: 0, topicId: ZERO_UUID, numPartitions: 3 });
    expect(errorName(invalid?.errorCode ?? 0)).toBe('INVALID_PARTITIONS');
    expect(fixture.topics.list()).toEqual([]);
  });

  it('answers each topic for itself', async () => {
    const answers = await create([{ name: 'a' }, { name: 'a b' }, { name: 'c' }]);
    expect(answers.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['a', 'NONE'],
      ['a b', 'INVALID_TOPIC_EXCEPTION'],
      ['c', 'NONE'],
    ]);
  });

  it('refuses a name that the request has twice, once', async () => {
    const answers = await create([{ name: 'a' }, { name: 'b' }, { name: 'a' }]);
    expect(answers.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['a', 'INVALID_REQUEST'],
      ['b', 'NONE'],
    ]);
    expect(fixture.topics.find('a')).toBeUndefined();
  });

  it.each([
    ['INVALID_TOPIC_EXCEPTION', 'is not 1 to 249', { name: '..' }],
    ['INVALID_PARTITIONS', '1 to 10000', { name: 't', numPartitions: 0 }],
    ['INVALID_PARTITIONS', 'not -2', { name: 't', numPartitions: -2 }],
    ['INVALID_PARTITIONS', 'not 10001', { name: 't', numPartitions: 10_001 }],
    [
      'INVALID_REPLICATION_FACTOR',
      'is 3. There is one broker',
      { name: 't', replicationFactor: 3 },
    ],
    ['INVALID_REPLICATION_FACTOR', 'is 0', { name: 't', replicationFactor: 0 }],
    ['INVALID_REPLICATION_FACTOR', 'is -2', { name: 't', replicationFactor: -2 }],
    [
      'INVALID_CONFIG',
      'Unknown topic config name',
      { name: 't', configs: [{ name: 'x', value: '1' }] },
    ],
    ['INVALID_CONFIG', 'no value', { name: 't', configs: [{ name: 'retention.ms', value: null }] }],
    [
      'INVALID_CONFIG',
      'Compaction does not exist',
      { name: 't', configs: [{ name: 'cleanup.policy', value: 'compact' }] },
    ],
    [
      'INVALID_REQUEST',
      'more than once',
      {
        name: 't',
        configs: [
          { name: 'retention.ms', value: '1' },
          { name: 'retention.ms', value: '2' },
        ],
      },
    ],
  ])('answers %s: %s', async (error, words, wanted) => {
    expect(await refusal(wanted)).toEqual([error, expect.stringContaining(words)]);
    expect(fixture.topics.list()).toEqual([]);
  });

  it('says first of all that a topic exists, whatever else is asked of it', async () => {
    await create([{ name: 'a' }]);
    const refused = await refusal({ name: 'a', replicationFactor: 3 });
    expect(refused).toEqual(['TOPIC_ALREADY_EXISTS', expect.stringContaining("'a' exists")]);
  });

  describe('with partitions that are assigned by hand', () => {
    const assign = (...assignments: readonly (readonly [number, readonly number[]])[]) =>
      assignments.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }));

    it('takes them all on broker 1', async () => {
      await create([{ name: 'a', assignments: assign([1, [1]], [0, [1]]) }]);
      expect(fixture.topics.find('a')?.partitionCount).toBe(2);
    });

    it.each([
      ['no broker 2', assign([0, [2]])],
      ['no broker 2', assign([0, [1, 2]])],
      ['more than once', assign([0, [1, 1]])],
      ['list is empty', assign([0, []])],
      ['partition 0 is assigned more than once', assign([0, [1]], [0, [1]])],
      ['1 is not assigned', assign([0, [1]], [2, [1]])],
      ['0 is not assigned', assign([-1, [1]])],
    ])('answers INVALID_REPLICA_ASSIGNMENT: %s', async (words, assignments) => {
      const refused = await refusal({ name: 'a', assignments });
      expect(refused).toEqual(['INVALID_REPLICA_ASSIGNMENT', expect.stringContaining(words)]);
      expect(fixture.topics.list()).toEqual([]);
    });

    it.each([{ numPartitions: 1 }, { replicationFactor: 1 }])(
      'refuses them beside %j',
      async (counts) => {
        const refused = await refusal({ name: 'a', assignments: assign([0, [1]]), ...counts });
        expect(refused).toEqual(['INVALID_REQUEST', expect.stringContaining('assigned by hand')]);
      },
    );
  });
});
