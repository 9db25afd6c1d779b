import { encodeBatch } from '@walrusmq/record-batch';
import { eventually, FakeBroker } from '../testing/fake-broker';
import { Consumer } from './consumer';
import type { ConsumerOptions } from './consumer-options';

function batch(from: number, to: number): Buffer {
  const records = Array.from({ length: to - from }, (_, i) => ({
    value: Buffer.from(`v-${from + i}`),
    timestamp: from + i,
  }));
  return encodeBatch(records);
}

describe('Consumer: moving about and saving progress', () => {
  let broker: FakeBroker;
  const consumers: Consumer[] = [];

  function open(options: Partial<ConsumerOptions> = {}): Consumer {
    const backoff = { initialMs: 2, maxMs: 10 };
    const consumer = new Consumer({ broker: broker.address, topics: ['t'], backoff, ...options });
    consumers.push(consumer);
    return consumer;
  }

  const cursor = (partition = 0): number | undefined => broker.cursors.get(`r:t/${partition}`);

  beforeEach(async () => {
    broker = await FakeBroker.start({ t: 1, wide: 2 });
    broker.append('t', 0, batch(0, 10));
    broker.append('t', 0, batch(10, 20));
  });

  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close().catch(() => null)));
    await broker.stop();
  });

  it('hands over nothing fetched before a seek, not even what is in flight', async () => {
    const consumer = open();
    const iterator = consumer[Symbol.asyncIterator]();
    const offsets: (number | undefined)[] = [];
    const take = async (): Promise<void> => {
      const { value } = (await iterator.next()) as { value?: { offset: number } };
      offsets.push(value?.offset);
    };
    await take();
    // Sent behind the change's request and before the broker carries that out.
    broker.intercept = ({ operation }) => {
      if (operation === 'changeSubscription' && broker.records('t', 0).length === 20) {
        broker.append('t', 0, batch(20, 30));
      }
      return undefined;
    };
    await consumer.seek('t', 0, 15);
    await take();
    await take();
    await consumer.seek('t', 0, 'earliest');
    await take();
    await consumer.seek('t', 0, { timestamp: 12 });
    await take();
    expect(offsets).toEqual([0, 15, 16, 0, 12]);
  });

  it('goes where a seek says while it waits at the end', async () => {
    const consumer = open({ from: 'latest' });
    const iterator = consumer[Symbol.asyncIterator]();
    const next = iterator.next();
    await eventually(() => broker.count('subscribe') === 1, 'the subscription');
    await consumer.seek('t', 0, 19);
    expect((await next).value).toMatchObject({ offset: 19 });
    expect(broker.count('subscribe')).toBe(1);
  });

  it('loses and repeats nothing over many seeks while records come', async () => {
    broker.append('t', 0, batch(20, 24));
    const consumer = open({ prefetchBytes: 300 });
    const iterator = consumer[Symbol.asyncIterator]();
    broker.intercept = ({ operation }) => {
      const end = broker.records('t', 0).length;
      if (operation === 'changeSubscription') broker.append('t', 0, batch(end, end + 3));
      return undefined;
    };
    for (const start of [19, 3, 7, 0, 15, 14, 2, 18]) {
      await consumer.seek('t', 0, start);
      for (let offset = start; offset < start + 5; offset++) {
        expect((await iterator.next()).value).toMatchObject({ offset });
      }
    }
  });

  it('hands over nothing of what is paused and goes on from there when it is resumed', async () => {
    broker.append('wide', 0, batch(0, 3));
    broker.append('wide', 1, batch(100, 103));
    const consumer = open({ topics: ['wide'] });
    await consumer.pause('wide', 1);
    const iterator = consumer[Symbol.asyncIterator]();
    const partitions: number[] = [];
    const take = async (): Promise<void> => {
      const { value } = (await iterator.next()) as { value: { partition: number } };
      partitions.push(value.partition);
    };
    for (let i = 0; i < 3; i++) await take();
    expect(partitions).toEqual([0, 0, 0]);
    const waiting = take();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(partitions).toHaveLength(3);
    await consumer.pause();
    await consumer.resume('wide', 1);
    await waiting;
    await take();
    expect(partitions).toEqual([0, 0, 0, 1, 1]);
    await expect(consumer.pause('other')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('drops what was fetched of a partition that is paused in the middle of a batch', async () => {
    const consumer = open();
    const iterator = consumer[Symbol.asyncIterator]();
    await iterator.next();
    await consumer.pause('t');
    expect(consumer.bufferedBytes).toBeLessThan(batch(0, 10).length + 1);
    const next = iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    await consumer.resume('t');
    expect((await next).value).toMatchObject({ offset: 1 });
  });

  it('goes on where the named reader was, and where `from` says the first time', async () => {
    broker.cursors.set('r:t/0', 7);
    const named = open({ reader: 'r' });
    for await (const record of named) {
      expect(record.offset).toBe(7);
      break;
    }
    const fresh = open({ reader: 'other', from: { offset: 3 } });
    for await (const record of fresh) {
      expect(record.offset).toBe(3);
      break;
    }
  });

  it('saves at close what is finished, without the record a loop was left with', async () => {
    const consumer = open({ reader: 'r' });
    for await (const record of consumer) if (record.offset === 5) break;
    await consumer.close();
    expect(cursor()).toBe(5);
  });

  it('saves by itself within the interval, and only when there is something new', async () => {
    const consumer = open({ reader: 'r', autoCommit: { intervalMs: 20 } });
    let handled = 0;
    const running = consumer.run({ eachRecord: () => void (handled += 1) });
    await eventually(() => cursor() === 20, 'the whole progress saved');
    expect(handled).toBe(20);
    const commits = broker.count('readerCommit');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(broker.count('readerCommit')).toBe(commits);
    await consumer.close();
    await running;
    expect(broker.count('readerCommit')).toBe(commits);
  });

  it('commits the record in hand when asked to, one record, or given offsets', async () => {
    const consumer = open({ reader: 'r', autoCommit: false });
    for await (const record of consumer) {
      if (record.offset === 2) break;
    }
    await consumer.commit();
    expect(cursor()).toBe(3);
    for await (const record of consumer) {
      if (record.offset !== 6) continue;
      await consumer.commit(record);
      break;
    }
    expect(cursor()).toBe(7);
    await consumer.commit([{ topic: 't', partition: 0, offset: 4 }]);
    expect(cursor()).toBe(4);
    await consumer.close();
    expect(cursor()).toBe(4);
    await expect(open().commit()).rejects.toMatchObject({ code: 'INVALID_OPTION' });
  });

  it('does not take back by an automatic commit what was committed by hand', async () => {
    const consumer = open({ reader: 'r' });
    for await (const record of consumer) if (record.offset === 5) break;
    await consumer.commit();
    await consumer.close();
    expect(cursor()).toBe(6);
    const rewound = open({ reader: 'r' });
    for await (const record of rewound) if (record.offset === 9) break;
    await rewound.commit([{ topic: 't', partition: 0, offset: 2 }]);
    await rewound.close();
    expect(cursor()).toBe(2);
  });

  it('saves within the interval what was finished while a commit was under way', async () => {
    const consumer = open({ reader: 'r', autoCommit: { intervalMs: 5 } });
    const iterator = consumer[Symbol.asyncIterator]();
    let release: () => void = () => undefined;
    broker.intercept = ({ operation }) =>
      operation === 'readerCommit' && broker.count('readerCommit') === 1
        ? new Promise((resolve) => (release = () => resolve(undefined)))
        : undefined;
    for (let i = 0; i < 3; i++) await iterator.next();
    await eventually(() => broker.count('readerCommit') === 1, 'the first commit');
    for (let i = 0; i < 4; i++) await iterator.next();
    release();
    await eventually(() => cursor() === 6, 'the rest being saved');
    expect(cursor()).toBe(6);
  });

  it('saves at close what was finished while a commit was under way', async () => {
    const consumer = open({ reader: 'r', autoCommit: { intervalMs: 60_000 } });
    const iterator = consumer[Symbol.asyncIterator]();
    await iterator.next();
    let release: () => void = () => undefined;
    broker.intercept = ({ operation }) =>
      operation === 'readerCommit'
        ? new Promise((resolve) => (release = () => resolve(undefined)))
        : undefined;
    const committing = consumer.commit();
    await eventually(() => broker.count('readerCommit') === 1, 'the commit');
    for (let i = 0; i < 5; i++) await iterator.next();
    broker.intercept = () => undefined;
    release();
    await committing;
    expect(cursor()).toBe(1);
    await consumer.close();
    expect(cursor()).toBe(5);
  });

  it.each(['is under way', 'waits for another'])(
    'saves the place of a seek that came while a commit %s',
    async (state) => {
      broker.cursors.set('r:t/0', 0);
      const consumer = open({ reader: 'r', autoCommit: { intervalMs: 60_000 } });
      const iterator = consumer[Symbol.asyncIterator]();
      for (let i = 0; i < 5; i++) await iterator.next();
      let release: () => void = () => undefined;
      broker.intercept = ({ operation }) =>
        operation === 'readerCommit' && broker.count('readerCommit') === 1
          ? new Promise((resolve) => (release = () => resolve(undefined)))
          : undefined;
      const commits = [consumer.commit()];
      if (state === 'waits for another') commits.push(consumer.commit());
      await eventually(() => broker.count('readerCommit') === 1, 'the commit');
      await consumer.pause();
      await consumer.seek('t', 0, 0);
      release();
      await Promise.all(commits);
      expect(cursor()).toBe(5);
      await consumer.close();
      expect(cursor()).toBe(0);
    },
  );

  it('commits nothing of a batch whose handler is at work', async () => {
    const consumer = open({ reader: 'r', autoCommit: false });
    const seen: (number | undefined)[] = [];
    await consumer.run({
      eachBatch: async () => {
        await consumer.commit();
        seen.push(cursor());
        if (seen.length === 2) void consumer.close();
      },
    });
    expect(seen).toEqual([0, 10]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('bad record');
      },
    ],
    ['rejects', () => Promise.reject(new Error('bad record'))],
  ])('stops with the error when a handler %s, and commits nothing past it', async (_, fail) => {
    const consumer = open({ reader: 'r' });
    let handled = 0;
    const running = consumer.run({
      eachRecord: (record) => {
        handled += 1;
        return record.offset === 12 ? fail() : undefined;
      },
    });
    await expect(running).rejects.toThrow('bad record');
    expect(handled).toBe(13);
    expect(cursor()).toBe(12);
    await eventually(() => broker.openConnections === 0, 'its connections closing');
  });

  it('waits at close for the handler at work and saves its record', async () => {
    const consumer = open({ reader: 'r' });
    let finish: () => void = () => undefined;
    const running = consumer.run({
      eachRecord: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    await eventually(() => consumer.position()[0]?.offset === 1, 'the first record handed over');
    const closing = consumer.close();
    setTimeout(() => finish(), 30);
    await closing;
    await running;
    expect(cursor()).toBe(1);
  });

  it('does not wait for a handler for ever, and does not save its record', async () => {
    const consumer = open({ reader: 'r' });
    const running = consumer.run({ eachRecord: () => new Promise(() => undefined) });
    running.catch(() => undefined);
    await eventually(() => consumer.position()[0]?.offset === 1, 'the first record handed over');
    await consumer.close({ timeoutMs: 20 });
    expect(cursor()).toBe(0);
  });

  it.each([
    ['at once', () => undefined],
    ['and goes on', () => new Promise((resolve) => setImmediate(resolve))],
  ])('saves the record of a handler that closes the consumer, %s', async (_, rest) => {
    const consumer = open({ reader: 'r' });
    const offsets: number[] = [];
    await consumer.run({
      eachRecord: ({ offset }) => {
        offsets.push(offset);
        if (offset === 4) void consumer.close();
        return rest();
      },
    });
    expect(offsets).toEqual([0, 1, 2, 3, 4]);
    expect(cursor()).toBe(5);
  });

  it.each([
    ['one at a time', {}],
    ['several at a time', { concurrency: { per: 'key', max: 4 } }],
  ] as const)(
    'ends run when a handler outlasts close, %s; its record is not saved',
    async (_, how) => {
      const consumer = open({ reader: 'r' });
      let isAtWork = false;
      let fail: (error: Error) => void = () => undefined;
      const running = consumer.run({
        ...how,
        eachRecord: ({ offset }) => {
          if (offset < 4) return undefined;
          isAtWork = true;
          return new Promise((_resolve, reject) => (fail = reject));
        },
      });
      await eventually(() => isAtWork, 'the handler');
      await consumer.close({ timeoutMs: 1 });
      await running;
      expect(cursor()).toBe(4);
      // Nobody hears of it any more.
      fail(new Error('late'));
      await new Promise((resolve) => setImmediate(resolve));
      expect(cursor()).toBe(4);
    },
  );

  it('rejects close when the progress could not be saved', async () => {
    const consumer = open({ reader: 'r' });
    for await (const record of consumer) if (record.offset === 3) break;
    broker.intercept = ({ operation }) =>
      operation === 'readerCommit' ? { error: 'FENCED' } : undefined;
    await expect(consumer.close()).rejects.toMatchObject({ code: 'FENCED' });
    await eventually(() => broker.openConnections === 0, 'its connections closing');
  });
});
