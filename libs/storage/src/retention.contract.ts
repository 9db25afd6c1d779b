// What every InstanceStorage must do for those who look after many logs: states without opening,
// settings, retention. Run on the memory implementation and on the native log with blocks of 16
// KiB.
import { randomUUID } from 'node:crypto';
import { checkBatch, decodeBatches, encodeBatch } from '@walrusmq/record-batch';
import type { InstanceStorage, LogState, RetentionLimits } from './instance-storage';
import type { PartitionLog } from './partition-log';
import { batchOf } from './partition-log.contract';
import type { StorageError } from './storage-error';

/** More than half of a block of 16 KiB: no two share one. */
const VALUE_BYTES = 9_000;

function batchAt(timestamp: number): Buffer {
  return encodeBatch([{ value: Buffer.alloc(VALUE_BYTES), timestamp }]);
}

/** Describes the calls by topic id. `open` gives an empty instance of its own. */
export function describeRetention(
  name: string,
  open: () => InstanceStorage | Promise<InstanceStorage>,
): void {
  describe(name, () => {
    let storage: InstanceStorage;
    let topicId: string;
    beforeEach(async () => {
      storage = await open();
      topicId = randomUUID();
    });
    afterEach(() => storage.close());

    const fill = async (log: PartitionLog, times: readonly number[]): Promise<void> => {
      for (const time of times) await log.append([batchAt(time)]).synced;
    };
    const expired = (limits: RetentionLimits, count = 3): [number, number][] =>
      storage
        .findExpired(topicId, 0, count, limits)
        .map(({ partition, beforeOffset }) => [partition, beforeOffset]);

    describeStates(
      () => storage,
      () => topicId,
    );
    describeAppendTime(
      () => storage,
      () => topicId,
    );

    it('finds whole blocks by the age of their newest record, and frees none', async () => {
      await fill(storage.log(topicId, 0), [100, 200, 300, 9_000]);
      await fill(storage.log(topicId, 2), [400, 9_000]);
      expect(expired({ oldestMs: 100 })).toEqual([]);
      expect(expired({ oldestMs: 201 })).toEqual([[0, 2]]);
      expect(expired({ oldestMs: 500 })).toEqual([
        [0, 3],
        [2, 1],
      ]);
      expect(expired({ oldestMs: 500 }, 2)).toEqual([[0, 3]]);
      expect(storage.findExpired(topicId, 1, 2, { oldestMs: 500 })).toEqual([
        { partition: 2, beforeOffset: 1 },
      ]);
      expect(storage.log(topicId, 0).logStartOffset).toBe(0);
      await storage.log(topicId, 0).truncate(3);
      expect(expired({ oldestMs: 500 })).toEqual([[2, 1]]);
    });

    it('stops at a record from the future, and passes over blocks without timestamps', async () => {
      await fill(storage.log(topicId, 0), [100, 5_000, 200, 9_000]);
      await fill(storage.log(topicId, 1), [-1, -1, 200, -1, 9_000]);
      expect(expired({ oldestMs: 1_000 })).toEqual([
        [0, 1],
        [1, 3],
      ]);
      expect(expired({ oldestMs: 150 })).toEqual([[0, 1]]);
    });

    it('finds the oldest blocks while the rest has enough bytes', async () => {
      await fill(storage.log(topicId, 0), [1, 1, 1, 1]);
      const { storedBytes } = storage.log(topicId, 0);
      const one = storedBytes / 4;
      expect(expired({ bytesMax: storedBytes })).toEqual([]);
      expect(expired({ bytesMax: storedBytes - one })).toEqual([[0, 1]]);
      expect(expired({ bytesMax: 2 * one - 1 })).toEqual([[0, 2]]);
      expect(expired({ bytesMax: one })).toEqual([[0, 3]]);
    });

    it('finds what was passed, in whole blocks, and nothing without a limit', async () => {
      await fill(storage.log(topicId, 0), [1, 1]);
      const three = encodeBatch(
        [1, 2, 3].map(() => ({ value: Buffer.alloc(VALUE_BYTES / 3), timestamp: 1 })),
      );
      await storage.log(topicId, 0).append([three]).synced;
      await fill(storage.log(topicId, 0), [1]);
      expect(expired({})).toEqual([]);
      expect(expired({ consumedBelow: 1 })).toEqual([[0, 1]]);
      expect(expired({ consumedBelow: 4 })).toEqual([[0, 2]]);
      expect(expired({ consumedBelow: 5 })).toEqual([[0, 5]]);
    });

    it('reads whole batches or OUT_OF_RANGE while blocks go', async () => {
      const log = storage.log(topicId, 0);
      await fill(
        log,
        Array.from({ length: 40 }, () => 1),
      );
      const readAt = async (offset: number): Promise<number[] | string> => {
        try {
          const batch = await log.read(offset, 1);
          return [...decodeBatches(batch)].map((record) => record.offset);
        } catch (error) {
          return (error as StorageError).code;
        }
      };
      const reads = Promise.all(Array.from({ length: 40 }, (_, offset) => readAt(offset)));
      for (let before = 1; before < 40; before += 1) await log.truncate(before);
      (await reads).forEach((read, offset) => {
        expect([[offset], 'OUT_OF_RANGE']).toContainEqual(read);
      });
      expect(log.logStartOffset).toBe(39);
      expect(checkBatch(await log.read(39, 1)).baseOffset).toBe(39);
    });
  });
}

