// Producer ids that are given out once in the life of an instance.
import { decodeBatches, encodeBatch } from '@walrusmq/record-batch';
import type { PartitionLog } from './partition-log';
import { StorageError } from './storage-error';

/** Ids that one record of the log reserves; what is left of them is lost with the process. */
const BLOCK_IDS = 1000;

/** Passed over where records of the log may have been lost: a thousand of them. */
export const SKIPPED_IDS = 1000 * BLOCK_IDS;

const READ_BYTES = 1 << 16;

/**
 * Producer ids, unique within an instance across restarts.
 *
 * They are reserved in blocks by a record in a log of the instance's own, durable by the schedule
 * before an id of the block is given out. The log is read on first use; what is behind the newest
 * record is truncated.
 *
 * Under `Milliseconds` and `NoFsync` a power cut can take the newest records back; so many ids are
 * passed over then as nobody was given in that time. The next run may have another schedule.
 */
export class ProducerIds {
  private next = 0;
  /** Ids below this one are reserved. */
  private end = 0;
  private isLoaded = false;
  private reserving: Promise<void> | undefined;

  /** @param skippedIds Ids behind the newest record that may have been given out all the same. */
  constructor(
    private readonly log: PartitionLog,
    private readonly skippedIds = 0,
  ) {}

  /**
   * An id that nobody was given before.
   * Rejects with the StorageError of the log, NO_SPACE, FENCED…: no id was given out.
   */
  async allocate(): Promise<number> {
    while (this.next >= this.end) {
      this.reserving ??= this.reserve().finally(() => (this.reserving = undefined));
      await this.reserving;
    }
    return this.next++;
  }

  /** Whether the id can have been given out, in this run or an earlier one. */
  async isAllocated(id: number): Promise<boolean> {
    if (!this.isLoaded) await this.load();
    return id >= 0 && id < this.next;
  }

  private async reserve(): Promise<void> {
    if (!this.isLoaded) await this.load();
    const end = this.next + BLOCK_IDS;
    const record = { type: 'producerIds', next: end };
    const batch = encodeBatch([{ value: Buffer.from(JSON.stringify(record)) }]);
    const append = this.log.append([batch]);
    await append.synced;
    this.end = end;
    // The new record says it all. Should this fail the log is a little longer.
    await this.log.truncate(append.baseOffset).catch(ignoreStorageError);
  }

  private async load(): Promise<void> {
    const last = this.log.readableEnd - 1;
    if (last >= this.log.logStartOffset) {
      const records = [...decodeBatches(await this.log.read(last, READ_BYTES))];
      this.next = Math.max(this.next, nextIn(String(records.at(-1)?.value), last));
    }
    this.next += this.skippedIds;
    this.isLoaded = true;
    this.end = Math.max(this.end, this.next);
  }
}

function nextIn(text: string, offset: number): number {
  try {
    const { next } = JSON.parse(text) as { readonly next?: unknown };
    if (Number.isSafeInteger(next) && (next as number) >= 0) return next as number;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const what = `record ${offset} of the producer ids is not one that this version knows`;
  throw new StorageError('CORRUPT', what);
}

function ignoreStorageError(error: unknown): void {
  if (!(error instanceof StorageError)) throw error;
}
