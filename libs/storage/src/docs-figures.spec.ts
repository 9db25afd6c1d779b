// The figures of the pages about storage against the constants of the engine and this library, and
// the tables of docs/wal-format.md against bytes that the engine wrote.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BATCH_BYTES_MAX, BATCH_ENTRIES_MAX, ENTRY_OVERHEAD_BYTES } from './batch-limits';
import { FsyncSchedule } from './fsync-schedule';
import { inspectDirectory } from './inspection';
import type { InspectedItem } from './inspection';
import { DEFAULT_DATA_DIRECTORY, DIRECTORY_NAME_BYTES_MAX } from './instance-directory';
import { loadAddon } from './native-binding';
import { TOPIC_NAME_BYTES_MAX } from './topic-catalogue';
import { READ_AT_BYTES, Walrus } from './walrus';

const REPOSITORY = join(__dirname, '..', '..', '..');
const page = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8');
const { constants } = loadAddon();
const { defaults } = constants;

const UNITS: Readonly<Record<string, number>> = {
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  '': 1,
};
const numbersIn = (value: unknown): number[] => {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
};
const KNOWN: ReadonlySet<number> = new Set([
  ...numbersIn(constants),
  defaults.blockBytes * defaults.blocksPerFile,
  BATCH_ENTRIES_MAX,
  BATCH_BYTES_MAX,
  ENTRY_OVERHEAD_BYTES,
  READ_AT_BYTES,
  TOPIC_NAME_BYTES_MAX,
  DIRECTORY_NAME_BYTES_MAX,
]);

/** Figures of a page: with a unit, or of three digits and more. Code, links, addresses left out. */
function figuresOf(path: string): { readonly text: string; readonly value: number }[] {
  const prose = page(path)
    .replace(/^```[^]*?^```$/gm, '')
    // The places of fields: they are held against bytes, below.
    .replace(/^(?:\|[ \d]*){1,2}\|/gm, '|')
    .replace(/\]\([^)]*\)|`1700000000123`/g, ']')
    .replace(/\bhttps?:\S+|\b[\d.]+:\d+\b|\b0\d+\b/g, '');
  const found = prose.matchAll(/(?<![\w.-])(\d[\d,]*)(?: (KiB|MiB|GiB)\b)?(?![\w.-]*\d)/g);
  return [...found]
    .map(([text, digits = '', unit = '']) => {
      return { text, value: Number(digits.replaceAll(',', '')) * (UNITS[unit] as number) };
    })
    .filter(({ text, value }) => text.includes('iB') || value >= 100);
}

/** Figures that are no constant of ours, with what they are. */
const OTHERS: Readonly<Record<string, readonly (readonly [number, string])[]>> = {
  'docs/storage-api.md': [],
  'docs/wal-format.md': [
    [3720, 'an RFC'],
    [1970, 'a year'],
    [2 ** 20, 'the size from which the cursor file is compacted'],
    [108, 'a seal without its index: 72 + 4 + 8 and an entry of 24'],
  ],
  'README.md': [
    [9292, 'a port of an example'],
    [9293, 'its WebSocket port'],
    [9092, 'the port of Kafka’s protocol'],
    [9094, 'another one, of an example'],
    [19_092, 'another one, of an example'],
    [200, 'kills of a test, and the milliseconds of an example'],
  ],
};

