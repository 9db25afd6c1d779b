// What clients can make the broker hold beyond the bytes that they send.
import { SUBSCRIBED_PARTITIONS_MAX, encodeFrame } from '@walrusmq/protocol';
import { codeOf, type RawClient } from './raw-client';
import { AppendGate, TestBroker, batchOf, until } from './test-broker';

const KIB = 1024;
const MIB = 1024 * KIB;
const PRODUCE = { topic: 'orders', partition: 0, acks: 1 };
const FETCH = { partitions: [['orders', 0, 0]], maxBytes: 4 * MIB };
const WAITING = { partitions: [['orders', 0, 0]], maxWaitMs: 600_000 };

describe('memory', () => {
  let broker: TestBroker;
  let writer: RawClient;
  afterEach(() => broker.stop());

  const start = async (settings = {}, gate?: AppendGate): Promise<void> => {
    broker = await TestBroker.start(settings, gate?.openStorage);
    writer = await broker.withTopic('orders', 2);
  };
  const produce = async (value: string): Promise<void> => {
    expect(codeOf(await writer.request('produce', PRODUCE, [batchOf(value)]))).toBe('ok');
  };
  /** Waits until this many connections make no further progress, while others are served. */
  const settled = async (): Promise<number> => {
    for (let held = -1; ;) {
      if (held === broker.counter('heldBytes')) return held;
      held = broker.counter('heldBytes');
      for (let i = 0; i < 50; i += 1) await writer.request('metadata', {});
    }
  };

  it('counts what the values of a request take, not only their bytes on the wire', async () => {
    await start({ connectionBytesMax: MIB });
    const client = await broker.greeted();
    // An empty map is one byte on the wire.
    const junk = Array.from({ length: 10_000 }, () => ({}));
    const bytes = Buffer.concat(encodeFrame('fetch', 7, { ...WAITING, junk }));
    expect(bytes.length).toBeLessThan(11_000);
    for (let i = 0; i < 20; i += 1) client.write(bytes);
    const before = broker.counter('heldBytes');
    const held = await settled();
    expect(held).toBeGreaterThanOrEqual(before);
    // What came in the same piece is decoded, too.
    expect(held).toBeGreaterThan(640_000);
    expect(held).toBeLessThan(8 * 650_000);
    // 640 KB of values and 10 KB of bytes each: the second does not fit beside the first.
    expect(client.unreadReplies).toBe(0);
  });

  it('lets waiting fetches that one record wakes have no more than replies may', async () => {
    await start({ replyBytesMax: MIB, connectionBytesMax: 64 * MIB });
    const clients: RawClient[] = [];
    for (let i = 0; i < 4; i += 1) {
      const client = await broker.greeted();
      client.socket.pause();
      for (let fetch = 0; fetch < 100; fetch += 1) client.send('fetch', WAITING);
      clients.push(client);
    }
    await until(() => broker.counter('requests') >= 400);
    await produce('x'.repeat(200 * KIB));
    // Every one is answered: with the record, or with nothing and the word that there is more.
    let records = 0;
    for (const client of clients) {
      client.socket.resume();
      for (let fetch = 0; fetch < 100; fetch += 1) {
        const reply = await client.reply();
        const [entry] = reply.fields.partitions as [string, number, null, number, number][];
        expect(entry!.slice(2, 5)).toEqual([null, 0, 1]);
        if (reply.tailBytes > 0) records += 1;
      }
    }
    // All are woken before the first reply leaves.
    expect(records).toBe(5);
    expect(codeOf(await writer.request('fetch', FETCH))).toBe('ok');
    await until(() => broker.counter('heldBytes') === 0);
  });

  it('lets 20 consumers that stop reading what they fetch hold up nobody', async () => {
    await start({ replyBytesMax: 4 * MIB, requestBytesMax: 4 * MIB });
    for (let i = 0; i < 8; i += 1) await produce('x'.repeat(500 * KIB));
    const deaf: RawClient[] = [];
    for (let i = 0; i < 20; i += 1) {
      const client = await broker.greeted();
      client.socket.pause();
      for (let fetch = 0; fetch < 20; fetch += 1) client.send('fetch', FETCH);
      deaf.push(client);
    }
    const held = await settled();
    expect(held).toBeGreaterThan(4 * MIB);
    expect(held).toBeLessThan(4 * MIB + 4 * MIB + 20 * 64 * KIB);
    // Producers are served, and consumers of small records too.
    for (let i = 0; i < 20; i += 1) await produce(`value ${i}`);
    const healthy = await broker.greeted();
    const small = { partitions: [['orders', 0, 8]], maxBytes: 4 * MIB };
    const reply = await healthy.request('fetch', small);
    expect(reply.tailBytes).toBeGreaterThan(20 * 60);
    for (const client of deaf) client.destroy();
    await until(() => broker.counter('connectionsOpen') === 2);
    expect((await healthy.request('fetch', FETCH)).tailBytes).toBeGreaterThan(3 * MIB);
    await until(() => broker.counter('heldBytes') === 0);
  }, 60_000);

  it('lets reads have no more than replies may, and moves only who got records', async () => {
    await start({ replyBytesMax: MIB, connectionBytesMax: 64 * MIB });
    await produce('x'.repeat(200 * KIB));
    const client = await broker.greeted();
    client.socket.pause();
    for (let reader = 0; reader < 100; reader += 1) {
      client.send('read', { reader: `r${reader}`, topic: 'orders', maxBytes: MIB });
    }
    const held = await settled();
    expect(held).toBeLessThan(2 * MIB);
    client.socket.resume();
    let records = 0;
    for (let reader = 0; reader < 100; reader += 1) {
      const { fields, tailBytes } = await client.reply();
      const partitions = [['orders', 0]];
      const stood = await writer.request('readerFetch', { reader: `r${reader}`, partitions });
      const [[, , position]] = stood.fields.offsets as [[string, number, number | null]];
      expect(position ?? 0).toBe(tailBytes > 0 ? 1 : 0);
      expect((fields.partitions as unknown[]).length).toBe(tailBytes > 0 ? 1 : 0);
      if (tailBytes > 0) records += 1;
    }
    expect(records).toBeGreaterThan(0);
    expect(records).toBeLessThan(10);
    await until(() => broker.counter('heldBytes') === 0);
  });

  it('makes no more pages of lists for all clients together than replies may take', async () => {
    await start({ replyBytesMax: 2 * MIB });
    const metadata = 'x'.repeat(4 * KIB);
    const many = Array.from({ length: 250 }, (_, index) => ['many', index, 0, -1, metadata]);
    const topic = { name: 'many', partitions: many.length };
    expect(codeOf(await writer.request('createTopic', topic))).toBe('ok');
    const committed = await writer.request('offsetCommit', { group: 'g', offsets: many });
    expect(codeOf(committed)).toBe('ok');
    const deaf: RawClient[] = [];
    for (let i = 0; i < 20; i += 1) {
      const client = await broker.greeted();
      client.socket.pause();
      for (let page = 0; page < 10; page += 1) client.send('offsetFetch', { group: 'g' });
      deaf.push(client);
    }
    // `settled` asks for pages itself, and so for a turn among those that wait.
    let held = -1;
    for (; held !== broker.counter('heldBytes');) {
      held = broker.counter('heldBytes');
      for (let i = 0; i < 50; i += 1) await produce('x');
    }
    expect(held).toBeGreaterThan(MIB / 2);
    // The budget, and one page beyond it.
    expect(held).toBeLessThan(4 * MIB);
    // Nobody who reads is left out.
    const replies = deaf.map(async (client) => {
      client.socket.resume();
      for (let page = 0; page < 10; page += 1) {
        expect((await client.reply()).fields.offsets).toHaveLength(many.length);
      }
    });
    await Promise.all(replies);
    expect(codeOf(await writer.request('metadata', {}))).toBe('ok');
    await until(() => broker.counter('heldBytes') === 0);
  }, 60_000);

  it('makes one page of a list at a time for a client, however many it asks for', async () => {
    await start();
    const metadata = 'x'.repeat(4 * KIB);
    const many = Array.from({ length: 250 }, (_, index) => ['many', index, 0, -1, metadata]);
    const topic = { name: 'many', partitions: many.length };
    expect(codeOf(await writer.request('createTopic', topic))).toBe('ok');
    const committed = await writer.request('offsetCommit', { group: 'g', offsets: many });
    expect(codeOf(committed)).toBe('ok');
    for (const operation of ['offsetFetch', 'describeGroup']) {
      const client = await broker.greeted();
      client.socket.pause();
      const before = broker.counter('heldBytes');
      for (let page = 0; page < 100; page += 1) client.send(operation, { group: 'g' });
      const held = (await settled()) - before;
      expect(held).toBeGreaterThan(MIB / 2);
      // One behind the socket's own buffer, one that is made.
      expect(held).toBeLessThan(3 * MIB);
      client.socket.resume();
      for (let page = 0; page < 100; page += 1) {
        const { offsets } = (await client.reply()).fields;
        expect(offsets).toHaveLength(many.length);
      }
    }
    await until(() => broker.counter('heldBytes') === 0);
  });

  it('gives a batch larger than the budget of replies where nobody else holds any', async () => {
    await start({ replyBytesMax: MIB, batchBytesMax: 4 * MIB });
    await produce('x'.repeat(3 * MIB));
    const [one, two] = [await broker.greeted(), await broker.greeted()];
    expect((await one.request('fetch', FETCH)).tailBytes).toBeGreaterThan(3 * MIB);
    expect((await two.request('fetch', FETCH)).tailBytes).toBeGreaterThan(3 * MIB);
  });

  it('keeps no more error events for a subscriber than it may have partitions', async () => {
    await start({ pushBytesMax: MIB });
    const client = await broker.greeted();
    const subscribed = { partitions: [['orders', 0, 0]], creditBytes: MIB };
    const subscription = await client.request('subscribe', subscribed);
    // No event leaves while the events of others fill their budget.
    const full = [await fillPushBudget(), await fillPushBudget()];
    await until(() => broker.counter('pushHeldBytes') >= MIB);
    const half = SUBSCRIBED_PARTITIONS_MAX / 2;
    const add = Array.from({ length: half }, (_, index) => ['nothing', index, 0]);
    const change = { subscription: subscription.correlationId, add };
    expect(codeOf(await client.request('changeSubscription', change))).toBe('ok');
    const rest = { ...change, add: add.slice(1) };
    expect(codeOf(await client.request('changeSubscription', rest))).toBe('ok');
    const more = { ...change, add: [['nothing', 0, 0]] };
    const refused = await client.request('changeSubscription', more);
    expect(codeOf(refused)).toBe('INVALID_REQUEST');
    expect(refused.fields.message).toContain('read the events first');
    for (const { socket } of full) socket.destroy();
    for (let i = 0; i < 2 * half - 1; i += 1) {
      expect((await client.event()).error?.code).toBe('UNKNOWN_TOPIC');
    }
    expect(codeOf(await client.request('changeSubscription', more))).toBe('ok');
  });

  /** A subscriber whose unread event uses most of the budget of events up. */
  const fillPushBudget = async (): Promise<RawClient> => {
    for (let i = 0; i < 8; i += 1) {
      const fields = { ...PRODUCE, partition: 1 };
      await writer.request('produce', fields, [batchOf('x'.repeat(MIB - KIB))]);
    }
    const client = await broker.greeted();
    client.socket.pause();
    client.send('subscribe', { partitions: [['orders', 1, 0]], creditBytes: 2 ** 30 });
    await until(() => broker.counter('pushHeldBytes') >= MIB / 2);
    return client;
  };
});
