// Worker threads of one process that open the same directory.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsyncSchedule, Walrus } from '@walrusmq/storage';
import { buildRunner, killAfter, onThread } from './runners';
import { walrusOptions } from './walrus-tasks';
import type { TaskOptions } from './walrus-tasks';

const codeOf = (code: string): Error => expect.objectContaining({ code }) as Error;
let directory: string;
let options: TaskOptions;
beforeAll(buildRunner);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-threads-'));
  options = { directory, schedule: 'no-fsync', persistEvery: 1 };
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('worker threads that open one directory', () => {
  it('share one engine: each entry is stored once, in the order of its thread', async () => {
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((prefix) =>
        onThread(options, { kind: 'append', topic: 't', prefix, count: 400 }),
      ),
    );
    const wal = Walrus.open(walrusOptions(options));
    expect(wal.topics()).toEqual(['t']);
    const values = wal.readAt('t', 0).map(({ data }) => String(data));
    expect(values).toHaveLength(1200);
    for (const [index, prefix] of ['a', 'b', 'c'].entries()) {
      expect(values.filter((value) => value.startsWith(prefix))).toEqual(outcomes[index]?.values);
    }
    await wal.close();
  });

  it.each(['sync-each', 'milliseconds', 'no-fsync'] as const)(
    'W21: get each entry of a reader once, %s',
    async (schedule) => {
      options = { ...options, schedule };
      const wal = Walrus.open(walrusOptions(options));
      const entries = Array.from({ length: 500 }, (_, index) => Buffer.from(`${index}`));
      wal.batchAppendForTopic('t', entries);
      const task = { kind: 'read', topic: 't', count: 500 } as const;
      const outcomes = await Promise.all([0, 1, 2].map(() => onThread(options, task)));
      const all = outcomes.flatMap(({ values }) => values);
      expect(all).toHaveLength(500);
      expect(new Set(all).size).toBe(500);
      for (const { values } of outcomes) {
        const numbers = values.map(Number);
        expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
      }
      expect(wal.readNext('t')).toBeNull();
      await wal.close();
    },
  );

  it('W32: answer WOULD_BLOCK only while a batch is in flight, and then go on', async () => {
    const outcomes = await Promise.all([
      onThread(options, { kind: 'batch', topic: 't', prefix: 'a', count: 2000 }),
      onThread(options, { kind: 'append', topic: 't', prefix: 'b', count: 300 }),
      onThread(options, { kind: 'append', topic: 'u', prefix: 'c', count: 300 }),
    ]);
    // Nobody else writes to `u`, so nobody is in its way.
    expect(outcomes[2].blockedCount).toBe(0);
    const wal = Walrus.open(walrusOptions(options));
    expect(wal.topicStats('t').entryCount).toBe(2300);
    const values = wal.readAt('t', 0, { maxBytes: 1 << 30 }).map(({ data }) => String(data));
    // No entry of another thread stands within a batch.
    const batchStarts = values.flatMap((value, at) =>
      /^a\d*[02468]0$|^a0$/.test(value) ? at : [],
    );
    for (const at of batchStarts) {
      expect(values.slice(at, at + 20).every((value) => value.startsWith('a'))).toBe(true);
    }
    expect(batchStarts.length).toBeGreaterThan(50);
    await wal.close();
  });

  it('leave the directory open for the others until the last one closes', async () => {
    const [one, other] = [Walrus.open(walrusOptions(options)), Walrus.open(walrusOptions(options))];
    one.appendForTopic('t', Buffer.from('1'));
    await one.close();
    other.appendForTopic('t', Buffer.from('2'));
    expect(other.readAt('t', 0)).toHaveLength(2);
    const task = { kind: 'tell reads', topic: 't', maxBytes: 0 } as const;
    await expect(killAfter(options, task, 1)).rejects.toThrow('LOCKED');
    await other.close();
    expect(await killAfter(options, task, 2)).toEqual(['1', '2']);
  });

  it('W28: refuse other options with INVALID_INPUT, and another process with LOCKED', async () => {
    const wal = Walrus.open(walrusOptions(options));
    const others = [
      { ...walrusOptions(options), fsyncSchedule: FsyncSchedule.SyncEach },
      walrusOptions({ ...options, persistEvery: 2 }),
      { ...walrusOptions(options), blockBytes: 128 << 10 },
    ];
    for (const other of others) expect(() => Walrus.open(other)).toThrow(codeOf('INVALID_INPUT'));
    await wal.close();
  });

  it('know a directory by any of its names', async () => {
    const wal = Walrus.open(walrusOptions(options));
    const name = join(directory, '..', directory.split('/').at(-1) as string, '.');
    const same = Walrus.open(walrusOptions({ ...options, directory: `${name}/` }));
    wal.appendForTopic('t', Buffer.from('a'));
    expect(String(same.readNext('t')?.data)).toBe('a');
    await Promise.all([wal.close(), same.close()]);
  });
});
