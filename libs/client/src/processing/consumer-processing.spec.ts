import { eventually, FakeBroker } from '../../testing/fake-broker';
import { batch } from '../../testing/record-parts';
import { Consumer } from '../consumer';
import type { ConsumerOptions } from '../consumer-options';
import type { ConsumerRecord } from '../consumer-record';

/** A handler's call that ends when the test says so. */
interface Gate {
  readonly offset: number;
  readonly open: () => void;
}

const QUICK = { initialMs: 1, maxMs: 2 };

describe('Consumer.run with concurrency, retries and dead letters', () => {
  let broker: FakeBroker;
  const consumers: { close: () => Promise<void> }[] = [];

  function open<K = Buffer, V = unknown>(
    options: Partial<ConsumerOptions<K, V>> = {},
  ): Consumer<K, V> {
    const consumer = new Consumer<K, V>({
      broker: broker.address,
      topics: ['t'],
      reader: 'r',
      backoff: { initialMs: 2, maxMs: 10 },
      ...options,
    });
    consumers.push(consumer);
    return consumer;
  }

  function gates(): { all: Gate[]; handler: (record: ConsumerRecord) => Promise<void> } {
    const all: Gate[] = [];
    const handler = ({ offset }: ConsumerRecord): Promise<void> =>
      new Promise((resolve) => all.push({ offset, open: resolve }));
    return { all, handler };
  }

  const cursor = (partition = 0): number | undefined => broker.cursors.get(`r:t/${partition}`);
  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 2 });
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close().catch(() => null)));
    await broker.stop();
  });

  it('handles keys beside each other and saves what is done without a gap', async () => {
    broker.append('t', 0, batch([{ key: 'a' }, { key: 'a' }, { key: 'b' }, { key: 'c' }]));
    const { all, handler } = gates();
    const consumer = open();
    const run = consumer.run({ eachRecord: handler, concurrency: { per: 'key', max: 8 } });
    await eventually(() => all.length === 3, 'three keys at work');
    expect(all.map(({ offset }) => offset)).toEqual([0, 2, 3]);
    all[1]?.open();
    all[2]?.open();
    all[0]?.open();
    await eventually(() => all.length === 4, 'the second of its key');
    const closing = consumer.close();
    all[3]?.open();
    await closing;
    await run;
    expect(cursor()).toBe(4);
  });

  it('handles partitions beside each other, each in order', async () => {
    broker.append('t', 0, batch([{}, {}]));
    broker.append('t', 1, batch([{}, {}]));
    const { all, handler } = gates();
    const consumer = open();
    const run = consumer.run({ eachRecord: handler, concurrency: { per: 'partition', max: 4 } });
    await eventually(() => all.length === 2, 'both partitions at work');
    expect(all.map(({ offset }) => offset)).toEqual([0, 0]);
    all[0]?.open();
    await eventually(() => all.length === 3, 'the next of its partition');
    all[2]?.open();
    all[1]?.open();
    await eventually(() => all.length === 4, 'the last');
    all[3]?.open();
    await consumer.close();
    await run;
    expect([cursor(0), cursor(1)]).toEqual([2, 2]);
  });

  it('hands over batches of several partitions at once', async () => {
    broker.append('t', 0, batch([{}, {}, {}]));
    broker.append('t', 1, batch([{}, {}]));
    const sizes: number[] = [];
    const opens: (() => void)[] = [];
    const consumer = open();
    const run = consumer.run({
      eachBatch: ({ records }) => {
        sizes.push(records.length);
        return new Promise<void>((resolve) => opens.push(resolve));
      },
      concurrency: { per: 'partition', max: 2 },
    });
    await eventually(() => sizes.length === 2, 'both batches at work');
    const closing = consumer.close();
    opens[1]?.();
    opens[0]?.();
    await closing;
    await run;
    expect(sizes.sort()).toEqual([2, 3]);
    expect([cursor(0), cursor(1)]).toEqual([3, 2]);
  });

  it('tries again, with the attempt told, and goes on', async () => {
    broker.append('t', 0, batch([{ value: 'x' }, { value: 'y' }]));
    const attempts: string[] = [];
    const notices: string[] = [];
    const consumer = open({
      onRetry: ({ activity, attempt }) => notices.push(`${activity} ${attempt}`),
    });
    const run = consumer.run({
      eachRecord: ({ offset }, { attempt }) => {
        attempts.push(`${offset}#${attempt}`);
        if (offset === 0 && attempt < 3) throw new Error('not yet');
      },
      retry: { attempts: 3, backoff: QUICK },
    });
    await eventually(() => attempts.length === 4, 'the attempts');
    await consumer.close();
    await run;
    expect(attempts).toEqual(['0#1', '0#2', '0#3', '1#1']);
    expect(notices).toEqual(['handle 1', 'handle 2']);
    expect(cursor()).toBe(2);
  });

  it('ends by the error of the last attempt without dead letters', async () => {
    broker.append('t', 0, batch([{ value: 'x' }, { value: 'y' }]));
    let calls = 0;
    const consumer = open();
    const run = consumer.run({
      eachRecord: ({ offset }) => {
        if (offset === 1) throw new Error(`no ${++calls}`);
      },
      retry: { attempts: 2, backoff: QUICK },
    });
    await expect(run).rejects.toThrow('no 2');
    expect(cursor()).toBe(1);
  });

  it('aborts the signal and waits no longer when closing takes too long', async () => {
    broker.append('t', 0, batch([{ key: 'a' }, { key: 'b' }]));
    let aborted = 0;
    let begun = 0;
    const consumer = open();
    const run = consumer.run({
      eachRecord: ({ offset }, { signal }) => {
        begun += 1;
        if (offset === 0) return undefined;
        return new Promise<void>((_, reject) =>
          signal.addEventListener('abort', () => {
            aborted += 1;
            reject(new Error('given up'));
          }),
        );
      },
      concurrency: { per: 'key', max: 2 },
    });
    await eventually(() => begun === 2, 'both at work');
    await consumer.close({ timeoutMs: 10 });
    await run;
    expect(aborted).toBe(1);
    expect(cursor()).toBe(1);
  });

  it('aborts the signal of a handler that works alone, too', async () => {
    broker.append('t', 0, batch([{}]));
    let signal: AbortSignal | undefined;
    const consumer = open();
    const run = consumer.run({
      eachRecord: (_, context) => {
        expect(context.attempt).toBe(1);
        ({ signal } = context);
        return new Promise<void>((resolve) =>
          context.signal.addEventListener('abort', () => resolve()),
        );
      },
    });
    await eventually(() => signal !== undefined, 'the handler');
    await consumer.close({ timeoutMs: 10 });
    await run;
    expect(signal?.aborted).toBe(true);
    expect(cursor()).toBe(0);
  });

  it('saves only what is finished by a commit, and the record it is given', async () => {
    broker.append('t', 0, batch([{ key: 'a' }, { key: 'b' }, { key: 'c' }]));
    const { all, handler } = gates();
    const consumer = open({ autoCommit: false });
    const records: ConsumerRecord[] = [];
    void consumer.run({
      eachRecord: (record) => {
        records.push(record);
        return handler(record);
      },
      concurrency: { per: 'key', max: 3 },
    });
    await eventually(() => all.length === 3, 'all at work');
    await consumer.commit(records[1]);
    expect(cursor()).toBe(0);
    await consumer.commit(records[0]);
    expect(cursor()).toBe(1);
    all[2]?.open();
    await new Promise((resolve) => setImmediate(resolve));
    await consumer.commit();
    expect(cursor()).toBe(1);
    for (const gate of all) gate.open();
    await new Promise((resolve) => setImmediate(resolve));
    await consumer.commit();
    expect(cursor()).toBe(3);
  });

  it('goes on behind a loop that was left in the middle of a batch', async () => {
    broker.append('t', 0, batch([{}, {}, {}, {}]));
    const consumer = open();
    for await (const record of consumer) if (record.offset === 1) break;
    const seen: number[] = [];
    const run = consumer.run({
      eachRecord: ({ offset }) => seen.push(offset),
      concurrency: { per: 'key', max: 2 },
    });
    await eventually(() => seen.length === 2, 'the rest');
    await consumer.close();
    await run;
    expect(seen).toEqual([2, 3]);
    expect(cursor()).toBe(4);
  });

  it('goes on behind a loop whose batch filled the buffer', async () => {
    const parts = batch(Array.from({ length: 10 }, () => ({})));
    for (let i = 0; i < 3; i++) broker.append('t', 0, parts);
    const consumer = open({ prefetchBytes: 64 });
    for await (const record of consumer) if (record.offset === 0) break;
    const offsets: number[] = [];
    const eachRecord = ({ offset }: ConsumerRecord): void => void offsets.push(offset);
    const run = consumer.run({ eachRecord, concurrency: { per: 'partition', max: 2 } });
    await eventually(() => offsets.length === 29, 'all of the rest');
    expect(consumer.bufferedBytes).toBe(0);
    await consumer.close();
    await run;
  });

  it('goes on with other partitions while one is stuck and fills the buffer', async () => {
    const big = { key: 'stuck', value: 'x'.repeat(900) };
    for (let i = 0; i < 20; i++) broker.append('t', 0, batch([big, big]));
    const consumer = open({ prefetchBytes: 8_192, autoCommit: false });
    const seen: number[] = [];
    let release: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (release = resolve));
    const offsets: number[] = [];
    const run = consumer.run({
      eachRecord: async ({ partition, offset }) => {
        if (partition === 1) seen.push(offset);
        else {
          await stuck;
          offsets.push(offset);
        }
      },
      concurrency: { per: 'key', max: 2, windowRecords: 2 },
    });
    await eventually(() => consumer.bufferedBytes >= 4_096, 'a full buffer');
    for (let i = 0; i < 6; i++)
      broker.append('t', 1, batch([{ key: 'b', value: 'x'.repeat(900) }]));
    await eventually(() => seen.length === 6, 'the records of the other partition');
    release();
    await eventually(() => offsets.length === 40, 'the records of the stuck partition');
    await consumer.close();
    await run;
    expect(offsets).toEqual(Array.from({ length: 40 }, (_, offset) => offset));
  });

  it.each([
    [{ retry: {} }, /retry and deadLetters need eachRecord/],
    [{ deadLetters: {} }, /retry and deadLetters need eachRecord/],
    [{ concurrency: { per: 'key' as const, max: 2 } }, /needs eachRecord/],
  ])('refuses %j with eachBatch', async (options, message) => {
    await expect(open().run({ eachBatch: () => undefined, ...options })).rejects.toThrow(message);
  });

  it.each([
    [{ concurrency: { per: 'key', max: 0 } }, /concurrency.max must be a whole number/],
    [{ concurrency: { per: 'topic', max: 1 } }, /concurrency.per must be one of/],
    [{ retry: { attempts: 0 } }, /retry.attempts/],
    [{ retry: { backoff: { factor: 0.5 } } }, /retry.backoff.factor must be from 1 to 10/],
    [{ deadLetters: { topic: 't' } }, /must go to another topic/],
    [{ deadLetters: { topic: 'no good' } }, /cannot be the dead-letter topic of "t"/],
  ])('refuses %j', async (options, message) => {
    const handlers = { eachRecord: () => undefined, ...options } as never;
    await expect(open().run(handlers)).rejects.toThrow(message);
  });

  it('refuses a topic whose name leaves no room for that of its dead letters', async () => {
    const consumer = open({ topics: ['n'.repeat(240)] });
    const run = consumer.run({ eachRecord: () => undefined, deadLetters: {} });
    await expect(run).rejects.toThrow(/give another one as deadLetters.topic/);
  });
});
