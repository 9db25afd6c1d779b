import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { replayCatalogue } from './catalogue-records';
import { FsyncSchedule } from './fsync-schedule';
import { EVERY_TYPE, describeGroupStore, offsetRecord } from './group-store.contract';
import type { GroupRecord } from './group-store';
import { inspectDirectory } from './inspection';
import type { InstanceStorage } from './instance-storage';
import { batchOf, describePartitionLog, valuesIn } from './partition-log.contract';
import { producerBatch } from './producers.contract';
import { SKIPPED_IDS } from './producer-ids';
import { describeRetention } from './retention.contract';
import { describeTopicCatalogue } from './topic-catalogue.contract';
import { CATALOGUE_TOPIC_ID, GROUPS_TOPIC_ID } from './log-id';
import { openNativeWal } from './native-binding';
import { openWalStorage } from './wal-storage';

const SMALL = { blockBytes: 16 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const SCHEDULES: [string, FsyncSchedule][] = [
  ['SyncEach', FsyncSchedule.SyncEach],
  ['Milliseconds', FsyncSchedule.Milliseconds(5)],
  ['NoFsync', FsyncSchedule.NoFsync],
];

const directories: string[] = [];
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'walrus-storage-'));
  directories.push(directory);
  return directory;
}
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

for (const [name, fsyncSchedule] of SCHEDULES) {
  const open = (): Promise<InstanceStorage> =>
    openWalStorage({ ...SMALL, directory: newDirectory(), fsyncSchedule });
  describePartitionLog(`PartitionLog on the native log, ${name}`, open);
  describeTopicCatalogue(`TopicCatalogue on the native log, ${name}`, open);
  describeRetention(`retention on the native log, ${name}`, open);
  describeGroupStore(`GroupStore on the native log, ${name}`, open);
}

/** Bytes of the blocks that a log of the instance's own has in use. */
function ownLogBytes(directory: string, topicId: string): number {
  let bytes = 0;
  inspectDirectory(directory, (item) => {
    if (item.kind !== 'block' || item.topicId !== topicId || item.deleted) return;
    bytes += item.bytes;
  });
  return bytes;
}

