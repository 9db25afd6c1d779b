import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeCatalogueRecord } from './catalogue-records';
import { FsyncSchedule } from './fsync-schedule';
import { inspectDirectory, inspectTopicNames, verifyDirectory } from './inspection';
import type { InspectedItem } from './inspection';
import { CATALOGUE_TOPIC_ID, topicIdBytes } from './log-id';
import { openNativeWal } from './native-binding';
import { batchOf } from './partition-log.contract';
import { openWalStorage } from './wal-storage';

const fsyncSchedule = FsyncSchedule.SyncEach;
const SMALL = { blockBytes: 16 << 10, blocksPerFile: 4, journalBytes: 64 << 10, fsyncSchedule };
let directory: string;
let topicId: string;
const inspected = (): InspectedItem[] => {
  const items: InspectedItem[] = [];
  inspectDirectory(directory, (item) => items.push(item));
  return items;
};

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-inspect-'));
  const storage = await openWalStorage({ ...SMALL, directory });
  topicId = (await storage.catalogue.create('orders', { partitionCount: 1 })).id;
  const log = storage.log(topicId, 0);
  for (const value of ['first', 'second', 'third']) await log.append([batchOf(value, 'x')]).synced;
  await storage.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('inspectDirectory', () => {
  it('shows files, blocks, runs and batches, from the outside in', () => {
    const items = inspected();
    expect(items[0]).toMatchObject({ kind: 'file', blockBytes: 16 << 10, blocksPerFile: 4 });
    const ours = items.filter((item) => 'topicId' in item && item.topicId === topicId);
    expect(ours[0]).toMatchObject({ kind: 'block', partition: 0, ordinal: 0, baseOffset: 0 });
    const batches = ours.filter((item) => item.kind === 'batch');
    expect(batches.map(({ baseOffset, recordCount }) => [baseOffset, recordCount])).toEqual([
      [0, 2],
      [2, 2],
      [4, 2],
    ]);
    expect(ours.some((item) => item.kind === 'run' && item.nextOffset === 6)).toBe(true);
  });

  it('ends with what the function throws', () => {
    const calls = jest.fn(() => {
      throw new RangeError('enough');
    });
    expect(() => inspectDirectory(directory, calls)).toThrow(new RangeError('enough'));
    expect(calls).toHaveBeenCalledTimes(1);
  });

  it('refuses a directory without an instance, and one that is open', async () => {
    const noInstance = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
    expect(() => inspectDirectory(join(directory, 'nothing'), () => undefined)).toThrow(noInstance);
    const storage = await openWalStorage({ ...SMALL, directory });
    const locked = expect.objectContaining({ code: 'LOCKED' }) as Error;
    expect(inspected).toThrow(locked);
    await expect(verifyDirectory(directory)).rejects.toEqual(locked);
    await storage.close();
  });
});

describe('inspectTopicNames', () => {
  it('knows topics, and deleted ones whose creation is not told of any more', () => {
    const id = randomUUID();
    const native = openNativeWal({ ...SMALL, directory });
    const deleted = encodeCatalogueRecord({ type: 'topicDeleted', name: 'gone', id });
    native.appendSync(native.openLog(topicIdBytes(CATALOGUE_TOPIC_ID), 0), [deleted]);
    native.closeSync();
    const names = inspectTopicNames(directory);
    expect([names.size, names.get(topicId), names.get(id)]).toEqual([2, 'orders', 'gone']);
  });
});

describe('verifyDirectory', () => {
  it('counts what is stored and finds nothing wrong', async () => {
    const report = await verifyDirectory(directory);
    expect(report).toMatchObject({ damaged: false, previousCloseWasClean: true, problems: [] });
    // The catalogue's two records beside the six.
    expect(report).toMatchObject({ batches: 5, records: 8 });
    expect(report.logs).toHaveLength(2);
    expect(report.logs).toContainEqual(
      expect.objectContaining({ topicId, partition: 0, startOffset: 0, endOffset: 6, batches: 3 }),
    );
  });

  it('names the log and the offset of a flipped bit', async () => {
    const batch = inspected().find(
      (item) => item.kind === 'batch' && item.topicId === topicId && item.baseOffset === 2,
    );
    const name = readdirSync(directory).find((entry) => /^\d+$/.test(entry)) ?? '';
    const bytes = readFileSync(join(directory, name));
    const position = (batch as { position: number }).position + 70;
    bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position);
    writeFileSync(join(directory, name), bytes);
    const report = await verifyDirectory(directory);
    expect(report.damaged).toBe(true);
    expect(report.problems).toContainEqual(
      expect.objectContaining({ problem: 'damage', topicId, partition: 0 }),
    );
  });
});
