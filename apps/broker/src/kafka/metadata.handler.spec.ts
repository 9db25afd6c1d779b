import { metadataCodec, ZERO_UUID, type MetadataRequest } from '@walrusmq/kafka-protocol';
import { openWalStorage } from '@walrusmq/storage';
import { ADVERTISED, errorName, KafkaFixture } from '../../test/kafka-fixture';
import type { BrokerSettings } from '../config/settings-table';
import { NODE_ID } from './kafka-services';

const VERSION = 12;
const NO_ID = '99999999-9999-4999-8999-999999999999';

describe('Metadata', () => {
  let fixture: KafkaFixture;
  const open = async (settings: Partial<BrokerSettings> = {}): Promise<void> => {
    fixture = await KafkaFixture.open(settings);
    await fixture.topics.create({ name: 'orders', partitions: 3 });
  };
  afterEach(() => fixture.close());

  const ask = (
    names: readonly string[] | null,
    more: Partial<MetadataRequest> = {},
    version = VERSION,
  ) => {
    const topics = names && names.map((name) => ({ topicId: ZERO_UUID, name }));
    return fixture.ask(metadataCodec, version, { topics, ...more });
  };
  const seen = async (...of: Parameters<typeof ask>) => {
    const { topics } = await ask(...of);
    return topics.map(({ name, errorCode, partitions }) => [
      name,
      errorName(errorCode),
      partitions.length,
    ]);
  };

  it('names the broker, at its advertised address, as leader of all partitions', async () => {
    await open();
    const answer = await ask(['orders']);
    expect(answer.brokers).toMatchObject([{ nodeId: NODE_ID, ...ADVERTISED }]);
    expect(answer.controllerId).toBe(NODE_ID);
    expect(answer.clusterId).toMatch(/./);
    const [topic] = answer.topics;
    expect(topic?.topicId).toBe(fixture.topics.find('orders')?.id);
    const led = { leaderId: NODE_ID, replicaNodes: [NODE_ID], isrNodes: [NODE_ID] };
    expect(topic?.partitions).toMatchObject(
      [0, 1, 2].map((at) => ({ partitionIndex: at, ...led })),
    );
  });

  it.each([
    ['null from version 1 on', null, 1, 1],
    ['an empty list in version 0', [], 0, 1],
  ])('lists all topics for %s', async (_, names, version, count) => {
    await open();
    expect(await seen(names, {}, version)).toHaveLength(count);
  });

  it('lists no topic for an empty list from version 1 on', async () => {
    await open();
    expect(await seen([], {}, 1)).toEqual([]);
  });

  it('creates a topic that is asked for by name, with the partitions of the broker', async () => {
    await open({ defaultPartitions: 4 });
    expect(await seen(['new', 'orders'])).toEqual([
      ['new', 'NONE', 4],
      ['orders', 'NONE', 3],
    ]);
    expect(fixture.topics.find('new')?.partitionCount).toBe(4);
  });

  it.each([0, 1, 2, 3])('creates in version %d, which cannot say otherwise', async (version) => {
    await open();
    const topics = [{ name: 'new' }];
    const answer = await fixture.ask(metadataCodec, version, { topics });
    expect(answer.topics).toMatchObject([{ name: 'new', errorCode: 0, partitions: [{}] }]);
  });

  it.each([
    ['the client asks for that not to be done', {}, { allowAutoTopicCreation: false }],
    ['the broker is set not to', { kafkaAutoCreateTopics: false }, {}],
  ])('creates nothing where %s', async (_, settings, request) => {
    await open(settings);
    expect(await seen(['new'], request)).toEqual([['new', 'UNKNOWN_TOPIC_OR_PARTITION', 0]]);
    expect(fixture.topics.find('new')).toBeUndefined();
  });

  it('answers each name for itself', async () => {
    await open({ topicsMax: 1 });
    expect(await seen(['a topic', 'new', 'orders'])).toEqual([
      ['a topic', 'INVALID_TOPIC_EXCEPTION', 0],
      ['new', 'POLICY_VIOLATION', 0],
      ['orders', 'NONE', 3],
    ]);
  });

  it('gives a topic the id that it had before a restart', async () => {
    const blocks = { blockBytes: 65_536, blocksPerFile: 4 };
    fixture = await KafkaFixture.open(blocks, openWalStorage);
    await fixture.topics.create({ name: 'orders', partitions: 1 });
    const [before] = (await ask(['orders'])).topics;
    fixture = await fixture.reopened(blocks, openWalStorage);
    const [after] = (await ask(['orders'])).topics;
    expect([errorName(after?.errorCode ?? NaN), after?.topicId]).toEqual(['NONE', before?.topicId]);
  });

  it('finds topics by id, and creates none for an id that there is not', async () => {
    await open();
    const topicId = fixture.topics.find('orders')?.id ?? '';
    const topics = [topicId, NO_ID].map((id) => ({ topicId: id, name: null }));
    const answer = await fixture.ask(metadataCodec, VERSION, { topics });
    expect(answer.topics.map(({ name, errorCode }) => [name, errorName(errorCode)])).toEqual([
      ['orders', 'NONE'],
      [null, 'UNKNOWN_TOPIC_ID'],
    ]);
    expect(fixture.topics.list()).toHaveLength(1);
  });
});
