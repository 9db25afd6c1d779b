import { execFileSync } from 'node:child_process';
import { closeSync, constants, cpSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Wal } from '@walrusmq/native';
import { encodeBatch } from '@walrusmq/record-batch';

const TOPIC = Buffer.alloc(16, 3);
const SIZES = {
  blockBytes: 4096,
  blocksPerFile: 1,
  journalBytes: 65536,
  fsync: 'no-fsync',
} as const;
const FILES = 100;

// Making files takes its time on a disk that is busy with other things.
jest.setTimeout(60_000);

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'walrus-opening-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

const place = (name: string): string => join(root, name);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What an opening was refused with. */
async function refusal(open: () => unknown): Promise<{ code: unknown; message: unknown }> {
  try {
    await open();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
  return { code: undefined, message: 'it was opened' };
}

describe('Wal.openAsync', () => {
  it('opens what was stored, as open does', async () => {
    const before = await Wal.openAsync({ ...SIZES, directory: place('a') });
    const log = before.openLog(TOPIC, 0);
    before.appendEntrySync(log, Buffer.from('kept'));
    await before.close();
    const wal = await Wal.openAsync({ ...SIZES, directory: place('a') });
    expect(wal).toBeInstanceOf(Wal);
    expect(wal.recoveryReport).toMatchObject({ previousCloseWasClean: true, cuts: [] });
    expect(wal.readSync(wal.openLog(TOPIC, 0), 0, 0).includes('kept')).toBe(true);
    await wal.close();
    expect(() => wal.listLogs()).toThrow(expect.objectContaining({ code: 'CLOSED' }) as Error);
  });

  it('lets the loop go on while it looks through a hundred files', async () => {
    const live = Wal.open({ ...SIZES, directory: place('live') });
    const log = live.openLog(TOPIC, 0);
    const batch = encodeBatch([{ value: Buffer.alloc(2000, 'x') }]);
    for (let count = 0; count < FILES; count += 1) live.appendSync(log, [batch]);
    // As after a kill: all of it has to be looked at.
    cpSync(place('live'), place('copy'), { recursive: true });
    let turns = 0;
    const state = { isOpen: false };
    const opening = Wal.openAsync({ ...SIZES, directory: place('copy') }).finally(
      () => (state.isOpen = true),
    );
    // Each turn another instance serves.
    while (!state.isOpen) {
      expect(live.readSync(log, turns % FILES, 0)).toHaveLength(batch.length);
      turns += 1;
      await turn();
    }
    const copy = await opening;
    expect(turns).toBeGreaterThan(1);
    expect(copy.readableEnd(copy.openLog(TOPIC, 0))).toBe(FILES);
    expect(copy.recoveryReport.previousCloseWasClean).toBe(false);
    await Promise.all([copy.close(), live.close()]);
  });

  it('serves others while a file keeps it waiting, and says what became of it', async () => {
    const directory = place('slow');
    Wal.open({ ...SIZES, directory }).closeSync();
    // Whoever opens the directory stands still here until somebody comes to write.
    const pipe = join(directory, 'journal.0');
    execFileSync('mkfifo', [pipe]);
    const events: string[] = [];
    const opening = refusal(() => Wal.openAsync({ ...SIZES, directory })).then((refused) => {
      events.push('the slow one');
      return refused;
    });
    const writer = await writerOf(pipe);
    rmSync(pipe);
    // It waits in its read now, or is about to: the descriptor is open until this is done.
    const other = await Wal.openAsync({ ...SIZES, directory: place('other') });
    const log = other.openLog(TOPIC, 0);
    other.appendEntrySync(log, Buffer.from('served'));
    await other.close();
    closeSync(writer);
    expect(await opening).toEqual({ code: 'IO', message: expect.stringContaining(pipe) as string });
    expect(events).toEqual(['the slow one']);
    await (await Wal.openAsync({ ...SIZES, directory })).close();
  });

  it('refuses with the same errors as open', async () => {
    const taken = Wal.open({ ...SIZES, directory: place('taken') });
    const cases = [
      { ...SIZES, directory: place('taken') },
      { ...SIZES, directory: place('taken'), shared: true },
      { ...SIZES, directory: __filename },
      { ...SIZES, directory: join(__dirname) },
      { ...SIZES, directory: place('x'), blockBytes: 5000 },
      { ...SIZES, directory: place('x'), readerThreads: -1 },
      { ...SIZES, directory: '' },
    ];
    const codes: unknown[] = [];
    for (const options of cases) {
      const refused = await refusal(() => Wal.openAsync(options));
      expect(refused).toEqual(await refusal(() => Wal.open(options)));
      codes.push(refused.code);
    }
    expect(codes.slice(0, 2)).toEqual(['LOCKED', 'LOCKED']);
    expect(new Set(codes.slice(2))).toEqual(new Set(['INVALID_INPUT', 'IO']));
    await taken.close();
  });

  it('gives the directory to one of several at once, and to all that share it', async () => {
    const alone = { ...SIZES, directory: place('alone') };
    const ends = await Promise.allSettled(Array.from({ length: 8 }, () => Wal.openAsync(alone)));
    const opened = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
    const codes = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    expect(opened).toHaveLength(1);
    expect(codes).toEqual(
      Array.from({ length: 7 }, () => expect.objectContaining({ code: 'LOCKED' }) as Error),
    );
    await opened[0]!.close();

    const together = { ...SIZES, directory: place('together'), shared: true };
    const handles = await Promise.all(
      Array.from({ length: 8 }, async (_, index) =>
        index % 2 === 0 ? Wal.openAsync(together) : Wal.open(together),
      ),
    );
    handles[0]!.appendEntrySync(handles[0]!.openLog(TOPIC, 0), Buffer.from('seen by all'));
    for (const handle of handles) expect(handle.readableEnd(handle.openLog(TOPIC, 0))).toBe(1);
    await Promise.all(handles.map((handle) => handle.close()));
  });

  it('waits for the closing of the directory that was begun before', async () => {
    const options = { ...SIZES, directory: place('again') };
    let wal = await Wal.openAsync(options);
    for (let round = 0; round < 20; round += 1) {
      wal.appendEntrySync(wal.openLog(TOPIC, 0), Buffer.from('x'));
      const closing = wal.close();
      const next = await reopened(options);
      await closing;
      expect(next.readableEnd(next.openLog(TOPIC, 0))).toBe(round + 1);
      wal = next;
    }
    await wal.close();
  });
});

/** The end for writing of a pipe, once somebody reads it. */
async function writerOf(pipe: string): Promise<number> {
  for (;;) {
    await turn();
    try {
      return openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
  }
}

/** The pool may begin the opening before the closing: then the directory is taken still. */
async function reopened(options: Parameters<typeof Wal.open>[0]): Promise<Wal> {
  for (;;) {
    try {
      return await Wal.openAsync(options);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'LOCKED') throw error;
    }
  }
}
