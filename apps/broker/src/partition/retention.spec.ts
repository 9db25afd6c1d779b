import { encodeBatch } from '@walrusmq/record-batch';
import { openMemoryStorage, StorageError, type InstanceStorage } from '@walrusmq/storage';
import { pino } from 'pino';
import { override } from '../../test/override';
import { defaultSettings } from '../config/settings-table';
import { Topics, type TopicSettings } from '../topic/topics';
import { Pins, readerPositions } from './pins';
import { Retention } from './retention';

const DAY_MS = 24 * 3_600_000;

const PIN = { kind: 'reader', name: 'r', expireMs: DAY_MS } as const;

/** Retention over topics in memory, where each batch is a block, with a clock of its own. */
class Bench {
  wall = 10_000 * DAY_MS;
  monotonic = 0;
  onYield: () => void = () => undefined;
  readonly lines: { level: number; msg: string; topic?: string; jumpMs?: number }[] = [];
  readonly counters = { retentionPasses: 0, retentionTruncations: 0 };
  readonly pins = new Pins({ reader: readerPositions }, () => this.monotonic);
  readonly topics: Topics;
  readonly retention: Retention;

  constructor(
    readonly storage: InstanceStorage,
    settings: Partial<TopicSettings> = {},
  ) {
    const write = (line: string): void => void this.lines.push(JSON.parse(line) as never);
    const log = pino({ level: 'info' }, { write });
    const all = { ...defaultSettings, ...settings };
    this.topics = new Topics({ storage }, all, this.pins, (_, error) => {
      throw error;
    });
    this.retention = new Retention({
      store: { storage },
      topics: this.topics,
      log,
      counters: this.counters,
      clocks: { wallMs: () => this.wall, monotonicMs: () => this.monotonic },
      yieldTurn: () => {
        this.onYield();
        return Promise.resolve();
      },
    });
  }

  pass(ms: number): void {
    this.wall += ms;
    this.monotonic += ms;
  }

  /** Batches of one record each, as many days old. */
  async fill(topic: string, ages: readonly number[], partition = 0): Promise<void> {
    const target = this.topics.partition(topic, partition);
    for (const age of ages) {
      const timestamp = this.wall - age * DAY_MS;
      const batch = encodeBatch([{ value: Buffer.alloc(100), timestamp }]);
      await target.append([batch]).synced;
    }
  }

  start(topic: string, partition = 0): number {
    return this.topics.partition(topic, partition).state.logStartOffset;
  }

  get warnings(): string[] {
    return this.lines.filter(({ level }) => level === 40).map(({ msg }) => msg);
  }
}

