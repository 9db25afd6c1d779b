// Configs, growth, deletion of records, pages, pins and automatic creation as a client sees them,
// on both storages.
import { checkBatch, decodeBatches, encodeBatch } from '@walrusmq/record-batch';
import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf, until } from './test-broker';

interface Described {
  readonly configs: { readonly name: string; readonly value: string; readonly source: string }[];
  readonly pins: object[];
  readonly warnings: string[];
}

describe.each(STORAGES)('topics on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  const start = async (settings = {}): Promise<void> => {
    broker = await TestBroker.start(
      { blockBytes: 16_384, blocksPerFile: 4, ...settings },
      openStorage,
    );
    client = await broker.withTopic('orders', 3);
  };
  const ok = async (operation: string, fields: object): Promise<Record<string, unknown>> => {
    const reply = await client.request(operation, fields);
    expect([reply.kind, reply.fields]).toEqual(['ok', reply.fields]);
    return reply.fields;
  };
  const refused = async (operation: string, fields: object): Promise<unknown> =>
    codeOf(await client.request(operation, fields));
  const produce = (values: readonly string[], partition = 0): Promise<unknown> =>
    client.request(
      'produce',
      { topic: 'orders', partition, acks: -1 },
      values.map((v) => batchOf(v)),
    );
  const describeTopic = async (name = 'orders'): Promise<Described> =>
    (await ok('describeTopic', { name })) as unknown as Described;
  const configOf = async (name: string): Promise<unknown> => {
    const found = (await describeTopic()).configs.find((config) => config.name === name);
    return found && [found.value, found.source];
  };
  afterEach(() => broker.stop());

  it('creates with configs, changes and describes them, values and sources', async () => {
    await start({ retentionMs: 1_000_000 });
    expect(await configOf('retention.ms')).toEqual(['1000000', 'instance']);
    const altered = await ok('alterTopic', {
      name: 'orders',
      configs: { 'retention.ms': 5_000, 'retention.consumed': true, 'segment.ms': null },
    });
    expect(altered).toMatchObject({
      name: 'orders',
      partitions: 3,
      configs: { 'retention.ms': '5000', 'retention.consumed': 'true' },
    });
    expect(await configOf('retention.ms')).toEqual(['5000', 'topic']);
    expect(await configOf('segment.ms')).toEqual(['604800000', 'default']);
    const all = (await ok('describeConfigs', { topic: 'orders' })).configs as object[];
    expect(all).toContainEqual(
      expect.objectContaining({ name: 'retention.ms', default: '604800000', unit: 'ms' }),
    );
    expect(await refused('describeConfigs', { topic: 'none' })).toBe('UNKNOWN_TOPIC');
    expect(await refused('describeTopic', { name: 'none' })).toBe('UNKNOWN_TOPIC');
    const bad = { name: 'x', configs: { 'cleanup.policy': 'compact' } };
    const reply = await client.request('createTopic', bad);
    expect(reply.fields).toMatchObject({
      code: 'INVALID_CONFIG',
      message: expect.stringContaining('does not exist yet') as string,
    });
    expect(await refused('metadata', { topics: ['x'] })).toBe('ok');
  });

  it('takes new partitions and larger batches at once', async () => {
    await start({ batchBytesMax: 2_000 });
    const large = batchOf('x'.repeat(5_000));
    const produceTo = async (partition: number): Promise<unknown> =>
      codeOf(await client.request('produce', { topic: 'orders', partition }, [Buffer.from(large)]));
    expect(await produceTo(0)).toBe('RECORD_TOO_LARGE');
    expect(await produceTo(4)).toBe('UNKNOWN_PARTITION');
    const records = [[null, 'x'.repeat(5_000)]];
    expect(await refused('produce', { topic: 'orders', records })).toBe('RECORD_TOO_LARGE');
    const change = { name: 'orders', partitions: 5, configs: { 'max.message.bytes': 6_000 } };
    expect(await ok('alterTopic', { ...change, validateOnly: true })).toMatchObject({
      partitions: 5,
    });
    expect(await produceTo(0)).toBe('RECORD_TOO_LARGE');
    await ok('alterTopic', change);
    expect([await produceTo(0), await produceTo(4)]).toEqual(['ok', 'ok']);
    expect(await refused('produce', { topic: 'orders', records })).toBe('ok');
    expect(await refused('alterTopic', { name: 'orders', partitions: 4 })).toBe(
      'INVALID_PARTITIONS',
    );
  });

  it('stamps records with the time of their append, and says so', async () => {
    await start();
    await ok('alterTopic', {
      name: 'orders',
      configs: { 'message.timestamp.type': 'LogAppendTime' },
    });
    const startMs = Date.now();
    const batch = encodeBatch([{ value: Buffer.from('v'), timestamp: 7 }], { compression: 'gzip' });
    const produced = await client.request('produce', { topic: 'orders', partition: 0 }, [batch]);
    const { appendTimeMs } = produced.fields as { appendTimeMs: number };
    expect(appendTimeMs).toBeGreaterThanOrEqual(startMs);
    const fetched = await client.request('fetch', {
      partitions: [['orders', 0, 0]],
      maxWaitMs: 5_000,
    });
    const bytes = Buffer.concat(fetched.tail);
    expect(checkBatch(bytes)).toMatchObject({
      timestampType: 'LogAppendTime',
      maxTimestamp: appendTimeMs,
    });
    expect([...decodeBatches(bytes)].map(({ timestamp }) => timestamp)).toEqual([appendTimeMs]);
  });

  it('deletes records before an offset, a time, and all, after checking everything', async () => {
    await start();
    const batches = [1_000, 2_000, 3_000].map((timestamp) =>
      encodeBatch([{ value: Buffer.from('v'), timestamp }]),
    );
    for (const partition of [0, 1]) {
      const fields = { topic: 'orders', partition, acks: -1 };
      await client.request(
        'produce',
        fields,
        batches.map((batch) => Buffer.from(batch)),
      );
    }
    const starts = async (fields: object): Promise<unknown> =>
      (await ok('deleteRecords', { topic: 'orders', ...fields })).offsets;
    const wrong = (offsets: number[][]): Promise<unknown> =>
      refused('deleteRecords', { topic: 'orders', offsets });
    expect(
      await wrong([
        [0, 1],
        [1, 4],
      ]),
    ).toBe('OFFSET_OUT_OF_RANGE');
    expect(
      await wrong([
        [0, 1],
        [3, 0],
      ]),
    ).toBe('UNKNOWN_PARTITION');
    const before = { topic: 'orders', before: 'latest', partitions: [3] };
    expect(await refused('deleteRecords', before)).toBe('UNKNOWN_PARTITION');
    expect(await starts({ offsets: [[0, 0]] })).toEqual([[0, 0]]);
    expect(
      await starts({
        offsets: [
          [1, 1],
          [0, 0],
        ],
      }),
    ).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(await starts({ before: 2_500, partitions: [0] })).toEqual([[0, 2]]);
    expect(await starts({ before: 'latest' })).toEqual([
      [0, 3],
      [1, 3],
      [2, 0],
    ]);
    expect(await starts({ offsets: [[1, 1]] })).toEqual([[1, 3]]);
    expect(await refused('deleteRecords', { topic: 'none', before: 'latest' })).toBe(
      'UNKNOWN_TOPIC',
    );

    const fetch = { partitions: [['orders', 0, 1]] };
    const [entry] = (await ok('fetch', fetch)).partitions as unknown[][];
    expect(entry?.[2]).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    expect(entry?.[3]).toBe(3);
    expect(await produce(['next'])).toMatchObject({ fields: { baseOffset: 3 } });
  });

  it('gives the topics by name, page by page', async () => {
    await start();
    for (const name of ['b', 'a', 'z']) await ok('createTopic', { name });
    expect(await ok('listTopics', { limit: 2 })).toMatchObject({
      topics: [{ name: 'a' }, { name: 'b' }],
      next: 'b',
    });
    expect(await ok('listTopics', { after: 'b' })).toMatchObject({
      topics: [
        { name: 'orders', partitions: 3 },
        { name: 'z', partitions: 1 },
      ],
    });
    expect((await ok('listTopics', { after: 'b' })).next).toBeNull();
  });

  it('creates a topic for who produces to it, where it is set to', async () => {
    await start();
    const records = [['k', 'v']];
    expect(await refused('produce', { topic: 'new', records })).toBe('UNKNOWN_TOPIC');
    const asked = await ok('metadata', { topics: ['new'], autoCreate: true });
    expect(asked).toEqual({ topics: [], missing: ['new'] });
    await broker.stop();

    await start({ autoCreateTopics: true, defaultPartitions: 4, topicsMax: 3 });
    // Two requests before the topic exists: they keep their order.
    const tails = ['first', 'second'].map((value) => [batchOf(value)]);
    for (const tail of tails) client.send('produce', { topic: 'new', partition: 3 }, tail);
    const offsets = [(await client.reply()).fields, (await client.reply()).fields];
    expect(offsets).toMatchObject([{ baseOffset: 0 }, { baseOffset: 1 }]);
    const metadata = await ok('metadata', { topics: ['new', 'other'], autoCreate: true });
    const found = metadata.topics as { name: string; partitions: object[] }[];
    expect(found.map(({ name, partitions }) => [name, partitions.length])).toEqual([
      ['new', 4],
      ['other', 4],
    ]);
    expect(await refused('produce', { topic: 'more', records })).toBe('LIMIT_EXCEEDED');
    expect(await refused('produce', { topic: 'a b', records })).toBe('INVALID_TOPIC_NAME');
    const none = await ok('metadata', { topics: ['a b', 'more'], autoCreate: true });
    expect(none.missing).toEqual(['a b', 'more']);
    const notAsked = await ok('metadata', { topics: ['unasked'] });
    expect(notAsked.missing).toEqual(['unasked']);
  });

  it('pins what a reader has not passed, shows it, and lets it go', async () => {
    await start({ retentionIntervalMs: 10, retentionMs: -1, retentionConsumed: true });
    for (let index = 0; index < 5; index += 1) await produce(['x'.repeat(9_000)]);
    await ok('readerPin', { reader: 'audit', topic: 'orders', expireMs: 86_400_000 });
    expect(await describeTopic()).toMatchObject({
      pins: [{ kind: 'reader', name: 'audit', expireMs: 86_400_000, behindRecords: 5 }],
      warnings: [expect.stringContaining("'audit' holds 5 records") as string],
    });
    const startOf = async (): Promise<number> => {
      const { topics } = (await ok('metadata', { topics: ['orders'] })) as {
        topics: { partitions: { logStartOffset: number }[] }[];
      };
      return topics[0]!.partitions[0]!.logStartOffset;
    };
    const passes = broker.counter('retentionPasses');
    await until(() => broker.counter('retentionPasses') > passes + 2);
    expect(await startOf()).toBe(0);
    await ok('readerCommit', { reader: 'audit', offsets: [['orders', 0, 3]] });
    await until(() => broker.counter('retentionTruncations') > 0);
    const truncated = broker.counter('retentionPasses');
    await until(() => broker.counter('retentionPasses') > truncated + 1);
    expect(await startOf()).toBe(3);
    await ok('readerUnpin', { reader: 'audit', topic: 'orders' });
    expect(await describeTopic()).toMatchObject({
      pins: [],
      warnings: [expect.stringContaining('no pin') as string],
    });
    expect(await refused('readerPin', { reader: 'r', topic: 'none' })).toBe('UNKNOWN_TOPIC');
  });

  it('lets old records go by itself, and a fetch there starts over', async () => {
    await start({ retentionIntervalMs: 10 });
    const old = encodeBatch([{ value: Buffer.alloc(9_000), timestamp: 1_000 }]);
    const fields = { topic: 'orders', partition: 0, acks: -1 };
    for (let index = 0; index < 3; index += 1) {
      await client.request('produce', fields, [Buffer.from(old)]);
    }
    await produce(['young']);
    await until(() => broker.counter('retentionTruncations') > 0);
    const passes = broker.counter('retentionPasses');
    await until(() => broker.counter('retentionPasses') > passes + 1);
    const fetch = { partitions: [['orders', 0, 0]] };
    const [refusedEntry] = (await ok('fetch', fetch)).partitions as unknown[][];
    expect(refusedEntry?.[2]).toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    const from = refusedEntry?.[3] as number;
    expect(from).toBeGreaterThanOrEqual(2);
    const fetched = await client.request('fetch', { partitions: [['orders', 0, from]] });
    const values = [...decodeBatches(Buffer.concat(fetched.tail))].map(({ value }) =>
      String(value),
    );
    expect(values.at(-1)).toBe('young');
  });
});
