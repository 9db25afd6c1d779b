import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disableFdBackend, enableFdBackend } from './backend';
import { FsyncSchedule } from './fsync-schedule';
import { ReadConsistency } from './read-consistency';
import { recoveryLines } from './recovery-lines';
import { openWalStorage } from './wal-storage';
import { Walrus } from './walrus';

const codeOf = (code: string): Error => expect.objectContaining({ code }) as Error;
const saved = { ...process.env };
let dataDir: string;
const opened: Walrus[] = [];
const keep = (wal: Walrus): Walrus => {
  opened.push(wal);
  return wal;
};
const pathOf = (...names: string[]): string => join(dataDir, ...names);

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'walrus-opening-'));
  process.env['WALRUS_DATA_DIR'] = dataDir;
  process.env['WALRUS_QUIET'] = '1';
  delete process.env['WALRUS_INSTANCE_KEY'];
});
afterEach(async () => {
  process.env['WALRUS_QUIET'] = '1';
  enableFdBackend();
  await Promise.all(opened.splice(0).map((wal) => wal.close()));
  process.env = { ...saved };
  rmSync(dataDir, { recursive: true, force: true });
});

describe('the constructors of a Walrus', () => {
  const { StrictlyAtOnce } = ReadConsistency;
  const { SyncEach, NoFsync } = FsyncSchedule;
  const everySecond = FsyncSchedule.Milliseconds(1000);
  const relaxed = ReadConsistency.AtLeastOnce({ persistEvery: 5 });

  // What they stand for is shown by what may share an engine with them.
  it.each([
    ['new', () => new Walrus(), '', StrictlyAtOnce, everySecond],
    ['open', () => Walrus.open(), '', StrictlyAtOnce, everySecond],
    ['withConsistency', () => Walrus.withConsistency(relaxed), '', relaxed, everySecond],
    [
      'withConsistencyAndSchedule',
      () => Walrus.withConsistencyAndSchedule(relaxed, NoFsync),
      '',
      relaxed,
      NoFsync,
    ],
    ['newForKey', () => Walrus.newForKey('k'), 'k', StrictlyAtOnce, everySecond],
    [
      'withConsistencyForKey',
      () => Walrus.withConsistencyForKey('k', relaxed),
      'k',
      relaxed,
      everySecond,
    ],
    [
      'withConsistencyAndScheduleForKey',
      () => Walrus.withConsistencyAndScheduleForKey('k', StrictlyAtOnce, SyncEach),
      'k',
      StrictlyAtOnce,
      SyncEach,
    ],
  ])('%s opens what it says', (_, construct, key, readConsistency, fsyncSchedule) => {
    const wal = keep(construct());
    expect(wal.directory).toBe(pathOf(key));
    wal.appendForTopic('t', Buffer.from('a'));
    const same = { directory: pathOf(key), readConsistency, fsyncSchedule };
    expect(String(keep(Walrus.open(same)).readNext('t')?.data)).toBe('a');
    const others = [
      { ...same, readConsistency: ReadConsistency.AtLeastOnce({ persistEvery: 7 }) },
      { ...same, fsyncSchedule: FsyncSchedule.Milliseconds(77) },
    ];
    for (const other of others) expect(() => Walrus.open(other)).toThrow(codeOf('INVALID_INPUT'));
  });

  it('put the default ones under WALRUS_INSTANCE_KEY', () => {
    process.env['WALRUS_INSTANCE_KEY'] = 'forced/key';
    expect(keep(new Walrus()).directory).toBe(pathOf('forced%2Fkey'));
    expect(keep(Walrus.withConsistency(StrictlyAtOnce)).directory).toBe(pathOf('forced%2Fkey'));
    expect(keep(Walrus.newForKey('own')).directory).toBe(pathOf('own'));
  });

  it('W16: keep instances apart: what one reads or deletes is nothing to another', async () => {
    const [plain, a, b] = [new Walrus(), Walrus.newForKey('a'), Walrus.newForKey('b')].map(keep);
    for (const [index, wal] of [plain, a, b].entries()) {
      wal?.appendForTopic('t', Buffer.from(`${index}`));
    }
    await a?.deleteTopic('t');
    expect(a?.topics()).toEqual([]);
    expect([plain?.readNext('t'), b?.readNext('t')].map((entry) => String(entry?.data))).toEqual([
      '0',
      '2',
    ]);
  });

  it('lay files out as the seed does', () => {
    for (const wal of [new Walrus(), Walrus.newForKey('analytics')].map(keep)) {
      wal.appendForTopic('t', Buffer.from('a'));
      wal.readNext('t');
      const names = readdirSync(wal.directory);
      expect(names).toContain('read_offset_idx_index.db');
      expect(names.some((name) => /^\d{13}$/.test(name))).toBe(true);
    }
    expect(existsSync(pathOf('analytics', 'read_offset_idx_index.db'))).toBe(true);
  });

  it('W28: LOCK the directory for an instance of the broker in the same process too', async () => {
    keep(new Walrus());
    await expect(openWalStorage({ directory: dataDir })).rejects.toEqual(codeOf('LOCKED'));
  });

  it('W29: leave nothing open: handles may be opened and closed again and again', async () => {
    const fds = (): number => readdirSync('/proc/self/fd').length;
    const cycle = async (): Promise<void> => {
      const wal = new Walrus();
      wal.appendForTopic('t', Buffer.from('a'));
      await wal.close();
    };
    if (process.platform !== 'linux') return cycle();
    await cycle();
    const [openFiles, files] = [fds(), readdirSync(dataDir).length];
    for (let count = 0; count < 20; count += 1) await cycle();
    expect(fds()).toBeLessThanOrEqual(openFiles + 1);
    expect(readdirSync(dataDir)).toHaveLength(files);
  });
});