describe('W36: the pages', () => {
  it.each(Object.keys(OTHERS))("give no figure that is not the engine's own: %s", (path) => {
    const others = new Set(OTHERS[path]?.map(([value]) => value));
    const figures = figuresOf(path);
    expect(figures.length).toBeGreaterThan(0);
    expect(figures.filter(({ value }) => !KNOWN.has(value) && !others.has(value))).toEqual([]);
    for (const value of others) expect(figures.map((figure) => figure.value)).toContain(value);
  });

  const kib = (bytes: number): string => `${bytes / 2 ** 10} KiB`;
  const mib = (bytes: number): string => `${bytes / 2 ** 20} MiB`;
  const gib = (bytes: number): string => `${bytes / 2 ** 30} GiB`;
  const option = (name: string, value: string): string => `| \`${name}\` | ${value} |`;
  const { blockBytesMin, blockBytesMax, blocksPerFileMax, dataFileBytesMax } = constants;
  const { openFilesMaxLeast, openFilesMaxMost } = constants;
  const bounds = `${kib(blockBytesMin)} to ${gib(blockBytesMax)}, a multiple of ${blockBytesMin}`;
  const structure = (name: string, bytes: number, copy: number): string =>
    `${name}, ${bytes} bytes, at 0 and again at ${copy}`;
  it.each([
    ['docs/storage-api.md', option('blockBytes', mib(defaults.blockBytes))],
    ['docs/storage-api.md', option('blocksPerFile', `${defaults.blocksPerFile}`)],
    ['docs/storage-api.md', option('queuedBytesMax', mib(defaults.queuedBytesMax))],
    ['docs/storage-api.md', option('journalBytes', mib(defaults.journalBytes))],
    ['docs/storage-api.md', option('journalBypassRunBytes', kib(defaults.journalBypassRunBytes))],
    ['docs/storage-api.md', option('reserveBytes', mib(defaults.reserveBytes))],
    ['docs/storage-api.md', option('readerThreads', `${defaults.readerThreads}`)],
    ['docs/storage-api.md', option('openFilesMax', `${defaults.openFilesMax}`)],
    ['docs/storage-api.md', `${openFilesMaxLeast} to ${openFilesMaxMost} data files`],
    ['docs/storage-api.md', option('producerIdExpirationMs', `${defaults.producerIdExpirationMs}`)],
    ['docs/storage-api.md', option('producersPerLogMax', `${defaults.producersPerLogMax}`)],
    ['docs/storage-api.md', option('producersMax', `${defaults.producersMax}`)],
    ['docs/storage-api.md', option('segmentMs', `${defaults.segmentMs} (never)`)],
    [
      'docs/storage-api.md',
      option('fsyncSchedule', `\`Milliseconds(${defaults.fsyncIntervalMs})\``),
    ],
    ['docs/storage-api.md', option('batchBytesMax', gib(defaults.batchBytesMax))],
    ['docs/storage-api.md', bounds],
    ['docs/storage-api.md', `1 to ${blocksPerFileMax}; a file at most ${gib(dataFileBytesMax)}`],
    ['docs/storage-api.md', `at most ${BATCH_ENTRIES_MAX.toLocaleString('en')} entries`],
    ['docs/storage-api.md', `and ${gib(BATCH_BYTES_MAX)}, ${ENTRY_OVERHEAD_BYTES} bytes for each`],
    ['docs/storage-api.md', `A topic's name has 1 to ${TOPIC_NAME_BYTES_MAX} bytes`],
    ['docs/storage-api.md', `its name has 1 to ${constants.readerNameBytesMax} bytes`],
    ['docs/storage-api.md', `A name over ${DIRECTORY_NAME_BYTES_MAX} bytes`],
    ['docs/storage-api.md', `else \`${DEFAULT_DATA_DIRECTORY}\``],
    ['docs/storage-api.md', `\`${constants.defaultReader}\``],
    ['docs/wal-format.md', `Format version ${constants.formatVersion}:`],
    ['docs/wal-format.md', `\`${constants.cursorFileName}\` | cursor file`],
    ['docs/wal-format.md', `\`${constants.lockName}\` | \`flock\``],
    ['docs/wal-format.md', `\`${constants.quarantineName}/\``],
    [
      'docs/wal-format.md',
      `B = block_bytes (${mib(defaults.blockBytes)}), ` +
        `n = blocks_per_file (${defaults.blocksPerFile})`,
    ],
    ['docs/wal-format.md', bounds],
    ['docs/wal-format.md', `1 to ${blocksPerFileMax}; the file at most ${gib(dataFileBytesMax)}`],
    ['docs/wal-format.md', `size of the header area, ${constants.fileHeaderAreaBytes}`],
    ['docs/wal-format.md', `size of the header area, ${constants.blockHeaderAreaBytes}`],
    [
      'docs/wal-format.md',
      structure('FileHeader', constants.fileHeaderBytes, constants.fileHeaderCopyPosition),
    ],
    [
      'docs/wal-format.md',
      structure('BlockHeader', constants.blockHeaderBytes, constants.blockHeaderCopyPosition),
    ],
    ['docs/wal-format.md', `CommitFrame, ${constants.frameBytes} bytes`],
    ['docs/wal-format.md', `zeros to a multiple of\n${constants.frameAlignment}, then a **commit`],
    ['docs/wal-format.md', `is at most ${mib(constants.runBytesMax)} unless one batch is`],
    [
      'docs/wal-format.md',
      `${constants.checkpointBytes} bytes, in slot A (${constants.checkpointPositionA})`,
    ],
    ['docs/wal-format.md', `in slot B (${constants.checkpointPositionB})`],
    ['docs/wal-format.md', `about every ${kib(constants.checkpointStepBytes)}`],
    ['docs/wal-format.md', `one at least every ${kib(constants.indexStepBytes)}`],
    ['docs/wal-format.md', `headers of the run's batches`],
    ['docs/wal-format.md', `the ${constants.batchHeaderBytes}-byte headers`],
    ['docs/wal-format.md', `\`journal_bytes\` (${mib(defaults.journalBytes)})`],
    ['docs/wal-format.md', `runs average ${kib(defaults.journalBypassRunBytes)} or more`],
    [
      'docs/wal-format.md',
      `JournalHeader, ${constants.journalHeaderBytes} bytes, at 0 and ` +
        `at ${constants.journalHeaderCopyPosition}`,
    ],
    ['docs/wal-format.md', `GroupHeader, ${constants.groupHeaderBytes} bytes`],
    ['docs/wal-format.md', `Then the table, ${constants.groupEntryBytes} bytes an entry`],
    ['docs/wal-format.md', `field of the header (${constants.cursorFileHeaderBytes} bytes)`],
    ['docs/wal-format.md', `(at 0 and at ${constants.cursorFileHeaderCopyPosition};\nrecords from`],
    ['docs/wal-format.md', `records from ${constants.cursorFileHeaderAreaBytes} on`],
    [
      'docs/wal-format.md',
      `length without padding: ${constants.cursorRecordHeaderBytes + 4} + name`,
    ],
    ['docs/wal-format.md', `name length, at most ${constants.readerNameBytesMax}`],
    ['docs/wal-format.md', `zeros to a multiple of ${constants.cursorRecordAlignment} follow`],
    [
      'docs/wal-format.md',
      `Two slots of ${constants.lockRecordBytes} bytes at 0 and ${constants.lockRecordPositionB}`,
    ],
    ['docs/wal-format.md', `| 48 | ${constants.bootIdBytesMax} | boot id |`],
    [
      'README.md',
      `files of ${mib(defaults.blockBytes * defaults.blocksPerFile)} there: they are *sparse*`,
    ],
    ['README.md', `lie in \`./${DEFAULT_DATA_DIRECTORY}\``],
  ])('%s says %j', (path, words) => {
    expect(page(path)).toContain(words);
  });
});

