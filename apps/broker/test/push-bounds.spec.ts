// What subscribers can make the broker hold and do.
import { EVENT_BYTES_MAX } from '@walrusmq/protocol';
import { batchHeaders } from '@walrusmq/record-batch';
import { openMemoryStorage, StorageError, type PartitionLog } from '@walrusmq/storage';
import { codeOf, type RawClient } from './raw-client';
import { TestBroker, batchOf, override, until } from './test-broker';

const KIB = 1024;
const MIB = 1024 * KIB;
const PLENTY = 2 ** 30;
const PRODUCE = { topic: 'orders', partition: 0, acks: 1 };

/** Storage in memory whose logs a test can look at and change. */
class OpenStorage {
  readonly storage = openMemoryStorage();
  reads = 0;
  /** What reads say in place of what they find. */
  failure: StorageError | undefined;
  /** Whether reads have to wait for the disk, as those of cold records. */
  isCold = false;

  readonly open = (): typeof this.storage =>
    override(this.storage, { log: (topicId, partition) => this.watched(topicId, partition) });

  log(partition: number): PartitionLog {
    const topic = this.storage.catalogue.find('orders');
    if (topic === undefined) throw new Error('no topic');
    return this.storage.log(topic.id, partition);
  }

  private watched(topicId: string, partition: number): PartitionLog {
    const log = this.storage.log(topicId, partition);
    const count = (): void => {
      this.reads += 1;
      if (this.failure !== undefined) throw this.failure;
    };
    return override(log, {
      readNow: (offset, maxBytes) => {
        if (this.isCold) return undefined;
        count();
        return log.readNow(offset, maxBytes);
      },
      read: async (offset, maxBytes) => {
        count();
        await new Promise((resolve) => setImmediate(resolve));
        return log.read(offset, maxBytes);
      },
    });
  }
}

