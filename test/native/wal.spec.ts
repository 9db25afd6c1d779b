import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wal, crc32c } from '@walrusmq/native';
import type { NativeFailure } from '@walrusmq/native';
import { batchHeaders, decodeBatches, encodeBatch } from '@walrusmq/record-batch';

const invalid = (word: string): Error =>
  expect.objectContaining({
    code: 'INVALID_INPUT',
    message: expect.stringContaining(word) as string,
  }) as Error;
const batch = (value: string): Buffer => encodeBatch([{ value: Buffer.from(value) }]);

let directory: string;
let wal: Wal;
let log: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-binding-'));
  const sizes = { blockBytes: 65536, blocksPerFile: 4, journalBytes: 65536 };
  wal = Wal.open({ directory, fsync: 'no-fsync', ...sizes });
  log = wal.openLog(Buffer.alloc(16, 3), 5);
});
afterEach(async () => {
  await wal.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('numbered operations', () => {
  it('counts appends and changes of cursors in one row, and tells of all', async () => {
    const calls: [number, number][] = [];
    const settled = new Promise<void>((resolve) => {
      wal.onSettled((written, synced, failures) => {
        expect(failures).toEqual([]);
        calls.push([written, synced]);
        if (synced === 40) resolve();
      });
    });
    for (let count = 0; count < 10; count += 1) {
      wal.append(log, [batch('a')]);
      wal.appendSync(log, [batch('not numbered')]);
      wal.commitCursor(log, 'reader', count);
      wal.deleteCursor(log, 'nobody');
      wal.append(log, [batch('b')]);
    }
    await settled;
    for (const [written, synced] of calls) expect(synced).toBeLessThanOrEqual(written);
    expect(calls.at(-1)).toEqual([40, 40]);
    expect(wal.cursor(log, 'reader')).toBe(9);
    expect(wal.readableEnd(log)).toBe(30);
  });

  it('wakes the loop at most twice per commit group', async () => {
    const settled = new Promise<void>((resolve) => {
      wal.onSettled((_written, synced) => {
        if (synced === 3000) resolve();
      });
    });
    for (let count = 0; count < 3000; count += 1) wal.append(log, [batch(`${count}`)]);
    await settled;
    const { commitGroups, wakeups } = wal.stats();
    expect(wakeups).toBeLessThanOrEqual(2 * commitGroups);
  });

  it('settles what is in flight before close resolves', async () => {
    let told: readonly [number, number, readonly NativeFailure[]] | undefined;
    wal.onSettled((...counts) => {
      told = counts;
    });
    for (let count = 0; count < 100; count += 1) wal.append(log, [batch('x')]);
    const closing = wal.close();
    expect(wal.close()).toBe(closing);
    await closing;
    expect(told).toEqual([100, 100, []]);
  });

  it('leaves offset, count, duplicate and append time of the last append in lastAppend', () => {
    const { lastAppend } = wal;
    wal.append(log, [batch('a')]);
    const three = encodeBatch(['b', 'c', 'd'].map((value) => ({ value: Buffer.from(value) })));
    expect(wal.append(log, [three])).toBe(1);
    expect([...lastAppend]).toEqual([1, 3, 0, -1]);
    expect(wal.appendEntrySync(log, Buffer.from('e'))).toBe(4);
    expect([...lastAppend]).toEqual([4, 1, 0, -1]);
    wal.configureLogs(Buffer.alloc(16, 3), 5, 1, true, 0);
    const startMs = Date.now();
    wal.append(log, [batch('f')]);
    expect([...lastAppend]).toEqual([5, 1, 0, expect.any(Number)]);
    expect(lastAppend[3]).toBeGreaterThanOrEqual(startMs);
    expect(wal.lastAppend).toBe(lastAppend);
  });
});

describe('entries', () => {
  it('become batches of one record that every decoder reads', () => {
    for (const size of [0, 1, 63, 64, 5000]) {
      const payload = Buffer.alloc(size, 'p');
      const offset = wal.appendEntrySync(log, payload);
      const [record] = decodeBatches(wal.readSync(log, offset, 0));
      expect(record).toMatchObject({ offset, key: null, headers: [], value: payload });
      expect(Math.abs(record!.timestamp - Date.now())).toBeLessThan(60_000);
    }
  });

  it('of one call are packed together and get dense offsets', () => {
    const payloads = Array.from({ length: 100 }, (_, index) => Buffer.alloc(index, `${index}`));
    expect(wal.appendEntriesSync(log, payloads)).toBe(0);
    const bytes = wal.readSync(log, 0, 1 << 20);
    expect([...batchHeaders(bytes)]).toHaveLength(1);
    expect([...decodeBatches(bytes)].map((record) => record.value)).toEqual(payloads);
  });
});

describe('arguments', () => {
  it.each([1n, Number.NaN, -1, 0.5, 2 ** 53, '1', undefined, null, {}])(
    'that are no whole number are INVALID_INPUT naming the argument: %p',
    (value) => {
      const bad = value as number;
      expect(() => wal.readNow(bad, 0, 0)).toThrow(invalid('log'));
      expect(() => wal.readSync(log, bad, 0)).toThrow(invalid('offset'));
      expect(() => void wal.read(log, 0, bad)).toThrow(invalid('maxBytes'));
      expect(() => wal.openLog(Buffer.alloc(16), bad)).toThrow(invalid('partition'));
      expect(() => wal.commitCursor(log, 'r', bad)).toThrow(invalid('offset'));
      expect(() => wal.commitCursorSync(log, 'r', bad)).toThrow(invalid('offset'));
      expect(() => void wal.truncate(log, bad)).toThrow(invalid('offset'));
      expect(() => void wal.offsetForTimestamp(log, bad)).toThrow(invalid('timestampMs'));
    },
  );

  it('of other wrong types are INVALID_INPUT naming the argument', () => {
    const wrong = (value: unknown): never => value as never;
    expect(() => wal.append(log, wrong(batch('x')))).toThrow(invalid('chunks'));
    expect(() => wal.append(log, wrong(['x']))).toThrow(invalid('chunks'));
    expect(() => wal.append(log + 1, [batch('x')])).toThrow(invalid('log'));
    expect(() => wal.appendEntrySync(log, wrong('x'))).toThrow(invalid('payload'));
    expect(() => wal.appendEntriesSync(log, [])).toThrow(invalid('payloads'));
    expect(() => wal.openLog(Buffer.alloc(15), 0)).toThrow(invalid('topicId'));
    expect(() => wal.openLog(wrong('x'.repeat(16)), 0)).toThrow(invalid('topicId'));
    const id = Buffer.alloc(16);
    expect(() => wal.logStates(Buffer.alloc(15), 0, 1)).toThrow(invalid('topicId'));
    expect(() => wal.logStates(id, 2 ** 32 - 1, 1)).toThrow(invalid('count'));
    expect(() => wal.configureLogs(id, 0, 1, wrong(1), 0)).toThrow(invalid('logAppendTime'));
    expect(() => wal.configureLogs(id, 0, 1, true, -1)).toThrow(invalid('segmentMs'));
    expect(() => wal.findExpired(id, 0, 1, 0.5, 0, 0)).toThrow(invalid('oldestMs'));
    expect(() => wal.deleteLogs(wrong(1))).toThrow(invalid('logs'));
    expect(() => wal.deleteLogs([99])).toThrow(invalid('logs'));
    expect(() => wal.onSettled(wrong({}))).toThrow(invalid('callback'));
    expect(() => wal.cursor(log, wrong(7))).toThrow(invalid('reader'));
    expect(() => crc32c(wrong('x'))).toThrow(invalid('bytes'));
    expect(() => Wal.open(wrong('directory'))).toThrow(invalid('options'));
    expect(() => Wal.open({ directory, fsync: wrong('often') })).toThrow(invalid('often'));
    expect(() => new (wrong(Wal) as new () => Wal)()).toThrow(invalid('Wal.open()'));
  });

  it('pass an exception of a getter on', () => {
    const chunks = [batch('x')];
    Object.defineProperty(chunks, 0, {
      get() {
        throw new RangeError('from the getter');
      },
    });
    expect(() => wal.append(log, chunks)).toThrow(new RangeError('from the getter'));
    expect(wal.append(log, [batch('x')])).toBe(0);
  });
});

describe('a Wal', () => {
  it('gives one handle per log and lists what it stores', () => {
    expect(wal.openLog(Buffer.alloc(16, 3), 5)).toBe(log);
    expect(wal.openLog(Buffer.alloc(16, 3), 6)).not.toBe(log);
    wal.appendEntrySync(log, Buffer.from('x'));
    expect(wal.listLogs()).toContainEqual(
      expect.objectContaining({ topicId: Buffer.alloc(16, 3), partition: 5, readableEnd: 1 }),
    );
    expect(wal.logInfo(log)).toMatchObject({ startOffset: 0, nextOffset: 1, corruptOffset: null });
    wal.loadLogState(log);
    const { storedBytes, leaderEpoch } = wal.logInfo(log);
    expect([...wal.logState]).toEqual([0, 1, 1, storedBytes, leaderEpoch]);
  });

  it('answers CLOSED to every call after close', async () => {
    await wal.close();
    const closed = expect.objectContaining({ code: 'CLOSED' }) as Error;
    for (const call of [
      () => wal.append(log, [batch('x')]),
      () => wal.readSync(log, 0, 0),
      () => wal.stats(),
      () => wal.listLogs(),
      () => wal.logInfo(log),
      () => wal.closeSync(),
    ]) {
      expect(call).toThrow(closed);
    }
    await wal.close();
  });

  it('knows the checksum of CRC-32C', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});
