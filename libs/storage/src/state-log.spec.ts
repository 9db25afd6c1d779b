import { randomUUID } from 'node:crypto';
import { encodeBatch } from '@walrusmq/record-batch';
import fc from 'fast-check';
import type { InstanceStorage } from './instance-storage';
import { openMemoryStorage } from './memory-storage';
import type { LogAppend, PartitionLog } from './partition-log';
import { StateLog } from './state-log';
import type { StateChange } from './state-log';

// Properties take their time on a machine that is busy with other things.
jest.setTimeout(60_000);

const value = (text: string): Buffer => Buffer.from(text);

/** What the map is, as text. */
function contents(state: StateLog): Record<string, string> {
  return Object.fromEntries([...state.entries()].map(([key, bytes]) => [key, String(bytes)]));
}

function openState(log: PartitionLog, deadBytesMin = 1 << 20): Promise<StateLog> {
  return StateLog.open(log, {
    durableEnd: () => log.readableEnd,
    deadBytesMin,
  });
}

type Step = { readonly append: readonly Buffer[] } | { readonly truncate: number };

/** A log that writes down what is done to it, so that every moment of it can be made again. */
function recorded(log: PartitionLog, steps: Step[]): PartitionLog {
  return Object.create(log, {
    append: {
      value: (batches: readonly Buffer[]): LogAppend => {
        steps.push({ append: batches.map((batch) => Buffer.from(batch)) });
        return log.append(batches);
      },
    },
    truncate: {
      value: async (before: number): Promise<void> => {
        steps.push({ truncate: before });
        await log.truncate(before);
      },
    },
  }) as PartitionLog;
}

/** A log to which only these steps were done. */
async function logAfter(storage: InstanceStorage, steps: readonly Step[]): Promise<PartitionLog> {
  const log = storage.log(randomUUID(), 0);
  for (const step of steps) {
    if ('truncate' in step) await log.truncate(step.truncate);
    else await log.append(step.append.map((batch) => Buffer.from(batch))).synced;
  }
  return log;
}

/** Lets what was started go on until it has nothing left to do. */
async function untilQuiet(log: PartitionLog): Promise<void> {
  for (let last = -1; last !== log.logEndOffset + log.logStartOffset;) {
    last = log.logEndOffset + log.logStartOffset;
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  }
}

