// What every TopicCatalogue must do; run on the memory implementation and on the native log.
import type { InstanceStorage } from './instance-storage';
import type { TopicCatalogue } from './topic-catalogue';

/** Describes the catalogue of an instance. `open` gives an empty one of its own. */
export function describeTopicCatalogue(name: string, open: () => InstanceStorage): void {
  describe(name, () => {
    const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
    let storage: InstanceStorage;
    let catalogue: TopicCatalogue;
    beforeEach(() => {
      storage = open();
      ({ catalogue } = storage);
    });
    afterEach(() => storage.close());

    it('shows a topic once its creation is durable', async () => {
      const creation = catalogue.create('orders', { partitionCount: 3, configs: { a: 'b' } });
      expect(catalogue.find('orders')).toBeUndefined();
      expect(catalogue.list()).toEqual([]);
      const topic = await creation;
      expect(topic).toMatchObject({ name: 'orders', partitionCount: 3, configs: { a: 'b' } });
      expect(topic.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){4}[0-9a-f]{8}$/);
      expect(Math.abs(topic.createdAtMs - Date.now())).toBeLessThan(60_000);
      expect(catalogue.find('orders')).toEqual(topic);
    });

    it('lists topics in the order of their creation', async () => {
      await Promise.all(
        ['b', 'a', 'c'].map((topic) => catalogue.create(topic, { partitionCount: 1 })),
      );
      expect(catalogue.list().map((topic) => topic.name)).toEqual(['b', 'a', 'c']);
    });

    it('lets the first of several creates of one name win', async () => {
      const results = await Promise.allSettled(
        [1, 2, 3].map((partitionCount) => catalogue.create('t', { partitionCount })),
      );
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(results[1]).toMatchObject({ reason: invalid });
      expect(catalogue.find('t')).toMatchObject({ partitionCount: 1 });
      await expect(catalogue.create('t', { partitionCount: 1 })).rejects.toEqual(invalid);
    });

    it('keeps a topic until its deletion is durable, and gives a new id after', async () => {
      const first = await catalogue.create('t', { partitionCount: 1 });
      const deletion = catalogue.delete('t');
      const tooEarly = [catalogue.delete('t'), catalogue.create('t', { partitionCount: 1 })];
      expect(catalogue.find('t')).toEqual(first);
      for (const change of tooEarly) await expect(change).rejects.toEqual(invalid);
      expect(await deletion).toEqual(first);
      expect(catalogue.find('t')).toBeUndefined();
      await expect(catalogue.delete('t')).rejects.toEqual(invalid);
      expect((await catalogue.create('t', { partitionCount: 1 })).id).not.toBe(first.id);
    });

    it('refuses names and partition counts it cannot keep', async () => {
      for (const topic of ['', 'x'.repeat(250), 'ß'.repeat(125)]) {
        await expect(catalogue.create(topic, { partitionCount: 1 })).rejects.toEqual(invalid);
      }
      for (const partitionCount of [0, -1, 1.5, 10_001, Number.NaN]) {
        await expect(catalogue.create('t', { partitionCount })).rejects.toEqual(invalid);
      }
      expect(catalogue.list()).toEqual([]);
      await catalogue.create('x'.repeat(249), { partitionCount: 10_000 });
    });

    it('takes names that mean something to JavaScript', async () => {
      for (const topic of ['__proto__', 'constructor', 'toString']) {
        expect(catalogue.find(topic)).toBeUndefined();
        await catalogue.create(topic, { partitionCount: 1 });
        expect(catalogue.find(topic)).toMatchObject({ name: topic });
      }
    });

    it('answers CLOSED after close, and what it knew stays', async () => {
      const topic = await catalogue.create('t', { partitionCount: 1 });
      await storage.close();
      const closed = { code: 'CLOSED' };
      await expect(catalogue.create('u', { partitionCount: 1 })).rejects.toMatchObject(closed);
      await expect(catalogue.delete('t')).rejects.toMatchObject(closed);
      expect(catalogue.list()).toEqual([topic]);
    });
  });
}
