import { StorageError } from './storage-error';

/** What an append takes on the disk beside its bytes, where no other shares its run. */
const RUN_BYTES = 256;
/** More than the least has to be free again before appends go on. */
const RESUME_ABOVE_BYTES = 8 << 20;
const READ_EVERY_MS = 1_000;
const READ_EVERY_WHEN_FULL_MS = 250;
/** Near the end a reading is made each time so many bytes were taken, and not more often. */
const READ_STEP_BYTES = 1 << 20;

/** What room for appends is judged by. */
export interface RoomSources {
  /** Bytes of the disk that nobody uses; rejects when nobody knows. */
  readonly readFreeBytes: () => Promise<number>;
  /** Bytes that were taken and are not written yet. */
  readonly queuedBytes: () => number;
}

/**
 * Room on the disk for the records of topics: they end before the disk does, so that what frees
 * space, and what consumers save, still has some.
 *
 * Place: the logs of topics ask before each append, the instance's own logs do not. The engine
 * keeps a smaller reserve, for what is no append at all, and that for itself.
 * Life: `start` makes the first reading and one a second from then on, until `stop`. Between two
 * of them what was taken counts as used, and the next is made once that is half of what there was,
 * so that nothing here waits for the disk.
 *
 * Invariants:
 *  1. What is let in fits above `freeBytesMin`, by the last reading. Who else writes to the disk
 *     may take it meanwhile.
 *  2. After a refusal that a reading confirms nothing is let in before 8 MiB more are free.
 *  3. While nobody knows what is free nothing is refused: a full disk will say so itself.
 */
export class AppendRoom {
  /** What is free by the last reading, without what that may have missed. */
  private leftBytes = Infinity;
  private takenBytes = 0;
  private nextReadBytes = Infinity;
  private hasRefused = false;
  private full = false;
  private reading: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** @param freeBytesMin 0: nothing is refused, and nothing read. */
  constructor(
    private readonly freeBytesMin: number,
    private readonly sources: RoomSources,
  ) {}

  /** Whether appends are refused, whatever their size. */
  get isFull(): boolean {
    return this.full;
  }

  /** Why appends are refused; undefined while they are not. */
  get refusal(): string | undefined {
    return this.full ? this.reason : undefined;
  }

  /** The first reading is under way, unless there is no bound. */
  start(): void {
    if (this.freeBytesMin > 0) void this.read();
  }

  /** Ends the readings; resolves when none is under way. Idempotent. */
  async stop(): Promise<void> {
    this.isStopped = true;
    clearTimeout(this.timer);
    await this.reading;
  }

  /** @throws {StorageError} NO_SPACE: there is no room for so many bytes. */
  require(sizeBytes: number): void {
    const left = this.leftBytes - this.takenBytes;
    if (!this.full && left - sizeBytes >= this.freeBytesMin) return;
    this.noteRefusal();
    throw new StorageError('NO_SPACE', this.reason);
  }

  /** Counts what an append took. */
  take(sizeBytes: number): void {
    this.takenBytes += sizeBytes + RUN_BYTES;
    if (this.takenBytes >= this.nextReadBytes) void this.read();
  }

  /** An append was refused: what is free is not what it was. */
  noteRefusal(): void {
    this.hasRefused = true;
    // While it is full the timer reads, often enough.
    if (!this.full && this.freeBytesMin > 0) void this.read();
  }

  private get reason(): string {
    const left = Math.max(0, this.leftBytes - this.takenBytes);
    return (
      `the disk is full: ${left} bytes are free, ${this.freeBytesMin} are kept back for commits ` +
      'and deletions'
    );
  }

  /** One at a time: whoever asks meanwhile has its answer from the one under way, or the next. */
  private read(): Promise<void> {
    if (!this.isStopped) this.reading ??= this.readOnce();
    return this.reading ?? Promise.resolve();
  }

  private async readOnce(): Promise<void> {
    clearTimeout(this.timer);
    // A reading may miss what is not written yet, and all that is taken before it is made.
    const missed = this.sources.queuedBytes();
    const takenBefore = this.takenBytes;
    let free: number;
    try {
      free = await this.sources.readFreeBytes();
    } catch {
      free = Infinity;
    }
    this.leftBytes = free - missed;
    this.takenBytes -= takenBefore;
    this.judge();
    this.reading = undefined;
    if (this.isStopped) return;
    const everyMs = this.full ? READ_EVERY_WHEN_FULL_MS : READ_EVERY_MS;
    this.timer = setTimeout(() => void this.read(), everyMs);
    // Whoever has the instance open keeps the process alive, not this.
    this.timer.unref();
  }

  private judge(): void {
    const left = this.leftBytes - this.takenBytes;
    const isScarce = left < this.freeBytesMin + RESUME_ABOVE_BYTES;
    this.full = isScarce && (this.full || this.hasRefused || left < this.freeBytesMin);
    this.hasRefused = false;
    const above = Math.max(0, this.leftBytes - this.freeBytesMin);
    this.nextReadBytes = Math.max(READ_STEP_BYTES, above / 2);
  }
}
