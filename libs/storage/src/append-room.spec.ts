import { AppendRoom } from './append-room';
import { StorageError } from './storage-error';

const MIB = 1 << 20;
const MIN = 64 * MIB;

/** A disk whose readings are given by hand. */
class Disk {
  freeBytes = 0;
  queuedBytes = 0;
  readings = 0;
  private answers: (() => void)[] = [];
  readonly room = new AppendRoom(MIN, {
    readFreeBytes: () => {
      this.readings += 1;
      return new Promise((resolve, reject) => {
        this.answers.push(() => {
          if (this.freeBytes < 0) reject(new Error('ENOSYS'));
          else resolve(this.freeBytes);
        });
      });
    },
    queuedBytes: () => this.queuedBytes,
  });

  /** What is free when the reading is made that is under way. */
  async answer(freeBytes: number): Promise<void> {
    this.freeBytes = freeBytes;
    for (const answer of this.answers.splice(0)) answer();
    await jest.advanceTimersByTimeAsync(0);
  }

  /** Appends; whether there was room. */
  append(sizeBytes: number): boolean {
    try {
      this.room.require(sizeBytes);
    } catch (error) {
      if (error instanceof StorageError && error.code === 'NO_SPACE') return false;
      throw error;
    }
    this.room.take(sizeBytes);
    return true;
  }
}

describe('AppendRoom', () => {
  let disk: Disk;
  beforeEach(() => {
    jest.useFakeTimers();
    disk = new Disk();
    disk.room.start();
  });
  afterEach(async () => {
    const stopped = disk.room.stop();
    await disk.answer(0);
    await stopped;
    jest.useRealTimers();
  });

  it('lets everything in until it knows, and while nobody does', async () => {
    expect(disk.append(1_000 * MIB)).toBe(true);
    await disk.answer(-1);
    expect(disk.append(1_000 * MIB)).toBe(true);
    expect(disk.room.refusal).toBeUndefined();
  });

  it('counts what was taken since the reading as used', async () => {
    await disk.answer(MIN + 3 * MIB);
    expect([disk.append(MIB), disk.append(MIB), disk.append(MIB)]).toEqual([true, true, false]);
  });

  it('counts what a reading may have missed: queued bytes and those taken meanwhile', async () => {
    disk.queuedBytes = 5 * MIB;
    await disk.answer(MIN + 100 * MIB);
    // Queued bytes are looked at when a reading begins.
    await jest.advanceTimersByTimeAsync(1_000);
    expect(disk.append(3 * MIB)).toBe(true);
    await disk.answer(MIN + 10 * MIB);
    expect(disk.append(3 * MIB)).toBe(false);
    expect(disk.append(MIB)).toBe(true);
  });

  it('forgets what was taken before a reading began', async () => {
    await disk.answer(MIN + 100 * MIB);
    expect(disk.append(30 * MIB)).toBe(true);
    await jest.advanceTimersByTimeAsync(1_000);
    await disk.answer(MIN + 70 * MIB);
    expect(disk.append(69 * MIB)).toBe(true);
  });

  it('reads each second, and once half of what there was is taken', async () => {
    await disk.answer(MIN + 100 * MIB);
    expect(disk.readings).toBe(1);
    await jest.advanceTimersByTimeAsync(999);
    expect(disk.readings).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(disk.readings).toBe(2);
    await disk.answer(MIN + 100 * MIB);
    expect(disk.append(49 * MIB)).toBe(true);
    expect(disk.readings).toBe(2);
    expect([disk.append(2 * MIB), disk.append(MIB)]).toEqual([true, true]);
    // One reading at a time.
    expect(disk.readings).toBe(3);
  });

  it('is full once a reading confirms a refusal, until 8 MiB more are free', async () => {
    await disk.answer(MIN + MIB);
    expect(disk.append(2 * MIB)).toBe(false);
    expect(disk.room.isFull).toBe(false);
    await disk.answer(MIN + MIB);
    expect(disk.append(1)).toBe(false);
    expect(disk.room.refusal).toMatch(/^the disk is full: 68157440 bytes are free, 67108864 are/);
    for (const [free, isRefused] of [
      [MIN + 8 * MIB - 1, true],
      [MIN + 8 * MIB, false],
    ] as const) {
      await jest.advanceTimersByTimeAsync(250);
      await disk.answer(free);
      expect([free, disk.append(1)]).toEqual([free, !isRefused]);
    }
    expect(disk.room.refusal).toBeUndefined();
  });

  it('refuses what is too large for the room there is, and nothing else for that', async () => {
    await disk.answer(MIN + 20 * MIB);
    expect(disk.append(21 * MIB)).toBe(false);
    await disk.answer(MIN + 20 * MIB);
    expect(disk.append(2 * MIB)).toBe(true);
  });

  it('is full when others took the room, or the engine found none', async () => {
    await disk.answer(MIN - 1);
    expect(disk.append(0)).toBe(false);
    await jest.advanceTimersByTimeAsync(250);
    await disk.answer(MIN + 9 * MIB);
    expect(disk.append(0)).toBe(true);
    disk.room.noteRefusal();
    await disk.answer(MIN + 7 * MIB);
    expect(disk.append(0)).toBe(false);
  });

  it('reads nothing once it is stopped', async () => {
    await disk.answer(MIN);
    await disk.room.stop();
    await jest.advanceTimersByTimeAsync(10_000);
    disk.room.noteRefusal();
    expect(disk.readings).toBe(1);
  });
});

describe('AppendRoom without a bound', () => {
  it('refuses nothing and reads nothing', () => {
    const readFreeBytes = jest.fn(() => Promise.resolve(0));
    const room = new AppendRoom(0, { readFreeBytes, queuedBytes: () => 0 });
    room.start();
    room.noteRefusal();
    room.take(1e15);
    room.require(1e15);
    expect(readFreeBytes).not.toHaveBeenCalled();
  });
});
