// What programs without types hand to the SDK by mistake: told at once, and nothing else is harmed.
import { eventually, FakeBroker } from '../testing/fake-broker';
import { Consumer } from './consumer';
import type { Handlers } from './consumer-options';
import { Producer } from './producer';
import type { ProducerRecord } from './record';
import { WaitingSends } from './waiting-sends';

describe('misuse', () => {
  let broker: FakeBroker;
  let producer: Producer;
  let consumer: Consumer | undefined;

  beforeEach(async () => {
    broker = await FakeBroker.start({ orders: 1 });
    producer = new Producer({ broker: broker.address });
  });
  afterEach(async () => {
    await consumer?.close({ timeoutMs: 0 }).catch(() => undefined);
    await producer.close({ timeoutMs: 0 });
    await broker.stop();
  });
  const send = (record: unknown): Promise<unknown> => producer.send(record as ProducerRecord);
  const sendMany = (records: unknown): Promise<unknown> =>
    producer.sendMany(records as ProducerRecord[]);

  it('of what is sent is told, and the producer goes on and closes', async () => {
    await expect(send(undefined)).rejects.toThrow('send takes a record, got undefined');
    await expect(send(null)).rejects.toThrow('send takes a record, got null');
    await expect(send('orders')).rejects.toThrow('send takes a record, got string');
    for (const given of [undefined, { topic: 'orders', value: 'a' }, new Set().values()]) {
      await expect(sendMany(given)).rejects.toThrow('sendMany takes an array of records, got');
    }
    await expect(sendMany([null, { topic: 'orders', value: 'a' }])).rejects.toMatchObject({
      code: 'INVALID_VALUE',
      records: [null],
    });
    await send({ topic: 'orders', value: 'b' });
    await producer.close();
    expect(broker.values('orders')).toEqual(['a', 'b']);
  });

  it.each([
    [{ key: 7 }, 'a key, for which a serialisation can be chosen, must be text or a Uint8Array'],
    [{ value: new Map([[1, 2]]) }, 'Map has no JSON'],
    [{ value: new Set([1]) }, 'Set has no JSON'],
    [{ value: new ArrayBuffer(3) }, 'ArrayBuffer has no JSON: pass bytes as a Uint8Array'],
    [{ value: new Float64Array(2) }, 'Float64Array has no JSON'],
    [{ headers: { n: 1 } }, 'header "n" must be text or a Uint8Array, got number'],
    [{ headers: { n: true } }, 'header "n" must be text or a Uint8Array, got boolean'],
    [{ headers: [['a', '1']] }, 'the key of a header must be text, got undefined'],
    [{ headers: new Map([['a', 'b']]) }, 'headers must be an object, or [{ key, value }], got Map'],
    [{ headers: 'a: b' }, 'headers must be an object, or [{ key, value }], got string'],
  ])('of a part of a record is told by its name: %j', async (parts, message) => {
    await expect(send({ topic: 'orders', value: 'a', ...parts })).rejects.toThrow(message);
    expect(broker.values('orders')).toEqual([]);
  });

  it('of options is told by their names', () => {
    const opening = (options: object): (() => Consumer) => {
      return () => new Consumer({ topics: ['orders'], ...options });
    };
    expect(opening({ from: null })).toThrow("from must be 'earliest'");
    expect(opening({ topics: [null] })).toThrow('topics: ');
    expect(opening({ topics: [{ topic: 'a', partitions: '0' }] })).toThrow(
      'partitions of "a" must be a list of numbers',
    );
    expect(opening({ broker: ['127.0.0.1'] })).toThrow('broker must be one HOST:PORT as text');
  });

  it('of a commit is told', async () => {
    await send({ topic: 'orders', value: 'a' });
    consumer = new Consumer({ broker: broker.address, topics: ['orders'], reader: 'r' });
    for (const given of ['orders', { topic: 'orders', partition: 0, offset: 1 }]) {
      const commit = consumer.commit(given as never);
      await expect(commit).rejects.toThrow('commit takes nothing, a record, or a list of offsets');
    }
  });

  it('of handlers is told before anything is begun', async () => {
    consumer = new Consumer({ broker: broker.address, topics: ['orders'] });
    const run = (handlers: unknown): Promise<void> => consumer!.run(handlers as Handlers);
    await expect(run(undefined)).rejects.toThrow('run needs either eachRecord or eachBatch');
    await expect(run({ eachRecord: 'x' })).rejects.toThrow('a handler must be a function');
    expect(broker.count('subscribe')).toBe(0);
  });

  it.each([
    ['one at a time', {}],
    ['with concurrency', { concurrency: { per: 'key', max: 2 } }],
  ] as const)('by a handler that never ends keeps run from nothing, %s', async (_, options) => {
    await send({ topic: 'orders', value: 'a' });
    const group = { reader: 'r', autoCommit: 'eachRecord' } as const;
    consumer = new Consumer({ broker: broker.address, topics: ['orders'], ...group });
    let begun: AbortSignal | undefined;
    const running = consumer.run({
      ...options,
      eachRecord: (__, { signal }) => {
        begun = signal;
        return new Promise(() => undefined);
      },
    });
    await eventually(() => begun !== undefined, 'the handler');
    await consumer.close({ timeoutMs: 1 });
    await running;
    expect(begun?.aborted).toBe(true);
    expect([...broker.cursors.values()]).toEqual([0]);
  });

  it('in a call that waits fails that call alone', () => {
    const waiting = new WaitingSends();
    const outcomes: unknown[] = [];
    const attempts = [
      (): boolean => {
        throw new Error('broken');
      },
      (): boolean => outcomes.push('done') > 0,
    ];
    for (const attempt of attempts) {
      waiting.push({ attempt, fail: ({ message }) => outcomes.push(message), deadlineMs: 0 });
    }
    waiting.serve();
    expect([outcomes, waiting.length]).toEqual([['broken', 'done'], 0]);
  });
});
