import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPRESSIONS, crc32c, encodeBatch, type Compression } from '@walrusmq/record-batch';
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
  reader.read(maxBytes, 2000, checkpoint).map(({ data }) => String(data));

const SIZES = { blockBytes: 64 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const open = (persistEvery: number): void => {
  native = openNativeWal({ directory, ...SIZES }, { sharing: { persistEvery } });
  handle = native.openLog(Buffer.alloc(16, 7), 0);
};
const newReader = (onKept?: (deltaBytes: number) => void): TopicReader =>
  new TopicReader(native, handle, DEFAULT_READER, onKept);
const malformed = (compression: Compression): Buffer => {
  const batch = encodeBatch([{ value: Buffer.from('lost') }]);
  batch.writeInt16BE(COMPRESSIONS.indexOf(compression), 21); // says so, is not
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-reader-'));
  open(1);
});
afterEach(async () => {
  await native.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('TopicReader', () => {
  it('saves the cursor before an entry is handed out when it persists every one', () => {
    fill(5);
    const reader = newReader();
    for (let count = 1; count <= 3; count += 1) {
      read(reader, 0);
      expect(savedCursor()).toBe(count);
    }
    read(reader, 0, false);
    expect(savedCursor()).toBe(3);
    read(reader, 1000);
    expect(savedCursor()).toBe(5);
  });

  it('W22: never has persistEvery entries handed out that are not saved', async () => {
    await native.close();
    open(10);
    fill(100);
    const reader = newReader();
    let count = 0;
    for (const maxBytes of [0, 3, 9, 0, 0, 17, 5, 8, 0, 30, 6]) {
      count += read(reader, maxBytes).length;
      expect(count - savedCursor()).toBeLessThan(10);
    }
    expect(savedCursor()).toBeLessThan(count);
    await native.close();
    open(10);
    expect(savedCursor()).toBe(count);
  });

  it('hands nothing out when the cursor cannot be saved', () => {
    fill(3);
    const reader = newReader();
    expect(read(reader, 0)).toEqual(['0']);
    native.closeSync();
    expect(() => read(reader, 0)).toThrow(expect.objectContaining({ code: 'CLOSED' }) as Error);
  });

  it('goes on at the log start when what it stood at is gone', async () => {
    fill(4);
    const reader = newReader();
    expect(read(reader, 0)).toEqual(['0']);
    reader.forget();
    await native.truncate(handle, 3);
    expect(read(reader, 1000)).toEqual(['3']);
  });

  it('tells how much it keeps decoded, and decodes again what it was told to forget', () => {
    fill(3);
    let kept = 0;
    const reader = newReader((deltaBytes) => (kept += deltaBytes));
    expect(read(reader, 0)).toEqual(['0']);
    expect(kept).toBeGreaterThan(60);
    reader.forget();
    expect(kept).toBe(0);
    expect(read(reader, 1000)).toEqual(['1', '2']);
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'W8: hands out what is before a batch whose %s cannot be decoded, then says CORRUPT',
    (compression) => {
      fill(2);
      native.appendSync(handle, [malformed(compression)]);
      fill(1);
      const reader = newReader();
      const corrupt = expect.objectContaining({ code: 'CORRUPT' }) as Error;
      expect(read(reader, 1000)).toEqual(['0', '1']);
      for (let count = 0; count < 3; count += 1) expect(() => read(reader, 1000)).toThrow(corrupt);
      expect(savedCursor()).toBe(2);
      // Not "caught up" for ever: who knows of it can go on behind it.
      reader.moveTo(3);
      expect(read(reader, 1000)).toEqual(['0']);
    },
  );

  it('W21: hands each entry to one of several readers of that name', () => {
    fill(300);
    const readers = [newReader(), newReader(), newReader()];
    const seen: string[] = [];
    for (let turn = 0; seen.length < 300; turn += 1) {
      const reader = readers[turn % 3] as TopicReader;
      const found = read(reader, turn % 7);
      expect(found).not.toEqual([]);
      seen.push(...found);
    }
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => `${index}`));
    for (const reader of readers) expect(read(reader, 1000)).toEqual([]);
  });

  it('sees at once where another reader of its name was moved to', () => {
    fill(10);
    const [one, other] = [newReader(), newReader()];
    expect(read(one, 0)).toEqual(['0']);
    other.moveTo(8);
    expect(read(one, 0, false)).toEqual(['8']);
    one.moveTo(2);
    expect(read(other, 1)).toEqual(['2']);
  });

  it('fetches ahead what the next read begins with', async () => {
    fill(5);
    let kept = 0;
    const reader = newReader((deltaBytes) => (kept += deltaBytes));
    await reader.fetch();
    expect(kept).toBeGreaterThan(0);
    await reader.fetch();
    expect(read(reader, 1000)).toEqual(['0', '1', '2', '3', '4']);
    await reader.fetch();
    expect(read(reader, 1000)).toEqual([]);
  });

  it('reads a batch from the log once, however many reads take its entries', async () => {
    await native.close();
    open(2 ** 32);
    const entries = Array.from({ length: 4000 }, () => Buffer.alloc(10));
    native.appendSync(handle, [encodeBatch(entries.map((value) => ({ value })))]);
    const called: (string | symbol)[] = [];
    const watched = new Proxy(native, {
      get(target, name) {
        called.push(name);
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const reader = new TopicReader(watched, handle, DEFAULT_READER);
    const taken = entries.map(() => reader.read(0, 1, true).length);
    expect(taken).toEqual(entries.map(() => 1));
    // Decoding the batch per entry would make reads of one batch cost the square of its entries.
    expect(called.filter((name) => name === 'readEntries')).toHaveLength(1);
    expect(called).not.toContain('readNow');
  });
});
