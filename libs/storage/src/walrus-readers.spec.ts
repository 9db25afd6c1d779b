import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsyncSchedule } from './fsync-schedule';
import { ReadConsistency } from './read-consistency';
import { Walrus } from './walrus';
import type { WalrusOptions } from './walrus-options';

const SMALL = { blockBytes: 16 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const codeOf = (code: string): Error => expect.objectContaining({ code }) as Error;

let directory: string;
let wal: Walrus;
const open = (options: WalrusOptions = {}): Walrus =>
  new Walrus({ ...SMALL, directory, fsyncSchedule: FsyncSchedule.NoFsync, ...options });
const reopen = async (options: WalrusOptions = {}): Promise<void> => {
  await wal.close();
  wal = open(options);
};
const fill = (count: number, topic = 't'): void => {
  const entries = Array.from({ length: count }, (_, index) => Buffer.from(`${index}`));
  wal.batchAppendForTopic(topic, entries);
};
const next = (reader?: string, checkpoint = true): string | null => {
  const entry = wal.readNext('t', checkpoint, reader === undefined ? {} : { reader });
  return entry && String(entry.data);
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-readers-'));
  wal = open();
});
afterEach(async () => {
  await wal.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('named readers', () => {
  it('read a topic each at its own pace, across restarts', async () => {
    fill(5);
    expect([next(), next(), next('billing'), next()]).toEqual(['0', '1', '0', '2']);
    const batch = wal.batchReadForTopic('t', 2, true, { reader: 'audit' });
    expect(batch.map(({ data }) => String(data))).toEqual(['0', '1']);
    await reopen();
    expect([next(), next('billing'), next('audit'), next('new', false)]).toEqual([
      '3',
      '1',
      '2',
      '0',
    ]);
    expect(wal.readers('t')).toEqual([
      { reader: '$default', offset: 4, lag: 1 },
      { reader: 'audit', offset: 3, lag: 2 },
      { reader: 'billing', offset: 2, lag: 3 },
    ]);
  });

  it('are created at an end, an offset or a time', async () => {
    fill(3);
    await expect(wal.createReader('t', 'all')).resolves.toBe(0);
    await expect(wal.createReader('t', 'tail', 'latest')).resolves.toBe(3);
    await expect(wal.createReader('t', 'middle', { offset: 1 })).resolves.toBe(1);
    const { timestampMs } = wal.readAt('t', 0)[0] ?? { timestampMs: Number.NaN };
    const timed = { timestampMs };
    await expect(wal.createReader('t', 'timed', timed)).resolves.toBe(0);
    const future = { timestampMs: Date.now() + 1e6 };
    await expect(wal.createReader('t', 'future', future)).resolves.toBe(3);
    await expect(wal.createReader('t', 'middle')).rejects.toThrow(codeOf('INVALID_INPUT'));
    await expect(wal.createReader('t', 'x', { offset: 4 })).rejects.toThrow(codeOf('OUT_OF_RANGE'));
    await expect(wal.createReader('nobody', 'x')).rejects.toThrow(codeOf('INVALID_INPUT'));
    await expect(wal.createReader('t', '')).rejects.toThrow(codeOf('INVALID_INPUT'));
    await expect(wal.createReader('t', 'x', { offset: 0.5 })).rejects.toThrow(
      codeOf('INVALID_INPUT'),
    );
    await reopen();
    expect([next('tail'), next('middle'), next('future')]).toEqual([null, '1', null]);
    expect(wal.readers('t').map(({ reader }) => reader)).not.toContain('x');
  });

  it('are moved, and begin anew once they were deleted', async () => {
    fill(4);
    expect([next('r'), next('r')]).toEqual(['0', '1']);
    await expect(wal.seekReader('t', 'r', 'earliest')).resolves.toBe(0);
    expect(next('r')).toBe('0');
    await expect(wal.seekReader('t', undefined, 'latest')).resolves.toBe(4);
    expect(next()).toBeNull();
    wal.deleteReader('t', 'r');
    expect(wal.readers('t').map(({ reader }) => reader)).toEqual(['$default']);
    expect(next('r', false)).toBe('0');
    expect(wal.readers('t')).toHaveLength(1);
    wal.deleteReader('t', 'never was');
    await reopen();
    expect(next('r')).toBe('0');
  });

  it('save what they read at close, whatever persistEvery is', async () => {
    const readConsistency = ReadConsistency.AtLeastOnce({ persistEvery: 1000 });
    await reopen({ readConsistency });
    fill(4);
    expect([next('a'), next('a'), next('b')]).toEqual(['0', '1', '0']);
    expect(wal.readers('t')).toEqual([]);
    await reopen({ readConsistency });
    expect([next('a'), next('b'), next()]).toEqual(['2', '1', '0']);
  });

  it.each([
    ['StrictlyAtOnce', ReadConsistency.StrictlyAtOnce, 1],
    ['AtLeastOnce', ReadConsistency.AtLeastOnce({ persistEvery: 50 }), 50],
  ])('W19: saving a cursor costs no sync under a timed schedule, %s', async (_, consistency) => {
    await reopen({
      readConsistency: consistency,
      fsyncSchedule: FsyncSchedule.Milliseconds(100_000),
    });
    fill(1000);
    const before = wal.stats();
    for (let count = 0; count < 1000; count += 1) next();
    const after = wal.stats();
    // One compaction of the cursor file may come in between.
    expect(after.syncs - before.syncs).toBeLessThanOrEqual(2);
    expect(after.writtenBytes - before.writtenBytes).toBeLessThan(1000 * 200);
  });
});

describe('reads by offset', () => {
  it('give entries with their place, and move no cursor', () => {
    fill(5);
    const found = wal.readAt('t', 1, { maxEntries: 2 });
    expect(found.map(({ offset, data }) => [offset, String(data)])).toEqual([
      [1, '1'],
      [2, '2'],
    ]);
    expect(found[0]?.timestampMs).toBeGreaterThan(1.7e12);
    expect(wal.readAt('t', 0, { maxBytes: 3 })).toHaveLength(3);
    expect(wal.readAt('t', 5)).toEqual([]);
    expect(() => wal.readAt('t', 6)).toThrow(codeOf('OUT_OF_RANGE'));
    expect(() => wal.readAt('nobody', 0)).toThrow(codeOf('INVALID_INPUT'));
    expect(() => wal.readAt('t', 0, { maxEntries: 2001 })).toThrow(codeOf('INVALID_INPUT'));
    expect(next()).toBe('0');
  });

  it('W30: give the first entry, whatever its size', () => {
    wal.appendForTopic('t', Buffer.alloc(0));
    wal.appendForTopic('t', Buffer.from('x'));
    expect(wal.readAt('t', 0).map(({ data }) => data.length)).toEqual([0, 1]);
  });

  it('answer OUT_OF_RANGE below the log start', async () => {
    fill(5);
    await wal.truncate('t', 3);
    expect(wal.topicStats('t')).toMatchObject({ startOffset: 3, endOffset: 5, entryCount: 2 });
    expect(() => wal.readAt('t', 2)).toThrow(codeOf('OUT_OF_RANGE'));
    expect(wal.readAt('t', 3)).toHaveLength(2);
    expect(next()).toBe('3');
    await expect(wal.truncate('t', 6)).rejects.toThrow(codeOf('OUT_OF_RANGE'));
    await expect(wal.truncate('nobody', 0)).rejects.toThrow(codeOf('INVALID_INPUT'));
  });

  it('find the first entry at a time', async () => {
    fill(2);
    const { timestampMs } = wal.readAt('t', 0)[0] ?? { timestampMs: Number.NaN };
    await expect(wal.offsetForTimestamp('t', timestampMs)).resolves.toEqual({
      offset: 0,
      timestamp: timestampMs,
    });
    await expect(wal.offsetForTimestamp('t', Date.now() + 1e6)).resolves.toBeUndefined();
  });
});
