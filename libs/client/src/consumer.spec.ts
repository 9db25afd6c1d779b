import { encodeBatch } from '@walrusmq/record-batch';
import { eventually, FakeBroker } from '../testing/fake-broker';
import { standStill } from '../testing/frozen-process';
import { Consumer } from './consumer';
import type { ConsumerOptions } from './consumer-options';
import type { ConsumerRecord } from './consumer-record';

/** A batch of records with these values. */
function batch(values: readonly string[], timestamp = 5): Buffer {
  return encodeBatch(values.map((value) => ({ value: Buffer.from(value), timestamp })));
}

function range(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `v-${from + i}`);
}

describe('Consumer', () => {
  let broker: FakeBroker;
  const consumers: Consumer[] = [];

  function open(options: Partial<ConsumerOptions> = {}): Consumer {
    const backoff = { initialMs: 2, maxMs: 10 };
    const consumer = new Consumer({ broker: broker.address, topics: ['t'], backoff, ...options });
    consumers.push(consumer);
    return consumer;
  }

  /** The next records of the consumer, in a loop that is left after the last of them. */
  async function read(consumer: Consumer, count: number): Promise<ConsumerRecord[]> {
    const records: ConsumerRecord[] = [];
    for await (const record of consumer) {
      records.push(record);
      if (records.length === count) break;
    }
    return records;
  }

  const text = (records: readonly ConsumerRecord[]): string[] =>
    records.map((r) => String(r.value));

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 1, wide: 3 });
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
    await broker.stop();
  });

  it('hands over the records of a partition in order, whole as they were sent', async () => {
    const headers = [
      { key: 'h', value: Buffer.from('1') },
      { key: 'h', value: Buffer.from('2') },
      { key: '__proto__', value: null },
    ];
    broker.append('t', 0, batch(range(0, 3)));
    const record = { key: Buffer.from('k'), value: null, headers, timestamp: 9 };
    broker.append('t', 0, encodeBatch([record]));
    const records = await read(open(), 4);
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2, 3]);
    expect(text(records.slice(0, 3))).toEqual(range(0, 3));
    const last = records[3]!;
    expect(last).toMatchObject({ topic: 't', partition: 0, timestamp: 9, value: null });
    expect(last.key).toEqual(Buffer.from('k'));
    expect(Object.entries(last.headers)).toEqual([
      ['h', Buffer.from('2')],
      ['__proto__', null],
    ]);
    expect(last.headerList).toEqual(headers);
  });

  it('decodes values by their header, or not at all with raw', async () => {
    const json = [{ key: 'content-type', value: Buffer.from('Application/JSON; charset=utf-8') }];
    const value = Buffer.from('{"a":[1]}');
    broker.append('t', 0, encodeBatch([{ value, headers: json }, { value }]));
    const bad = Buffer.from('{"a"');
    broker.append('t', 0, encodeBatch([{ value: bad, headers: json }]));
    const [decoded, plain, broken] = await read(open(), 3);
    expect(decoded?.value).toEqual({ a: [1] });
    expect(plain?.value).toEqual(value);
    expect(() => broken?.value).toThrow(
      /t\/0 offset 2: .*not what its content-type header .* says/,
    );
    expect(broken?.valueBytes).toEqual(bad);
    const [raw] = await read(open({ raw: true }), 1);
    expect(raw?.value).toEqual(value);
  });

  it('skips what lies below the asked offset in the first batch', async () => {
    broker.append('t', 0, batch(range(0, 10)));
    const records = await read(open({ from: { offset: 7 } }), 3);
    expect(records.map(({ offset }) => offset)).toEqual([7, 8, 9]);
  });

  it('starts at the end, or at the first record that is late enough', async () => {
    broker.append('t', 0, batch(range(0, 2), 100));
    broker.append('t', 0, batch(range(2, 4), 200));
    const late = await read(open({ from: { timestamp: 150 } }), 2);
    expect(text(late)).toEqual(range(2, 4));
    const consumer = open({ from: 'latest' });
    const next = read(consumer, 1);
    await eventually(() => consumer.position().length === 1, 'the start being known');
    broker.append('t', 0, batch(range(4, 5), 300));
    expect(text(await next)).toEqual(['v-4']);
  });

  it('is handed a record that comes while it waits, without asking for it', async () => {
    const next = read(open(), 1);
    await eventually(() => broker.count('subscribe') === 1, 'the subscription');
    const asked = broker.requests.length;
    broker.append('t', 0, batch(['x']));
    expect(text(await next)).toEqual(['x']);
    expect(broker.requests).toHaveLength(asked);
  });

  it('reads all partitions, or those that were named', async () => {
    for (const partition of [0, 1, 2]) broker.append('wide', partition, batch([`p${partition}`]));
    expect(text(await read(open({ topics: ['wide'] }), 3)).sort()).toEqual(['p0', 'p1', 'p2']);
    const some = open({ topics: [{ topic: 'wide', partitions: [2] }] });
    expect(text(await read(some, 1))).toEqual(['p2']);
    expect(some.position().map(({ partition }) => partition)).toEqual([2]);
  });

  it('goes on from its place over a restart of the broker', async () => {
    const consumer = open();
    const all = read(consumer, 60);
    for (let i = 0; i < 6; i++) {
      broker.append('t', 0, batch(range(i * 10, i * 10 + 10)));
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (i % 2 === 0) broker.dropConnections();
      if (i === 3) {
        await broker.stop();
        await new Promise((resolve) => setTimeout(resolve, 20));
        await broker.listen();
      }
    }
    expect(text(await all)).toEqual(range(0, 60));
  });

  it('lets the broker send no more than prefetchBytes ahead of the program', async () => {
    const large = batch(['x'.repeat(1_000)]);
    for (let i = 0; i < 50; i++) broker.append('t', 0, large);
    const prefetchBytes = large.length * 8;
    const consumer = open({ prefetchBytes });
    let seen = 0;
    let most = 0;
    for await (const record of consumer) {
      expect(record.offset).toBe(seen);
      seen += 1;
      await new Promise((resolve) => setTimeout(resolve, 1));
      most = Math.max(most, consumer.bufferedBytes);
      if (seen === 50) break;
    }
    expect(most).toBeGreaterThan(prefetchBytes / 2);
    expect(most).toBeLessThanOrEqual(prefetchBytes);
  });

  it('grants no credit while the program holds a record and the buffer is full', async () => {
    const large = batch(['x'.repeat(1_000)]);
    for (let i = 0; i < 50; i++) broker.append('t', 0, large);
    const iterator = open({ prefetchBytes: large.length })[Symbol.asyncIterator]();
    await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(broker.count('credit')).toBe(0);
    await iterator.next();
    await eventually(() => broker.count('credit') === 1, 'the credit');
  });

  it('gets a batch that is larger than prefetchBytes, alone', async () => {
    const large = batch(['x'.repeat(1_000)]);
    for (let i = 0; i < 5; i++) broker.append('t', 0, large);
    const consumer = open({ prefetchBytes: 100 });
    for await (const record of consumer) {
      expect(consumer.bufferedBytes).toBe(large.length);
      if (record.offset === 4) break;
    }
  });

  it('gives small grants together, so that they cost less than the records', async () => {
    const small = batch(['x']);
    for (let i = 0; i < 400; i++) broker.append('t', 0, small);
    await read(open({ prefetchBytes: small.length * 100 }), 400);
    expect(broker.count('credit')).toBeGreaterThan(2);
    expect(broker.count('credit')).toBeLessThan(12);
  });

  it('asks for all its partitions in one subscription', async () => {
    const reading = read(open({ topics: ['t', 'wide'] }), 1);
    await eventually(() => broker.count('subscribe') === 1, 'the subscription');
    const subscribe = broker.requests.find(({ operation }) => operation === 'subscribe');
    expect(subscribe?.fields.partitions).toHaveLength(4);
    broker.append('wide', 1, batch(['x']));
    await reading;
    expect(broker.count('subscribe')).toBe(1);
  });

  it('stops with the range when the offset is gone, unless told where to go on', async () => {
    broker.append('t', 0, batch(range(0, 5)));
    broker.append('t', 0, batch(range(5, 10)));
    broker.truncate('t', 0, 5);
    const strict = open({ from: { offset: 1 } });
    await expect(read(strict, 1)).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      message: expect.stringMatching(/t\/0 at offset 1.*5 to/) as string,
    });
    await expect(read(strict, 1)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' });
    const lenient = open({ from: { offset: 1 }, offsetOutOfRange: 'earliest' });
    expect(text(await read(lenient, 1))).toEqual(['v-5']);
  });

  it('hands over what it has before it throws what ended it', async () => {
    broker.append('t', 0, batch(range(0, 3)));
    const consumer = open();
    const seen: string[] = [];
    const loop = (async () => {
      for await (const record of consumer) {
        seen.push(String(record.value));
        broker.deleteTopic('t');
      }
    })();
    await expect(loop).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    expect(seen).toEqual(range(0, 3));
    await eventually(() => broker.openConnections === 0, 'its connections closing');
  });

  it.each([{}, { concurrency: { per: 'partition', max: 4 } as const }])(
    'hands over all that came before an error, however long that takes, with %j',
    async (how) => {
      for (const partition of [0, 1]) broker.append('wide', partition, batch(range(0, 10)));
      broker.refuseOnce('wide', 2, 'CORRUPT');
      let count = 0;
      const eachRecord = (): void => {
        count += 1;
        standStill(5);
      };
      const running = open({ topics: ['wide'] }).run({ eachRecord, ...how });
      await expect(running).rejects.toMatchObject({ code: 'CORRUPT' });
      expect(count).toBe(20);
    },
  );

  it('names the partition of a batch that is damaged', async () => {
    const damaged = batch(range(0, 3));
    damaged[damaged.length - 1]! ^= 1;
    broker.append('t', 0, damaged);
    await expect(read(open(), 1)).rejects.toMatchObject({
      code: 'CORRUPT_BATCH',
      message: expect.stringContaining('t/0') as string,
    });
  });

  it('fails at the start for an unknown topic or partition, and without a broker', async () => {
    await expect(read(open({ topics: ['none'] }), 1)).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC',
    });
    const topics = [{ topic: 't', partitions: [4] }];
    await expect(read(open({ topics }), 1)).rejects.toMatchObject({ code: 'UNKNOWN_PARTITION' });
    await broker.stop();
    const lost = open({ startTimeoutMs: 30 });
    await expect(read(lost, 1)).rejects.toMatchObject({ code: 'CONNECTION' });
  });

  it('ends loops without an error at close and at abort', async () => {
    const abort = new AbortController();
    const one = open({ signal: abort.signal });
    const two = open();
    const loops = [read(one, 1), two.run({ eachRecord: () => undefined })];
    await eventually(() => broker.count('subscribe') === 2, 'both subscribed');
    abort.abort();
    await two.close();
    expect(await Promise.all(loops)).toEqual([[], undefined]);
    await eventually(() => broker.openConnections === 0, 'the connections closing');
  });

  it('refuses a second loop while one is under way', async () => {
    const consumer = open();
    const first = read(consumer, 1);
    expect(() => consumer[Symbol.asyncIterator]()).toThrow(/another loop/);
    await expect(consumer.run({ eachRecord: () => undefined })).rejects.toThrow(/another loop/);
    broker.append('t', 0, batch(['x']));
    await first;
    broker.append('t', 0, batch(['y']));
    expect(text(await read(consumer, 1))).toEqual(['y']);
  });

  it('hands batches over one at a time', async () => {
    broker.append('t', 0, batch(range(0, 3)));
    broker.append('t', 0, batch(range(3, 5)));
    const consumer = open();
    const sizes: number[] = [];
    await consumer.run({
      eachBatch: async ({ topic, partition, records, readableEnd }) => {
        await new Promise((resolve) => setTimeout(resolve, 2));
        expect([topic, partition, readableEnd]).toEqual(['t', 0, 5]);
        sizes.push(records.length);
        if (sizes.length === 2) void consumer.close();
      },
    });
    expect(sizes).toEqual([3, 2]);
  });

  it('tells how far it is behind', async () => {
    broker.append('t', 0, batch(range(0, 10)));
    const consumer = open();
    await read(consumer, 4);
    const [lag] = await consumer.lag();
    expect(lag).toMatchObject({ topic: 't', partition: 0, offset: 4, readableEnd: 10, lag: 6 });
  });

  it('does not subscribe in a tight loop to a broker that refuses for now', async () => {
    broker.intercept = ({ operation }) =>
      operation === 'subscribe' ? { error: 'SHUTTING_DOWN' } : undefined;
    const backoff = { initialMs: 20, maxMs: 20 };
    const consumer = open({ backoff });
    const reading = read(consumer, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(broker.count('subscribe')).toBeLessThan(22);
    broker.intercept = () => undefined;
    broker.append('t', 0, batch(['x']));
    expect(text(await reading)).toEqual(['x']);
  });

  it('notices a broker that has fallen silent, and subscribes anew', async () => {
    const consumer = open({ requestTimeoutMs: 40 });
    const reading = read(consumer, 1);
    await eventually(() => broker.count('subscribe') === 1, 'the subscription');
    broker.intercept = ({ operation }) => (operation === 'metadata' ? 'hang' : undefined);
    await eventually(() => broker.count('subscribe') === 2, 'the second subscription');
    broker.append('t', 0, batch(['x']));
    expect(text(await reading)).toEqual(['x']);
  });

  it('goes on with a partition after an error that passes', async () => {
    broker.append('t', 0, batch(range(0, 2)));
    broker.refuseOnce('t', 0, 'BUSY');
    const retried: string[] = [];
    const consumer = open({ onRetry: ({ error }) => void retried.push(error.code) });
    expect(text(await read(consumer, 2))).toEqual(range(0, 2));
    expect(retried).toEqual(['BUSY']);
    expect(broker.count('subscribe')).toBe(1);
  });
});
