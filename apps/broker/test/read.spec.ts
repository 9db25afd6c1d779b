// The seed's read over the network as clients see it.
import { READ_RECORDS_MAX } from '@walrusmq/protocol';
import { COMPRESSIONS, encodeBatch } from '@walrusmq/record-batch';
import { StorageError } from '@walrusmq/storage';
import { codeOf, type RawClient } from './raw-client';
import { ask, failingStorage, produce, read, readReply, type CursorFaults } from './reader-fixture';
import { STORAGES, TestBroker, until } from './test-broker';

describe.each(STORAGES)('read on %s', (_, openStorage) => {
  let broker: TestBroker;
  let client: RawClient;

  beforeEach(async () => {
    broker = await TestBroker.start({ batchBytesMax: 65_536 }, openStorage);
    client = await broker.withTopic('orders', 3);
  });
  afterEach(() => broker.stop());

  it.each(['batches', 'records'])('gives the next records each time, as %s', async (format) => {
    await produce(client, 0, 'a', 'b');
    await produce(client, 0, 'c');
    expect(await read(client, { format })).toEqual([[0, 0, 3, 'a', 'b', 'c']]);
    expect(await read(client, { format })).toEqual([]);
    await produce(client, 0, 'd');
    expect(await read(client, { format })).toEqual([[0, 3, 4, 'd']]);
    expect(await ask(client, 'readerFetch', { partitions: [['orders', 0]] })).toEqual({
      offsets: [['orders', 0, 4]],
    });
  });

  it('gives the same again without a checkpoint', async () => {
    await produce(client, 0, 'a', 'b');
    expect(await read(client, { checkpoint: false })).toEqual([[0, 0, 2, 'a', 'b']]);
    expect(await read(client, { maxRecords: 1 })).toEqual([[0, 0, 1, 'a']]);
    expect(await read(client, { checkpoint: false })).toEqual([[0, 1, 2, 'b']]);
    expect(await read(client)).toEqual([[0, 1, 2, 'b']]);
  });

  it.each(['batches', 'records'])('cuts inside batches at maxRecords, as %s', async (format) => {
    await produce(client, 0, 'a', 'b', 'c');
    await produce(client, 0, 'd', 'e');
    expect(await read(client, { format, maxRecords: 2 })).toEqual([[0, 0, 2, 'a', 'b']]);
    expect(await read(client, { format, maxRecords: 2 })).toEqual([[0, 2, 4, 'c', 'd']]);
    expect(await read(client, { format, maxRecords: 2 })).toEqual([[0, 4, 5, 'e']]);
  });

  it('gives 2,000 records at most, and one more the next time', async () => {
    const values = Array.from({ length: READ_RECORDS_MAX + 1 }, (_unused, i) => `${i}`);
    await produce(client, 0, ...values);
    const first = (await read(client)) as unknown[][];
    expect(first[0]?.slice(0, 3)).toEqual([0, 0, 2_000]);
    expect(first[0]).toHaveLength(3 + 2_000);
    expect(await read(client)).toEqual([[0, 2_000, 2_001, '2000']]);
  });

  it.each(['batches', 'records'])(
    'always gives the first batch or record, as %s',
    async (format) => {
      const large = 'x'.repeat(5_000);
      await produce(client, 0, large);
      await produce(client, 0, large);
      expect(await read(client, { format, maxBytes: 1 })).toEqual([[0, 0, 1, large]]);
      expect(await read(client, { format, maxBytes: 1 })).toEqual([[0, 1, 2, large]]);
    },
  );

  it('moves only past the records that fitted, as records', async () => {
    await produce(client, 0, 'a'.repeat(100), 'b'.repeat(100), 'c'.repeat(100));
    const got = (await read(client, { format: 'records', maxBytes: 250 })) as unknown[][];
    expect(got[0]?.slice(0, 3)).toEqual([0, 0, 2]);
    expect(await read(client)).toEqual([[0, 2, 3, 'c'.repeat(100)]]);
  });

  it.each(COMPRESSIONS)('cuts inside batches of %s', async (compression) => {
    const records = ['a', 'b', 'c'].map((value) => ({ value: Buffer.from(value) }));
    const batch = encodeBatch(records, { compression });
    await client.request('produce', { topic: 'orders', partition: 0, acks: -1 }, [batch]);
    expect(await read(client, { maxRecords: 2 })).toEqual([[0, 0, 2, 'a', 'b']]);
    expect(await read(client, { format: 'records' })).toEqual([[0, 2, 3, 'c']]);
  });

  it('takes the partitions of a topic together, and in turns where they do not fit', async () => {
    for (const partition of [0, 1, 2]) await produce(client, partition, `p${partition}`, 'x', 'y');
    expect(await read(client, { checkpoint: false })).toEqual([
      [0, 0, 3, 'p0', 'x', 'y'],
      [1, 0, 3, 'p1', 'x', 'y'],
      [2, 0, 3, 'p2', 'x', 'y'],
    ]);
    const order: unknown[] = [];
    for (let i = 0; i < 9; i += 1) {
      const [[partition, offset] = []] = (await read(client, { maxRecords: 1 })) as unknown[][];
      order.push([partition, offset]);
    }
    const turns = [0, 1, 2].flatMap((offset) => [0, 1, 2].map((index) => [index, offset]));
    expect(order).toEqual(turns);
    expect(await read(client)).toEqual([]);
  });

  it.each([2, 4])('serves each of %d partitions where batches of one fill the reply', async (n) => {
    await ask(client, 'deleteTopic', { name: 'orders' });
    await ask(client, 'createTopic', { name: 'orders', partitions: n });
    const indexes = Array.from({ length: n }, (_unused, index) => index);
    const value = 'x'.repeat(1_000);
    for (const index of indexes) {
      for (let i = 0; i < 4; i += 1) await produce(client, index, value);
    }
    const order: unknown[] = [];
    for (let i = 0; i < 2 * n; i += 1) {
      // Two batches fit, and not a third one beside them.
      const entries = (await read(client, { maxBytes: 2_500 })) as unknown[][];
      order.push(entries.map(([partition, offset, next]) => [partition, offset, next]));
    }
    const turns = [0, 2].flatMap((at) => indexes.map((index) => [[index, at, at + 2]]));
    expect(order).toEqual(turns);
    expect(await read(client)).toEqual([]);
  });

  it('reads one partition where it is told to', async () => {
    for (const partition of [0, 1]) await produce(client, partition, `p${partition}`);
    expect(await read(client, { partition: 1 })).toEqual([[1, 0, 1, 'p1']]);
    expect(await read(client, { partition: 1 })).toEqual([]);
    expect(await read(client, { partition: 3 })).toBe('UNKNOWN_PARTITION');
    expect(await read(client, { topic: 'none' })).toBe('UNKNOWN_TOPIC');
    expect(await read(client)).toEqual([[0, 0, 1, 'p0']]);
  });

  it('goes on at the log start where that has passed it', async () => {
    for (const value of ['a', 'b', 'c', 'd']) await produce(client, 0, value);
    expect(await read(client, { maxRecords: 1 })).toEqual([[0, 0, 1, 'a']]);
    await ask(client, 'deleteRecords', { topic: 'orders', offsets: [[0, 3]] });
    expect(await read(client)).toEqual([[0, 3, 4, 'd']]);
    await ask(client, 'deleteRecords', { topic: 'orders', before: 'latest' });
    expect(await read(client)).toEqual([]);
    await produce(client, 0, 'e');
    expect(await read(client)).toEqual([[0, 4, 5, 'e']]);
  });

  it('gives each record to one of those that read together', async () => {
    const others = [client, await broker.greeted(), await broker.greeted()];
    for (let i = 0; i < 60; i += 1) await produce(client, i % 3, `v${i}`);
    for (let round = 0; round < 10; round += 1) {
      for (const each of others) {
        each.send('read', { reader: 'r', topic: 'orders', maxRecords: 2 + (round % 3) });
      }
    }
    const got: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      for (const each of others) {
        const entries = (await readReply(each)) as unknown[][];
        got.push(...entries.flatMap(([, , , ...values]) => values as string[]));
      }
    }
    expect(got.sort()).toEqual(Array.from({ length: 60 }, (_unused, i) => `v${i}`).sort());
  });

  it('waits for a record that comes', async () => {
    client.send('read', { reader: 'r', topic: 'orders', maxWaitMs: 60_000 });
    await produce(await broker.greeted(), 2, 'late');
    expect(await readReply(client)).toEqual([[2, 0, 1, 'late']]);
    expect(await read(client, { maxWaitMs: 1 })).toEqual([]);
  });

  it('ends a wait when the reader is moved back, its topic goes, or the broker', async () => {
    const other = await broker.greeted();
    await produce(client, 0, 'a');
    await read(client);
    const wait = { reader: 'r', topic: 'orders', maxWaitMs: 60_000 };
    client.send('read', wait);
    await ask(other, 'readerReset', { topics: ['orders'], at: 'earliest' });
    expect(await readReply(client)).toEqual([[0, 0, 1, 'a']]);
    client.send('read', wait);
    await ask(other, 'deleteTopic', { name: 'orders' });
    expect(await readReply(client)).toBe('UNKNOWN_TOPIC');
    await ask(other, 'createTopic', { name: 'orders' });
    client.send('read', wait);
    await ask(other, 'readerFetch', { partitions: [['orders', 0]] });
    const stopped = broker.broker.stop();
    expect(await readReply(client)).toEqual([]);
    await stopped;
  });
});

