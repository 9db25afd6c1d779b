// Which named readers there are and where they stand, as a client sees it, on both storages.
import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf } from './test-broker';

describe.each(STORAGES)('a look at named readers on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start({}, openStorage);
    client = await broker.withTopic('orders', 3);
    await client.request('createTopic', { name: 'empty', partitions: 2 });
    // Partition 0 has 0 to 9, partition 1 has 0 to 4, partition 2 has nothing.
    await fill('orders', 0, 10);
    await fill('orders', 1, 5);
  });
  afterEach(() => broker.stop());

  const fill = async (topic: string, partition: number, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      await client.request('produce', { topic, partition, acks: -1 }, [batchOf(`v${i}`)]);
    }
  };
  const ask = async (operation: string, fields: object, by = client): Promise<unknown> => {
    const reply = await by.request(operation, fields);
    return reply.kind === 'ok' ? reply.fields : codeOf(reply);
  };
  const create = (fields: object): Promise<unknown> =>
    ask('readerCreate', { reader: 'r', ...fields });
  describe('listReaders', () => {
    const list = async (fields: object = {}): Promise<[string, unknown]> => {
      const page = (await ask('listReaders', fields)) as {
        readers: { topic: string; reader: string; partitions: number; lag: number }[];
        next: unknown;
      };
      const rows = page.readers.map(
        ({ topic, reader, partitions, lag }) => `${topic}/${reader} ${partitions} ${lag}`,
      );
      return [rows.join(', '), page.next];
    };
    beforeEach(async () => {
      await create({ reader: 'b', topics: ['orders'], at: 'latest' });
      await create({ reader: 'a', partitions: [['orders', 0]], at: 'latest' });
      await create({ reader: 'b', topics: ['empty'], at: 'latest' });
      await ask('readerPin', { reader: 'c', topic: 'orders' });
    });

    it('tells readers by topic and name, with pins and lags', async () => {
      const [rows, next] = await list();
      expect(rows).toBe('empty/b 2 0, orders/a 1 5, orders/b 3 0, orders/c 0 15');
      expect(next).toBeNull();
      const { readers } = (await ask('listReaders', { topic: 'orders' })) as { readers: object[] };
      expect(readers).toMatchObject([
        { reader: 'a', isPinned: false, holder: null },
        { reader: 'b', isPinned: false, holder: null },
        { reader: 'c', isPinned: true, holder: null },
      ]);
      expect(await ask('listReaders', { topic: 'none' })).toBe('UNKNOWN_TOPIC');
    });

    it('gives every reader once, however small its pages are', async () => {
      for (const limit of [1, 2, 3, 4]) {
        const rows: string[] = [];
        let after: unknown;
        do {
          const [page, next] = await list({ limit, after });
          rows.push(page);
          after = next;
        } while (after !== null);
        expect([limit, rows.join(', ')]).toEqual([
          limit,
          'empty/b 2 0, orders/a 1 5, orders/b 3 0, orders/c 0 15',
        ]);
      }
      expect(await list({ topic: 'orders', after: ['orders', 'a'], limit: 1 })).toEqual([
        'orders/b 3 0',
        ['orders', 'b'],
      ]);
      expect(await list({ after: ['gone', 'x'] })).toEqual([
        'orders/a 1 5, orders/b 3 0, orders/c 0 15',
        null,
      ]);
    });
  });

  describe('readerDescribe', () => {
    it('tells position, lag, what was missed, the pin and the holder', async () => {
      await create({ partitions: [['orders', 0]], at: 'earliest' });
      await ask('readerPin', { reader: 'r', topic: 'orders', expireMs: 60_000 });
      await ask('deleteRecords', { topic: 'orders', offsets: [[0, 4]] });
      await ask('readerAttach', { reader: 'r', topics: ['orders'] });
      const { topics } = (await ask('readerDescribe', { reader: 'r' })) as {
        topics: { partitions: { lagBytes: number }[] }[];
      };
      const [found] = topics;
      expect(topics).toMatchObject([
        {
          topic: 'orders',
          lag: 11,
          pin: { expireMs: 60_000, idleMs: expect.any(Number) as number },
          holder: { client: 'raw', peer: expect.stringMatching(/:\d+$/) as string },
          partitions: [
            {
              partition: 0,
              position: 0,
              saved: 0,
              logStartOffset: 4,
              readableEnd: 10,
              lag: 6,
              missed: 4,
            },
            { partition: 1, position: null, saved: null, lag: 5, missed: 0 },
            { partition: 2, position: null, lag: 0, lagBytes: 0 },
          ],
        },
      ]);
      expect(found?.partitions[1]?.lagBytes).toBeGreaterThan(0);
    });

    it('tells of the topics that are named, and knows no reader that is in none', async () => {
      await create({ topics: ['orders', 'empty'], at: 'latest' });
      const named = async (fields: object): Promise<unknown> => {
        const reply = await ask('readerDescribe', { reader: 'r', ...fields });
        if (typeof reply === 'string') return reply;
        return (reply as { topics: { topic: string }[] }).topics.map(({ topic }) => topic);
      };
      expect(await named({})).toEqual(['empty', 'orders']);
      expect(await named({ topics: ['orders'] })).toEqual(['orders']);
      expect(await named({ reader: 'x' })).toBe('UNKNOWN_READER');
      expect(await named({ reader: 'x', topics: ['orders'] })).toBe('UNKNOWN_READER');
      expect(await named({ topics: ['no'] })).toBe('UNKNOWN_TOPIC');
    });
  });
});
