import {
  ProtocolError,
  type FetchFormat,
  type FetchedPartition,
  type ParsedFetch,
} from '@walrusmq/protocol';
import type { Partition } from '../partition/partition';
import type { Topics } from '../topic/topics';
import { decodeRecords } from './record-batches';
import { OWN_REPLY_BYTES, type ReplyRoom } from './session';

type Target = ParsedFetch['partitions'][number];

/** How a pass reads. */
export interface FetchPassLimits {
  /** Bytes of batches, or of records, at which it ends. */
  readonly bytesMax: number;
  /** What a compressed batch may unpack to for the records form. */
  readonly unpackedBatchBytesMax: number;
  /** Which partition is read first; the entries keep the order of the request. */
  readonly first: number;
}

/**
 * One reading pass over the partitions of a fetch.
 *
 * Life: `run` once, then the results. What is in memory is read at once; the pass waits only for
 * what has to come from the disk, one partition after another, so that it never holds more than the
 * reply.
 */
export class FetchPass {
  /** Bytes of batches in the reply. */
  sizeBytes = 0;
  /** Whether a partition answers with an error, which a client has to see at once. */
  hasError = false;
  /** Whether the size limit, not the end of the records, ended the pass. */
  isFull = false;
  /** Records that were readable from the asked offsets on, when each partition was read. */
  readableRecords = 0;
  /** The partitions that were found and the offsets asked of them, for a wait. */
  readonly found: { readonly partition: Partition; readonly offset: number }[] = [];
  /** What room for replies there was when it began. */
  readonly roomBytes: number;
  /** What it took of the room for replies; `release` gives it back. */
  reservedBytes = 0;

  /** What the records in the reply take; compressed batches are smaller than it. */
  private unpackedBytes = 0;
  private readonly entries: FetchedPartition[];
  private readonly parts: (Buffer | undefined)[];

  constructor(
    private readonly topics: Topics,
    private readonly request: ParsedFetch,
    private readonly limits: FetchPassLimits,
    private readonly room: ReplyRoom,
  ) {
    this.entries = new Array<FetchedPartition>(request.partitions.length);
    this.parts = new Array<Buffer | undefined>(request.partitions.length);
    this.roomBytes = room.roomBytes();
  }

  /**
   * Reads; a promise only where the disk has to be waited for. Throws, or rejects with, what is no
   * error of a partition; its room is given back then.
   */
  run(): Promise<void> | undefined {
    try {
      return this.continueFrom(0)?.catch((error: unknown) => this.giveUp(error));
    } catch (error) {
      return this.giveUp(error);
    }
  }

  /** Gives the room back: there will be no reply of this pass. */
  release(): void {
    this.room.reserve(-this.reservedBytes);
    this.reservedBytes = 0;
  }

  /** The entries of the reply, in the order of the request. */
  get fetched(): readonly FetchedPartition[] {
    return this.entries;
  }

  /** The batches of all entries, in the order of the entries. */
  get tail(): readonly Buffer[] {
    return this.parts.filter((part): part is Buffer => part !== undefined && part.length > 0);
  }

  /** Whether there are records, and no room for the first of them beside the replies of others. */
  get isCrowdedOut(): boolean {
    return this.isFull && this.sizeBytes === 0 && !this.hasError;
  }

  /** What counts against `bytesMax`. */
  private get usedBytes(): number {
    return Math.max(this.sizeBytes, this.unpackedBytes);
  }

  private giveUp(error: unknown): never {
    this.release();
    throw error;
  }

  private continueFrom(step: number): Promise<void> | undefined {
    const count = this.request.partitions.length;
    for (let i = step; i < count; i += 1) {
      const at = (this.limits.first + i) % count;
      const target = this.request.partitions[at];
      if (target === undefined) continue;
      const pending = this.readTarget(at, target);
      if (pending !== undefined) return pending.then(() => this.continueFrom(i + 1));
    }
    return undefined;
  }

  private readTarget(at: number, target: Target): Promise<void> | undefined {
    const [topic, index, offset] = target;
    let partition: Partition | undefined;
    try {
      partition = this.topics.partition(topic, index);
      this.found.push({ partition, offset });
      this.readableRecords += Math.max(0, partition.readableEnd - offset);
      const left = Math.min(this.limits.bytesMax - this.usedBytes, this.room.roomBytes());
      const allowed = Math.min(this.request.partitionMaxBytes, left);
      if (allowed <= 0) {
        this.isFull = true;
        this.take(at, target, partition, NO_BYTES);
        return undefined;
      }
      const read = partition.read(offset, allowed);
      if (Buffer.isBuffer(read)) {
        this.take(at, target, partition, read);
        return undefined;
      }
      const open = partition;
      return read.then(
        (bytes) => this.takeSafely(at, target, open, bytes),
        (error: unknown) => this.fail(at, target, open, error),
      );
    } catch (error) {
      this.fail(at, target, partition, error);
      return undefined;
    }
  }

  private takeSafely(at: number, target: Target, partition: Partition, bytes: Buffer): void {
    try {
      this.take(at, target, partition, bytes);
    } catch (error) {
      this.fail(at, target, partition, error);
    }
  }

  private take(at: number, target: Target, partition: Partition, bytes: Buffer): void {
    const [topic, index, offset] = target;
    let batches = bytes;
    const { bytesMax, unpackedBatchBytesMax } = this.limits;
    const roomBytes = this.room.roomBytes();
    const left = Math.min(bytesMax - this.usedBytes, roomBytes);
    // A read gives at least one batch. Only the first of a reply may break the limit, and only
    // where there is room for more than each client's own part: else all first ones together could.
    const isFirst = this.usedBytes === 0 && roomBytes > OWN_REPLY_BYTES;
    if (bytes.length > left && !isFirst) {
      // No part of them: it would keep them all in memory while the reply waits.
      batches = NO_BYTES;
      this.isFull = true;
    }
    const { logStartOffset, readableEnd } = partition;
    const head = [topic, index, null, logStartOffset, readableEnd] as const;
    if (isRecords(this.request.format)) {
      const limits = {
        bytesMax: bytesMax - this.usedBytes,
        batchBytesMax: unpackedBatchBytesMax,
      };
      const unpacked = decodeRecords(batches, offset, limits);
      this.entries[at] = [...head, 0, unpacked.records];
      this.unpackedBytes += unpacked.bytes;
      this.reserve(unpacked.bytes);
    } else {
      this.entries[at] = [...head, batches.length];
      this.parts[at] = batches;
      this.reserve(batches.length);
    }
    this.sizeBytes += batches.length;
  }

  private reserve(bytes: number): void {
    if (bytes === 0) return;
    this.reservedBytes += bytes;
    this.room.reserve(bytes);
  }

  private fail(at: number, target: Target, partition: Partition | undefined, error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    const [topic, index] = target;
    const isOpen = partition !== undefined && !partition.isClosed;
    const { logStartOffset, readableEnd } = isOpen ? partition : NOWHERE;
    const said = { code: error.code, message: error.message };
    const head = [topic, index, said, logStartOffset, readableEnd, 0] as const;
    this.entries[at] = isRecords(this.request.format) ? [...head, []] : head;
    this.hasError = true;
  }
}

const NO_BYTES = Buffer.alloc(0);
const NOWHERE = { logStartOffset: -1, readableEnd: -1 };

function isRecords(format: FetchFormat): boolean {
  return format === 'records';
}
