// What every PartitionLog must do; run on the memory implementation and on the native log.
import { randomUUID } from 'node:crypto';
import {
  COMPRESSIONS,
  checkBatch,
  crc32c,
  decodeBatches,
  encodeBatch,
} from '@walrusmq/record-batch';
import type { InstanceStorage } from './instance-storage';
import type { PartitionLog } from './partition-log';
import { describeProducerIds, describeProducers } from './producers.contract';

/** One batch whose values are `values`. */
export function batchOf(...values: string[]): Buffer {
  return encodeBatch(values.map((value) => ({ value: Buffer.from(value) })));
}

/** The values in a concatenation of batches, with their offsets. */
export function valuesIn(bytes: Buffer): [offset: number, value: string][] {
  return [...decodeBatches(bytes)].map((record) => [record.offset, String(record.value)]);
}

/** What is in the log from the batch that holds `offset` on. */
export async function readToEnd(
  log: PartitionLog,
  offset: number,
): Promise<[offset: number, value: string][]> {
  const found: [number, string][] = [];
  for (let next = offset; next < log.readableEnd; next = found.at(-1)![0] + 1) {
    found.push(...valuesIn(await log.read(next, 1 << 20)));
  }
  return found;
}

/** Describes appends and reads. `open` gives an empty instance of its own. */
export function describePartitionLog(
  name: string,
  open: () => InstanceStorage | Promise<InstanceStorage>,
): void {
  describe(name, () => {
    let storage: InstanceStorage;
    let log: PartitionLog;
    beforeEach(async () => {
      storage = await open();
      log = storage.log(randomUUID(), 0);
    });
    afterEach(() => storage.close());

    describeAppends(() => log);
    describeRefusals(() => log);
    describeReads(() => log);
    describeListeners(() => log);
    describeProducers(() => log);
    describeProducerIds(() => storage);
    describeEnds(
      () => storage,
      () => log,
    );
  });
}

function describeAppends(log: () => PartitionLog): void {
  it('starts empty', () => {
    expect(log()).toMatchObject({ logStartOffset: 0, readableEnd: 0, logEndOffset: 0 });
  });

  it('gives dense offsets in call order before anything has settled', async () => {
    const appends = [batchOf('a', 'b'), batchOf('c'), batchOf('d', 'e', 'f')].map((batch) =>
      log().append([batch]),
    );
    expect(appends.map(({ baseOffset, recordCount }) => [baseOffset, recordCount])).toEqual([
      [0, 2],
      [2, 1],
      [3, 3],
    ]);
    expect(log().logEndOffset).toBe(6);
    await appends.at(-1)!.synced;
    expect(log().readableEnd).toBe(6);
  });

  it('settles written, then synced, in call order, once the records are readable', async () => {
    const order: string[] = [];
    const steps = Array.from({ length: 20 }, (_, index) => {
      const append = log().append([batchOf(`${index}`)]);
      const written = append.written.then(() => order.push(`written ${index}`));
      const synced = append.synced.then(() => {
        order.push(`synced ${index}`);
        expect(log().readableEnd).toBeGreaterThan(index);
      });
      return Promise.all([written, synced]);
    });
    await Promise.all(steps);
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    for (const step of ['written', 'synced']) {
      expect(order.filter((entry) => entry.startsWith(step))).toEqual(
        numbers.map((index) => `${step} ${index}`),
      );
    }
    for (const index of numbers) {
      expect(order.indexOf(`written ${index}`)).toBeLessThan(order.indexOf(`synced ${index}`));
    }
  });

  it('resolves promises that are asked for after the fact', async () => {
    const append = log().append([batchOf('a')]);
    await append.synced;
    expect(await Promise.all([append.written, append.synced])).toEqual([undefined, undefined]);
  });

  it.each(COMPRESSIONS)('changes nothing of %s but base offset and leader epoch', async (codec) => {
    const compressed = encodeBatch(
      [{ key: Buffer.from('k'), value: Buffer.alloc(500, 'v'), timestamp: 1234 }],
      { compression: codec },
    );
    const sent = [batchOf('first'), compressed].map((batch) => Buffer.from(batch));
    for (const batch of sent) await log().append([Buffer.from(batch)]).synced;
    const stored = await log().read(1, 1 << 20);
    const header = checkBatch(stored);
    expect(header).toMatchObject({ baseOffset: 1, leaderEpoch: log().leaderEpoch, recordCount: 1 });
    expect(stored.subarray(16)).toEqual(sent[1]!.subarray(16));
    expect(stored.subarray(8, 12)).toEqual(sent[1]!.subarray(8, 12));
  });

  it('takes several batches as one call, whatever way their bytes are cut', async () => {
    const whole = Buffer.concat([batchOf('a', 'b'), batchOf('c')]);
    for (const cut of [1, 30, 61, 70, whole.length - 1]) {
      const before = log().logEndOffset;
      const chunks = [whole.subarray(0, cut), Buffer.alloc(0), whole.subarray(cut)];
      const append = log().append(chunks.map((chunk) => Buffer.from(chunk)));
      expect(append).toMatchObject({ baseOffset: before, recordCount: 3 });
      await append.synced;
      expect((await readToEnd(log(), before)).map(([, value]) => value)).toEqual(['a', 'b', 'c']);
    }
  });
}

