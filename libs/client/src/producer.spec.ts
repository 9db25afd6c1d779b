import { randomBytes } from 'node:crypto';
import { checkBatch } from '@walrusmq/record-batch';
import { eventually, FakeBroker } from '../testing/fake-broker';
import { DeliveryError } from './errors';
import { Producer } from './producer';
import type { ProducerOptions } from './producer-options';

describe('Producer', () => {
  let broker: FakeBroker;
  const producers: Producer[] = [];

  function open(options: ProducerOptions = {}): Producer {
    const backoff = { initialMs: 2, maxMs: 20 };
    const producer = new Producer({ broker: broker.address, backoff, ...options });
    producers.push(producer);
    return producer;
  }

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1, wide: 4 });
  });

  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.close({ timeoutMs: 0 })));
    await broker.stop();
  });

  it('resolves with the offset the broker gave', async () => {
    const producer = open();
    const first = await producer.send({ topic: 'orders', value: 'a', timestamp: 7 });
    expect(first).toEqual({ topic: 'orders', partition: 0, offset: 0, timestamp: 7 });
    const rest = ['b', 'c', 'd'].map((value) => producer.send({ topic: 'orders', value }));
    expect((await Promise.all(rest)).map(({ offset }) => offset)).toEqual([1, 2, 3]);
    expect(broker.values('orders')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('writes every kind of value as documented', async () => {
    const producer = open();
    const values = ['text', Buffer.from([0, 255]), new Uint8Array([1, 2]), null, { a: [1] }, 5];
    await Promise.all(values.map((value) => producer.send({ topic: 'orders', key: 'k', value })));
    const stored = broker.records('orders', 0);
    expect(stored.map(({ value }) => value)).toEqual([
      Buffer.from('text'),
      Buffer.from([0, 255]),
      Buffer.from([1, 2]),
      null,
      Buffer.from('{"a":[1]}'),
      Buffer.from('5'),
    ]);
    expect(stored.map(({ headers }) => headers.length)).toEqual([0, 0, 0, 0, 1, 1]);
    const header = stored[4]?.headers[0];
    expect([header?.key, header?.value?.toString()]).toEqual(['content-type', 'application/json']);
  });

  it('gathers what is sent in a tick or while a request is in flight into one batch', async () => {
    const producer = open();
    await producer.send({ topic: 'orders', value: 'first' });
    let release: () => void = () => undefined;
    broker.intercept = ({ operation }) =>
      operation === 'produce'
        ? new Promise((resolve) => (release = () => resolve(undefined)))
        : undefined;
    const sends = ['a', 'b'].map((value) => producer.send({ topic: 'orders', value }));
    await eventually(() => broker.count('produce') === 2, 'the second request');
    sends.push(...['c', 'd', 'e'].map((value) => producer.send({ topic: 'orders', value })));
    broker.intercept = () => undefined;
    release();
    await Promise.all(sends);
    expect(broker.count('produce')).toBe(3);
    expect(broker.values('orders')).toEqual(['first', 'a', 'b', 'c', 'd', 'e']);
  });

  it('sends records of one key to one partition and spreads keyless batches', async () => {
    const producer = open();
    await producer.sendMany(
      Array.from({ length: 100 }, (_, i) => ({
        topic: 'wide',
        key: `key-${i % 5}`,
        value: `${i}`,
      })),
    );
    for (let key = 0; key < 5; key++) {
      const holding = [0, 1, 2, 3].filter((partition) =>
        broker.records('wide', partition).some((record) => record.key?.toString() === `key-${key}`),
      );
      expect(holding).toHaveLength(1);
    }
    const receipts = [];
    for (let i = 0; i < 4; i++) receipts.push(await producer.send({ topic: 'wide', value: 'x' }));
    expect(new Set(receipts.map(({ partition }) => partition)).size).toBe(4);
  });

  it('resolves sendMany once with every range, more than the buffer holds included', async () => {
    const producer = open({ bufferBytes: 16_384, batchBytes: 4_096 });
    const records = Array.from({ length: 5_000 }, (_, i) => ({ topic: 'orders', value: `v-${i}` }));
    const receipts = await producer.sendMany(records);
    expect(receipts.reduce((sum, { recordCount }) => sum + recordCount, 0)).toBe(5_000);
    expect(broker.values('orders')).toEqual(records.map(({ value }) => value));
    expect(producer.bufferedBytes).toBe(0);
  });

  it('rejects sendMany with just the records that failed', async () => {
    const producer = open();
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const records = [
      { topic: 'orders', value: 'good' },
      { topic: 'orders', value: cyclic },
      { topic: 'missing', value: 'lost' },
    ];
    const error = await producer.sendMany(records).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DeliveryError);
    expect((error as DeliveryError).code).toBe('INVALID_VALUE');
    expect((error as DeliveryError).records).toEqual([records[1], records[2]]);
    expect(broker.values('orders')).toEqual(['good']);
  });

  it('hands back the records of a batch the broker refused, ready to be sent again', async () => {
    const producer = open();
    broker.intercept = ({ operation }) =>
      operation === 'produce' ? { error: 'INVALID_BATCH' } : undefined;
    const sends = [{ n: 1 }, { n: 2 }].map((value) =>
      producer.send({ topic: 'orders', key: 'k', value, headers: { h: 'x' }, timestamp: 9 }),
    );
    const errors = await Promise.all(sends.map((send) => send.catch((e: unknown) => e)));
    broker.intercept = () => undefined;
    for (const error of errors as DeliveryError[]) {
      expect(error.code).toBe('INVALID_BATCH');
      await producer.sendMany(error.records);
    }
    const stored = broker.records('orders', 0);
    expect(stored.map(({ value }) => value?.toString())).toEqual(['{"n":1}', '{"n":2}']);
    expect(stored.map(({ headers }) => headers.map(({ key }) => key))).toEqual([
      ['h', 'content-type'],
      ['h', 'content-type'],
    ]);
    expect(producer.bufferedBytes).toBe(0);
  });

  it('names a topic that does not exist and asks for it again later', async () => {
    const producer = open();
    const error = await producer.send({ topic: 'new', value: 'a' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC', records: [{ topic: 'new', value: 'a' }] });
    broker.createTopic('new', 1);
    await producer.send({ topic: 'new', value: 'a' });
    expect(broker.values('new')).toEqual(['a']);
  });

  it('refuses a partition that does not exist', async () => {
    const producer = open();
    const send = producer.send({ topic: 'orders', value: 'a', partition: 1 });
    await expect(send).rejects.toMatchObject({ code: 'UNKNOWN_PARTITION' });
  });

  it('asks the partitioner, and falls back to the default where it answers undefined', async () => {
    const partitioner = (record: { value: unknown }): number | undefined =>
      record.value === 'three' ? 3 : undefined;
    const producer = open({ partitioner });
    const chosen = await producer.send({ topic: 'wide', key: 'k', value: 'three' });
    expect(chosen.partition).toBe(3);
    const hashed = await producer.send({ topic: 'wide', key: 'k', value: 'other' });
    const plain = await open().send({ topic: 'wide', key: 'k', value: 'other' });
    expect(hashed.partition).toBe(plain.partition);
  });

  it('resolves with offset -1 at acks 0 once the bytes have left', async () => {
    const producer = open({ acks: 0 });
    expect((await producer.send({ topic: 'orders', value: 'a' })).offset).toBe(-1);
    await eventually(() => broker.values('orders').length === 1, 'the record arriving');
  });

  it('lingers until the time is over, and not while flushing', async () => {
    const producer = open({ lingerMs: 60_000 });
    const send = producer.send({ topic: 'orders', value: 'a' });
    await eventually(() => producer.bufferedBytes > 0, 'the record in its batch');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(broker.count('produce')).toBe(0);
    await producer.flush();
    expect((await send).offset).toBe(0);
    const short = open({ lingerMs: 30 });
    expect((await short.send({ topic: 'orders', value: 'b' })).offset).toBe(1);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'compresses with %s, but not what that makes larger',
    async (compression) => {
      const producer = open({ compression });
      const value = 'x'.repeat(10_000);
      await producer.send({ topic: 'orders', value });
      await producer.send({ topic: 'orders', value: 'y' });
      expect(broker.values('orders')).toEqual([value, 'y']);
      const sent = broker.batches('orders');
      expect(sent.map((batch) => checkBatch(batch).compression)).toEqual([compression, 'none']);
      expect(sent[0]!.length).toBeLessThan(1_000);
    },
  );

  it('compresses at the level it is given', async () => {
    const words = Array.from({ length: 5_000 }, (_, n) => `w${(n * n * 7919) % 1009}`).join(' ');
    for (const compressionLevel of [1, 19]) {
      const producer = open({ compression: 'zstd', compressionLevel });
      await producer.send({ topic: 'orders', value: words });
    }
    const [fast, small] = broker.batches('orders').map((batch) => batch.length);
    expect(small).toBeLessThan(fast!);
  });

  it('refuses a record the broker would not take without losing the connection', async () => {
    const producer = open({ batchBytes: 1024 });
    await producer.send({ topic: 'orders', value: 'a' });
    const send = producer.send({ topic: 'orders', value: randomBytes(2 * 1024 * 1024) });
    await expect(send).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    await producer.send({ topic: 'orders', value: 'b' });
    expect(broker.values('orders')).toEqual(['a', 'b']);
    expect(broker.count('hello')).toBe(1);
  });

  it('flushes at close, refuses sends from then on, and leaves no connection', async () => {
    const producer = open({ lingerMs: 60_000 });
    const sends = ['a', 'b'].map((value) => producer.send({ topic: 'orders', value }));
    await producer.close();
    expect((await Promise.all(sends)).map(({ offset }) => offset)).toEqual([0, 1]);
    const late = producer.send({ topic: 'orders', value: 'c' });
    await expect(late).rejects.toMatchObject({ code: 'CLOSED', records: [{ value: 'c' }] });
    await eventually(() => broker.openConnections === 0, 'the connection closing');
  });

  it('fails what has no outcome when close runs out of time', async () => {
    const producer = open();
    broker.intercept = ({ operation }) => (operation === 'produce' ? 'hang' : undefined);
    const send = producer.send({ topic: 'orders', value: 'a' }).catch((e: unknown) => e);
    await eventually(() => broker.count('produce') === 1, 'the request');
    await producer.close({ timeoutMs: 20 });
    expect(await send).toMatchObject({ code: 'CLOSED', records: [{ partition: 0 }] });
    expect(producer.bufferedBytes).toBe(0);
  });
});
