// Readers and writers that are killed (SIGKILL), in both read consistencies.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Walrus } from '@walrusmq/storage';
import { buildRunner, killAfter } from './runners';
import { walrusOptions } from './walrus-tasks';
import type { TaskOptions } from './walrus-tasks';

// What is left is read with a sync for each entry.
jest.setTimeout(120_000);

const ENTRIES = 3000;
let directory: string;
beforeAll(buildRunner);
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-crash-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function fill(options: TaskOptions): Promise<void> {
  const wal = Walrus.open(walrusOptions(options));
  for (let at = 0; at < ENTRIES; at += 1000) {
    const entries = Array.from({ length: 1000 }, (_, index) => Buffer.from(`${at + index}`));
    wal.batchAppendForTopic('t', entries);
  }
  await wal.close();
}

/** What is left to read, after the last kill. */
async function rest(options: TaskOptions): Promise<number[]> {
  const wal = Walrus.open(walrusOptions(options));
  const left: number[] = [];
  for (let found = wal.readNext('t'); found !== null; found = wal.readNext('t')) {
    left.push(Number(found.data));
  }
  await wal.close();
  return left;
}

const SCHEDULES = ['sync-each', 'milliseconds', 'no-fsync'] as const;

describe.each(SCHEDULES)('a reader that is killed, %s', (schedule) => {
  it('W20: gets nothing twice and loses one response at most, StrictlyAtOnce', async () => {
    const options = { directory, schedule, persistEvery: 1 };
    await fill(options);
    const told: number[] = [];
    for (const count of [1, 30, 100, 7]) {
      const task = { kind: 'tell reads', topic: 't', maxBytes: 0 } as const;
      const values = (await killAfter(options, task, count)).map(Number);
      // The response in flight when the process before was killed may be missing, no other one.
      const expected = (told.at(-1) ?? -1) + 1;
      expect([expected, expected + 1]).toContain(values[0]);
      expect(values).toEqual(values.map((_, index) => (values[0] as number) + index));
      told.push(...values);
    }
    const left = await rest(options);
    const expected = (told.at(-1) as number) + 1;
    expect([expected, expected + 1]).toContain(left[0]);
    expect(left.at(-1)).toBe(ENTRIES - 1);
  });

  it.each([
    [10, 0],
    [10, 30],
    [1000, 9],
  ])(
    'W22: gets fewer than persistEvery = %i entries again, with responses of %i bytes',
    async (persistEvery, maxBytes) => {
      const options = { directory, schedule, persistEvery };
      await fill(options);
      let last = -1;
      for (const count of [25, 3, 120, 40]) {
        const task = { kind: 'tell reads', topic: 't', maxBytes } as const;
        const values = (await killAfter(options, task, count)).map(Number);
        const first = values[0] as number;
        expect(last + 1 - first).toBeLessThan(persistEvery);
        // Forward only by what one response that was not told may have held.
        expect(first - (last + 1)).toBeLessThanOrEqual(Math.max(maxBytes, 1));
        expect(values).toEqual(values.map((_, index) => first + index));
        last = values.at(-1) as number;
      }
    },
  );
});

describe.each(SCHEDULES)('a writer that is killed, %s', (schedule) => {
  it.each([1, 7, 50])(
    'W1: leaves every entry it was told of, and batches of %i whole or not at all',
    async (batchSize) => {
      const options = { directory, schedule, persistEvery: 1 };
      let stored = 0;
      for (const count of [1, 60, 400]) {
        const task = { kind: 'tell appends', topic: 't', batchSize } as const;
        const told = await killAfter(options, task, count);
        const wal = Walrus.open(walrusOptions(options));
        const values: number[] = [];
        for (;;) {
          const found = wal.readAt('t', stored + values.length, { maxBytes: 1 << 20 });
          if (found.length === 0) break;
          values.push(...found.map(({ data }) => Number(String(data))));
        }
        expect(values).toEqual(values.map((_, index) => index));
        expect(values.length).toBeGreaterThanOrEqual(told.length);
        expect(values.length % batchSize).toBe(0);
        expect(wal.recoveryReport.corruptions).toEqual([]);
        stored += values.length;
        await wal.close();
      }
    },
  );
});