function describeRefusals(log: () => PartitionLog): void {
  const broken = (change: (batch: Buffer) => void): Buffer => {
    const batch = batchOf('value');
    change(batch);
    return batch;
  };
  const noRecords = broken((batch) => {
    batch.writeInt32BE(0, 57);
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  });
  it.each([
    ['nothing', [], 'INVALID_INPUT'],
    ['no bytes', [Buffer.alloc(0)], 'INVALID_INPUT'],
    ['half a batch', [batchOf('value').subarray(0, 65)], 'INVALID_INPUT'],
    ['half a header', [batchOf('value').subarray(0, 20)], 'INVALID_INPUT'],
    ['another magic', [broken((batch) => batch.writeInt8(1, 16))], 'INVALID_INPUT'],
    ['no records', [noRecords], 'INVALID_INPUT'],
    ['a flipped bit', [broken((batch) => batch.writeUInt8(batch[65]! ^ 1, 65))], 'CORRUPT'],
    ['a bad second batch', [batchOf('a'), batchOf('b').subarray(1)], 'INVALID_INPUT'],
  ])('refuses %s and takes nothing', async (_, chunks, code) => {
    expect(() => log().append(chunks)).toThrow(expect.objectContaining({ code }) as Error);
    const next = log().append([batchOf('next')]);
    expect(next.baseOffset).toBe(0);
    await next.synced;
    expect(valuesIn(await log().read(0, 1 << 20))).toEqual([[0, 'next']]);
  });

  it.each([Number.NaN, -1, 1.5, 2 ** 53, Number.POSITIVE_INFINITY])(
    'answers INVALID_INPUT naming the argument for the number %d',
    async (bad) => {
      const refusal = (word: string) =>
        expect.objectContaining({
          code: 'INVALID_INPUT',
          message: expect.stringContaining(word) as string,
        }) as Error;
      expect(() => log().readNow(bad, 100)).toThrow(refusal('offset'));
      expect(() => log().readNow(0, bad)).toThrow(refusal('maxBytes'));
      await expect(log().read(bad, 100)).rejects.toEqual(refusal('offset'));
      await expect(log().commitCursor('reader', bad)).rejects.toEqual(refusal('offset'));
      await expect(log().truncate(bad)).rejects.toEqual(refusal('ffset'));
    },
  );
}

