// The SDK against a broker in this process, on its write-ahead log.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type RunningBroker } from '@walrusmq/broker';
import { COMPRESSIONS } from '@walrusmq/record-batch';
import { Admin, Consumer, Producer, type ConsumerRecord } from '@walrusmq/client';

const COUNT = 10_000;

describe('SDK and broker', () => {
  let broker: RunningBroker;
  let dataDir: string;
  let address: string;
  let admin: Admin;

  async function readAll(consumer: Consumer, count: number): Promise<ConsumerRecord[]> {
    const records: ConsumerRecord[] = [];
    for await (const record of consumer) {
      records.push(record);
      if (records.length === count) break;
    }
    await consumer.close();
    return records;
  }

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'walrusmq-client-'));
    const settings = { dataDir, port: 0, logLevel: 'silent', fsync: { kind: 'no-fsync' } } as const;
    broker = await startBroker(settings);
    address = broker.addresses.msgpack ?? '';
    admin = new Admin({ broker: address });
  });

  afterAll(async () => {
    await admin.close();
    await broker.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  it('brings back 10,000 JSON records by key, each partition in order', async () => {
    await admin.createTopic('orders', { partitions: 4 });
    const producer = new Producer({ broker: address });
    const sends = Array.from({ length: COUNT }, (_, n) =>
      producer.send({
        topic: 'orders',
        key: `key-${n % 97}`,
        value: { n },
        headers: { trace: 'x' },
      }),
    );
    const receipts = await Promise.all(sends);
    await producer.close();
    const records = await readAll(new Consumer({ broker: address, topics: ['orders'] }), COUNT);
    const place = ({ partition, offset }: { partition: number; offset: number }): string =>
      `${partition}/${offset}`;
    const byPlace = new Map(records.map((record) => [place(record), record]));
    expect(byPlace.size).toBe(COUNT);
    receipts.forEach((receipt, n) => {
      const record = byPlace.get(place(receipt));
      expect(record?.value).toEqual({ n });
      expect(record?.key?.toString()).toBe(`key-${n % 97}`);
      expect(record?.headers.trace?.toString()).toBe('x');
    });
    for (const partition of [0, 1, 2, 3]) {
      const own = records.filter((record) => record.partition === partition);
      expect(own.map(({ offset }) => offset)).toEqual(own.map((_, index) => index));
    }
  });

  it.each(COMPRESSIONS)(
    'brings back 10,000 byte values sent at once, compression %s',
    async (compression) => {
      const topic = `bytes-${compression}`;
      await admin.createTopic(topic);
      const producer = new Producer({ broker: address, compression, batchBytes: 16_384 });
      const values = Array.from({ length: COUNT }, (_, n) => Buffer.alloc(100, n & 0xff));
      const receipts = await producer.sendMany(values.map((value) => ({ topic, value })));
      await producer.close();
      expect(receipts.reduce((sum, { recordCount }) => sum + recordCount, 0)).toBe(COUNT);
      const records = await readAll(new Consumer({ broker: address, topics: [topic] }), COUNT);
      const received = Buffer.concat(
        records.map(({ valueBytes }) => valueBytes ?? Buffer.alloc(0)),
      );
      // Jest compares large Buffers byte by byte.
      expect(received.equals(Buffer.concat(values))).toBe(true);
    },
  );

  it('creates, describes, finds offsets by time, and deletes topics', async () => {
    const created = await admin.createTopic('times', { partitions: 2 });
    expect(created).toMatchObject({ name: 'times', partitions: 2, created: true });
    await expect(admin.createTopic('times')).rejects.toMatchObject({ code: 'TOPIC_EXISTS' });
    const again = await admin.createTopic('times', { ifNotExists: true });
    expect(again).toEqual({ ...created, created: false });
    const producer = new Producer({ broker: address });
    for (const timestamp of [1_000, 2_000, 3_000]) {
      await producer.send({ topic: 'times', partition: 1, value: 'x', timestamp });
    }
    await producer.close();
    const at = await admin.listOffsets('times', { at: 1_500 });
    expect(at).toContainEqual({ partition: 1, offset: 1, timestamp: 2_000 });
    const latest = await admin.listOffsets('times', { partitions: [1] });
    expect(latest).toEqual([{ partition: 1, offset: 3, timestamp: -1 }]);
    expect((await admin.describeTopic('times')).partitions[1]).toMatchObject({ readableEnd: 3 });
    expect((await admin.listTopics()).map(({ name }) => name)).toContain('times');
    expect((await admin.describeBroker()).broker).toMatch(/^walrusmq\//);
    await admin.deleteTopic('times');
    await expect(admin.describeTopic('times')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
  });

  it('goes on as a named reader from what was saved', async () => {
    await admin.createTopic('named');
    const producer = new Producer({ broker: address });
    await producer.sendMany(
      Array.from({ length: 100 }, (_, n) => ({ topic: 'named', value: `${n}` })),
    );
    await producer.close();
    const options = { broker: address, topics: ['named'], reader: 'r' };
    const first = await readAll(new Consumer(options), 40);
    expect(first.at(-1)?.offset).toBe(39);
    const partitions = [{ topic: 'named', partition: 0 }];
    // The loop was left with record 39 in hand, so that one comes again.
    expect(await admin.readerOffsets('r', partitions)).toEqual([
      { topic: 'named', partition: 0, offset: 39 },
    ]);
    const second = await readAll(new Consumer(options), 61);
    expect(second.map(({ offset }) => offset)).toEqual(
      Array.from({ length: 61 }, (_, i) => 39 + i),
    );
    await admin.commitReaderOffsets('r', [{ topic: 'named', partition: 0, offset: 5 }]);
    const [third] = await readAll(new Consumer(options), 1);
    expect(third?.offset).toBe(5);
  });

  it('hands a record to ten consumers of the same process that wait for it', async () => {
    await admin.createTopic('quiet');
    const producer = new Producer({ broker: address });
    const consumers = Array.from(
      { length: 10 },
      () => new Consumer({ broker: address, topics: ['quiet'] }),
    );
    const waiting = consumers.map((consumer) => consumer[Symbol.asyncIterator]());
    const nextOfAll = async (): Promise<(string | undefined)[]> => {
      const results = await Promise.all(waiting.map(async (records) => records.next()));
      return results.map(({ value }) => (value as ConsumerRecord).valueBytes?.toString());
    };
    await producer.send({ topic: 'quiet', value: 'first' });
    // Once all have had one, all wait at the end of the partition.
    expect(await nextOfAll()).toEqual(waiting.map(() => 'first'));
    const seen = nextOfAll();
    await producer.send({ topic: 'quiet', value: 'now' });
    expect(await seen).toEqual(waiting.map(() => 'now'));
    await Promise.all(consumers.map(async (consumer) => consumer.close()));
    await producer.close();
  });
});
