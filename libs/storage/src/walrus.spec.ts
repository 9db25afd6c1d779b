import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMPRESSIONS, encodeBatch } from '@walrusmq/record-batch';
import fc from 'fast-check';
import { FsyncSchedule } from './fsync-schedule';
import { ReadConsistency } from './read-consistency';
import { Walrus } from './walrus';
import type { Entry, WalrusOptions } from './walrus-options';
import { openWalStorage } from './wal-storage';

const SMALL = { blockBytes: 16 << 10, blocksPerFile: 4, journalBytes: 64 << 10 };
const invalid = expect.objectContaining({ code: 'INVALID_INPUT' }) as Error;

let directory: string;
let wal: Walrus;
const open = (options: WalrusOptions = {}): Walrus =>
  new Walrus({ ...SMALL, directory, fsyncSchedule: FsyncSchedule.NoFsync, ...options });
const bytes = (text: string): Buffer => Buffer.from(text);
const texts = (entries: Entry[]): string[] => entries.map((entry) => String(entry.data));
const next = (topic = 't', checkpoint = true): string | null => {
  const entry = wal.readNext(topic, checkpoint);
  return entry && String(entry.data);
};

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-seed-'));
  wal = open();
});
afterEach(async () => {
  await wal.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('Walrus', () => {
  it('reads the entries of each topic in order, once', () => {
    for (const entry of ['a', 'b']) {
      wal.appendForTopic('t', bytes(entry));
      wal.appendForTopic('u', bytes(`${entry}${entry}`));
    }
    expect([next(), next(), next()]).toEqual(['a', 'b', null]);
    expect([next('u'), next('u'), next('u')]).toEqual(['aa', 'bb', null]);
    wal.appendForTopic('t', bytes('c'));
    expect([next(), next()]).toEqual(['c', null]);
  });

  it('gives null and an empty batch for a topic that does not exist, without creating it', () => {
    expect([next('nobody'), wal.batchReadForTopic('nobody', 100)]).toEqual([null, []]);
    wal.batchAppendForTopic('nobody', []);
    wal.appendForTopic('somebody', bytes(''));
    expect(wal.readNext('somebody')).toEqual({ data: Buffer.alloc(0) });
  });

  it('gives the same entry again after a read without checkpoint', () => {
    wal.batchAppendForTopic('t', [bytes('a'), bytes('b')]);
    expect([next('t', false), next('t', false)]).toEqual(['a', 'a']);
    expect(texts(wal.batchReadForTopic('t', 100, false))).toEqual(['a', 'b']);
    expect([next(), next('t', false), next()]).toEqual(['a', 'b', 'b']);
  });

  it('stops a batch read at maxBytes of payload, but returns the first entry', () => {
    wal.batchAppendForTopic('t', ['12345', '123', '12', '1'].map(bytes));
    expect(texts(wal.batchReadForTopic('t', 0))).toEqual(['12345']);
    expect(texts(wal.batchReadForTopic('t', 5))).toEqual(['123', '12']);
    expect(texts(wal.batchReadForTopic('t', 5))).toEqual(['1']);
    expect(wal.batchReadForTopic('t', 5)).toEqual([]);
  });

  it('stops a batch read at 2,000 entries', () => {
    const entries = Array.from({ length: 2000 }, (_, index) => bytes(`${index}`));
    wal.batchAppendForTopic('t', entries);
    wal.appendForTopic('t', bytes('last'));
    expect(wal.batchReadForTopic('t', 1 << 30, false)).toHaveLength(2000);
    expect(texts(wal.batchReadForTopic('t', 1 << 30))).toEqual(entries.map(String));
    expect([next(), next()]).toEqual(['last', null]);
  });

  it('refuses a batch over the limits and appends nothing of it', () => {
    const tooMany = Array.from({ length: 2001 }, () => bytes('x'));
    expect(() => wal.batchAppendForTopic('t', tooMany)).toThrow(invalid);
    // 2,000 views of one buffer: only the sum is over 10 GiB.
    const large = Buffer.alloc(6 << 20);
    const tooLarge = Array.from({ length: 2000 }, () => large);
    expect(() => wal.batchAppendForTopic('t', tooLarge)).toThrow(invalid);
    expect(() => wal.batchAppendForTopic('t', [bytes('x'), 'y' as never])).toThrow(invalid);
    expect(next()).toBeNull();
  });

  it('refuses an entry that fits no file, a bad name and a bad size', () => {
    expect(() => wal.appendForTopic('t', Buffer.alloc(80 << 10))).toThrow(invalid);
    for (const topic of ['', 'x'.repeat(250)]) {
      expect(() => wal.appendForTopic(topic, bytes('x'))).toThrow(invalid);
    }
    for (const maxBytes of [-1, 0.5, Number.NaN, 2 ** 53]) {
      expect(() => wal.batchReadForTopic('t', maxBytes)).toThrow(invalid);
    }
  });

  it('keeps entries larger than a block', () => {
    const large = Buffer.alloc(40 << 10, 'large');
    wal.batchAppendForTopic('t', [bytes('a'), large, bytes('b')]);
    expect(next()).toBe('a');
    expect(wal.readNext('t')?.data.equals(large)).toBe(true);
    expect(next()).toBe('b');
  });

  it.each(COMPRESSIONS)('reads what a broker stored in the topic, as %s', async (compression) => {
    await wal.close();
    const storage = await openWalStorage({ ...SMALL, directory });
    const topic = await storage.catalogue.create('t', { partitionCount: 4 });
    const records = ['x', 'y', 'z'].map((value) => ({ key: bytes('k'), value: bytes(value) }));
    const log = storage.log(topic.id, 0);
    await log.append([encodeBatch(records, { compression })]).synced;
    await log.append([encodeBatch([{ value: null }])]).synced;
    await storage.close();
    wal = open();
    expect([next(), next(), next(), next(), next()]).toEqual(['x', 'y', 'z', '', null]);
    wal.appendForTopic('t', bytes('seed'));
    expect(next()).toBe('seed');
  });

  it('answers CLOSED after close, which may be called twice', async () => {
    wal.appendForTopic('t', bytes('a'));
    await Promise.all([wal.close(), wal.close()]);
    const closed = expect.objectContaining({ code: 'CLOSED' }) as Error;
    expect(() => wal.appendForTopic('t', bytes('b'))).toThrow(closed);
    expect(() => wal.readNext('t')).toThrow(closed);
    expect(() => wal.batchReadForTopic('new', 1)).toThrow(closed);
  });

  it('returns entries in order for any mix of appends and reads', () => {
    const appendOne = fc.record({ kind: fc.constant('append'), size: fc.nat(2000) });
    const appendMany = fc.record({ kind: fc.constant('appendMany'), size: fc.nat(40) });
    const readOne = fc.record({ kind: fc.constant('read'), size: fc.nat(1) });
    const readMany = fc.record({ kind: fc.constant('readMany'), size: fc.nat(5000) });
    let run = 0;
    fc.assert(
      fc.property(
        fc.array(fc.oneof(appendOne, appendMany, readOne, readMany), { maxLength: 40 }),
        (steps) => {
          const topic = `run-${(run += 1)}`;
          let appended = 0;
          const seen: string[] = [];
          const entry = (size: number): Buffer => bytes(`${(appended += 1)}:`.padEnd(size, '.'));
          for (const { kind, size } of steps) {
            if (kind === 'append') wal.appendForTopic(topic, entry(size));
            else if (kind === 'appendMany') {
              const entries = Array.from({ length: size }, () => entry(size * 7));
              wal.batchAppendForTopic(topic, entries);
            } else if (kind === 'read') {
              const found = wal.readNext(topic, size === 1);
              if (size === 1 && found) seen.push(String(found.data));
            } else seen.push(...texts(wal.batchReadForTopic(topic, size)));
          }
          for (let found = next(topic); found !== null; found = next(topic)) seen.push(found);
          expect(seen.map((text) => Number.parseInt(text, 10))).toEqual(
            Array.from({ length: appended }, (_, index) => index + 1),
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('read consistency', () => {
  const fill = (count: number): void => {
    const entries = Array.from({ length: count }, (_, index) => bytes(`${index}`));
    wal.batchAppendForTopic('t', entries);
  };
  it('goes on after the last entry when it was closed', async () => {
    await wal.close();
    wal = open({ readConsistency: ReadConsistency.AtLeastOnce({ persistEvery: 1000 }) });
    fill(7);
    expect([next(), next(), next()]).toEqual(['0', '1', '2']);
    await wal.close();
    wal = open();
    expect(texts(wal.batchReadForTopic('t', 1 << 20))).toEqual(['3', '4', '5', '6']);
  });

  it('refuses a persistEvery that is no count', () => {
    for (const persistEvery of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
      expect(() => ReadConsistency.AtLeastOnce({ persistEvery })).toThrow(invalid);
    }
  });
});

describe('the directory of a Walrus', () => {
  it('is WALRUS_DATA_DIR unless the option names one', async () => {
    process.env['WALRUS_DATA_DIR'] = join(directory, 'from-environment');
    const other = new Walrus({ ...SMALL });
    delete process.env['WALRUS_DATA_DIR'];
    expect(other.directory).toBe(join(directory, 'from-environment'));
    await other.close();
  });
});