describe.each(SCHEDULES)('openWalStorage, %s', (_, fsyncSchedule) => {
  let directory: string;
  let storage: InstanceStorage;
  const open = (): Promise<InstanceStorage> =>
    openWalStorage({ ...SMALL, directory, fsyncSchedule });
  const reopen = async (): Promise<void> => {
    await storage.close();
    storage = await open();
  };
  beforeEach(async () => {
    directory = newDirectory();
    storage = await open();
  });
  afterEach(() => storage.close());

  it('gives out no producer id twice over restarts', async () => {
    const ids = [await storage.producerIds.allocate(), await storage.producerIds.allocate()];
    await reopen();
    expect(await storage.producerIds.isAllocated(ids[1]!)).toBe(true);
    for (let i = 0; i < 1_200; i++) ids.push(await storage.producerIds.allocate());
    await reopen();
    ids.push(await storage.producerIds.allocate());
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('remembers over a restart what producers have appended', async () => {
    const topic = await storage.catalogue.create('orders', { partitionCount: 1 });
    await storage.log(topic.id, 0).append([producerBatch({ sequence: 0 })]).synced;
    await reopen();
    const again = storage.log(topic.id, 0).append([producerBatch({ sequence: 0 })]);
    expect(again).toMatchObject({ baseOffset: 0, isDuplicate: true });
    expect(storage.stats()).toMatchObject({ duplicateAppends: 1, producers: 1 });
  });

  it('finds topics, records, cursors and its id again', async () => {
    const { instanceId } = storage;
    expect(instanceId).toMatch(/^[0-9a-f]{32}$/);
    const topic = await storage.catalogue.create('orders', { partitionCount: 2 });
    await storage.catalogue.create('gone', { partitionCount: 1 });
    await storage.catalogue.delete('gone');
    await storage.catalogue.create('gone', { partitionCount: 1 });
    await storage.catalogue.alter('gone', { partitionCount: 9 });
    await storage.catalogue.delete('gone');
    const pins = [{ kind: 'reader' as const, name: 'audit', expireMs: 9 }];
    const grown = await storage.catalogue.alter('orders', {
      partitionCount: 3,
      configs: { 'retention.ms': '5' },
      pins,
    });
    const log = storage.log(topic.id, 1);
    await log.append([batchOf('a', 'b')]).synced;
    await log.commitCursor('reader', 1);
    await reopen();
    expect(storage.instanceId).toBe(instanceId);
    expect(storage.recoveryReport).toMatchObject({ previousCloseWasClean: true, cuts: [] });
    expect(grown).toMatchObject({ id: topic.id, partitionCount: 3, pins });
    expect(storage.catalogue.list()).toEqual([grown]);
    const again = storage.log(topic.id, 1);
    expect(again).toMatchObject({ readableEnd: 2, logEndOffset: 2 });
    expect(again.cursor('reader')).toBe(1);
    expect(valuesIn(await again.read(0, 1 << 20))).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  it('keeps deleted cursors deleted, and those of logs without a record', async () => {
    const topic = await storage.catalogue.create('orders', { partitionCount: 2 });
    const log = storage.log(topic.id, 0);
    await log.append([batchOf('a')]).synced;
    await log.commitCursor('gone', 1);
    await log.commitCursor('kept', 1);
    await log.deleteCursor('gone');
    await storage.log(topic.id, 1).commitCursor('first', 0);
    await reopen();
    expect(storage.cursors(topic.id, 0, 3)).toEqual([
      [{ reader: 'kept', offset: 1 }],
      [{ reader: 'first', offset: 0 }],
      [],
    ]);
  });

  it('finds groups again', async () => {
    await storage.groups.append(EVERY_TYPE.map((put) => ({ put })));
    await storage.groups.append([{ remove: { kind: 'group', groupId: 'g' } }]);
    await reopen();
    await storage.groups.open();
    expect(storage.groups.load()).toEqual(EVERY_TYPE.slice(1));
    const change = { put: offsetRecord('g', 9) };
    await storage.groups.append([change]);
    await reopen();
    await storage.groups.open();
    expect(storage.groups.load()).toEqual([...EVERY_TYPE.slice(1, -1), change.put]);
  });

  it('keeps the log of groups short, and the groups through every reopening', async () => {
    const metadata = 'm'.repeat(20_000);
    const commit = (offset: number): Promise<void> =>
      storage.groups.append(
        ['a', 'b', 'c'].map((groupId) => ({
          put: { ...(offsetRecord(groupId, offset) as object), metadata } as GroupRecord,
        })),
      );
    await storage.groups.append([{ put: EVERY_TYPE[0]! }]);
    for (let life = 0; life < 4; life += 1) {
      for (let round = 0; round < 20; round += 1) await commit(life * 20 + round);
      await reopen();
      await storage.groups.open();
      const records = storage.groups.load();
      expect(records).toHaveLength(4);
      expect(records).toContainEqual(EVERY_TYPE[0]);
      expect(records).toContainEqual(expect.objectContaining({ offset: life * 20 + 19 }));
    }
    await storage.close();
    // 4.8 MB were written, of which 1 MiB may be dead and as much more come while a pass is made.
    expect(ownLogBytes(directory, GROUPS_TOPIC_ID)).toBeLessThan(3 << 20);
  });

  it('keeps the log of topics short, whatever came and went, over reopenings', async () => {
    const kept = await storage.catalogue.create('kept', { partitionCount: 2 });
    const names = Array.from({ length: 500 }, (_, index) => `short-lived-${index}`);
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(names.map((name) => storage.catalogue.create(name, { partitionCount: 1 })));
      const gone = await Promise.all(names.map((name) => storage.catalogue.delete(name)));
      await Promise.all(gone.map((topic) => storage.deleteTopicLogs(topic)));
    }
    const { instanceId } = storage;
    // What a crash could take back is cut after a clean stop.
    await reopen();
    expect(storage.catalogue.list()).toEqual([kept]);
    await storage.close();
    // 8,000 records of some 210 bytes were written: 1.7 MB, of which half may be dead.
    expect(ownLogBytes(directory, CATALOGUE_TOPIC_ID)).toBeLessThan(1_100_000);
    const native = openNativeWal({ ...SMALL, directory, fsyncSchedule });
    const { table, instanceId: found } = replayCatalogue(native);
    native.closeSync();
    expect([table.list(), found]).toEqual([[kept], instanceId]);
    storage = await open();
    expect(storage.catalogue.list()).toEqual([kept]);
  });

  it('removes the logs of a topic whose deletion a crash kept from being finished', async () => {
    const topic = await storage.catalogue.create('t', { partitionCount: 1 });
    await storage.log(topic.id, 0).append([batchOf('left behind')]).synced;
    await storage.catalogue.delete('t');
    await reopen();
    const emptied = async (): Promise<number> => {
      await reopen();
      return storage.log(topic.id, 0).readableEnd;
    };
    expect(await emptied()).toBe(0);
  });

  it('is LOCKED for a second opener, and free after close', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'LOCKED' });
    await reopen();
  });

  it('tells of readable records in few wake-ups, with hundreds of appends in flight', async () => {
    const log = storage.log(randomUUID(), 0);
    let notifications = 0;
    log.onReadable(() => {
      notifications += 1;
    });
    const appends = Array.from({ length: 500 }, (_each, index) =>
      log.append([batchOf(`${index}`)]),
    );
    await Promise.all(appends.map((append) => append.synced));
    expect(storage.stats().appends).toBeGreaterThanOrEqual(500);
    expect(notifications).toBeLessThanOrEqual(2 * storage.stats().commitGroups);
    expect(storage.fence).toBeUndefined();
  });

  it('refuses with BUSY when the queue is full, and takes more once it has drained', async () => {
    await storage.close();
    const queuedBytesMax = 4096;
    storage = await openWalStorage({ ...SMALL, directory, fsyncSchedule, queuedBytesMax });
    const log = storage.log(randomUUID(), 0);
    const value = 'x'.repeat(1000);
    const accepted: Promise<void>[] = [];
    const fillUp = (): void => {
      for (let count = 0; count < 10_000; count += 1) {
        accepted.push(log.append([batchOf(value)]).synced);
      }
    };
    expect(fillUp).toThrow(expect.objectContaining({ code: 'BUSY' }) as Error);
    expect(accepted.length).toBeGreaterThan(1);
    await Promise.all(accepted);
    const next = log.append([batchOf('next')]);
    expect(next.baseOffset).toBe(accepted.length);
    await next.synced;
  });

  it('gives back every record in order, whatever their sizes and grouping', async () => {
    const values = fc.array(fc.string({ maxLength: 3000 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 30 }), async (batches) => {
        const log = storage.log(randomUUID(), 0);
        const appends = batches.map((batch) => log.append([batchOf(...batch)]));
        await Promise.all(appends.map((append) => append.synced));
        const read: string[] = [];
        while (read.length < log.readableEnd) {
          const found = valuesIn(await log.read(read.length, 4000));
          read.push(...found.filter(([offset]) => offset >= read.length).map(([, value]) => value));
        }
        expect(read).toEqual(batches.flat());
      }),
      { numRuns: 15 },
    );
  });
});

