// How many data files a process has open, counted where the system counts them.
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FsyncSchedule } from './fsync-schedule';
import type { Backend } from './instance-storage';
import { Walrus } from './walrus';

const OPEN_FILES_MAX = 16;
const FILES = 40;
const ENTRIES_PER_FILE = 2;
const FILE_NAME = /\/\d+$/;

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'walrus-open-files-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function open(backend: Backend, fsyncSchedule: FsyncSchedule): Walrus {
  return Walrus.open({
    directory,
    backend,
    fsyncSchedule,
    blockBytes: 4096,
    blocksPerFile: ENTRIES_PER_FILE,
    openFilesMax: OPEN_FILES_MAX,
  });
}

/** Entry `i`, large enough that a block holds one. */
function entry(i: number): Buffer {
  return Buffer.alloc(2500, `${i};`);
}

function dataFiles(): number {
  return readdirSync(directory).filter((name) => /^\d+$/.test(name)).length;
}

/** Descriptors of this process on data files of the instance. */
function openDataFiles(): number {
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(directory) && FILE_NAME.test(path);
    } catch {
      return false; // the one that listed the directory
    }
  }).length;
}

function expectAll(wal: Walrus, count: number): void {
  let most = 0;
  for (let i = 0; i < count; i += 1) {
    expect(wal.readAt('t', i, { maxEntries: 1 })[0]?.data.equals(entry(i))).toBe(true);
    most = Math.max(most, openDataFiles());
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThanOrEqual(OPEN_FILES_MAX);
}

const schedules = [
  ['SyncEach', FsyncSchedule.SyncEach],
  ['Milliseconds', FsyncSchedule.Milliseconds(5)],
  ['NoFsync', FsyncSchedule.NoFsync],
] as const;
const cases = (['auto', 'io_uring', 'fd', 'mmap'] as const).flatMap((backend) =>
  schedules.map(([name, schedule]) => [backend, name, schedule] as const),
);

describe('open data files', () => {
  it.each(cases)('are bounded with %s under %s', async (backend, _name, schedule) => {
    if (process.platform !== 'linux') return; // the only one with such a list
    let wal = open(backend, schedule);
    let count = 0;
    const append = (): void => {
      wal.appendForTopic('t', entry(count));
      count += 1;
    };
    while (count < FILES * ENTRIES_PER_FILE) append();
    // Full files are synced in the background before they are closed.
    const until = Date.now() + 20_000;
    while (openDataFiles() > OPEN_FILES_MAX && Date.now() < until) {
      append();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(dataFiles()).toBeGreaterThanOrEqual(FILES);
    expect(wal.stats().openFiles).toBe(openDataFiles());
    expectAll(wal, count);
    await wal.close();
    expect(openDataFiles()).toBe(0);

    wal = open(backend, schedule);
    expect(openDataFiles()).toBeLessThanOrEqual(OPEN_FILES_MAX);
    expectAll(wal, count);
    await wal.close();
  });
});
