// What a producer does where a topic takes smaller batches than it makes.
import { eventually, FakeBroker } from '../testing/fake-broker';
import type { DeliveryError } from './errors';
import { Producer } from './producer';
import type { ProducerOptions } from './producer-options';

const backoff = { initialMs: 1, maxMs: 5 };
const LIMIT = 400;

describe('Producer, where a topic takes smaller batches', () => {
  let broker: FakeBroker;
  const producers: Producer[] = [];

  function open(options: ProducerOptions = {}): Producer {
    const producer = new Producer({ broker: broker.address, backoff, lingerMs: 5, ...options });
    producers.push(producer);
    return producer;
  }

  const sizes = (): number[] => broker.batches('small').map(({ length }) => length);
  const refused = (): number => broker.count('produce') - sizes().length;
  const values = (count: number): string[] => Array.from({ length: count }, (_, i) => `v-${i}`);

  beforeEach(async () => {
    broker = await FakeBroker.start({ small: 1 });
    broker.batchLimits.set('small', { batchBytesMax: LIMIT, isTold: true });
  });

  afterEach(async () => {
    await Promise.all(producers.splice(0).map((producer) => producer.close({ timeoutMs: 0 })));
    await broker.stop();
  });

  it.each([
    ['as the broker says how much', true, {}],
    ['by halves where it does not say', false, {}],
    ['without idempotence', true, { idempotence: false, maxInFlight: 1 }],
    ['though they were compressed', true, { compression: 'gzip' }],
  ] as const)('sends what is too large in parts, %s', async (_, isTold, options) => {
    broker.batchLimits.set('small', { batchBytesMax: LIMIT, isTold });
    const producer = open(options);
    // Digests hardly compress.
    const sent = values(300).map((value) => `${value} ${Math.sin(Number(value.slice(2)))}`);
    const sends = sent.map((value) => producer.send({ topic: 'small', value }));
    const receipts = await Promise.all(sends);
    expect(receipts.map(({ offset }) => offset)).toEqual(sent.map((__, i) => i));
    expect(broker.values('small')).toEqual(sent);
    expect(refused()).toBeGreaterThan(0);
    expect(producer.bufferedBytes).toBe(0);
  });

  it('fails just the record that is too large alone, in its place in the order', async () => {
    const producer = open();
    const sent = values(60);
    sent[20] = 'x'.repeat(LIMIT);
    const outcomes = await Promise.allSettled(
      sent.map((value) => producer.send({ topic: 'small', value })),
    );
    const failed = outcomes.flatMap((outcome, i) => (outcome.status === 'rejected' ? [i] : []));
    expect(failed).toEqual([20]);
    expect(outcomes[20]).toMatchObject({
      reason: {
        code: 'RECORD_TOO_LARGE',
        message: expect.stringMatching(/^1 record for small\/0 was not taken: /) as string,
        records: [{ value: Buffer.from(sent[20]) }],
      },
    });
    expect(broker.values('small')).toEqual(sent.filter((__, i) => i !== 20));
  });

  it('tells a sendMany where the parts are, and which records failed', async () => {
    const producer = open();
    const records = values(60).map((value) => ({ topic: 'small', value }));
    const receipts = await producer.sendMany(records);
    expect(receipts.map(({ recordCount }) => recordCount).reduce((a, b) => a + b)).toBe(60);
    expect(receipts.length).toBe(sizes().length);
    records[5] = { topic: 'small', value: 'x'.repeat(LIMIT) };
    const error = (await producer.sendMany(records).catch((e: unknown) => e)) as DeliveryError;
    expect(error.code).toBe('RECORD_TOO_LARGE');
    expect(error.records.map(({ value }) => String(value))).toEqual([records[5].value]);
    expect(broker.values('small').length).toBe(60 + 59);
  });

  it('keeps later batches to what the topic takes', async () => {
    const producer = open();
    for (let round = 0; round < 5; round += 1) {
      await producer.sendMany(values(100).map((value) => ({ topic: 'small', value })));
    }
    expect(refused()).toBe(1);
    expect(Math.max(...sizes())).toBeLessThanOrEqual(LIMIT);
  });

  it('flushes what was sent in parts', async () => {
    const producer = open({ lingerMs: 60_000 });
    const sends = values(100).map((value) => producer.send({ topic: 'small', value }));
    await eventually(() => producer.waitingCount === 0, 'the partition count');
    await producer.flush();
    expect(broker.values('small').length).toBe(100);
    await Promise.all(sends);
  });

  it('writes each record once when the answers to parts are lost', async () => {
    const producer = open();
    let cuts = 3;
    broker.intercept = ({ operation }) => {
      const isPart = operation === 'produce' && refused() > 0;
      return isPart && cuts-- > 0 ? 'apply-and-drop' : undefined;
    };
    const sent = values(200);
    await Promise.all(sent.map((value) => producer.send({ topic: 'small', value })));
    expect(broker.values('small')).toEqual(sent);
  });

  it('leaves it to the topic when it takes more than others', async () => {
    broker.batchLimits.set('small', { batchBytesMax: 3 * 1024 * 1024, isTold: true });
    await open().send({ topic: 'small', value: Buffer.alloc(2 * 1024 * 1024) });
    expect(sizes()[0]).toBeGreaterThan(broker.limits.batchBytesMax);
  });
});
