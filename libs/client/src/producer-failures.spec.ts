import fc from 'fast-check';
import { eventually, FakeBroker, type Interception } from '../testing/fake-broker';
import type { DeliveryError } from './errors';
import type { RetryNotice } from './options';
import { Producer } from './producer';
import type { ProducerOptions } from './producer-options';

const backoff = { initialMs: 1, maxMs: 5 };

/** Each value once, where it first occurs: what a reader that knows of retries makes of the log. */
function withoutRepeats(values: readonly string[]): string[] {
  return [...new Set(values)];
}

describe('Producer, when things fail', () => {
  let broker: FakeBroker;
  const producers: Producer[] = [];

  function open(options: ProducerOptions = {}): Producer {
    const producer = new Producer({ broker: broker.address, backoff, ...options });
    producers.push(producer);
    return producer;
  }

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1, wide: 3 });
  });

  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.close({ timeoutMs: 0 })));
    await broker.stop();
  });

  it('writes a record twice after a lost answer without idempotence', async () => {
    const producer = open({ idempotence: false });
    await producer.send({ topic: 'orders', value: 'a' });
    let left = 2;
    broker.intercept = ({ operation }) =>
      operation === 'produce' && left-- > 0 ? 'apply-and-drop' : undefined;
    expect((await producer.send({ topic: 'orders', value: 'b' })).offset).toBe(3);
    expect(broker.values('orders')).toEqual(['a', 'b', 'b', 'b']);
    await producer.send({ topic: 'orders', value: 'c' });
    expect(broker.values('orders').at(-1)).toBe('c');
  });

  it('keeps the order over a restart of the broker in the middle of a stream', async () => {
    const producer = open({ batchBytes: 128 });
    const values = Array.from({ length: 400 }, (_, i) => `v-${i}`);
    await producer.send({ topic: 'orders', value: 'warm' });
    const sends = values.map((value) => producer.send({ topic: 'orders', value }));
    await eventually(() => broker.values('orders').length > 20, 'some of it written');
    await broker.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await broker.listen();
    const receipts = await Promise.all(sends);
    expect(broker.values('orders')).toEqual(['warm', ...values]);
    receipts.forEach(({ offset }, i) => expect(broker.values('orders')[offset]).toBe(values[i]));
  });

  it('retries a refused batch before all later ones, one at a time', async () => {
    const producer = open({ batchBytes: 128, maxInFlight: 1 });
    await producer.send({ topic: 'orders', value: 'warm' });
    let refusals = 3;
    broker.intercept = ({ operation }) =>
      operation === 'produce' && refusals-- > 0 ? { error: 'BUSY' } : undefined;
    const values = Array.from({ length: 60 }, (_, i) => `v-${i}`);
    await Promise.all(values.map((value) => producer.send({ topic: 'orders', value })));
    expect(broker.values('orders')).toEqual(['warm', ...values]);
  });

  it('tells of retries, and gives up after as many as were asked for', async () => {
    const notices: RetryNotice[] = [];
    const producer = open({ retries: 2, onRetry: (notice) => notices.push(notice) });
    broker.intercept = ({ operation }) =>
      operation === 'produce' ? { error: 'NO_SPACE' } : undefined;
    const send = producer.send({ topic: 'orders', value: 'a' });
    await expect(send).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect(broker.count('produce')).toBe(3);
    expect(notices.map(({ activity, attempt }) => [activity, attempt])).toEqual([
      ['produce', 1],
      ['produce', 2],
    ]);
  });

  it('fails with DELIVERY_TIMEOUT and the records when the broker stays away', async () => {
    const producer = open({ deliveryTimeoutMs: 150 });
    // A busy machine may take longer than 150 ms over a connection, which is no failure of this.
    const deliver = async (value: string): Promise<void> => {
      const codes: string[] = [];
      const note = ({ code }: DeliveryError): number => codes.push(code);
      do await producer.send({ topic: 'orders', value }).catch(note);
      while (!broker.values('orders').includes(value));
      expect(codes.filter((code) => code !== 'DELIVERY_TIMEOUT')).toEqual([]);
    };
    await deliver('a');
    await broker.stop();
    const startedMs = performance.now();
    const error = await producer
      .send({ topic: 'orders', value: 'b' })
      .catch((reason: unknown) => reason as DeliveryError);
    expect(error).toMatchObject({ code: 'DELIVERY_TIMEOUT', cause: { code: 'CONNECTION' } });
    expect((error as DeliveryError).records[0]?.value).toEqual(Buffer.from('b'));
    expect(performance.now() - startedMs).toBeGreaterThan(140);
    await broker.listen();
    await deliver('c');
    expect(withoutRepeats(broker.values('orders'))).toEqual(['a', 'c']);
  });

  it('fails a first send the same way when there never was a broker', async () => {
    await broker.stop();
    const producer = open({ deliveryTimeoutMs: 80 });
    const record = { topic: 'orders', value: 'a' };
    const error = await producer.send(record).catch((reason: unknown) => reason as DeliveryError);
    expect((error as DeliveryError).records).toEqual([record]);
    expect((error as DeliveryError).message).toMatch(/127\.0\.0\.1:\d+/);
  });

  it('gives a silent broker up after the request timeout and connects anew', async () => {
    const producer = open({ requestTimeoutMs: 50 });
    let hangs = 1;
    broker.intercept = ({ operation }) =>
      operation === 'produce' && hangs-- > 0 ? 'hang' : undefined;
    expect((await producer.send({ topic: 'orders', value: 'a' })).offset).toBe(0);
    expect(broker.count('hello')).toBe(2);
  });

  it('rejects everything at once when the broker does not have the instance', async () => {
    broker.intercept = ({ operation }) =>
      operation === 'hello' ? { error: 'UNKNOWN_INSTANCE' } : undefined;
    const producer = open({ instance: 'nowhere' });
    const send = producer.send({ topic: 'orders', value: 'a' });
    await expect(send).rejects.toMatchObject({ code: 'UNKNOWN_INSTANCE' });
  });

  it('waits when the buffer is full and refuses the call beyond waitingSendsMax', async () => {
    const record = { topic: 'orders', value: Buffer.alloc(1_000) };
    const producer = open({ batchBytes: 1_024, bufferBytes: 4_096, waitingSendsMax: 2 });
    await producer.send(record);
    broker.intercept = ({ operation }) => (operation === 'produce' ? 'hang' : undefined);
    const held = [1, 2, 3].map(() => producer.send(record).catch(() => 'failed'));
    expect(producer.waitingCount).toBe(0);
    expect(producer.bufferedBytes).toBeLessThanOrEqual(4_096);
    const bytes = producer.bufferedBytes;
    const waiting = [4, 5].map(() => producer.send(record).catch(() => 'failed'));
    expect(producer.waitingCount).toBe(2);
    expect(producer.bufferedBytes).toBe(bytes);
    await expect(producer.send(record)).rejects.toMatchObject({
      code: 'BUFFER_FULL',
      records: [record],
    });
    broker.intercept = () => undefined;
    broker.dropConnections();
    const outcomes = await Promise.all([...held, ...waiting]);
    expect(outcomes).not.toContain('failed');
    expect(producer.waitingCount).toBe(0);
    expect(producer.bufferedBytes).toBe(0);
  });

  it('takes a record that just fits the buffer and refuses one byte more for good', async () => {
    const bufferBytes = 4_096;
    const producer = open({ batchBytes: 4_096, bufferBytes });
    await producer.send({ topic: 'orders', value: '' });
    // 34 for the record's fields at most, 61 for the batch, 128 for the promise.
    const most = bufferBytes - 34 - 61 - 128;
    await producer.send({ topic: 'orders', value: Buffer.alloc(most) });
    const send = producer.send({ topic: 'orders', value: Buffer.alloc(most + 1) });
    await expect(send).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  });

  it('loses no record and keeps each partition in order under random failures', async () => {
    const failure = fc.constantFrom<Interception | undefined>(
      undefined,
      undefined,
      'drop',
      'apply-and-drop',
    );
    const scenario = fc.record({
      failures: fc.array(failure, { maxLength: 40 }),
      count: fc.integer({ min: 1, max: 150 }),
      batchBytes: fc.integer({ min: 128, max: 400 }),
      bufferBytes: fc.integer({ min: 1_000, max: 5_000 }),
      maxInFlight: fc.integer({ min: 1, max: 6 }),
      many: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ failures, count, many, ...options }) => {
        const topic = `t-${broker.requests.length}`;
        broker.createTopic(topic, 3);
        const queue = [...failures];
        broker.intercept = ({ operation }) => (operation === 'produce' ? queue.shift() : undefined);
        const producer = new Producer({ broker: broker.address, backoff, ...options });
        const records = Array.from({ length: count }, (_, i) => ({
          topic,
          partition: i % 3,
          value: `v-${i}`,
        }));
        if (many) await producer.sendMany(records);
        else await Promise.all(records.map((record) => producer.send(record)));
        expect(producer.bufferedBytes).toBe(0);
        await producer.close();
        for (const partition of [0, 1, 2]) {
          const expected = records.filter((record) => record.partition === partition);
          const values = broker.values(topic, partition);
          const isIdempotent = options.maxInFlight <= 5;
          expect(isIdempotent ? values : withoutRepeats(values)).toEqual(
            expected.map(({ value }) => value),
          );
        }
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it('keeps the order under random refusals when one request is in flight at a time', async () => {
    const scenario = fc.array(fc.boolean(), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(scenario, async (refusals) => {
        const topic = `t-${broker.requests.length}`;
        broker.createTopic(topic, 1);
        const queue = [...refusals];
        broker.intercept = ({ operation }) =>
          operation === 'produce' && queue.shift() === true ? { error: 'BUSY' } : undefined;
        const options = { broker: broker.address, backoff, batchBytes: 128, maxInFlight: 1 };
        const producer = new Producer(options);
        const values = Array.from({ length: 40 }, (_, i) => `v-${i}`);
        await Promise.all(values.map((value) => producer.send({ topic, value })));
        await producer.close();
        expect(broker.values(topic)).toEqual(values);
      }),
      { numRuns: 20 },
    );
  }, 60_000);
});
