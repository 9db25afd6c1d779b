// Push delivery as a client sees it.
import { encodeFrame, FrameDecoder, SUBSCRIPTIONS_MAX } from '@walrusmq/protocol';
import { decodeBatches } from '@walrusmq/record-batch';
import { codeOf, type RawClient, type RawEvent } from './raw-client';
import { STORAGES, TestBroker, batchOf, until } from './test-broker';

const PLENTY = 2 ** 30;

function valuesOf({ batches }: RawEvent): string[] {
  return [...decodeBatches(batches)].map(({ value }) => String(value));
}

describe.each(STORAGES)('subscriptions on %s', (_, openStorage) => {
  let broker: TestBroker;
  let reader: RawClient;
  let writer: RawClient;

  beforeEach(async () => {
    // Nothing here may hold up a stop: what did would have the test run out of time.
    const settings = { fsync: { kind: 'no-fsync' }, stopTimeoutMs: 600_000 } as const;
    broker = await TestBroker.start(settings, openStorage);
    reader = await broker.withTopic('orders', 3);
    writer = await broker.greeted();
  });
  afterEach(() => broker.stop());

  const produce = async (partition: number, ...values: string[]): Promise<void> => {
    const fields = { topic: 'orders', partition, acks: 1 };
    expect(codeOf(await writer.request('produce', fields, [batchOf(...values)]))).toBe('ok');
  };
  const ok = async (operation: string, fields: object): Promise<number> => {
    const reply = await reader.request(operation, fields);
    expect([reply.kind, reply.fields]).toEqual(['ok', {}]);
    return reply.correlationId;
  };
  const subscribe = (...partitions: unknown[]): Promise<number> =>
    ok('subscribe', { partitions, creditBytes: PLENTY });
  const change = (subscription: number, changes: object): Promise<number> =>
    ok('changeSubscription', { subscription, ...changes });

  it('send what is there from the offset on, and what becomes readable later', async () => {
    await produce(0, 'a', 'b');
    await produce(0, 'c');
    const subscription = await subscribe(['orders', 0, 1]);
    const first = await reader.event();
    expect(first).toMatchObject({
      ...{ subscription, topic: 'orders', partition: 0, offset: 1 },
      ...{ logStartOffset: 0, readableEnd: 3 },
    });
    expect(valuesOf(first)).toEqual(['a', 'b', 'c']);
    expect(first.bytes).toBe(first.batches.length);
    await produce(0, 'd');
    const second = await reader.event();
    expect(second).toMatchObject({ offset: 3, readableEnd: 4 });
    expect(valuesOf(second)).toEqual(['d']);
    const fetched = await writer.request('fetch', { partitions: [['orders', 0, 3]] });
    expect(second.batches).toEqual(Buffer.concat(fetched.tail));
  });

  it('read many partitions, each from its offset, and keep the order in each', async () => {
    for (let i = 0; i < 20; i += 1) await produce(i % 3, `v-${i}`);
    await subscribe(['orders', 0, 0], ['orders', 1, 3], ['orders', 2, 6]);
    const seen = new Map<number, string[]>();
    for (let count = 0; count < 7 + 4 + 0;) {
      const event = await reader.event();
      const values = valuesOf(event);
      seen.set(event.partition, [...(seen.get(event.partition) ?? []), ...values]);
      count += values.length;
    }
    expect(seen.get(0)).toEqual(['v-0', 'v-3', 'v-6', 'v-9', 'v-12', 'v-15', 'v-18']);
    expect(seen.get(1)).toEqual(['v-10', 'v-13', 'v-16', 'v-19']);
    expect(seen.get(2)).toBeUndefined();
  });

  it('send nothing of what is paused, and go on there when it is resumed', async () => {
    const id = await subscribe(['orders', 0, 0], ['orders', 1, 0]);
    await produce(0, 'a');
    expect(valuesOf(await reader.event())).toEqual(['a']);
    await change(id, { pause: [['orders', 0]] });
    await produce(0, 'b');
    await produce(1, 'x');
    expect(valuesOf(await reader.event())).toEqual(['x']);
    await change(id, { resume: [['orders', 0]] });
    expect(valuesOf(await reader.event())).toEqual(['b']);
    expect(reader.unreadEvents).toBe(0);
  });

  it('go on elsewhere after a seek, and forget what is removed', async () => {
    for (const value of ['a', 'b', 'c']) await produce(0, value);
    const id = await subscribe(['orders', 0, 2]);
    expect(valuesOf(await reader.event())).toEqual(['c']);
    await change(id, { add: [['orders', 0, 1]] });
    expect(await reader.event()).toMatchObject({ offset: 1 });
    await change(id, { remove: [['orders', 0]], add: [['orders', 1, 0]] });
    await produce(0, 'd');
    await produce(1, 'x');
    expect(await reader.event()).toMatchObject({ partition: 1, offset: 0 });
    expect(reader.unreadEvents).toBe(0);
  });

  it('end, and send nothing behind the reply', async () => {
    const id = await subscribe(['orders', 0, 0]);
    await ok('unsubscribe', { subscription: id });
    await produce(0, 'a');
    await writer.request('metadata', {});
    await reader.request('metadata', {});
    expect(reader.unreadEvents).toBe(0);
    for (const operation of ['unsubscribe', 'changeSubscription', 'credit']) {
      const reply = await reader.request(operation, { subscription: id, bytes: 1 });
      expect(codeOf(reply)).toBe('INVALID_REQUEST');
      expect(reply.fields.message).toMatch(`no subscription ${id}`);
    }
  });

  it('tell of partitions that cannot be read, and go on with the others', async () => {
    await produce(1, 'x');
    await subscribe(['none', 0, 0], ['orders', 9, 0], ['orders', 0, 5], ['orders', 1, 0]);
    const told = [];
    for (let i = 0; i < 4; i += 1) told.push(await reader.event());
    expect(told.map(({ topic, partition, error }) => [topic, partition, error?.code])).toEqual([
      ['none', 0, 'UNKNOWN_TOPIC'],
      ['orders', 9, 'UNKNOWN_PARTITION'],
      ['orders', 0, 'OFFSET_OUT_OF_RANGE'],
      ['orders', 1, undefined],
    ]);
    expect(told[2]).toMatchObject({ offset: 5, logStartOffset: 0, readableEnd: 0, bytes: 0 });
    await produce(0, 'a');
    await produce(1, 'y');
    expect(valuesOf(await reader.event())).toEqual(['y']);
  });

  it('tell that a topic was deleted, once, and that there is nothing any more', async () => {
    await subscribe(['orders', 0, 0]);
    expect(codeOf(await writer.request('deleteTopic', { name: 'orders' }))).toBe('ok');
    const event = await reader.event();
    expect(event).toMatchObject({ offset: 0, logStartOffset: -1, readableEnd: -1 });
    expect(event.error).toMatchObject({ code: 'UNKNOWN_TOPIC', retriable: false });
    await writer.request('createTopic', { name: 'orders', partitions: 1 });
    await produce(0, 'a');
    await reader.request('metadata', {});
    expect(reader.unreadEvents).toBe(0);
  });

  it('never send more than the credit, and say what a batch needs, once', async () => {
    const batch = batchOf('x'.repeat(1_000));
    await produce(0, 'x'.repeat(1_000));
    await produce(0, 'x'.repeat(1_000));
    const partitions = [['orders', 0, 0]];
    const id = await ok('subscribe', { partitions, creditBytes: batch.length + 10 });
    expect(await reader.event()).toMatchObject({ offset: 0, bytes: batch.length });
    expect(await reader.event()).toMatchObject({ offset: 1, bytes: 0, creditNeeded: batch.length });
    await ok('credit', { subscription: id, bytes: batch.length - 11 });
    await produce(0, 'y');
    expect(reader.unreadEvents).toBe(0);
    await ok('credit', { subscription: id, bytes: 1 });
    expect(await reader.event()).toMatchObject({ offset: 1, bytes: batch.length });
    expect(reader.unreadEvents).toBe(0);
    await ok('credit', { subscription: id, bytes: 500 });
    expect(valuesOf(await reader.event())).toEqual(['y']);
  });

  it('let a batch that waits for credit have it before smaller ones', async () => {
    const batch = batchOf('x'.repeat(1_000));
    await produce(0, 'x'.repeat(1_000));
    const partitions = [['orders', 0, 0]];
    const id = await ok('subscribe', { partitions, creditBytes: 500 });
    expect(await reader.event()).toMatchObject({ creditNeeded: batch.length });
    await change(id, { add: [['orders', 1, 0]] });
    await produce(1, 'small');
    await reader.request('metadata', {});
    expect(reader.unreadEvents).toBe(0);
    await ok('credit', { subscription: id, bytes: PLENTY });
    expect(await reader.event()).toMatchObject({ partition: 0 });
    expect(await reader.event()).toMatchObject({ partition: 1 });
  });

  it('do not wait for the credit of a batch that is paused or sought away from', async () => {
    await produce(0, 'x'.repeat(1_000));
    await produce(1, 'small');
    const id = await ok('subscribe', { partitions: [['orders', 0, 0]], creditBytes: 500 });
    expect((await reader.event()).creditNeeded).toBeGreaterThan(1_000);
    await change(id, { pause: [['orders', 0]], add: [['orders', 1, 0]] });
    expect(valuesOf(await reader.event())).toEqual(['small']);
  });

  it('send records to clients that ask for them', async () => {
    await produce(0, 'a', 'b');
    await ok('subscribe', { partitions: [['orders', 0, 1]], creditBytes: 500, format: 'records' });
    const event = await reader.event();
    expect(event.records).toMatchObject([[1, expect.any(Number), null, Buffer.from('b'), {}]]);
    expect(event.bytes).toBe(batchOf('a', 'b').length);
    await produce(0, 'c');
    expect((await reader.event()).records?.map(([offset]) => offset)).toEqual([2]);
  });

  it('are independent of each other on one connection', async () => {
    await produce(0, 'a');
    const first = await ok('subscribe', { partitions: [['orders', 0, 0]], creditBytes: 0 });
    const second = await subscribe(['orders', 0, 0]);
    expect(await reader.event()).toMatchObject({ subscription: second });
    await ok('credit', { subscription: first, bytes: 500 });
    expect(await reader.event()).toMatchObject({ subscription: first });
  });

  it('are answered before their first event, and behind no long poll', async () => {
    await produce(0, 'a');
    const kinds: string[] = [];
    const decoder = new FrameDecoder({ frameBytesMax: 1024 });
    reader.socket.on('data', (chunk) => {
      kinds.push(...decoder.push(chunk).map(({ kind }) => kind));
    });
    await subscribe(['orders', 0, 0]);
    await reader.event();
    expect(kinds).toEqual(['ok', 'event']);
    // What takes long to be answered holds up replies, but no events.
    reader.send('fetch', { partitions: [['orders', 2, 0]], maxWaitMs: 600_000 });
    await produce(0, 'b');
    expect(valuesOf(await reader.event())).toEqual(['b']);
    expect(reader.unreadReplies).toBe(0);
  });

  it('refuse what cannot be, and change nothing then', async () => {
    const refused = async (operation: string, fields: object, words: RegExp): Promise<void> => {
      const reply = await reader.request(operation, fields);
      expect([codeOf(reply), reply.fields.message]).toEqual([
        'INVALID_REQUEST',
        expect.stringMatching(words),
      ]);
    };
    const id = await ok('subscribe', { creditBytes: 0 });
    await refused('subscribe', {}, /subscribe\.creditBytes must be an integer/);
    await refused('credit', { subscription: id, bytes: 0 }, /credit\.bytes/);
    await refused('subscribe', { creditBytes: 1, format: 'xml' }, /one of "batches", "records"/);
    const many = Array.from({ length: 10_000 }, (_, i) => ['orders', i, 0]);
    await subscribe(['orders', 0, 0]);
    await refused('changeSubscription', { subscription: id, add: many }, /10000 partitions/);
    await ok('credit', { subscription: id, bytes: 0x7fffffff });
    await refused('credit', { subscription: id, bytes: 1 }, /2147483647 at most/);
    reader.write(Buffer.concat(encodeFrame('subscribe', id, { creditBytes: 1 })));
    expect((await reader.reply()).fields.message).toMatch(`has a subscription ${id}`);
    for (let i = 2; i < SUBSCRIPTIONS_MAX; i += 1) await ok('subscribe', { creditBytes: 0 });
    await refused('subscribe', { creditBytes: 0 }, /64 subscriptions at most/);
    expect(broker.counter('subscriptionsOpen')).toBe(SUBSCRIPTIONS_MAX);
  });

  it('do not begin for a client that has ended its side', async () => {
    const fields = { partitions: [['orders', 0, 0]], creditBytes: PLENTY };
    const frame = Buffer.concat(encodeFrame('subscribe', 99, fields));
    // A long poll before it, so that it is started after the end was seen or just before.
    reader.send('fetch', { partitions: [['orders', 1, 0]], maxWaitMs: 600_000 });
    reader.socket.end(frame);
    await reader.closed;
    await until(() => broker.counter('connectionsOpen') === 1);
    expect(broker.counter('subscriptionsOpen')).toBe(0);
    await produce(0, 'a');
  });

  it('are forgotten with their client, and do not hold up a stop', async () => {
    await subscribe(['orders', 0, 0]);
    reader.destroy();
    await until(() => broker.counter('subscriptionsOpen') === 0);
    const other = await broker.greeted();
    await other.request('subscribe', { partitions: [['orders', 0, 0]], creditBytes: PLENTY });
    await expect(broker.stop()).resolves.toBeUndefined();
    await other.closed;
  });
});