function describeStates(storage: () => InstanceStorage, topicId: () => string): void {
  const empty = (): LogState => ({
    leaderEpoch: storage().log(topicId(), 9).leaderEpoch,
    logStartOffset: 0,
    readableEnd: 0,
    storedBytes: 0,
  });

  it('says where logs stand, those that nobody opened too', async () => {
    const log = storage().log(topicId(), 1);
    await log.append([batchOf('a', 'b')]).synced;
    await log.truncate(1);
    const { storedBytes } = log;
    expect(storage().logStates(topicId(), 0, 3)).toEqual([
      empty(),
      { ...empty(), logStartOffset: 1, readableEnd: 2, storedBytes },
      empty(),
    ]);
    expect(storage().logStates(topicId(), 1, 0)).toEqual([]);
    expect(storage().logStates(randomUUID(), 0, 1)).toEqual([empty()]);
  });

  it('says which readers stand in logs, those that nobody opened too', async () => {
    const log = storage().log(topicId(), 1);
    await log.append([batchOf('a', 'b')]).synced;
    await log.commitCursor('late', 2);
    await log.commitCursor('early', 0);
    // A reader may stand in a log before its first record.
    await storage().log(topicId(), 2).commitCursor('first', 0);
    expect(storage().cursors(topicId(), 0, 4)).toEqual([
      [],
      [
        { reader: 'early', offset: 0 },
        { reader: 'late', offset: 2 },
      ],
      [{ reader: 'first', offset: 0 }],
      [],
    ]);
    expect(storage().cursors(randomUUID(), 0, 1)).toEqual([[]]);
  });

  it('refuses ids that are none, and everything after close', async () => {
    const calls = (id: string): (() => unknown)[] => [
      () => storage().logStates(id, 0, 1),
      () => storage().cursors(id, 0, 1),
      () => storage().findExpired(id, 0, 1, {}),
      () => {
        storage().configureLogs(id, 1, { logAppendTime: false, segmentMs: 0 });
      },
    ];
    const refusal = (code: string) => expect.objectContaining({ code }) as Error;
    for (const call of calls('none')) expect(call).toThrow(refusal('INVALID_INPUT'));
    await storage().close();
    for (const call of calls(topicId())) expect(call).toThrow(refusal('CLOSED'));
  });
}

function describeAppendTime(storage: () => InstanceStorage, topicId: () => string): void {
  it('gives batches the time of their append while told to, and a checksum to it', async () => {
    const id = topicId();
    const old = storage().log(id, 0);
    const configure = (logAppendTime: boolean): void => {
      storage().configureLogs(id, 2, { logAppendTime, segmentMs: 0 });
    };
    const before = old.append([batchAt(7)]);
    configure(true);
    const startMs = Date.now();
    const during = old.append([batchAt(7)]);
    const opened = storage()
      .log(id, 1)
      .append([batchAt(7)]);
    configure(false);
    const after = old.append([batchAt(7)]);
    await Promise.all([before, during, after, opened].map((append) => append.synced));
    expect([before.appendTimeMs, after.appendTimeMs]).toEqual([undefined, undefined]);
    expect(during.appendTimeMs).toBeGreaterThanOrEqual(startMs);
    expect(during.appendTimeMs).toBeLessThanOrEqual(Date.now());
    expect(opened.appendTimeMs).toBeGreaterThanOrEqual(startMs);

    const headers = await Promise.all([0, 1, 2].map((at) => old.read(at, 1).then(checkBatch)));
    expect(headers.map((header) => [header.timestampType, header.maxTimestamp])).toEqual([
      ['CreateTime', 7],
      ['LogAppendTime', during.appendTimeMs],
      ['CreateTime', 7],
    ]);
    const [record] = decodeBatches(await old.read(1, 1));
    expect(record?.timestamp).toBe(during.appendTimeMs);
    expect(await old.offsetForTimestamp(startMs)).toEqual({
      offset: 1,
      timestamp: during.appendTimeMs,
    });
  });
}