describe('Retention', () => {
  let bench: Bench;

  beforeEach(() => {
    bench = new Bench(openMemoryStorage());
  });

  it('lets go of what is older than retention.ms, of the topic or of the instance', async () => {
    await bench.topics.create({ name: 'week' });
    await bench.topics.create({ name: 'day', configs: { 'retention.ms': String(DAY_MS) } });
    await bench.topics.create({ name: 'ever', configs: { 'retention.ms': '-1' } });
    for (const topic of ['week', 'day', 'ever']) await bench.fill(topic, [30, 7.01, 6.9, 1.1, 0.5]);
    await bench.retention.pass();
    expect(['week', 'day', 'ever'].map((topic) => bench.start(topic))).toEqual([2, 4, 0]);
    expect(bench.counters).toEqual({ retentionPasses: 1, retentionTruncations: 2 });
    bench.pass(DAY_MS);
    await bench.retention.pass();
    expect(bench.start('week')).toBe(3);
  });

  it('lets go of the oldest while the rest has retention.bytes, and follows a change', async () => {
    await bench.topics.create({ name: 't', configs: { 'retention.ms': '-1' } });
    await bench.fill('t', [400, 300, 200, 100]);
    const one = bench.topics.partition('t', 0).state.storedBytes / 4;
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
    await bench.topics.alter('t', { configs: { 'retention.bytes': String(2 * one) } });
    await bench.retention.pass();
    expect(bench.start('t')).toBe(2);
    await bench.topics.alter('t', { configs: { 'retention.bytes': '-1', 'retention.ms': null } });
    await bench.retention.pass();
    expect(bench.start('t')).toBe(4);
  });

  it('deletes nothing for ten minutes after the clock jumped forward, but minds size', async () => {
    await bench.topics.create({ name: 'aged' });
    await bench.topics.create({ name: 'sized', configs: { 'retention.bytes': '1' } });
    await bench.fill('aged', [1, 0]);
    await bench.fill('sized', [1, 0]);
    bench.retention.start(3_600_000);
    bench.wall += 365 * DAY_MS;
    await bench.retention.pass();
    expect([bench.start('aged'), bench.start('sized')]).toEqual([0, 1]);
    expect(bench.warnings).toEqual([
      'the clock jumped forward: no record goes for its age for now',
    ]);
    bench.pass(540_000);
    await bench.retention.pass();
    expect(bench.start('aged')).toBe(0);
    bench.pass(60_000);
    await bench.retention.pass();
    expect(bench.start('aged')).toBe(2);
    expect(bench.warnings).toHaveLength(1);
    await bench.retention.stop();
  });

  it('deletes nothing wrong while the clock is set back, or by a future record', async () => {
    await bench.topics.create({ name: 't' });
    await bench.fill('t', [8, -3650, 8, 0]);
    bench.wall -= 100 * DAY_MS;
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
    bench.wall += 100 * DAY_MS;
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
    bench.pass(600_000);
    await bench.retention.pass();
    expect(bench.start('t')).toBe(1);
  });

  it('frees early what every pin has passed, and nothing without a pin', async () => {
    const configs = { 'retention.consumed': 'true', 'retention.ms': '-1' };
    await bench.topics.create({ name: 't', partitions: 2, configs });
    await bench.fill('t', [3, 2, 1, 0]);
    await bench.fill('t', [3, 2], 1);
    const partition = bench.topics.partition('t', 0);
    await partition.commitCursor('nobody', 4);
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);

    await bench.topics.pin('t', { kind: 'reader', name: 'fast' });
    await bench.topics.pin('t', { kind: 'reader', name: 'slow' });
    await partition.commitCursor('fast', 3);
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
    await partition.commitCursor('slow', 1);
    await bench.retention.pass();
    expect([bench.start('t'), bench.start('t', 1)]).toEqual([1, 0]);
    await bench.topics.unpin('t', { kind: 'reader', name: 'slow' });
    await bench.retention.pass();
    expect(bench.start('t')).toBe(3);
  });

  it('lets time and size free what a pin has not read', async () => {
    const configs = { 'retention.consumed': 'true', 'retention.ms': String(2 * DAY_MS) };
    await bench.topics.create({ name: 't', configs });
    await bench.topics.pin('t', { kind: 'reader', name: 'slow' });
    await bench.fill('t', [3, 1, 0]);
    await bench.retention.pass();
    expect(bench.start('t')).toBe(1);
    expect(bench.warnings).toEqual([]);
  });

  it('ignores pins unless retention.consumed is set', async () => {
    await bench.topics.create({ name: 't', configs: { 'retention.ms': '-1' } });
    await bench.topics.pin('t', { kind: 'reader', name: 'r' });
    await bench.fill('t', [3, 2]);
    await bench.topics.partition('t', 0).commitCursor('r', 2);
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
  });

  it('warns once while a pin holds space that nothing else limits', async () => {
    const configs = { 'retention.consumed': 'true', 'retention.ms': '-1' };
    await bench.topics.create({ name: 't', configs });
    await bench.topics.pin('t', { kind: 'reader', name: 'slow' });
    await bench.retention.pass();
    expect(bench.warnings).toEqual([]);
    const warning = 'pins hold space, and neither retention.ms nor retention.bytes limits it';
    await bench.fill('t', [3, 2]);
    await bench.retention.pass();
    await bench.retention.pass();
    expect(bench.warnings).toEqual([warning]);
    await bench.topics.partition('t', 0).commitCursor('slow', 2);
    await bench.retention.pass();
    expect(bench.start('t')).toBe(2);
    await bench.fill('t', [1]);
    await bench.retention.pass();
    expect(bench.warnings).toEqual([warning, warning]);
  });

  it('takes off a pin whose holder was silent for too long, and only then', async () => {
    const configs = { 'retention.consumed': 'true', 'retention.ms': '-1' };
    await bench.topics.create({ name: 't', configs });
    await bench.topics.pin('t', { kind: 'reader', name: 'gone', expireMs: DAY_MS });
    await bench.topics.pin('t', { kind: 'reader', name: 'live', expireMs: DAY_MS });
    await bench.fill('t', [3, 2]);
    await bench.topics.partition('t', 0).commitCursor('live', 2);
    bench.pass(DAY_MS - 1);
    bench.pins.touch(bench.topics.require('t'), 'reader', 'live');
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
    bench.pass(1);
    await bench.retention.pass();
    expect(bench.topics.require('t').pins.map(({ name }) => name)).toEqual(['live']);
    expect(bench.start('t')).toBe(2);
    expect(bench.warnings).toContain('a pin expired: its holder saved no position for too long');
  });

  it.each([
    ['saved a position', () => bench.pins.touch(bench.topics.require('t'), 'reader', 'r')],
    ['asked for it anew', () => bench.topics.pin('t', PIN)],
    ['asked for longer', () => bench.topics.pin('t', { ...PIN, expireMs: 2 * DAY_MS })],
    ['is still silent', () => undefined],
  ] as readonly (readonly [string, () => unknown])[])(
    'looks at a pin again when its removal has waited and its holder %s',
    async (what, renew) => {
      const storage = openMemoryStorage();
      const { catalogue } = storage;
      let letGo = (): void => undefined;
      const waits = new Promise<void>((resolve) => (letGo = resolve));
      const create: typeof catalogue.create = async (name, settings) => {
        if (name === 'slow') await waits;
        return catalogue.create(name, settings);
      };
      bench = new Bench(override(storage, { catalogue: override(catalogue, { create }) }));
      await bench.topics.create({ name: 't' });
      await bench.topics.pin('t', PIN);
      bench.pass(DAY_MS);
      const creating = bench.topics.create({ name: 'slow' });
      const isFirst = what.startsWith('asked');
      const renewed = isFirst ? renew() : Promise.resolve();
      const passing = bench.retention.pass();
      // The removal is in the queue, behind the creation.
      await new Promise((resolve) => setImmediate(resolve));
      if (!isFirst) await renew();
      letGo();
      await Promise.all([creating, renewed, passing]);
      const isKept = what !== 'is still silent';
      expect(bench.topics.require('t').pins).toHaveLength(isKept ? 1 : 0);
      const warning = 'a pin expired: its holder saved no position for too long';
      expect(bench.warnings).toEqual(isKept ? [] : [warning]);
    },
  );

  it('pauses before a tick has had ten milliseconds of work, and goes on there', async () => {
    const storage = openMemoryStorage();
    const spent: number[] = [];
    let sincePause = 0;
    const slow = override(storage, {
      findExpired: (topicId, first, count, limits) => {
        bench.monotonic += 2;
        sincePause += 2;
        return storage.findExpired(topicId, first, count, limits);
      },
    });
    bench = new Bench(slow);
    await bench.topics.create({ name: 'wide', partitions: 10_000 });
    for (let index = 0; index < 20; index += 1) await bench.topics.create({ name: `t${index}` });
    await bench.fill('wide', [30, 0], 9_999);
    await bench.fill('t19', [30, 0]);
    bench.onYield = () => {
      spent.push(sincePause);
      sincePause = 0;
    };
    await bench.retention.pass();
    expect(bench.start('wide', 9_999)).toBe(1);
    expect(bench.start('t19')).toBe(1);
    expect(spent.length).toBeGreaterThan(10);
    expect(Math.max(...spent)).toBeLessThanOrEqual(10);
  });

  it('opens no log that it frees nothing of', async () => {
    const storage = openMemoryStorage();
    let opened = 0;
    bench = new Bench(
      override(storage, {
        log: (topicId: string, partition: number) => {
          opened += 1;
          return storage.log(topicId, partition);
        },
      }),
    );
    await bench.topics.create({ name: 't', partitions: 10_000 });
    await bench.retention.pass();
    expect(opened).toBe(0);
  });

  it('goes on with the other logs when one cannot be freed, and tells of it once', async () => {
    const storage = openMemoryStorage();
    bench = new Bench(
      override(storage, {
        log: (topicId: string, partition: number) =>
          override(storage.log(topicId, partition), {
            ...(partition < 2 && {
              truncate: () => Promise.reject(new StorageError('CORRUPT', 'damaged')),
            }),
          }),
      }),
    );
    await bench.topics.create({ name: 't', partitions: 3 });
    for (const index of [0, 1, 2]) await bench.fill('t', [30], index);
    await bench.retention.pass();
    expect([0, 1, 2].map((index) => bench.start('t', index))).toEqual([0, 0, 1]);
    expect(bench.lines.filter(({ level }) => level === 40)).toMatchObject([
      { msg: 'retention could not free the space of some logs', logs: 2 },
    ]);
  });

  it('leaves a topic alone that is deleted under way', async () => {
    const storage = openMemoryStorage();
    let deletion: Promise<unknown> | undefined;
    bench = new Bench(
      override(storage, {
        findExpired: (topicId, first, count, limits) => {
          deletion ??= bench.topics.delete('t');
          return storage.findExpired(topicId, first, count, limits);
        },
      }),
    );
    await bench.topics.create({ name: 't', partitions: 5 });
    for (const index of [0, 1, 2, 3, 4]) await bench.fill('t', [30], index);
    await bench.retention.pass();
    await deletion;
    expect(bench.warnings).toEqual([]);
    expect(bench.topics.list()).toEqual([]);
  });

  describe.each<[what: string, configs: Record<string, string>, change: () => unknown]>([
    ['a limit', {}, () => bench.topics.alter('t', { configs: { 'retention.ms': '-1' } })],
    [
      'a pin',
      { 'retention.consumed': 'true', 'retention.ms': '-1' },
      () => bench.topics.pin('t', { kind: 'reader', name: 'new' }),
    ],
    [
      'the default limit',
      {},
      () => bench.topics.configure({ ...defaultSettings, retentionMs: -1 }),
    ],
  ])('deletes nothing that %s protects', (_, configs, change) => {
    it.each([
      ['other topics', 'before', []],
      ['its own logs', 't', ['t']],
    ])('since it was changed while %s were truncated', async (_what, topic, truncatedBefore) => {
      const storage = openMemoryStorage();
      const events: string[] = [];
      let made: Promise<unknown> | undefined;
      const changing = (topicId: string, partition: number) => {
        const log = storage.log(topicId, partition);
        const truncate = async (before: number): Promise<void> => {
          const name = bench.topics.list().find(({ id }) => id === topicId)!.name;
          events.push(name);
          if (name === topic) {
            made ??= Promise.resolve(change()).then(() => events.push('changed'));
          }
          await made;
          await log.truncate(before);
        };
        return override(log, { truncate });
      };
      bench = new Bench(override(storage, { log: changing }));
      await bench.topics.create({ name: 'before', partitions: 4 });
      await bench.topics.create({ name: 't', partitions: 4, configs });
      await bench.topics.pin('t', { kind: 'reader', name: 'done' });
      for (const index of [0, 1, 2, 3]) {
        await bench.fill('before', [30], index);
        await bench.fill('t', [30], index);
        await bench.topics.partition('t', index).commitCursor('done', 1);
      }
      await bench.retention.pass();
      const changedAt = events.indexOf('changed');
      expect(changedAt).toBeGreaterThan(0);
      expect(events.slice(changedAt)).not.toContain('t');
      expect([...new Set(events.slice(0, changedAt))].slice(1)).toEqual(truncatedBefore);
    });
  });

  it('stops at its next pause', async () => {
    await bench.topics.create({ name: 't' });
    await bench.fill('t', [30]);
    bench.retention.start(3_600_000);
    await bench.retention.stop();
    await bench.retention.pass();
    expect(bench.start('t')).toBe(0);
  });
});