interface Field {
  readonly at: number;
  readonly bytes: number;
}

/** The structures of docs/wal-format.md by their magic: fields by name. */
function structures(): Map<string, Map<string, Field>> {
  const found = new Map<string, Map<string, Field>>();
  let fields: Map<string, Field> | undefined;
  for (const line of page('docs/wal-format.md').split('\n')) {
    const row = /^\| (\d+) \| (\d+) \| (.*?) \|/.exec(line);
    if (row === null) {
      if (!line.startsWith('|')) fields = undefined;
      continue;
    }
    const [, at, bytes, text = ''] = row;
    const magic = /^magic `(\w+)`/.exec(text)?.[1];
    if (magic !== undefined) found.set(magic, (fields = new Map<string, Field>()));
    const name = /^(?:`(\w+)`|(crc|number of entries))/.exec(text);
    const field = { at: Number(at), bytes: Number(bytes) };
    if (name !== null) fields?.set((name[1] ?? name[2]) as string, field);
  }
  return found;
}

describe('W36: the tables of docs/wal-format.md', () => {
  const tables = structures();
  const items: InspectedItem[] = [];
  const file = (name: string): Buffer => readFileSync(join(directory, name));

  /** What stands there, by the table of this magic; its CRC is checked. */
  function decode(bytes: Buffer, at: number, magic: string): (name: string) => number {
    expect(bytes.toString('latin1', at, at + magic.length)).toBe(magic);
    const field = (name: string): Field => {
      const found = tables.get(magic)?.get(name);
      if (found === undefined) throw new Error(`${magic} has no ${name} in docs/wal-format.md`);
      return found;
    };
    const crc = at + field('crc').at;
    expect(bytes.readUInt32LE(crc)).toBe(loadAddon().crc32c(bytes.subarray(at, crc)));
    return (name) => {
      const { at: place, bytes: length } = field(name);
      if (length === 8) return Number(bytes.readBigInt64LE(at + place));
      return bytes.readUIntLE(at + place, length);
    };
  }

  let directory: string;
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'walrus-figures-'));
    const wal = new Walrus({
      directory,
      blockBytes: 16 << 10,
      blocksPerFile: 4,
      fsyncSchedule: FsyncSchedule.SyncEach,
    });
    for (let n = 0; n < 30; ++n) wal.appendForTopic('t', Buffer.alloc(1_000, `${n}`));
    wal.readNext('t');
    await wal.close();
    inspectDirectory(directory, (item) => items.push(item));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("say where the fields of every data file's header are", () => {
    const shown = items.filter((item) => item.kind === 'file');
    expect(shown.length).toBeGreaterThan(0);
    for (const { fileId, blockBytes, blocksPerFile } of shown) {
      for (const at of [0, constants.fileHeaderCopyPosition]) {
        const read = decode(file(String(fileId)), at, 'WALRUSF1');
        const found = ['file_id', 'block_bytes', 'blocks_per_file'].map(read);
        expect(found).toEqual([fileId, blockBytes, blocksPerFile]);
      }
    }
  });

  it("say where the fields of every block's header are", () => {
    const shown = items.filter((item) => item.kind === 'block');
    expect(shown.length).toBeGreaterThan(2);
    for (const block of shown) {
      for (const at of [0, constants.blockHeaderCopyPosition]) {
        const read = decode(file(String(block.fileId)), block.position + at, 'WALRUSB1');
        const names = ['block_id', 'ordinal', 'base_offset', 'file_id', 'synced_through'];
        const { blockId, ordinal, baseOffset, fileId, syncedThrough } = block;
        expect(names.map(read)).toEqual([blockId, ordinal, baseOffset, fileId, syncedThrough]);
        expect(read('unit_count') * (16 << 10)).toBe(block.bytes);
      }
    }
  });

  it('say where the fields of every commit frame are', () => {
    let fileId = 0;
    let count = 0;
    for (const item of items) {
      if (item.kind === 'block') fileId = item.fileId;
      if (item.kind !== 'run') continue;
      const { frameAlignment } = constants;
      const end = Math.ceil((item.position + item.bytes) / frameAlignment) * frameAlignment;
      const read = decode(file(String(fileId)), end, 'WALRUSC1');
      const names = ['block_id', 'run_length', 'batch_count', 'base_offset', 'next_offset'];
      const { blockId, bytes, batchCount, baseOffset, nextOffset } = item;
      expect(names.map(read)).toEqual([blockId, bytes, batchCount, baseOffset, nextOffset]);
      expect(read('synced_through')).toBe(item.syncedThrough);
      expect(read('max_timestamp')).toBe(item.maxTimestamp);
      ++count;
    }
    expect(count).toBeGreaterThan(20);
  });

  it('say where the fields of journal, cursor file and lock are', () => {
    for (const at of [0, constants.journalHeaderCopyPosition]) {
      expect(decode(file('journal.0'), at, 'WALRUSJ1')('epoch')).toBeGreaterThan(0);
    }
    for (const at of [0, constants.cursorFileHeaderCopyPosition]) {
      expect(decode(file(constants.cursorFileName), at, 'WALRUSI1')('generation')).toBe(1);
    }
    const first = constants.cursorFileHeaderAreaBytes;
    expect(file(constants.cursorFileName).toString('latin1', first, first + 4)).toBe('WRC1');
    const slots = [0, constants.lockRecordPositionB];
    const sequences = slots.map((at) => decode(file('LOCK'), at, 'WALRUSL1')('sequence'));
    expect(Math.abs((sequences[0] as number) - (sequences[1] as number))).toBe(1);
    const groups = decode(file('journal.0'), constants.journalHeaderAreaBytes, 'WALRUSG1');
    expect(groups('number of entries')).toBeGreaterThan(0);
    expect(groups('sequence')).toBe(1);
  });
});
