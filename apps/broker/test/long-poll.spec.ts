import { codeOf, type RawClient } from './raw-client';
import { STORAGES, TestBroker, batchOf } from './test-broker';

const LONG = 600_000;

describe.each(STORAGES)('long polls on %s', (_, openStorage) => {
  let broker: TestBroker;
  let reader: RawClient;
  let writer: RawClient;

  beforeEach(async () => {
    // No wait may hold up a stop: one that did would have the test run out of time.
    const settings = { fsync: { kind: 'no-fsync' }, stopTimeoutMs: 600_000 } as const;
    broker = await TestBroker.start(settings, openStorage);
    reader = await broker.withTopic('orders', 2);
    writer = await broker.greeted();
  });
  afterEach(() => broker.stop());

  const produce = (partition: number, batch: Buffer): Promise<unknown> =>
    writer.request('produce', { topic: 'orders', partition, acks: 1 }, [batch]);
  const both = [
    ['orders', 0, 0],
    ['orders', 1, 0],
  ];

  it('ends when one of the partitions gets a record', async () => {
    const fetched = reader.request('fetch', { partitions: both, maxWaitMs: LONG });
    await produce(1, batchOf('x'));
    const entries = (await fetched).fields.partitions as number[][];
    expect(entries.map((entry) => entry[4])).toEqual([0, 1]);
  });

  it('waits for minBytes over all partitions', async () => {
    const batch = batchOf('x'.repeat(100));
    const minBytes = batch.length * 5;
    const fetched = reader.request('fetch', { partitions: both, maxWaitMs: LONG, minBytes });
    for (let i = 0; i < 4; i += 1) await produce(i % 2, batch);
    expect(reader.unreadReplies).toBe(0);
    await produce(0, batch);
    const reply = await fetched;
    expect(Buffer.concat(reply.tail)).toHaveLength(minBytes);
  });

  it('answers with nothing once maxWaitMs is over', async () => {
    const startMs = performance.now();
    const reply = await reader.request('fetch', { partitions: both, maxWaitMs: 60 });
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(59);
    expect(reply.tail).toEqual([]);
  });

  it('answers with what there is when minBytes is not reached in time', async () => {
    const batch = batchOf('x');
    await produce(0, batch);
    const request = { partitions: both, maxWaitMs: 60, minBytes: 100_000 };
    const reply = await reader.request('fetch', request);
    expect(Buffer.concat(reply.tail)).toHaveLength(batch.length);
  });

  it('does not wait with maxWaitMs 0', async () => {
    const reply = await reader.request('fetch', { partitions: both, minBytes: 100_000 });
    expect(reply.tail).toEqual([]);
  });

  it('ends with UNKNOWN_TOPIC when the topic is deleted', async () => {
    const fetched = reader.request('fetch', { partitions: both, maxWaitMs: LONG });
    expect(codeOf(await writer.request('deleteTopic', { name: 'orders' }))).toBe('ok');
    const entries = (await fetched).fields.partitions as [string, number, { code: string }][];
    expect(entries.map(([, , error]) => error.code)).toEqual(['UNKNOWN_TOPIC', 'UNKNOWN_TOPIC']);
  });

  it('wakes five hundred waits on one partition with one record', async () => {
    const waits = Array.from({ length: 500 }, () =>
      reader.send('fetch', { partitions: [['orders', 0, 0]], maxWaitMs: LONG }),
    );
    await produce(0, batchOf('x'));
    for (const id of waits) {
      const reply = await reader.reply();
      expect(reply.correlationId).toBe(id);
      expect(reply.tail).toHaveLength(1);
    }
  });

  it('forgets the waits of a client that is gone', async () => {
    reader.send('fetch', { partitions: both, maxWaitMs: LONG });
    reader.destroy();
    await reader.closed;
    await expect(broker.stop()).resolves.toBeUndefined();
  });
});
