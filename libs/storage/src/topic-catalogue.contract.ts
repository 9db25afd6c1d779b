// What every TopicCatalogue must do; run on the memory implementation and on the native log.
import type { InstanceStorage } from './instance-storage';
import type { TopicCatalogue } from './topic-catalogue';

/** Describes the catalogue of an instance. `open` gives an empty one of its own. */
export function describeTopicCatalogue(
  name: string,
  open: () => InstanceStorage | Promise<InstanceStorage>,
): void {
  describe(name, () => {
    const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
    let storage: InstanceStorage;
    let catalogue: TopicCatalogue;
    beforeEach(async () => {
      storage = await open();
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

    it('gives a topic more partitions, never fewer, and keeps its id', async () => {
      const topic = await catalogue.create('t', { partitionCount: 2, configs: { a: 'b' } });
      const alteration = catalogue.alter('t', { partitionCount: 10_000 });
      expect(catalogue.find('t')).toEqual(topic);
      const grown = { ...topic, partitionCount: 10_000 };
      expect(await alteration).toEqual(grown);
      expect(catalogue.find('t')).toEqual(grown);
      for (const partitionCount of [9_999, 10_001, 0, -1, 10_000.5, Number.NaN]) {
        await expect(catalogue.alter('t', { partitionCount })).rejects.toEqual(invalid);
      }
      expect(catalogue.list()).toEqual([grown]);
    });

    it('replaces configs and pins, and leaves what is not named', async () => {
      const topic = await catalogue.create('t', { partitionCount: 1, configs: { a: '1', b: '2' } });
      expect(topic.pins).toEqual([]);
      const pins = [{ kind: 'reader' as const, name: 'audit', expireMs: 5 }];
      await catalogue.alter('t', { pins });
      await catalogue.alter('t', { configs: { b: '3', c: '4' } });
      expect(await catalogue.alter('t', {})).toEqual({
        ...topic,
        configs: { b: '3', c: '4' },
        pins,
      });
      await catalogue.alter('t', { configs: {}, pins: [] });
      expect(catalogue.find('t')).toEqual({ ...topic, configs: {} });
    });

    it('alters one topic once at a time', async () => {
      await expect(catalogue.alter('t', {})).rejects.toEqual(invalid);
      const creation = catalogue.create('t', { partitionCount: 1 });
      await expect(catalogue.alter('t', { partitionCount: 2 })).rejects.toEqual(invalid);
      await creation;
      const first = catalogue.alter('t', { partitionCount: 2 });
      for (const change of [catalogue.alter('t', {}), catalogue.delete('t')]) {
        await expect(change).rejects.toEqual(invalid);
      }
      await first;
      await expect(catalogue.alter('t', { partitionCount: 1 })).rejects.toEqual(invalid);
      await catalogue.delete('t');
      expect(catalogue.list()).toEqual([]);
    });

    it('refuses configs and pins that are too many or too long', async () => {
      const configs = (count: number): Record<string, string> =>
        Object.fromEntries(Array.from({ length: count }, (_, index) => [`c${index}`, 'v']));
      await catalogue.create('t', { partitionCount: 1, configs: configs(100) });
      const long = 'x'.repeat(1024);
      await catalogue.alter('t', { configs: { c: '' } });
      expect(catalogue.find('t')?.configs).toEqual({ c: '' });
      await catalogue.alter('t', { configs: { [long]: long } });
      const refused = [configs(101), { [`${long}x`]: 'v' }, { c: `${long}x` }, { '': 'v' }];
      for (const each of refused) {
        await expect(catalogue.alter('t', { configs: each })).rejects.toEqual(invalid);
        const creation = catalogue.create('u', { partitionCount: 1, configs: each });
        await expect(creation).rejects.toEqual(invalid);
      }
      const pin = (name: string) => ({ kind: 'reader' as const, name });
      const pins = Array.from({ length: 100 }, (_, index) => pin(`r${index}`));
      await catalogue.alter('t', { pins });
      for (const each of [[...pins, pin('r')], [pin('')], [pin('x'.repeat(250))]]) {
        await expect(catalogue.alter('t', { pins: each })).rejects.toEqual(invalid);
      }
      expect(catalogue.find('t')).toMatchObject({ configs: { [long]: long }, pins });
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
      await expect(catalogue.alter('t', {})).rejects.toMatchObject(closed);
      await expect(catalogue.delete('t')).rejects.toMatchObject(closed);
      expect(catalogue.list()).toEqual([topic]);
    });
  });
}
