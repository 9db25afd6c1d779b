import { openMemoryStorage, type InstanceStorage } from '@walrusmq/storage';
import { Topics } from './topics';

describe('Topics', () => {
  let storage: InstanceStorage;
  let topics: Topics;

  beforeEach(() => {
    storage = openMemoryStorage();
    topics = new Topics({ storage }, { batchBytesMax: 1000 });
  });

  it('makes one partition for a topic and an index', async () => {
    await topics.create('orders', 2);
    expect(topics.partition('orders', 1)).toBe(topics.partition('orders', 1));
    expect(topics.partition('orders', 0)).not.toBe(topics.partition('orders', 1));
  });

  it.each([-1, 2, 0.5, NaN])('has no partition %d of two', async (index) => {
    await topics.create('orders', 2);
    expect(() => topics.partition('orders', index)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PARTITION' }) as Error,
    );
  });

  it('lists topics in the order of their creation', async () => {
    await Promise.all(['b', 'a', 'c'].map((name) => topics.create(name, 1)));
    expect(topics.list().map(({ name }) => name)).toEqual(['b', 'a', 'c']);
  });

  it('lets the first of two creations of a name win', async () => {
    const [first, second] = await Promise.allSettled([
      topics.create('orders', 1),
      topics.create('orders', 2),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ reason: { code: 'TOPIC_EXISTS' } });
    expect(topics.find('orders')?.partitionCount).toBe(1);
  });

  it('creates a name again that was deleted just before', async () => {
    const old = await topics.create('orders', 1);
    const partition = topics.partition('orders', 0);
    const [, created] = await Promise.all([topics.delete('orders'), topics.create('orders', 1)]);
    expect(created.id).not.toBe(old.id);
    expect(partition.isClosed).toBe(true);
    expect(topics.partition('orders', 0).isClosed).toBe(false);
  });

  it('goes on after a change that failed', async () => {
    await expect(topics.delete('nothing')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC' });
    await expect(topics.create('a b', 1)).rejects.toMatchObject({ code: 'INVALID_TOPIC_NAME' });
    await expect(topics.create('a', 0)).rejects.toMatchObject({ code: 'INVALID_PARTITIONS' });
    await expect(topics.create('orders', 1)).resolves.toMatchObject({ name: 'orders' });
  });

  it('says SHUTTING_DOWN once the storage is closed', async () => {
    await storage.close();
    await expect(topics.create('orders', 1)).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
