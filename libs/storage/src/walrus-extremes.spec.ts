// The seed's own test topics at their extremes: names, counts, sizes, mixed calls, many threads of
// control, isolation.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { FsyncSchedule } from './fsync-schedule';
import { ReadConsistency } from './read-consistency';
import { Walrus } from './walrus';
import type { Entry, WalrusOptions } from './walrus-options';

const SMALL = { blockBytes: 16 << 10, blocksPerFile: 8, journalBytes: 64 << 10 };
const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;
const quiet = { onLog: () => undefined };

let directory: string;
let wal: Walrus;
const open = (options: WalrusOptions = {}): Walrus =>
  new Walrus({ ...SMALL, ...quiet, directory, fsyncSchedule: FsyncSchedule.NoFsync, ...options });
const bytes = (text: string): Buffer => Buffer.from(text);
const texts = (entries: Entry[]): string[] => entries.map((entry) => String(entry.data));
const reopen = async (options: WalrusOptions = {}): Promise<void> => {
  await wal.close();
  wal = open(options);
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-extremes-'));
  wal = open();
});
afterEach(async () => {
  await wal.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('names of topics', () => {
  it('W24: over the limit harm nobody, in any call', async () => {
    wal.appendForTopic('good', bytes('before'));
    for (const name of ['', 'x'.repeat(250), 'ü'.repeat(125), '\ud800', 7 as never]) {
      expect(() => wal.appendForTopic(name, bytes('x'))).toThrow(invalid);
      expect(() => wal.batchAppendForTopic(name, [bytes('x')])).toThrow(invalid);
      await expect(wal.appendAsync(name, bytes('x'))).rejects.toEqual(invalid);
      await expect(wal.batchAppendAsync(name, [bytes('x')])).rejects.toEqual(invalid);
      expect(() => wal.topicStats(name)).toThrow(invalid);
      await expect(wal.deleteTopic(name)).rejects.toEqual(invalid);
      await expect(wal.createReader('good', name)).rejects.toEqual(invalid);
      expect(() => wal.readNext('good', true, { reader: name })).toThrow(invalid);
    }
    wal.batchAppendForTopic('good', [bytes('after')]);
    expect(wal.topics()).toEqual(['good']);
    expect(texts(wal.batchReadForTopic('good', 100))).toEqual(['before', 'after']);
  });

  it('may be anything else that is text', async () => {
    const names = [
      '.',
      '..',
      'a/b',
      'a\\b',
      '../../etc',
      'a\0b',
      ' ',
      '\n',
      '☃'.repeat(83),
      '1700000000',
    ];
    names.push(
      'LOCK',
      'quarantine',
      '%2e%2e',
      'x'.repeat(249),
      '__proto__',
      'constructor',
      '\u00e4',
      'a\u0308',
    );
    for (const name of names) wal.appendForTopic(name, bytes(`of ${name}`));
    await reopen();
    expect(wal.topics()).toEqual(names);
    for (const name of names) {
      expect(String(wal.readNext(name)?.data)).toBe(`of ${name}`);
      expect(wal.readNext(name)).toBeNull();
    }
    const files = readdirSync(directory).filter(
      (name) => !/^(\d{13}|LOCK|journal\.[01])$/.test(name),
    );
    expect(files).toEqual(['read_offset_idx_index.db']);
  });
});

describe('counts and sizes', () => {
  it('holds 10,000 topics, with their cursors, over a restart', async () => {
    await reopen({ blockBytes: 4096, blocksPerFile: 4000 });
    const name = (index: number): string => `topic-${index}`;
    const wrong: number[] = [];
    for (let index = 0; index < 10_000; ++index) {
      wal.batchAppendForTopic(name(index), [bytes(`first ${index}`), bytes(`second ${index}`)]);
      if (String(wal.readNext(name(index))?.data) !== `first ${index}`) wrong.push(index);
    }
    await reopen({ blockBytes: 4096, blocksPerFile: 4000 });
    expect(wal.topics()).toHaveLength(10_000);
    for (let index = 0; index < 10_000; ++index) {
      if (String(wal.readNext(name(index))?.data) !== `second ${index}`) wrong.push(index);
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it.each([
    ['each size around a block', [16_000, 16_100, 16_200, 16_300, 16_384, 16_385, 16_500]],
    ['several blocks', [40_000, 70_000, 100_000]],
    ['nothing and next to nothing', [0, 1, 63, 64, 65]],
  ])('keeps entries of %s', async (_, sizes) => {
    const entries = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    for (const entry of entries) wal.appendForTopic('single', entry);
    wal.batchAppendForTopic('batch', entries);
    await reopen();
    for (const topic of ['single', 'batch']) {
      const found = wal.batchReadForTopic(topic, 1 << 30).map(({ data }) => data);
      expect(found.map((data) => data.length)).toEqual(sizes);
      expect(found.every((data, index) => data.equals(entries[index] as Buffer))).toBe(true);
    }
  });

  it('reads batches across blocks and files in budgets of any size', async () => {
    const all = Array.from({ length: 2000 }, (_, index) =>
      `${index} `.padEnd(40 + (index % 90), '.'),
    );
    wal.batchAppendForTopic('t', all.map(bytes));
    await reopen();
    expect(readdirSync(directory).filter((name) => /^\d+$/.test(name)).length).toBeGreaterThan(1);
    const seen: string[] = [];
    for (const budget of [0, 1, 100, 5_000, 20_000, 50_000, 2 ** 30]) {
      const part = texts(wal.batchReadForTopic('t', budget));
      const sum = part.reduce((total, text) => total + text.length, 0);
      expect(part.length === 1 || sum <= budget).toBe(true);
      seen.push(...part);
    }
    expect(seen).toEqual(all);
  });
});

describe('mixed calls', () => {
  it('keep single appends, batches, reads, peeks and restarts in one order', async () => {
    const expected: string[] = [];
    const seen: string[] = [];
    for (let round = 0; round < 40; ++round) {
      const batch = Array.from({ length: round % 7 }, (_, index) => `${round}/${index}`);
      wal.batchAppendForTopic('t', batch.map(bytes));
      wal.appendForTopic('t', bytes(`${round}`));
      expected.push(...batch, `${round}`);
      const peeked = texts(wal.batchReadForTopic('t', 40, false));
      const read = round % 2 === 0 ? texts(wal.batchReadForTopic('t', 40)) : [];
      const next = round % 2 === 1 ? wal.readNext('t') : null;
      if (next !== null) read.push(String(next.data));
      expect(peeked.slice(0, read.length)).toEqual(read);
      seen.push(...read);
      if (round % 9 === 8) await reopen();
    }
    seen.push(...texts(wal.batchReadForTopic('t', 2 ** 30)));
    expect(seen).toEqual(expected);
  });

  it('roll a refused batch back: nothing of it is there, and the next one follows', async () => {
    wal.appendForTopic('t', bytes('a'));
    const tooLarge = Buffer.alloc(SMALL.blockBytes * SMALL.blocksPerFile + 1);
    expect(() => wal.batchAppendForTopic('t', [bytes('b'), tooLarge, bytes('c')])).toThrow(invalid);
    await expect(wal.batchAppendAsync('t', [bytes('b'), tooLarge])).rejects.toEqual(invalid);
    expect(wal.topicStats('t').nextOffset).toBe(1);
    wal.batchAppendForTopic('t', [bytes('d')]);
    await reopen();
    expect(texts(wal.batchReadForTopic('t', 100))).toEqual(['a', 'd']);
  });

  it('under Milliseconds(0) are refused with INVALID_INPUT', () => {
    expect(() => FsyncSchedule.Milliseconds(0)).toThrow(invalid);
    const none = { kind: 'milliseconds', intervalMs: 0 } as const;
    expect(() => new Walrus({ directory: join(directory, 'k'), fsyncSchedule: none })).toThrow(
      invalid,
    );
  });
});

describe('files', () => {
  it('go when every reader passed them, and the disk with them', async () => {
    const entry = gzipSync(Buffer.alloc(3_000, 'x'));
    await wal.createReader('t', 'slow').catch(() => undefined);
    for (let index = 0; index < 1500; ++index) wal.appendForTopic('t', Buffer.alloc(1_000, entry));
    await wal.createReader('t', 'slow');
    const files = (): number => readdirSync(directory).filter((name) => /^\d+$/.test(name)).length;
    const full = files();
    expect(full).toBeGreaterThan(10);
    while (wal.batchReadForTopic('t', 1 << 20).length > 0);
    expect(files()).toBe(full);
    while (wal.batchReadForTopic('t', 1 << 20, true, { reader: 'slow' }).length > 0);
    while (files() > 2) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(wal.topicStats('t').diskBytes).toBeLessThan(40_000);
  });

  it('stay as they are when nobody read them', async () => {
    for (let index = 0; index < 300; ++index) wal.appendForTopic('t', Buffer.alloc(1_000, 'v'));
    const before = readdirSync(directory).filter((name) => /^\d+$/.test(name));
    await reopen({ readConsistency: ReadConsistency.AtLeastOnce({ persistEvery: 10 }) });
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(before));
    expect(wal.topicStats('t').entryCount).toBe(300);
  });
});