describe('read where positions cannot be saved', () => {
  it.each(['NO_SPACE', 'FENCED'] as const)('answers %s and moves nothing', async (code) => {
    const state: CursorFaults = { failure: undefined };
    const broker = await TestBroker.start({}, failingStorage(state));
    try {
      const client = await broker.withTopic('orders', 2);
      await produce(client, 0, 'a', 'b');
      await produce(client, 1, 'c');
      state.failure = new StorageError(code, 'no more');
      expect(await read(client)).toBe(code);
      const commit = { offsets: [['orders', 0, 1]] };
      expect(await ask(client, 'readerCommit', commit)).toBe(code);
      const create = { topics: ['orders'], at: 'latest' };
      expect(await ask(client, 'readerCreate', create)).toBe(code);
      // Looking on goes on.
      expect(await read(client, { checkpoint: false })).toHaveLength(2);
      state.failure = undefined;
      expect(await read(client)).toEqual([
        [0, 0, 2, 'a', 'b'],
        [1, 0, 1, 'c'],
      ]);
    } finally {
      await broker.stop();
    }
  });
});

describe('reads that queue behind one that is being saved', () => {
  let broker: TestBroker;
  let client: RawClient;
  let other: RawClient;
  let letGo: () => void;

  beforeEach(async () => {
    const held = new Promise<void>((resolve) => (letGo = resolve));
    broker = await TestBroker.start({}, failingStorage({ failure: undefined, held }));
    client = await broker.withTopic('orders');
    other = await broker.greeted();
    await produce(client, 0, 'a');
    await produce(client, 0, 'b');
    client.send('read', { reader: 'r', topic: 'orders', maxRecords: 1 });
    await until(() => broker.counter('requests') >= 6);
  });
  afterEach(() => {
    letGo();
    return broker.stop();
  });

  it('moves no reader for a client that is gone', async () => {
    other.send('read', { reader: 'r', topic: 'orders' });
    await until(() => broker.counter('requests') >= 7);
    other.socket.resetAndDestroy();
    await until(() => broker.counter('connectionsOpen') === 1);
    letGo();
    expect(await readReply(client)).toEqual([[0, 0, 1, 'a']]);
    expect(await read(client)).toEqual([[0, 1, 2, 'b']]);
  });

  it('moves no reader of a topic that was deleted meanwhile', async () => {
    other.send('readerCommit', { reader: 'r', offsets: [['orders', 0, 2]] });
    await until(() => broker.counter('requests') >= 7);
    const third = await broker.greeted();
    expect(await ask(third, 'deleteTopic', { name: 'orders' })).not.toBe('UNKNOWN_TOPIC');
    letGo();
    expect(codeOf(await other.reply())).toBe('UNKNOWN_TOPIC');
  });
});

