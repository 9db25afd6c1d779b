import { eventually, FakeBroker, type Interception } from '../testing/fake-broker';
import { Producer } from './producer';
import { producerSettings, type ProducerOptions } from './producer-options';

const backoff = { initialMs: 1, maxMs: 5 };

describe('Producer, idempotent', () => {
  let broker: FakeBroker;
  const producers: Producer[] = [];

  function open(options: ProducerOptions = {}): Producer {
    const producer = new Producer({ broker: broker.address, backoff, ...options });
    producers.push(producer);
    return producer;
  }

  /** The next requests of this operation are met with these. */
  function meet(operation: string, ...interceptions: (Interception | undefined)[]): void {
    broker.intercept = (request) =>
      request.operation === operation ? interceptions.shift() : undefined;
  }

  const stamps = (topic = 'orders'): string[] =>
    broker.headers(topic, 0).map((header) => {
      const { producerId, producerEpoch, baseSequence } = header;
      return `${producerId}.${producerEpoch}:${baseSequence}`;
    });

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1, wide: 3 });
  });

  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.close({ timeoutMs: 0 })));
    await broker.stop();
  });

  it('asks for its id at the first send, once, and counts per partition', async () => {
    const producer = open();
    expect(broker.count('initProducerId')).toBe(0);
    const send = (partition: number): Promise<unknown> =>
      producer.send({ topic: 'wide', partition, value: 'v' });
    await Promise.all([0, 1, 2].map(send));
    await send(0);
    await send(0);
    expect(broker.count('initProducerId')).toBe(1);
    const sequences = [0, 1].map((partition) =>
      broker.headers('wide', partition).map(({ baseSequence }) => baseSequence),
    );
    expect(sequences).toEqual([[0, 1, 2], [0]]);
  });

  it('writes a record once, however often its answer is lost', async () => {
    const producer = open();
    await producer.send({ topic: 'orders', value: 'a' });
    meet('produce', 'apply-and-drop', 'drop', 'apply-and-drop');
    expect((await producer.send({ topic: 'orders', value: 'b' })).offset).toBe(1);
    await producer.send({ topic: 'orders', value: 'c' });
    expect(broker.values('orders')).toEqual(['a', 'b', 'c']);
  });

  it('asks again for an id until the broker gives one', async () => {
    meet('initProducerId', { error: 'BUSY' }, 'drop', { error: 'NO_SPACE' });
    await open().send({ topic: 'orders', value: 'a' });
    expect(broker.count('initProducerId')).toBe(4);
    expect(broker.values('orders')).toEqual(['a']);
  });

  it('fails with the records when the broker gives no id', async () => {
    meet('initProducerId', { error: 'FENCED' });
    await expect(open().send({ topic: 'orders', value: 'a' })).rejects.toMatchObject({
      code: 'FENCED',
      records: [{ topic: 'orders', value: Buffer.from('a') }],
    });
  });

  it('keeps the order when the broker refuses one of several in flight', async () => {
    const producer = open({ batchBytes: 128 });
    await producer.send({ topic: 'orders', value: 'warm' });
    const values = Array.from({ length: 60 }, (_, i) => `v-${i}`);
    meet('produce', undefined, { error: 'BUSY' }, undefined, { error: 'NO_SPACE' });
    await Promise.all(values.map((value) => producer.send({ topic: 'orders', value })));
    expect(broker.values('orders')).toEqual(['warm', ...values]);
    expect(stamps().every((stamp) => stamp.startsWith('0.0:'))).toBe(true);
  });

  it('goes on in a later epoch behind a batch that failed for good', async () => {
    const producer = open({ batchBytes: 128 });
    await producer.send({ topic: 'orders', value: 'warm' });
    const values = Array.from({ length: 20 }, (_, i) => `value ${i}`);
    meet('produce', undefined, { error: 'INVALID_BATCH' });
    const outcomes = await Promise.allSettled(
      values.map((value) => producer.send({ topic: 'orders', value })),
    );
    const kept = values.filter((_, i) => outcomes[i]?.status === 'fulfilled');
    expect(kept.length).toBeGreaterThan(10);
    expect(kept.length).toBeLessThan(20);
    expect(broker.values('orders')).toEqual(['warm', ...kept]);
    expect(stamps().at(-1)).toMatch(/^0\.1:/);
    expect(stamps()).toContain('0.1:0');
  });

  it('leaves other partitions in their epoch until nothing of theirs is under way', async () => {
    const producer = open();
    const send = (partition: number, value: string): Promise<unknown> =>
      producer.send({ topic: 'wide', partition, value });
    await Promise.all([send(0, 'a'), send(1, 'a')]);
    meet('produce', { error: 'OUT_OF_ORDER_SEQUENCE' });
    await send(0, 'b');
    await send(1, 'b');
    const epochs = [0, 1].map((partition) =>
      broker.headers('wide', partition).map((header) => header.producerEpoch),
    );
    expect(epochs).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(broker.headers('wide', 1).map(({ baseSequence }) => baseSequence)).toEqual([0, 0]);
  });

  it.each(['OUT_OF_ORDER_SEQUENCE', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'] as const)(
    'begins anew after %s and loses nothing',
    async (code) => {
      const producer = open();
      await producer.send({ topic: 'orders', value: 'a' });
      meet('produce', { error: code });
      await Promise.all(['b', 'c'].map((value) => producer.send({ topic: 'orders', value })));
      expect(broker.values('orders')).toEqual(['a', 'b', 'c']);
      const anew = code === 'INVALID_PRODUCER_EPOCH' ? '1.0:0' : '0.1:0';
      expect(stamps()).toEqual(['0.0:0', anew]);
    },
  );

  it('takes another id when the broker does not know its own any more', async () => {
    const producer = open();
    await producer.send({ topic: 'orders', value: 'a' });
    let refusals = 1;
    broker.intercept = ({ operation, fields }) => {
      if (operation === 'produce' && refusals-- > 0) return { error: 'OUT_OF_ORDER_SEQUENCE' };
      const isBump = operation === 'initProducerId' && fields.producerId !== undefined;
      return isBump ? { error: 'UNKNOWN_PRODUCER_ID' } : undefined;
    };
    await producer.send({ topic: 'orders', value: 'b' });
    expect(stamps()).toEqual(['0.0:0', '1.0:0']);
  });

  it('fails a fenced batch that may have been written, rather than write it twice', async () => {
    const producer = open();
    await producer.send({ topic: 'orders', value: 'a' });
    meet('produce', 'apply-and-drop', { error: 'INVALID_PRODUCER_EPOCH' });
    await expect(producer.send({ topic: 'orders', value: 'b' })).rejects.toMatchObject({
      code: 'INVALID_PRODUCER_EPOCH',
      records: [{ value: Buffer.from('b') }],
    });
    expect(broker.values('orders')).toEqual(['a', 'b']);
  });

  it('counts a duplicate whose offset is forgotten as written, without an offset', async () => {
    const producer = open();
    await producer.send({ topic: 'orders', value: 'a' });
    meet('produce', 'apply-and-drop', { error: 'DUPLICATE_SEQUENCE_NUMBER' });
    expect(await producer.send({ topic: 'orders', value: 'b' })).toMatchObject({ offset: -1 });
    expect(broker.values('orders')).toEqual(['a', 'b']);
  });

  it('sends a batch again that the broker takes for a duplicate and never had', async () => {
    const producer = open();
    await producer.send({ topic: 'orders', value: 'a' });
    // As when it forgot the producer, refused this batch and took the one behind it.
    meet('produce', { error: 'BUSY' }, { error: 'DUPLICATE_SEQUENCE_NUMBER' });
    expect(await producer.send({ topic: 'orders', value: 'b' })).toMatchObject({ offset: 1 });
    expect(broker.values('orders')).toEqual(['a', 'b']);
  });

  it('loses and overtakes nothing when the first batch of all is refused', async () => {
    const producer = open({ batchBytes: 128 });
    meet('produce', { error: 'BUSY' });
    const values = Array.from({ length: 20 }, (_, i) => `value ${i}`);
    await Promise.all(values.map((value) => producer.send({ topic: 'orders', value })));
    expect(broker.values('orders')).toEqual(values);
    expect(new Set(stamps()).size).toBe(stamps().length);
    expect(stamps().every((stamp) => stamp.startsWith('0.0:'))).toBe(true);
  });

  it('gives up after as many retries as were asked for', async () => {
    const producer = open({ retries: 2 });
    broker.intercept = ({ operation }) =>
      operation === 'produce' ? { error: 'OUT_OF_ORDER_SEQUENCE' } : undefined;
    const send = producer.send({ topic: 'orders', value: 'a' });
    await expect(send).rejects.toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE' });
    expect(broker.count('produce')).toBe(3);
  });

  it('goes on after a batch timed out while it was under way', async () => {
    // Long enough for a busy machine to connect and to be answered.
    const producer = open({ deliveryTimeoutMs: 1_000, batchBytes: 128 });
    await producer.send({ topic: 'orders', value: 'a' });
    broker.intercept = ({ operation }) => (operation === 'produce' ? 'hang' : undefined);
    const lost = producer.send({ topic: 'orders', value: 'lost' });
    await expect(lost).rejects.toMatchObject({ code: 'DELIVERY_TIMEOUT' });
    broker.intercept = () => undefined;
    broker.dropConnections();
    await eventually(() => broker.openConnections === 0, 'the connection is gone');
    await producer.send({ topic: 'orders', value: 'b' });
    expect(broker.values('orders')).toEqual(['a', 'b']);
  });

  it('is the default where the other options allow it', () => {
    const of = (options: ProducerOptions): boolean => producerSettings(options).idempotence;
    expect([of({}), of({ acks: 'all' }), of({ idempotence: true })]).toEqual([true, true, true]);
    expect(of({ idempotence: false })).toBe(false);
    for (const options of [{ acks: 1 }, { acks: 0 }, { maxInFlight: 6 }, { retries: 0 }] as const) {
      expect(of(options)).toBe(false);
      expect(() => of({ ...options, idempotence: true })).toThrow('idempotence needs');
    }
  });
});