describe('push delivery', () => {
  let broker: TestBroker;
  let store: OpenStorage;
  let writer: RawClient;
  beforeEach(() => {
    store = new OpenStorage();
  });
  afterEach(() => broker.stop());

  const start = async (settings = {}): Promise<void> => {
    broker = await TestBroker.start(settings, store.open);
    writer = await broker.withTopic('orders', 2);
  };
  const produce = async (...values: (string | Buffer)[]): Promise<void> => {
    expect(codeOf(await writer.request('produce', PRODUCE, [batchOf(...values)]))).toBe('ok');
  };
  const subscriber = async (creditBytes = PLENTY): Promise<RawClient> => {
    const client = await broker.greeted();
    const partitions = [['orders', 0, 0]];
    expect(codeOf(await client.request('subscribe', { partitions, creditBytes }))).toBe('ok');
    return client;
  };

  it.each([false, true])('reads once for all who follow the end (cold: %s)', async (isCold) => {
    await start();
    store.isCold = isCold;
    const clients: RawClient[] = [];
    for (let i = 0; i < 50; i += 1) clients.push(await subscriber());
    for (let i = 0; i < 10; i += 1) {
      await produce(`v-${i}`);
      for (const client of clients) expect((await client.event()).offset).toBe(i);
    }
    expect(store.reads).toBe(10);
  });

  it('bounds the memory of 200 consumers that stop reading, and holds up nobody', async () => {
    await start({ pushBytesMax: MIB });
    const deaf: RawClient[] = [];
    for (let i = 0; i < 200; i += 1) {
      const client = await subscriber();
      client.socket.pause();
      deaf.push(client);
    }
    let most = 0;
    const pushed = (): number => {
      most = Math.max(most, broker.counter('pushHeldBytes'));
      return broker.counter('pushedBytes');
    };
    // Until none of them takes more; every produce is answered meanwhile.
    const payload = 'x'.repeat(500 * KIB);
    let before = -1;
    for (let i = 0; i < 8 || pushed() !== before; i += 1) {
      before = pushed();
      await produce(payload);
    }
    pushed();
    // One event more than fits, as large as a batch, and what is loaded for another.
    expect(most).toBeGreaterThanOrEqual(MIB);
    expect(most).toBeLessThan(MIB + 2 * (500 * KIB + KIB));
    expect(broker.counter('heldBytes')).toBeLessThan(MIB);

    // Those that go away make room for one that reads.
    for (const client of deaf) client.destroy();
    const healthy = await subscriber();
    expect((await healthy.event()).offset).toBe(0);
    await until(() => broker.counter('connectionsOpen') === 2);
    healthy.destroy();
    await until(() => broker.counter('pushHeldBytes') === 0);
  }, 60_000);

  it('costs nothing for 200 consumers that read and grant no credit', async () => {
    await start();
    const small = batchOf('x'.repeat(100));
    const clients: RawClient[] = [];
    for (let i = 0; i < 200; i += 1) clients.push(await subscriber(3 * small.length));
    for (let i = 0; i < 10; i += 1) await produce('x'.repeat(100));
    for (const client of clients) {
      for (let i = 0; i < 3; i += 1) expect((await client.event()).bytes).toBe(small.length);
    }
    await until(() => broker.counter('pushHeldBytes') === 0);
    expect(broker.counter('pushedBytes')).toBe(200 * 3 * small.length);
  });

  it('sends events of bounded size, and a larger batch alone', async () => {
    await start();
    for (let i = 0; i < 40; i += 1) await produce('x'.repeat(20 * KIB));
    await produce('y'.repeat(600 * KIB));
    const client = await subscriber();
    let offset = 0;
    while (offset < 41) {
      const event = await client.event();
      const headers = [...batchHeaders(event.batches)].map(({ header }) => header);
      expect(event.offset).toBe(offset);
      expect(event.bytes <= EVENT_BYTES_MAX || headers.length === 1).toBe(true);
      offset = (headers.at(-1)?.lastOffset ?? NaN) + 1;
    }
  });

  it('serves a thousand partitions of one subscription in turn', async () => {
    await start();
    await writer.request('createTopic', { name: 'wide', partitions: 1_000 });
    const client = await broker.greeted();
    const partitions = Array.from({ length: 1_000 }, (_, i) => ['wide', i, 0]);
    await client.request('subscribe', { partitions, creditBytes: PLENTY });
    const counts = new Array<number>(1_000).fill(0);
    for (let round = 0; round < 2; round += 1) {
      for (let partition = 0; partition < 1_000; partition += 1) {
        const fields = { topic: 'wide', partition, acks: 0 };
        writer.send('produce', fields, [batchOf('x')]);
      }
    }
    for (let i = 0; i < 2_000; i += 1) {
      const { partition, records = [undefined] } = await client.event();
      counts[partition]! += records.length;
      if (counts.every((count) => count > 0) && i >= 999) break;
    }
    expect(counts.filter((count) => count === 0)).toEqual([]);
  });

  it('tells that records are gone that retention took before they were sent', async () => {
    await start();
    for (let i = 0; i < 4; i += 1) await produce(`v-${i}`);
    const client = await broker.greeted();
    const partitions = [['orders', 0, 1]];
    const { correlationId } = await client.request('subscribe', { partitions, creditBytes: 0 });
    await store.log(0).truncate(3);
    await client.request('credit', { subscription: correlationId, bytes: PLENTY });
    const event = await client.event();
    expect(event).toMatchObject({ offset: 1, logStartOffset: 3, readableEnd: 4 });
    expect(event.error?.code).toBe('OFFSET_OUT_OF_RANGE');
    const add = [['orders', 0, event.logStartOffset]];
    await client.request('changeSubscription', { subscription: correlationId, add });
    expect(await client.event()).toMatchObject({ offset: 3 });
  });

  it.each([
    ['CORRUPT', false],
    ['BUSY', true],
  ] as const)('tells of a partition whose read says %s', async (code, retriable) => {
    await start();
    await produce('a');
    store.failure = new StorageError(code, 'as asked');
    const client = await subscriber();
    const { error } = await client.event();
    expect(error).toEqual({ code, message: 'as asked', retriable });
    store.failure = undefined;
    await produce('b');
    await client.request('metadata', {});
    expect(client.unreadEvents).toBe(0);
  });

  it('misses nothing that becomes readable while the disk is waited for', async () => {
    await start();
    store.isCold = true;
    const client = await subscriber();
    for (let i = 0; i < 50; i += 1) writer.send('produce', PRODUCE, [batchOf(`v-${i}`)]);
    let offset = 0;
    while (offset < 50) {
      const event = await client.event();
      expect(event.offset).toBe(offset);
      for (const { header } of batchHeaders(event.batches)) offset = header.lastOffset + 1;
    }
  });

  it('holds what it granted over random credits, seeks and appends', async () => {
    await start();
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    process.stdout.write(`seed ${seed}\n`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    const client = await broker.greeted();
    let granted = 500;
    const partitions = [['orders', 0, 0]];
    const fields = { partitions, creditBytes: granted };
    const { correlationId: subscription } = await client.request('subscribe', fields);
    let end = 0;
    let taken = 0;
    let expected = 0;
    for (let step = 0; step < 400; step += 1) {
      const choice = random(4);
      if (choice === 0 || end === 0) {
        const values = Array.from({ length: 1 + random(5) }, () => 'x'.repeat(random(300)));
        await produce(...values);
        end += values.length;
      } else if (choice === 1) {
        expected = random(end);
        const add = [['orders', 0, expected]];
        await client.request('changeSubscription', { subscription, add });
      } else {
        const bytes = 1 + random(800);
        granted += bytes;
        await client.request('credit', { subscription, bytes });
      }
      while (client.unreadEvents > 0) {
        const event = await client.event();
        taken += event.bytes;
        expect(taken).toBeLessThanOrEqual(granted);
        if (event.offset > expected) continue;
        for (const { header } of batchHeaders(event.batches)) {
          if (header.lastOffset + 1 > expected) expected = header.lastOffset + 1;
        }
      }
    }
    await client.request('credit', { subscription, bytes: PLENTY });
    while (expected < end) {
      const event = await client.event();
      expect(event.offset).toBeLessThanOrEqual(expected);
      for (const { header } of batchHeaders(event.batches)) {
        if (header.lastOffset + 1 > expected) expected = header.lastOffset + 1;
      }
    }
    expect(expected).toBe(end);
  });
});