describe('read at least once', () => {
  it('saves after every N records, and what is left when it stops or lets go', async () => {
    const readConsistency = { kind: 'at-least-once', persistEvery: 4 } as const;
    const broker = await TestBroker.start({ readConsistency });
    try {
      const client = await broker.withTopic('orders');
      for (let i = 0; i < 12; i += 1) await produce(client, 0, `v${i}`);
      const stands = async (): Promise<unknown> => {
        const reply = await client.request('readerDescribe', { reader: 'r' });
        const [topic] = reply.fields.topics as { partitions: object[] }[];
        return topic?.partitions[0];
      };
      expect(await read(client, { maxRecords: 3 })).toEqual([[0, 0, 3, 'v0', 'v1', 'v2']]);
      expect(await stands()).toMatchObject({ position: 3, saved: null, lag: 9 });
      expect(await read(client, { maxRecords: 3 })).toEqual([[0, 3, 6, 'v3', 'v4', 'v5']]);
      expect(await stands()).toMatchObject({ position: 6, saved: 6 });
      await read(client, { maxRecords: 2 });
      expect(await stands()).toMatchObject({ position: 8, saved: 6, lag: 4 });
      await ask(client, 'readerAttach', { topics: ['orders'] });
      await ask(client, 'readerDetach', {});
      expect(await stands()).toMatchObject({ position: 8, saved: 8 });
      const list = await client.request('listReaders', {});
      expect(list.fields.readers).toMatchObject([{ reader: 'r', lag: 4 }]);

      await ask(client, 'readerAttach', { topics: ['orders'] });
      await read(client, { maxRecords: 1 });
      const other = await broker.greeted();
      client.destroy();
      for (;;) {
        const reply = await other.request('readerDescribe', { reader: 'r' });
        const [topic] = reply.fields.topics as { partitions: { saved: number }[] }[];
        if (topic?.partitions[0]?.saved === 9) break;
      }
    } finally {
      await broker.stop();
    }
  });
});