function describeReads(log: () => PartitionLog): void {
  const fill = async (): Promise<void> => {
    const appends = ['a', 'b', 'c', 'd'].map((letter) =>
      log().append([batchOf(`${letter}0`, `${letter}1`, `${letter}2`)]),
    );
    await appends.at(-1)!.synced;
  };
  const offsets = (bytes: Buffer): number[] => valuesIn(bytes).map(([offset]) => offset);

  it('reads whole batches from the one that holds the offset', async () => {
    await fill();
    const values = await readToEnd(log(), 4);
    expect(values.map(([offset]) => offset)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(values[0]).toEqual([3, 'b0']);
    expect(offsets(log().readNow(11, 1 << 20)!)).toEqual([9, 10, 11]);
  });

  it('stops before maxBytes, but returns one batch at least', async () => {
    await fill();
    const size = batchOf('a0', 'a1', 'a2').length;
    expect(offsets(await log().read(0, 0))).toEqual([0, 1, 2]);
    expect(offsets(await log().read(0, 2 * size - 1))).toEqual([0, 1, 2]);
    // A log may return fewer than would fit, where its batches do not lie together.
    const bytes = await log().read(0, 2 * size);
    expect([size, 2 * size]).toContain(bytes.length);
    expect(offsets(bytes)).toEqual([0, 1, 2, 3, 4, 5].slice(0, (3 * bytes.length) / size));
  });

  it('is empty at the readable end and OUT_OF_RANGE above it', async () => {
    await fill();
    const refusal = expect.objectContaining({ code: 'OUT_OF_RANGE' }) as Error;
    expect(await log().read(12, 100)).toHaveLength(0);
    expect(log().readNow(12, 100)).toHaveLength(0);
    await expect(log().read(13, 100)).rejects.toEqual(refusal);
    expect(() => log().readNow(13, 100)).toThrow(refusal);
  });

  it('reads nothing that is not readable yet', async () => {
    await fill();
    const append = log().append([batchOf('late')]);
    const bytes = await log().read(9, 1 << 20);
    expect(Math.max(...offsets(bytes))).toBeLessThan(log().readableEnd);
    await append.synced;
    expect(valuesIn(await log().read(12, 1 << 20))).toEqual([[12, 'late']]);
  });

  it('moves the log start up, never down, and answers OUT_OF_RANGE below it', async () => {
    await fill();
    await log().truncate(4);
    await log().truncate(1);
    expect(log().logStartOffset).toBe(4);
    expect(offsets(await log().read(4, 0))).toEqual([3, 4, 5]);
    await expect(log().read(3, 100)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await expect(log().truncate(13)).rejects.toMatchObject({ code: 'OUT_OF_RANGE' });
    await log().truncate(12);
    expect(log()).toMatchObject({ logStartOffset: 12, readableEnd: 12, logEndOffset: 12 });
    expect(await log().read(12, 100)).toHaveLength(0);
  });

  it('finds the first record at or after a timestamp', async () => {
    const at = (...times: number[]): Buffer =>
      encodeBatch(times.map((timestamp) => ({ value: Buffer.from('v'), timestamp })));
    for (const batch of [at(100, 110), at(120, 105), at(300)]) await log().append([batch]).synced;
    expect(await log().offsetForTimestamp(0)).toEqual({ offset: 0, timestamp: 100 });
    expect(await log().offsetForTimestamp(106)).toEqual({ offset: 1, timestamp: 110 });
    expect(await log().offsetForTimestamp(111)).toEqual({ offset: 2, timestamp: 120 });
    expect(await log().offsetForTimestamp(300)).toEqual({ offset: 4, timestamp: 300 });
    expect(await log().offsetForTimestamp(301)).toBeUndefined();
  });

  it('keeps a cursor per reader name', async () => {
    await fill();
    expect(log().cursor('reader')).toBeUndefined();
    await log().commitCursor('reader', 5);
    await log().commitCursor('Straße', 12);
    await log().commitCursor('reader', 3);
    expect([log().cursor('reader'), log().cursor('Straße')]).toEqual([3, 12]);
    await log().commitCursor('r'.repeat(249), 1);
    for (const name of ['', 'r'.repeat(250)]) {
      await expect(log().commitCursor(name, 1)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
  });

  it('lists the readers that have a cursor, and forgets the deleted ones', async () => {
    expect(log().cursors()).toEqual([]);
    for (const [at, name] of ['b', 'a', 'ü', 'B'].entries()) await log().commitCursor(name, at);
    await log().deleteCursor('a');
    await log().deleteCursor('a');
    await log().deleteCursor('never');
    expect(log().cursor('a')).toBeUndefined();
    expect(log().cursors()).toEqual([
      { reader: 'B', offset: 3 },
      { reader: 'b', offset: 0 },
      { reader: 'ü', offset: 2 },
    ]);
    await expect(log().deleteCursor('')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('carries out commits and deletions of a cursor in the order of the calls', async () => {
    const calls = [
      log().commitCursor('kept', 1),
      log().deleteCursor('kept'),
      log().commitCursor('kept', 2),
      log().commitCursor('gone', 3),
      log().deleteCursor('gone'),
    ];
    await Promise.all(calls);
    expect(log().cursors()).toEqual([{ reader: 'kept', offset: 2 }]);
  });
}

function describeListeners(log: () => PartitionLog): void {
  it('tells every listener of every move until it is removed', async () => {
    const heard: [string, number][] = [];
    const removeA = log().onReadable((end) => heard.push(['a', end]));
    log().onReadable((end) => heard.push(['b', end]));
    await log().append([batchOf('1', '2')]).synced;
    expect(heard).toEqual([
      ['a', 2],
      ['b', 2],
    ]);
    removeA();
    removeA();
    await log().append([batchOf('3')]).synced;
    expect(heard.slice(2)).toEqual([['b', 3]]);
  });

  it('has read what it tells of by the time it tells', async () => {
    const seen = new Promise<[number, string][]>((resolve) => {
      log().onReadable(() => resolve(valuesIn(log().readNow(0, 1 << 20) ?? Buffer.alloc(0))));
    });
    log().append([batchOf('x')]);
    expect(await seen).toEqual([[0, 'x']]);
  });
}

function describeEnds(storage: () => InstanceStorage, log: () => PartitionLog): void {
  const closed = expect.objectContaining({ code: 'CLOSED' }) as Error;

  it('is the same log for the same id, and its own for each partition', async () => {
    const { topicId } = log().id;
    expect(storage().log(topicId, 0)).toBe(log());
    await storage()
      .log(topicId, 1)
      .append([batchOf('other')]).synced;
    expect(log().readableEnd).toBe(0);
    expect(storage().log(topicId, 1).readableEnd).toBe(1);
  });

  it.each(['no uuid', '00000000-0000-0000-0000-000000000000', ''])(
    'refuses the topic id %j',
    (topicId) => {
      const refusal = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
      expect(() => storage().log(topicId, 0)).toThrow(refusal);
    },
  );

  it('answers CLOSED once its topic is deleted', async () => {
    await log().append([batchOf('gone')]).synced;
    const topic = {
      name: 't',
      id: log().id.topicId,
      partitionCount: 1,
      createdAtMs: 0,
      configs: {},
      pins: [],
    };
    await storage().deleteTopicLogs(topic);
    expect(() => log().append([batchOf('x')])).toThrow(closed);
    await expect(log().read(0, 100)).rejects.toEqual(closed);
  });

  it('settles what was accepted before close, and answers CLOSED after', async () => {
    const append = log().append([batchOf('last')]);
    const firstClose = storage().close();
    await storage().close();
    await Promise.all([firstClose, append.written, append.synced]);
    expect(() => log().append([batchOf('x')])).toThrow(closed);
    await expect(log().read(0, 100)).rejects.toEqual(closed);
    await expect(log().commitCursor('r', 0)).rejects.toEqual(closed);
    await expect(log().deleteCursor('r')).rejects.toEqual(closed);
    expect(() => log().cursors()).toThrow(closed);
    expect(() => storage().log(randomUUID(), 0)).toThrow(closed);
  });
}
