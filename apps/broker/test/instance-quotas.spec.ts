// Quotas as clients notice them. Nothing here looks at a clock: with a byte per second whatever
// comes second would come minutes later.
import { encodeFrame } from '@walrusmq/protocol';
import { InstanceBroker, ok, produce, valuesOf } from './instance-fixture';
import { codeOf, type RawClient } from './raw-client';
import { batchOf, until } from './test-broker';

// Directories are made and synced, some of them in a row.
jest.setTimeout(60_000);

let broker: InstanceBroker;
afterEach(async () => broker.stop());

describe('quotas', () => {
  beforeEach(async () => {
    broker = await InstanceBroker.start();
  });
  const alter = (quotas: object): Promise<unknown> => broker.alter('one', { quotas });
  const sendProduce = (client: RawClient): number =>
    client.send('produce', { topic: 'orders', partition: 0, acks: -1 }, [batchOf('x'.repeat(100))]);

  // With a byte per second whatever comes second would come minutes later.
  it('hold produce requests back, of that instance alone, and drop none', async () => {
    await broker.create('one', { quotas: { bytesInPerSecond: 1 } });
    await broker.create('two');
    const [one, another, two] = await Promise.all(
      ['one', 'one', 'two'].map((key) => broker.greeted(key)),
    );
    await ok(one!, 'createTopic', { name: 'orders' });
    await ok(two!, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 10; count += 1) sendProduce(one!);
    await one!.reply();
    sendProduce(another!);
    for (let count = 0; count < 10; count += 1) sendProduce(two!);
    for (let count = 0; count < 10; count += 1) await two!.reply();
    // Other requests of the instance pass, on a connection that does not wait.
    const reader = await broker.greeted('one');
    expect((await ok(reader, 'listOffsets', { topic: 'orders', at: 'latest' })).offsets).toEqual([
      [0, 1, -1],
    ]);
    expect([one!.unreadReplies, another!.unreadReplies]).toEqual([0, 0]);
    const { use } = await broker.describe('one');
    expect(use.bytesIn).toBeGreaterThan(100);
    expect(use.requests).toBeNull();
    await alter({ bytesInPerSecond: null });
    for (let count = 0; count < 9; count += 1) await one!.reply();
    await another!.reply();
    const { offsets } = await ok(reader, 'listOffsets', { topic: 'orders', at: 'latest' });
    expect(offsets).toEqual([[0, 11, -1]]);
    expect((await broker.describe('one')).use.throttledMs).toBeGreaterThanOrEqual(0);
  });

  it('hold fetched and pushed records back, and no reply without records', async () => {
    await broker.create('one', { quotas: { bytesOutPerSecond: 1 } });
    const [producer, fetcher, subscriber] = await Promise.all(
      ['one', 'one', 'one'].map((key) => broker.greeted(key)),
    );
    await ok(producer!, 'createTopic', { name: 'orders' });
    await produce(producer!, 'first');
    expect(await valuesOf(fetcher!)).toEqual(['first']);
    fetcher!.send('fetch', { partitions: [['orders', 0, 0]], maxWaitMs: 0 });
    await ok(subscriber!, 'subscribe', { partitions: [['orders', 0, 0]], creditBytes: 1_000 });
    for (let count = 0; count < 10; count += 1) await produce(producer!, 'more');
    expect([fetcher!.unreadReplies, subscriber!.unreadEvents]).toEqual([0, 0]);
    await alter({ bytesOutPerSecond: null });
    expect((await fetcher!.reply()).kind).toBe('ok');
    expect((await subscriber!.event()).batches.length).toBeGreaterThan(0);
  });

  it('let a client go whose instance is deleted while it is held back', async () => {
    await broker.create('one', { quotas: { bytesInPerSecond: 1 } });
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 3; count += 1) sendProduce(client);
    await client.reply();
    await ok(broker.admin, 'deleteInstance', { key: 'one', force: true });
    const answers = [codeOf(await client.reply()), codeOf(await client.reply())];
    expect(answers).toEqual(['UNKNOWN_INSTANCE', 'UNKNOWN_INSTANCE']);
    await client.closed;
  });

  it('hold for what a client sent that sends nothing more', async () => {
    await broker.create('one', { quotas: { bytesInPerSecond: 1 } });
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 3; count += 1) sendProduce(client);
    client.socket.end();
    await client.reply();
    const reader = await broker.greeted('one');
    expect(await valuesOf(reader)).toHaveLength(1);
    await alter({ bytesInPerSecond: null });
    await client.reply();
    await client.reply();
    await client.closed;
    expect(await valuesOf(reader)).toHaveLength(3);
  });

  it('forget a client that goes while it is held back', async () => {
    await broker.create('one', { quotas: { bytesInPerSecond: 1 } });
    const client = await broker.greeted('one');
    await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 3; count += 1) sendProduce(client);
    await client.reply();
    client.socket.resetAndDestroy();
    await until(() => broker.broker.counter('connectionsOpen') === 1);
    await alter({ bytesInPerSecond: null });
    const reader = await broker.greeted('one');
    expect(await valuesOf(reader)).toHaveLength(1);
  });
});

