import { encodeBatch } from '@walrusmq/record-batch';
import { StorageError, openMemoryStorage, type InstanceStorage } from '@walrusmq/storage';
import { override } from '../../test/override';
import { defaultSettings } from '../config/settings-table';
import { Pins, readerPositions } from '../partition/pins';
import { Topics, type TopicSettings } from './topics';

describe('Topics', () => {
  let storage: InstanceStorage;
  let topics: Topics;
  const open = (settings: Partial<TopicSettings> = {}): Topics => {
    const pins = new Pins({ reader: readerPositions }, () => 0);
    const all = { ...defaultSettings, ...settings };
    return new Topics({ storage }, all, pins, (_, error) => {
      throw error;
    });
  };
  const refusal = (code: string, words: string) =>
    expect.objectContaining({
      code,
      message: expect.stringContaining(words) as string,
    }) as Error;

  beforeEach(() => {
    storage = openMemoryStorage();
    topics = open();
  });

  it('makes one partition for a topic and an index', async () => {
    await topics.create({ name: 'orders', partitions: 2 });
    expect(topics.partition('orders', 1)).toBe(topics.partition('orders', 1));
    expect(topics.partition('orders', 0)).not.toBe(topics.partition('orders', 1));
  });

  it.each([-1, 2, 0.5, NaN])('has no partition %d of two', async (index) => {
    await topics.create({ name: 'orders', partitions: 2 });
    expect(() => topics.partition('orders', index)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PARTITION' }) as Error,
    );
  });

  it('lists topics in the order of their creation', async () => {
    await Promise.all(['b', 'a', 'c'].map((name) => topics.create({ name: name, partitions: 1 })));
    expect(topics.list().map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });

  it('lets the first of two creations of a name win', async () => {
    const [first, second] = await Promise.allSettled([
      topics.create({ name: 'orders', partitions: 1 }),
      topics.create({ name: 'orders', partitions: 2 }),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'TOPIC_EXISTS' } });
    expect(topics.find('orders')?.partitionCount).toBe(1);
  });

  it('creates a name again that was deleted just before', async () => {
    const old = await topics.create({ name: 'orders', partitions: 1 });
    const partition = topics.partition('orders', 0);
    const [, created] = await Promise.all([
      topics.delete('orders'),
      topics.create({ name: 'orders', partitions: 1 }),
    ]);
    expect(created.id).not.toBe(old.id);
    expect(partition.isClosed).toBe(true);
    expect(topics.partition('orders', 0).isClosed).toBe(false);
  });

  it('opens nothing of a topic that was deleted, for who still knows it', async () => {
    const old = await topics.create({ name: 'orders', partitions: 1 });
    topics.partitionOf(old, 0);
    await topics.delete('orders');
    expect(() => topics.partitionOf(old, 0)).toThrow(refusal('UNKNOWN_TOPIC', "'orders'"));
    const created = await topics.create({ name: 'orders', partitions: 1 });
    topics.partitionOf(created, 0);
    expect(() => topics.partitionOf(old, 0)).toThrow(refusal('UNKNOWN_TOPIC', "'orders'"));
    expect(topics.openedPartitions(old).size).toBe(0);
  });

  it('deletes the logs of a topic behind its entry in the catalogue, or not at all', async () => {
    const { catalogue } = storage;
    const { id } = await topics.create({ name: 'orders', partitions: 1 });
    const events: string[] = [];
    let isFull = true;
    storage = override(storage, {
      catalogue: override(catalogue, {
        delete: async (name) => {
          if (isFull) throw new StorageError('NO_SPACE', 'as the test wants it');
          const deleted = await catalogue.delete(name);
          events.push(`entry of ${deleted.id}`);
          return deleted;
        },
      }),
      deleteTopicLogs: (topic) => {
        events.push(`logs of ${topic.id}, found: ${String(topics.find('orders') !== undefined)}`);
        return Promise.resolve();
      },
    });
    topics = open();
    const partition = topics.partition('orders', 0);
    await expect(topics.delete('orders')).rejects.toMatchObject({ code: 'NO_SPACE' });
    expect([events, partition.isClosed]).toEqual([[], false]);
    isFull = false;
    await topics.delete('orders');
    expect(events).toEqual([`entry of ${id}`, `logs of ${id}, found: false`]);
  });

  it('goes on after a change that failed', async () => {
    await expect(topics.delete('nothing')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await expect(topics.create({ name: 'a b', partitions: 1 })).rejects.toMatchObject({
      code: 'INVALID_TOPIC_NAME',
    });
    await expect(topics.create({ name: 'a', partitions: 0 })).rejects.toMatchObject({
      code: 'INVALID_PARTITIONS',
    });
    await expect(topics.create({ name: 'orders', partitions: 1 })).resolves.toMatchObject({
      name: 'orders',
    });
  });

  it('says SHUTTING_DOWN once the storage is closed', async () => {
    await storage.close();
    await expect(topics.create({ name: 'orders', partitions: 1 })).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
  });

  it('has as many partitions as the settings say where the creator does not', async () => {
    topics = open({ defaultPartitions: 7 });
    expect(await topics.create({ name: 'orders' })).toMatchObject({ partitionCount: 7 });
  });

  it('checks a topic without creating it', async () => {
    const checked = await topics.create({
      name: 'orders',
      partitions: 3,
      configs: { 'retention.ms': '5' },
      validateOnly: true,
    });
    expect(checked).toMatchObject({ id: '', partitionCount: 3, configs: { 'retention.ms': '5' } });
    expect(topics.list()).toEqual([]);
    await topics.create({ name: 'orders' });
    const again = topics.create({ name: 'orders', validateOnly: true });
    await expect(again).rejects.toEqual(refusal('TOPIC_EXISTS', 'orders'));
  });

  it('grows a topic at run time, never to fewer partitions', async () => {
    const before = await topics.create({ name: 'orders', partitions: 2 });
    const partition = topics.partition('orders', 1);
    expect(() => topics.partition('orders', 2)).toThrow(refusal('UNKNOWN_PARTITION', '0 to 1'));
    await topics.alter('orders', { partitions: 5, validateOnly: true });
    expect(topics.find('orders')).toEqual(before);
    expect(await topics.alter('orders', { partitions: 5 })).toEqual({
      ...before,
      partitionCount: 5,
    });
    expect(topics.partition('orders', 1)).toBe(partition);
    expect(topics.partition('orders', 4).index).toBe(4);
    for (const partitions of [4, 0, 10_001]) {
      const alteration = topics.alter('orders', { partitions });
      await expect(alteration).rejects.toEqual(refusal('INVALID_PARTITIONS', String(partitions)));
    }
    await expect(topics.alter('none', {})).rejects.toEqual(refusal('UNKNOWN_TOPIC', 'none'));
    await topics.alter('orders', { partitions: 10_000 });
  });

  it('changes what open partitions take, from the answer on', async () => {
    topics = open({ batchBytesMax: 300 });
    const batch = (): Buffer[] => [encodeBatch([{ value: Buffer.alloc(400) }])];
    await topics.create({ name: 'orders' });
    const partition = topics.partition('orders', 0);
    const tooLarge = refusal('RECORD_TOO_LARGE', 'max.message.bytes of its topic is 300');
    expect(() => partition.append(batch())).toThrow(tooLarge);
    await topics.alter('orders', { configs: { 'max.message.bytes': '1000' } });
    await partition.append(batch()).synced;
    await topics.alter('orders', { configs: { 'max.message.bytes': null } });
    expect(() => partition.append(batch())).toThrow(tooLarge);
  });

  it('stamps appends while the topic says so, in partitions that open later too', async () => {
    await topics.create({
      name: 'orders',
      partitions: 2,
      configs: { 'message.timestamp.type': 'LogAppendTime' },
    });
    const append = (index: number): number | undefined => {
      const batches = [encodeBatch([{ value: Buffer.from('v'), timestamp: 5 }])];
      return topics.partition('orders', index).append(batches).appendTimeMs;
    };
    expect(append(0)).toBeGreaterThan(5);
    await topics.alter('orders', { configs: { 'message.timestamp.type': 'CreateTime' } });
    expect([append(0), append(1)]).toEqual([undefined, undefined]);
    await topics.alter('orders', { configs: { 'message.timestamp.type': null }, partitions: 3 });
    expect(append(2)).toBeUndefined();
  });

  it('follows stored configs after a restart', async () => {
    const configs = { 'message.timestamp.type': 'LogAppendTime' };
    const { id } = await topics.create({ name: 'orders', configs });
    storage.configureLogs(id, 1, { logAppendTime: false, segmentMs: 0 });
    topics = open();
    await topics.open();
    const append = topics.partition('orders', 0).append([encodeBatch([{ value: null }])]);
    expect(append.appendTimeMs).toBeDefined();
  });

  it('refuses one topic more than the instance may have', async () => {
    topics = open({ topicsMax: 2 });
    await topics.create({ name: 'a' });
    await topics.create({ name: 'b' });
    const refused = refusal('LIMIT_EXCEEDED', '--topics-max is 2');
    await expect(topics.create({ name: 'c' })).rejects.toEqual(refused);
    await topics.delete('a');
    await topics.create({ name: 'c' });
  });

  it('refuses one partition more than the instance may have', async () => {
    topics = open({ partitionsMax: 10 });
    await topics.create({ name: 'a', partitions: 6 });
    const refused = refusal('LIMIT_EXCEEDED', '11 partitions, and --partitions-max is 10');
    await expect(topics.create({ name: 'b', partitions: 5 })).rejects.toEqual(refused);
    await topics.create({ name: 'b', partitions: 4 });
    await expect(topics.alter('a', { partitions: 7 })).rejects.toEqual(refused);
    await topics.delete('b');
    await topics.alter('a', { partitions: 10 });
    const full = topics.create({ name: 'b', partitions: 1 });
    await expect(full).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  it('refuses a name that differs from another only in periods and underscores', async () => {
    await topics.create({ name: 'a.b_c' });
    await topics.create({ name: 'abc' });
    const collision = refusal('INVALID_TOPIC_NAME', "collides with topic 'a.b_c'");
    for (const name of ['a_b.c', 'a.b.c', 'a_b_c']) {
      await expect(topics.create({ name })).rejects.toThrow(collision);
    }
    await expect(topics.create({ name: 'a.b_c' })).rejects.toThrow(refusal('TOPIC_EXISTS', 'a.b'));
    await topics.alter('a.b_c', { partitions: 2 });
    topics = open();
    await expect(topics.create({ name: 'a_b_c' })).rejects.toThrow(collision);
    await topics.delete('a.b_c');
    await topics.create({ name: 'a_b_c' });
  });

  it('gives pages by name that hold every topic once', async () => {
    for (const name of ['b', 'a.b', 'a', 'C', 'a-b', '_']) await topics.create({ name });
    const names: string[] = [];
    let after: string | undefined;
    do {
      const page = topics.page(after, 2);
      expect(page.topics.length).toBeLessThanOrEqual(2);
      names.push(...page.topics.map(({ name }) => name));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(names).toEqual(['C', '_', 'a', 'a-b', 'a.b', 'b']);
    expect(topics.page('zzz', 5)).toEqual({ topics: [], next: null });
    await topics.delete('a');
    expect(topics.page('_', 1)).toMatchObject({ topics: [{ name: 'a-b' }], next: 'a-b' });
  });

  it('creates a missing topic once for several writers', async () => {
    const found = await Promise.all(['t', 't', 't'].map((name) => topics.findOrCreate(name)));
    expect(new Set(found.map(({ id }) => id)).size).toBe(1);
    expect(topics.list()).toHaveLength(1);
    await expect(topics.findOrCreate('a b')).rejects.toEqual(refusal('INVALID_TOPIC_NAME', 'a b'));
  });

  it('keeps pins, one for each holder, as many as a topic may have', async () => {
    await topics.create({ name: 't' });
    const pin = (name: string, expireMs?: number) =>
      topics.pin('t', { kind: 'reader', name, ...(expireMs !== undefined && { expireMs }) });
    await pin('r0', 5);
    expect(await pin('r0')).toMatchObject({ pins: [{ kind: 'reader', name: 'r0' }] });
    for (let index = 1; index < 100; index += 1) await pin(`r${index}`);
    await expect(pin('r100')).rejects.toEqual(refusal('LIMIT_EXCEEDED', '100 pins'));
    await pin('r99', 7);
    await topics.unpin('t', { kind: 'reader', name: 'r0' });
    await topics.unpin('t', { kind: 'reader', name: 'r0' });
    await pin('r100');
    expect(topics.find('t')?.pins).toHaveLength(100);
    await expect(topics.pin('none', { kind: 'reader', name: 'r' })).rejects.toEqual(
      refusal('UNKNOWN_TOPIC', 'none'),
    );
  });
});