describe('openWalStorage', () => {
  it.each([
    [{ directory: '' }, 'directory'],
    [{ directory: 'x', blockBytes: 5000 }, 'block'],
    [{ directory: 'x', blocksPerFile: -1 }, 'blocksPerFile'],
    [{ directory: 'x', queuedBytesMax: Number.NaN }, 'queuedBytesMax'],
    [{ directory: 'x', readerThreads: 2n as unknown as number }, 'readerThreads'],
  ])('answers INVALID_INPUT naming the option for %p', async (options, word) => {
    const directory = options.directory && newDirectory();
    await expect(openWalStorage({ ...options, directory })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(word) as string,
    });
  });

  it.each(SCHEDULES)(
    'passes over producer ids after a crash, whatever the schedule is from then on: %s',
    async (_, fsyncSchedule) => {
      const directory = newDirectory();
      const before = FsyncSchedule.NoFsync;
      const crashed = await openWalStorage({ ...SMALL, directory, fsyncSchedule: before });
      const first = await crashed.producerIds.allocate();
      expect(first).toBeLessThan(SKIPPED_IDS);
      const copy = newDirectory();
      cpSync(directory, copy, { recursive: true });
      await crashed.close();
      const storage = await openWalStorage({ ...SMALL, directory: copy, fsyncSchedule });
      expect(storage.recoveryReport.previousCloseWasClean).toBe(false);
      const next = await storage.producerIds.allocate();
      await storage.close();
      expect(next).toBeGreaterThan(first + SKIPPED_IDS);
    },
  );

  it.each(SCHEDULES)(
    'keeps room for all but the records of topics below freeBytesMin, %s',
    async (_, fsyncSchedule) => {
      const directory = newDirectory();
      const filled = await openWalStorage({ ...SMALL, directory, fsyncSchedule });
      const { id } = await filled.catalogue.create('orders', { partitionCount: 2 });
      await filled.log(id, 0).append([batchOf('a', 'b', 'c')]).synced;
      await filled.close();

      const options = { ...SMALL, directory, fsyncSchedule, freeBytesMin: 2 ** 53 };
      const storage = await openWalStorage(options);
      const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
      while (storage.appendRefusal === undefined) await turn();
      const log = storage.log(id, 0);
      for (const each of [log, storage.log(id, 1)]) {
        expect(() => each.append([batchOf('d')])).toThrow(
          expect.objectContaining({ code: 'NO_SPACE', message: storage.appendRefusal }) as Error,
        );
      }
      expect(valuesIn(await log.read(0, 1 << 20))).toHaveLength(3);
      await log.commitCursor('reader', 2);
      await log.truncate(1);
      await storage.groups.append([{ put: offsetRecord('g', 5) }]);
      expect(storage.groups.load()).toEqual([offsetRecord('g', 5)]);
      await storage.producerIds.allocate();
      await storage.catalogue.create('more', { partitionCount: 1 });
      await storage.catalogue.delete('orders');
      await storage.close();
    },
  );

  it('refuses an interval that is not one', () => {
    for (const interval of [0, -1, 0.5, Number.NaN, 2 ** 32]) {
      expect(() => FsyncSchedule.Milliseconds(interval)).toThrow('intervalMs');
    }
  });
});