describe('backends', () => {
  it.each(['auto', 'fd', 'mmap', 'io_uring'] as const)(
    'are an option of an instance: %s',
    (backend) => {
      const wal = keep(Walrus.open({ backend }));
      const entries = Array.from({ length: 300 }, (_, index) =>
        Buffer.from(`${index}`.padEnd(999)),
      );
      wal.batchAppendForTopic('t', entries);
      for (const entry of entries) wal.appendForTopic('t', entry);
      const read = wal.batchReadForTopic('t', 1 << 30);
      const values = [...entries, ...entries].map(String);
      expect(read.map(({ data }) => String(data))).toEqual(values);
      // io_uring falls back where the system forbids it.
      const used = backend === 'auto' || backend === 'io_uring' ? ['io_uring', 'fd'] : [backend];
      expect(used).toContain(wal.stats().backend);
    },
  );

  it('are switched for the instances opened later', () => {
    disableFdBackend();
    expect(keep(new Walrus()).stats().backend).toBe('mmap');
    enableFdBackend();
    expect(keep(Walrus.newForKey('later')).stats().backend).not.toBe('mmap');
    expect(keep(Walrus.open({ key: 'fd', backend: 'fd' })).stats().backend).toBe('fd');
  });

  it('refuse a name that is none', () => {
    const backend = 'floppy' as 'fd';
    expect(() => Walrus.open({ backend })).toThrow(codeOf('INVALID_INPUT'));
  });
});

describe('the lines of an opening', () => {
  const report = {
    ...{ previousCloseWasClean: false, leaderEpochBumped: false },
    ...{ journalGroupsReplayed: 0, bytesRead: 0, notes: ['a note'] },
    cuts: [{ log: { topicId: 'id', partition: 0 }, offset: 7, bytes: 12 }],
    corruptions: [
      { log: { topicId: 'id', partition: 1 }, offset: 3, what: 'bad', quarantinePath: 'q/1' },
    ],
    clampedCursors: [{ log: { topicId: 'id', partition: 0 }, reader: 'r', from: 9, to: 7 }],
  };

  it('say what recovery did, one for each thing', () => {
    expect(recoveryLines('dir', report)).toEqual([
      'walrus: dir: log id/0 ends at offset 7 now: 12 torn bytes were cut',
      'walrus: dir: log id/1 is damaged at offset 3: bad (copied to q/1)',
      'walrus: dir: reader "r" of log id/0 went from 9 back to 7',
      'walrus: dir: a note',
    ]);
  });

  it('go to stderr unless WALRUS_QUIET is set, or to onLog', () => {
    const written: string[] = [];
    const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    try {
      disableFdBackend();
      expect(written).toEqual([]);
      delete process.env['WALRUS_QUIET'];
      disableFdBackend();
      expect(written).toEqual([
        'walrus: instances that are opened from now on use the backend mmap\n',
      ]);
    } finally {
      write.mockRestore();
    }
  });
});