describe('a quota of bytes out', () => {
  const KIB = 1024;
  const MIB = 1024 * KIB;
  const fields = { partitions: [['orders', 0, 0]], maxBytes: 4 * MIB };
  const large = 'x'.repeat(900 * KIB);

  /** Eight clients of the throttled instance, one of another that has two large batches. */
  const start = async (): Promise<{ slow: RawClient[]; writer: RawClient; other: RawClient }> => {
    broker = await InstanceBroker.start(undefined, undefined, { replyBytesMax: 4 * MIB });
    await broker.create('slow', { quotas: { bytesOutPerSecond: 1 } });
    await broker.create('other');
    const greeted = (key: string): Promise<RawClient> => broker.greeted(key);
    const [writer, other] = [await greeted('slow'), await greeted('other')];
    for (const client of [writer, other]) await ok(client, 'createTopic', { name: 'orders' });
    for (let count = 0; count < 2; count += 1) await produce(other, large);
    const slow = await Promise.all(Array.from({ length: 8 }, async () => greeted('slow')));
    return { slow, writer, other };
  };
  /** Sends a fetch by each and waits until all have come. */
  const fetchAll = async (clients: readonly RawClient[], maxWaitMs: number): Promise<void> => {
    const bytes = Buffer.concat(encodeFrame('fetch', 7, { ...fields, maxWaitMs }));
    const wanted = broker.broker.counter('receivedBytes') + clients.length * bytes.length;
    for (const client of clients) client.write(bytes);
    await until(() => broker.broker.counter('receivedBytes') >= wanted);
  };

  it('has fetches wait unread, so that those of other instances have all room', async () => {
    const { slow, writer, other } = await start();
    for (let count = 0; count < 3; count += 1) await produce(writer, large);
    await fetchAll(slow, 0);
    // The first takes all that the quota gives for days.
    await until(() => slow.some(({ unreadReplies }) => unreadReplies > 0));
    expect(broker.broker.counter('heldBytes')).toBeLessThan(64 * KIB);
    expect((await other.request('fetch', fields)).tailBytes).toBeGreaterThan(1_800 * KIB);
    await broker.alter('slow', { quotas: { bytesOutPerSecond: null } });
    for (const client of slow) expect((await client.reply()).tailBytes).toBeGreaterThan(900 * KIB);
  });

  it('leaves half of the room to others when one record ends many waits', async () => {
    const { slow, writer, other } = await start();
    await fetchAll(slow, 600_000);
    await produce(writer, large);
    await until(() => slow.some(({ unreadReplies }) => unreadReplies > 0));
    expect((await other.request('fetch', fields)).tailBytes).toBeGreaterThan(1_800 * KIB);
    await broker.alter('slow', { quotas: { bytesOutPerSecond: null } });
    for (const client of slow) expect((await client.reply()).kind).toBe('ok');
    await until(() => broker.broker.counter('heldBytes') === 0);
  });
});
