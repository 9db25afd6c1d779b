// Every operation as a client sees it, on both storages.
import {
  COMPRESSIONS,
  batchHeaders,
  crc32c,
  decodeBatches,
  encodeBatch,
} from '@walrusmq/record-batch';
import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf } from './test-broker';

describe.each(STORAGES)('operations on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start({ batchBytesMax: 65_536 }, openStorage);
    client = await broker.withTopic('orders', 3);
  });
  afterEach(() => broker.stop());

  it('tells the version, the instance and the limits in the hello reply', async () => {
    const other = await broker.connect();
    const reply = await other.request('hello', { protocol: [1, 9], client: 'test' });
    expect(reply.fields).toMatchObject({
      protocol: 1,
      broker: 'walrusmq/0.1.0',
      instance: 'default',
      instanceId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      limits: { frameBytesMax: 64 * 1024 * 1024, batchBytesMax: 65_536 },
    });
  });

  it('describes topics and lists the missing ones', async () => {
    const reply = await client.request('metadata', { topics: ['orders', 'nothing', 'orders'] });
    const [topic] = reply.fields.topics as { name: string; partitions: object[] }[];
    expect(reply.fields.topics).toHaveLength(1);
    expect(topic?.name).toBe('orders');
    expect(topic?.partitions).toHaveLength(3);
    expect(topic?.partitions[1]).toMatchObject({ partition: 1, logStartOffset: 0, readableEnd: 0 });
    expect(reply.fields.missing).toEqual(['nothing']);
  });

  it.each([1, -1])('gives back with fetch what produce with acks %i took', async (acks) => {
    const produce = { topic: 'orders', partition: 2, acks };
    const batches = [batchOf('a', 'b'), batchOf('c')];
    const produced = await client.request('produce', produce, batches);
    expect(produced.fields).toEqual({ partition: 2, baseOffset: 0, recordCount: 3 });

    const fetched = await client.request('fetch', {
      partitions: [['orders', 2, 0]],
      maxWaitMs: 5000,
    });
    const bytes = Buffer.concat(fetched.tail);
    expect(fetched.fields.partitions).toEqual([['orders', 2, null, 0, 3, bytes.length]]);
    const records = [...decodeBatches(bytes)];
    expect(records.map(({ offset, value }) => [offset, String(value)])).toEqual([
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
    ]);
  });

  it('takes plain records and gives them back decoded', async () => {
    const records = [
      ['k', 'v1', { trace: 'x' }, 1234],
      [null, Buffer.from([0, 255]), null, null],
    ];
    const request = { topic: 'orders', partition: 0, acks: -1, records };
    const produced = await client.request('produce', request);
    expect(produced.fields).toEqual({ results: [[0, 0, 2]] });

    const fetch = { partitions: [['orders', 0, 0]], format: 'records', maxWaitMs: 5000 };
    const [entry] = (await client.request('fetch', fetch)).fields.partitions as unknown[][];
    expect(entry?.slice(0, 6)).toEqual(['orders', 0, null, 0, 2, 0]);
    expect(entry?.[6]).toEqual([
      [0, 1234, Buffer.from('k'), Buffer.from('v1'), { trace: Buffer.from('x') }],
      [1, expect.any(Number), null, Buffer.from([0, 255]), {}],
    ]);
  });

  it('sends records of one key to one partition and keyless ones together', async () => {
    const records = Array.from({ length: 60 }, (_, i) => [
      i % 2 === 0 ? `k${i % 10}` : null,
      `${i}`,
    ]);
    const reply = await client.request('produce', { topic: 'orders', acks: -1, records });
    const results = reply.fields.results as [number, number, number][];
    expect(results.reduce((sum, [, , count]) => sum + count, 0)).toBe(60);
    expect(results.some(([, , count]) => count >= 30)).toBe(true);
    // murmur2 is fixed, so the same key always lands on the partition that Java would choose.
    const again = await client.request('produce', {
      topic: 'orders',
      acks: -1,
      records: [
        ['k0', 'x'],
        ['k0', 'y'],
      ],
    });
    expect(again.fields.results).toHaveLength(1);
  });

  it.each(COMPRESSIONS)(
    'leaves out the records below the offset in the records form, decoding %s',
    async (compression) => {
      const values = ['a', 'b', 'c'].map((value) => ({ value: Buffer.from(value) }));
      const batch = encodeBatch(values, { compression });
      await client.request('produce', { topic: 'orders', partition: 0, acks: -1 }, [batch]);
      const fetch = { partitions: [['orders', 0, 2]], format: 'records', maxWaitMs: 5000 };
      const [entry] = (await client.request('fetch', fetch)).fields.partitions as unknown[][];
      expect(entry?.[6]).toEqual([[2, expect.any(Number), null, Buffer.from('c'), {}]]);
    },
  );

  it('gives compressed batches back as they came in the batch form', async () => {
    const values = [{ value: Buffer.alloc(5000, 'x') }];
    const batches = COMPRESSIONS.map((compression) => encodeBatch(values, { compression, now: 1 }));
    const produce = { topic: 'orders', partition: 0, acks: -1 };
    await client.request('produce', produce, batches);
    const fetched = await client.request('fetch', { partitions: [['orders', 0, 0]] });
    const tail = Buffer.concat(fetched.tail);
    const stored = [...batchHeaders(tail)].map(({ position, header }) =>
      tail.subarray(position + 16, position + header.sizeBytes),
    );
    expect(stored).toEqual(batches.map((batch) => batch.subarray(16)));
  });

  describe('unpacking for the records form', () => {
    const produceTo = (partition: number, batch: Buffer): Promise<unknown> =>
      client.request('produce', { topic: 'orders', partition, acks: -1 }, [batch]);
    const entriesOf = async (fields: object): Promise<unknown[][]> => {
      const partitions = [0, 1, 2].map((partition) => ['orders', partition, 0]);
      const reply = await client.request('fetch', { partitions, format: 'records', ...fields });
      return reply.fields.partitions as unknown[][];
    };
    const countsOf = async (fields: object): Promise<number[]> =>
      (await entriesOf(fields)).map((entry) => (entry[6] as unknown[]).length);

    it('gives the first record of an ordinary batch to a client that asks for little', async () => {
      const values = Array.from({ length: 50 }, () => ({ value: Buffer.alloc(1000, 'x') }));
      await produceTo(1, encodeBatch(values, { compression: 'zstd' }));
      expect(await countsOf({ maxBytes: 10 })).toEqual([0, 1, 0]);
      expect(await countsOf({ maxBytes: 5_100 })).toEqual([0, 5, 0]);
    });

    it('counts records unpacked, over all partitions, and those without a byte too', async () => {
      const values = Array.from({ length: 40 }, () => ({ value: Buffer.alloc(1000, 'x') }));
      for (const partition of [0, 1, 2]) {
        await produceTo(partition, encodeBatch(values, { compression: 'lz4' }));
      }
      const counts = await countsOf({ maxBytes: 60_000 });
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(59);
      const empty = Array.from({ length: 5_000 }, () => ({ value: null }));
      await produceTo(0, encodeBatch(empty, { compression: 'snappy' }));
      const fields = { partitions: [['orders', 0, 40]], maxBytes: 8_000 };
      expect(await countsOf(fields)).toEqual([500]);
    });

    it('refuses a batch that unpacks to more than a batch may have and was asked for', async () => {
      await produceTo(1, encodeBatch([{ value: Buffer.alloc(100_000) }], { compression: 'gzip' }));
      const [, small] = await entriesOf({ maxBytes: 1_000 });
      expect(small?.[2]).toMatchObject({ code: 'RECORD_TOO_LARGE' });
      expect(JSON.stringify(small?.[2])).toContain('fetch it as batches');
      expect(await countsOf({ maxBytes: 200_000 })).toEqual([0, 1, 0]);
    });

    it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
      'answers CORRUPT for records that are no %s, and goes on',
      async (compression) => {
        const batch = encodeBatch([{ value: Buffer.from('lies') }]);
        batch.writeInt16BE(COMPRESSIONS.indexOf(compression), 21);
        batch.writeUInt32BE(crc32c(batch, 21), 17);
        await produceTo(1, batch);
        // Whoever takes batches gets it as it came: nothing looked into it on either way.
        const { tail } = await client.request('fetch', { partitions: [['orders', 1, 0]] });
        expect(Buffer.concat(tail).subarray(16)).toEqual(batch.subarray(16));
        const subscribed = { partitions: [['orders', 1, 0]], creditBytes: 1_000 };
        expect(codeOf(await client.request('subscribe', subscribed))).toBe('ok');
        expect((await client.event()).batches).toEqual(Buffer.concat(tail));
        const [, entry] = await entriesOf({});
        expect(entry?.[2]).toMatchObject({ code: 'CORRUPT' });
        await produceTo(2, encodeBatch([{ value: Buffer.from('fine') }], { compression }));
        expect((await entriesOf({}))[2]?.[6]).toHaveLength(1);
      },
    );
  });

  it('keeps to maxBytes with whole batches, but always sends the first', async () => {
    const batch = batchOf('x'.repeat(1000));
    for (const partition of [0, 1, 2]) {
      const request = { topic: 'orders', partition, acks: -1 };
      await client.request('produce', request, [batch, batch, batch]);
    }
    const partitions = [0, 1, 2].map((partition) => ['orders', partition, 0]);
    const lengths = async (maxBytes: number): Promise<number[]> => {
      const reply = await client.request('fetch', { partitions, maxBytes });
      const entries = reply.fields.partitions as number[][];
      return entries.map((entry) => (entry[5] ?? NaN) / batch.length).sort();
    };
    expect(await lengths(1)).toEqual([0, 0, 1]);
    expect(await lengths(batch.length * 4)).toEqual([0, 1, 3]);
    expect(await lengths(batch.length * 4 - 1)).toEqual([0, 0, 3]);
    expect(await lengths(1_000_000)).toEqual([3, 3, 3]);
  });

  it('lets every partition be first in turn', async () => {
    const batch = batchOf('x'.repeat(1000));
    for (const partition of [0, 1, 2]) {
      await client.request('produce', { topic: 'orders', partition, acks: -1 }, [batch]);
    }
    const partitions = [0, 1, 2].map((partition) => ['orders', partition, 0]);
    const served = new Set<number>();
    for (let i = 0; i < 3; i += 1) {
      const reply = await client.request('fetch', { partitions, maxBytes: 1 });
      const entries = reply.fields.partitions as [string, number, null, number, number, number][];
      for (const entry of entries) if (entry[5] > 0) served.add(entry[1]);
    }
    expect(served.size).toBe(3);
  });

  it('lists offsets by place and by time', async () => {
    const records = [100, 200, 300].map((timestamp) => ['k', 'v', null, timestamp]);
    await client.request('produce', { topic: 'orders', partition: 1, acks: -1, records });
    const at = async (moment: string | number): Promise<unknown> => {
      const request = { topic: 'orders', partitions: [1], at: moment };
      return (await client.request('listOffsets', request)).fields.offsets;
    };
    expect(await at('earliest')).toEqual([[1, 0, -1]]);
    expect(await at('latest')).toEqual([[1, 3, -1]]);
    expect(await at(150)).toEqual([[1, 1, 200]]);
    expect(await at(301)).toEqual([[1, 3, -1]]);
    const all = await client.request('listOffsets', { topic: 'orders', at: 'latest' });
    expect(all.fields.offsets).toEqual([
      [0, 0, -1],
      [1, 3, -1],
      [2, 0, -1],
    ]);
  });

  it('keeps the positions of named readers apart', async () => {
    await client.request('produce', { topic: 'orders', partition: 0, acks: -1 }, [
      batchOf('a', 'b'),
    ]);
    const commit = { reader: 'billing', offsets: [['orders', 0, 2]] };
    expect((await client.request('readerCommit', commit)).fields).toEqual({});
    const positions = async (reader: string): Promise<unknown> => {
      const partitions = [
        ['orders', 0],
        ['orders', 1],
      ];
      return (await client.request('readerFetch', { reader, partitions })).fields.offsets;
    };
    expect(await positions('billing')).toEqual([
      ['orders', 0, 2],
      ['orders', 1, null],
    ]);
    expect(await positions('audit')).toEqual([
      ['orders', 0, null],
      ['orders', 1, null],
    ]);
  });

  it('refuses a commit beyond the end and saves none of it', async () => {
    const commit = {
      reader: 'billing',
      offsets: [
        ['orders', 0, 0],
        ['orders', 1, 1],
      ],
    };
    expect(codeOf(await client.request('readerCommit', commit))).toBe('OFFSET_OUT_OF_RANGE');
    const partitions = [['orders', 0]];
    const reply = await client.request('readerFetch', { reader: 'billing', partitions });
    expect(reply.fields.offsets).toEqual([['orders', 0, null]]);
  });

  it('creates a topic of a name once, also when two ask at the same time', async () => {
    const ids = [0, 1].map(() => client.send('createTopic', { name: 'payments' }));
    const replies = [await client.reply(), await client.reply()];
    expect(replies.map((reply) => reply.correlationId)).toEqual(ids);
    expect(replies.map(codeOf)).toEqual(['ok', 'TOPIC_EXISTS']);
  });

  it('starts an empty topic when a deleted name is created again', async () => {
    await client.request('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('old')]);
    expect(codeOf(await client.request('deleteTopic', { name: 'orders' }))).toBe('ok');
    const gone = await client.request('produce', { topic: 'orders', partition: 0 }, [batchOf('x')]);
    expect(codeOf(gone)).toBe('UNKNOWN_TOPIC');
    await client.request('createTopic', { name: 'orders' });
    const reply = await client.request('listOffsets', { topic: 'orders', at: 'latest' });
    expect(reply.fields.offsets).toEqual([[0, 0, -1]]);
  });

  it('says nothing to produce with acks 0, and keeps its records', async () => {
    const request = { topic: 'orders', partition: 0, acks: 0 };
    client.send('produce', request, [batchOf('silent')]);
    client.send('produce', { ...request, topic: 'nothing' }, [batchOf('lost')]);
    const reply = await client.request('fetch', {
      partitions: [['orders', 0, 0]],
      format: 'records',
      maxWaitMs: 5000,
    });
    const [entry] = reply.fields.partitions as unknown[][];
    expect(entry?.[6]).toEqual([[0, expect.any(Number), null, Buffer.from('silent'), {}]]);
  });
});