describe('StateLog', () => {
  let storage: InstanceStorage;
  let log: PartitionLog;
  beforeEach(() => {
    storage = openMemoryStorage();
    log = storage.log(randomUUID(), 0);
  });
  afterEach(() => storage.close());

  it('replays what was changed, the last of each key', async () => {
    const state = await openState(log);
    await state.append([
      { key: 'a', value: value('1') },
      { key: 'b', value: value('2') },
    ]);
    await state.append([{ key: 'a', value: null }]);
    await state.append([{ key: 'b', value: value('3') }]);
    const again = await openState(log);
    expect(contents(again)).toEqual({ b: '3' });
    expect(again.get('b')).toEqual(value('3'));
    expect(again.get('a')).toBeUndefined();
    expect(again.size).toBe(1);
  });

  it('keeps the log within twice the live bytes and the least dead bytes', async () => {
    const deadBytesMin = 4096;
    const state = await openState(log, deadBytesMin);
    for (let round = 0; round < 2000; round += 1) {
      const key = `key ${round % 20}`;
      await state.append([{ key, value: Buffer.alloc(100, round) }]);
    }
    await untilQuiet(log);
    // Twenty live records of about 125 bytes, and what a batch's header adds to each record.
    expect(log.storedBytes).toBeLessThan(3 * (deadBytesMin + 20 * 250));
    expect(log.logStartOffset).toBeGreaterThan(1000);
    expect(contents(await openState(log, deadBytesMin))).toEqual(contents(state));
  });

  it('keeps keys that are never changed again, however often others are', async () => {
    const state = await openState(log, 500);
    await state.append([{ key: 'old', value: value('stays') }]);
    for (let round = 0; round < 500; round += 1) {
      await state.append([{ key: 'new', value: value(`${round}`) }]);
    }
    await untilQuiet(log);
    expect(log.logStartOffset).toBeGreaterThan(0);
    expect(contents(await openState(log))).toEqual({ old: 'stays', new: '499' });
  });

  it('truncates nothing before the copies are durable', async () => {
    let durableEnd = 0;
    const state = await StateLog.open(log, {
      durableEnd: () => durableEnd,
      deadBytesMin: 100,
    });
    for (let round = 0; round < 100; round += 1) {
      await state.append([{ key: 'k', value: value(`${round}`) }]);
    }
    await untilQuiet(log);
    expect(log.logStartOffset).toBe(0);
    durableEnd = log.readableEnd;
    await state.append([{ key: 'k', value: value('last') }]);
    await untilQuiet(log);
    expect(log.logStartOffset).toBeGreaterThan(0);
    expect(contents(await openState(log))).toEqual({ k: 'last' });
  });

  it('shows the same map after a crash at any moment, compaction included', async () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      value: fc.option(fc.string({ maxLength: 40 }), { freq: 4 }),
    });
    const calls = fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), {
      minLength: 5,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(calls, fc.integer({ min: 1, max: 6 }), async (batches, width) => {
        const own = openMemoryStorage();
        const steps: Step[] = [];
        const watched = recorded(own.log(randomUUID(), 0), steps);
        const state = await openState(watched, 150);
        // After which step, and what the map was: what a crash there may not lose.
        const acknowledged: { readonly step: number; readonly calls: number }[] = [];
        for (let at = 0; at < batches.length; at += width) {
          const together = batches.slice(at, at + width);
          await Promise.all(together.map((each) => state.append(changesOf(each))));
          acknowledged.push({ step: steps.length, calls: Math.min(at + width, batches.length) });
        }
        await untilQuiet(watched);
        for (let cut = 0; cut <= steps.length; cut += 1) {
          const found = contents(await openState(await logAfter(own, steps.slice(0, cut))));
          const kept = acknowledged.filter(({ step }) => step <= cut).at(-1)?.calls ?? 0;
          const possible = mapsAfter(batches, kept, kept + width);
          expect(possible).toContainEqual(found);
        }
        expect(contents(state)).toEqual(mapsAfter(batches, batches.length, batches.length)[0]);
        await own.close();
      }),
      { numRuns: 60 },
    );
  });

  it('answers INVALID_INPUT for what is too large, with nothing changed', async () => {
    const state = await openState(log);
    const tooLarge: StateChange[] = [
      { key: 'k'.repeat(4097), value: value('') },
      { key: 'k', value: Buffer.alloc((512 << 10) + 1) },
    ];
    for (const change of tooLarge) {
      const call = state.append([{ key: 'fine', value: value('') }, change]);
      await expect(call).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    expect(log.logEndOffset).toBe(0);
    await state.append([{ key: 'k'.repeat(4096), value: Buffer.alloc(512 << 10) }]);
    expect(state.size).toBe(1);
  });

  it('makes changes that take more than a batch all at once', async () => {
    const state = await openState(log);
    const changes = Array.from({ length: 5 }, (_, index) => ({
      key: `${index}`,
      value: Buffer.alloc(200 << 10, index),
    }));
    const appended = state.append(changes);
    expect(state.size).toBe(0);
    await appended;
    expect(state.size).toBe(5);
    expect((await openState(log)).size).toBe(5);
  });

  it('answers CORRUPT for a record without a key', async () => {
    await log.append([encodeBatch([{ value: value('x') }])]).synced;
    await expect(openState(log)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  it('shows nothing of a change that the log refused, and goes on', async () => {
    const failing = Object.create(log, {
      append: { value: () => ({ baseOffset: 0, synced: Promise.reject(new Error('no')) }) },
    }) as PartitionLog;
    const state = await openState(failing);
    await expect(state.append([{ key: 'a', value: value('1') }])).rejects.toThrow('no');
    expect(state.size).toBe(0);
  });
});

function changesOf(
  batch: readonly { readonly key: string; readonly value: string | null }[],
): StateChange[] {
  return batch.map((each) => ({
    key: each.key,
    value: each.value === null ? null : value(each.value),
  }));
}

/** The map after each number of calls from `least` to `most`. */
function mapsAfter(
  batches: readonly (readonly { readonly key: string; readonly value: string | null }[])[],
  least: number,
  most: number,
): Record<string, string>[] {
  const maps: Record<string, string>[] = [];
  for (let count = least; count <= Math.min(most, batches.length); count += 1) {
    const map = new Map<string, string>();
    for (const { key, value: text } of batches.slice(0, count).flat()) {
      if (text === null) map.delete(key);
      else map.set(key, text);
    }
    maps.push(Object.fromEntries(map));
  }
  return maps;
}
