import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32c, encodeBatch } from '@walrusmq/record-batch';
import { openNativeWal } from './native-binding';
import type { NativeWal } from './native-binding';
import { DEFAULT_READER, TopicReader } from './topic-reader';

let directory: string;
let native: NativeWal;
let handle: number;
const savedCursor = (): number => native.cursor(handle, DEFAULT_READER) ?? 0;
const fill = (count: number): void => {
  const entries = Array.from({ length: count }, (_, index) => Buffer.from(`${index}`));
  native.appendEntriesSync(handle, entries);
};
const read = (reader: TopicReader, maxBytes: number, checkpoint = true): string[] =>
  reader.read(maxBytes, 2000, checkpoint).map((record) => String(record.value));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-reader-'));
  const sizes = { blockBytes: 64 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
  native = openNativeWal({ directory, ...sizes });
  handle = native.openLog(Buffer.alloc(16, 7), 0);
});
afterEach(async () => {
  await native.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('TopicReader', () => {
  it('saves the cursor before an entry is handed out when it persists every one', () => {
    fill(5);
    const reader = new TopicReader(native, handle, 1);
    for (let count = 1; count <= 3; count += 1) {
      read(reader, 0);
      expect(savedCursor()).toBe(count);
    }
    read(reader, 0, false);
    expect(savedCursor()).toBe(3);
    read(reader, 1000);
    expect(savedCursor()).toBe(5);
  });

  it('never has persistEvery entries handed out that are not saved', () => {
    fill(100);
    const reader = new TopicReader(native, handle, 10);
    let count = 0;
    for (const maxBytes of [0, 3, 9, 0, 0, 17, 5, 8, 0, 30, 6]) {
      count += read(reader, maxBytes).length;
      expect(count - savedCursor()).toBeLessThan(10);
    }
    expect(savedCursor()).toBeLessThan(count);
    reader.save();
    expect(savedCursor()).toBe(count);
  });

  it('hands nothing out when the cursor cannot be saved', () => {
    fill(3);
    const reader = new TopicReader(native, handle, 1);
    expect(read(reader, 0)).toEqual(['0']);
    native.closeSync();
    expect(() => read(reader, 0)).toThrow(expect.objectContaining({ code: 'CLOSED' }) as Error);
  });

  it('goes on at the log start when what it stood at is gone', async () => {
    fill(4);
    const reader = new TopicReader(native, handle, 1);
    expect(read(reader, 0)).toEqual(['0']);
    reader.forget();
    await native.truncate(handle, 3);
    expect(read(reader, 1000)).toEqual(['3']);
  });

  it('decodes again what it was told to forget', () => {
    fill(3);
    const reader = new TopicReader(native, handle, 1);
    expect(read(reader, 0)).toEqual(['0']);
    expect(reader.keptBytes).toBeGreaterThan(0);
    reader.forget();
    expect(reader.keptBytes).toBe(0);
    expect(read(reader, 1000)).toEqual(['1', '2']);
  });

  it('hands out what is before a batch that cannot be decoded, then says CORRUPT', () => {
    fill(2);
    const malformed = encodeBatch([{ value: Buffer.from('lost') }]);
    malformed.writeInt16BE(1, 21); // says gzip, is not
    malformed.writeUInt32BE(crc32c(malformed.subarray(21)), 17);
    native.appendSync(handle, [malformed]);
    const reader = new TopicReader(native, handle, 1);
    expect(read(reader, 1000)).toEqual(['0', '1']);
    expect(() => read(reader, 1000)).toThrow(expect.objectContaining({ code: 'CORRUPT' }) as Error);
    expect(savedCursor()).toBe(2);
  });

  it('reads n entries of one batch in time proportional to n', () => {
    const timeOf = (count: number): number => {
      handle = native.openLog(Buffer.alloc(16, 8), count);
      const entries = Array.from({ length: count }, () => Buffer.alloc(10));
      native.appendSync(handle, [encodeBatch(entries.map((value) => ({ value })))]);
      const reader = new TopicReader(native, handle, 2 ** 32);
      const start = process.hrtime.bigint();
      for (let index = 0; index < count; index += 1)
        expect(reader.read(0, 1, true)).toHaveLength(1);
      return Number(process.hrtime.bigint() - start);
    };
    timeOf(500);
    // Decoding the batch per entry would cost 64 times as much, not 8.
    expect(timeOf(4000) / timeOf(500)).toBeLessThan(30);
  });
});
