import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsyncSchedule } from './fsync-schedule';
import { inspectDirectory, inspectTopicNames, verifyDirectory } from './inspection';
import type { InspectedItem } from './inspection';
import { repairDirectory } from './repair';
import { Walrus } from './walrus';

const SMALL = { blockBytes: 16 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const fsyncSchedule = FsyncSchedule.SyncEach;
let directory: string;
const open = (): Walrus =>
  new Walrus({ ...SMALL, directory, fsyncSchedule, onLog: () => undefined });

/** Everything below the directory, by path. */
function contents(): Map<string, string> {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return new Map(paths.map((path) => [path, readFileSync(path).toString('base64')]));
}

/** Clears both copies of the header of the topic's block with this number. */
function loseBlock(topic: string, ordinal: number): void {
  const names = inspectTopicNames(directory);
  const items: InspectedItem[] = [];
  inspectDirectory(directory, (item) => items.push(item));
  const block = items.find(
    (item) =>
      item.kind === 'block' && names.get(item.topicId) === topic && item.ordinal === ordinal,
  );
  if (block?.kind !== 'block') throw new Error(`no block ${ordinal} of ${topic}`);
  const path = join(directory, String(block.fileId));
  const bytes = readFileSync(path);
  bytes.fill(0x5a, block.position, block.position + 512);
  writeFileSync(path, bytes);
}

const values = Array.from({ length: 12 }, (_, index) => `${index} `.padEnd(3_000, 'v'));

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-repair-'));
  const wal = open();
  for (const value of values) wal.appendForTopic('orders', Buffer.from(value));
  wal.appendForTopic('other', Buffer.from('whole'));
  await wal.createReader('orders', 'late', { offset: 12 });
  await wal.close();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('repairDirectory', () => {
  it('plans without changing anything, unless it is told to apply', async () => {
    loseBlock('orders', 1);
    const before = contents();
    const plan = await repairDirectory(directory);
    expect(contents()).toEqual(before);
    expect(plan).toMatchObject({ applied: false, previousCloseWasClean: true });
    expect(plan.actions.map(({ kind }) => kind)).toEqual(['log-cut', 'unit-cleared']);
    expect(plan.actions.flatMap(({ quarantinePaths }) => quarantinePaths)).toEqual([]);
    expect(plan.problems.some(({ problem }) => problem === 'damage')).toBe(true);
  });

  it('makes a log that lost a block writable again, and keeps a copy of what went', async () => {
    loseBlock('orders', 1);
    const damaged = open();
    const corrupt = damaged.topicStats('orders').corruptOffset;
    const refused = expect.objectContaining({ code: 'CORRUPT' }) as Error;
    expect(() => damaged.appendForTopic('orders', Buffer.from('x'))).toThrow(refused);
    await damaged.close();

    const done = await repairDirectory(directory, { apply: true });
    expect(done.applied).toBe(true);
    expect(done.problems.filter(({ problem }) => problem === 'damage')).toEqual([]);
    const [cut] = done.actions;
    expect(cut).toMatchObject({ kind: 'log-cut', partition: 0, offset: corrupt });
    const copies = done.actions.flatMap(({ quarantinePaths }) => quarantinePaths);
    expect(copies.length).toBeGreaterThan(1);
    expect(copies.every((path) => path.includes('quarantine') && existsSync(path))).toBe(true);
    const copied = copies.map((path) => readFileSync(path, 'latin1')).join('');
    const end = cut?.offset ?? 0;
    // All that is behind the end is in the copies, what was in the lost block too.
    for (const value of values.slice(end)) expect(copied).toContain(value);

    const wal = open();
    expect(wal.topicStats('orders')).toMatchObject({ endOffset: end, corruptOffset: undefined });
    expect(wal.readers('orders')).toContainEqual({ reader: 'late', offset: end, lag: 0 });
    wal.appendForTopic('orders', Buffer.from('after'));
    const entries = wal.batchReadForTopic('orders', 1 << 20).map(({ data }) => String(data));
    expect(entries).toEqual([...values.slice(0, end), 'after']);
    expect(String(wal.readNext('other')?.data)).toBe('whole');
    await wal.close();
    expect((await verifyDirectory(directory)).damaged).toBe(false);
  });

  it('does nothing to a directory that is whole', async () => {
    const before = contents();
    const report = await repairDirectory(directory, { apply: true });
    expect(report).toMatchObject({ applied: true, actions: [], problems: [] });
    expect(contents()).toEqual(before);
  });

  it('refuses a directory that somebody has open, or that holds no instance', async () => {
    const wal = open();
    for (const [path, code] of [
      [directory, 'LOCKED'],
      [join(directory, 'nothing'), 'INVALID_INPUT'],
    ] as const) {
      await expect(repairDirectory(path, { apply: true })).rejects.toMatchObject({ code });
    }
    await wal.close();
  });
});
