import type { Partition } from './partition';

interface KnownRead {
  readonly offset: number;
  readonly bytes: Buffer | Promise<Buffer>;
}

/**
 * Reads for many who stand at the same place: within one turn of the event loop, and while a read
 * waits for the disk, all of them get the same bytes.
 *
 * When a partition grows, everybody who follows its end asks for the same offset in that turn, so
 * one read and one buffer serve any number of them.
 *
 * Invariant: nothing is kept beyond the turn but reads that are under way, and of a turn's reads at
 * most `keptBytesMax`.
 */
export class SharedReads {
  private readonly known = new Map<Partition, KnownRead>();
  private keptBytes = 0;
  private clearIsScheduled = false;

  constructor(
    private readonly readBytesMax: number,
    private readonly keptBytesMax = 64 * readBytesMax,
  ) {}

  /**
   * As `Partition.read`. The bytes are shared: nobody may write to them.
   *
   * @throws {ProtocolError} (or rejects) as there.
   */
  read(partition: Partition, offset: number): Buffer | Promise<Buffer> {
    const known = this.known.get(partition);
    if (known?.offset === offset) return known.bytes;
    const bytes = partition.read(offset, this.readBytesMax);
    if (Buffer.isBuffer(bytes)) this.keep(partition, offset, bytes);
    else this.keepWhileReading(partition, { offset, bytes });
    return bytes;
  }

  private keep(partition: Partition, offset: number, bytes: Buffer): void {
    // An empty read says only that there was nothing then.
    if (bytes.length === 0) return;
    if (this.keptBytes + bytes.length > this.keptBytesMax) this.clear();
    this.keptBytes += bytes.length;
    this.known.set(partition, { offset, bytes });
    if (this.clearIsScheduled) return;
    this.clearIsScheduled = true;
    setImmediate(() => {
      this.clearIsScheduled = false;
      this.clear();
    });
  }

  private keepWhileReading(partition: Partition, read: KnownRead): void {
    this.known.set(partition, read);
    const forget = (): void => {
      if (this.known.get(partition) === read) this.known.delete(partition);
    };
    void Promise.resolve(read.bytes).then(forget, forget);
  }

  private clear(): void {
    for (const [partition, { bytes }] of this.known) {
      if (Buffer.isBuffer(bytes)) this.known.delete(partition);
    }
    this.keptBytes = 0;
  }
}
