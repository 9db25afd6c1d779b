import { ProtocolError } from '@walrusmq/protocol';
import { OWN_REPLY_BYTES, type ReplyRoom } from '../instance/client-session';
import type { Partition } from '../partition/partition';

/** A partition to read. */
export interface PassTarget {
  readonly partition: Partition;
  readonly offset: number;
  /** For this partition alone. */
  readonly maxBytes: number;
}

/** How a pass reads. */
export interface PassLimits {
  /** Bytes that the reply may take, at which the pass ends. */
  readonly bytesMax: number;
  /** Which target is read first; answers keep the order of the request. */
  readonly first: number;
}

/**
 * One reading pass over the partitions of a fetch, in whatever form the reply is.
 *
 * Life: `run` once, then the results. What is in memory is read at once; the pass waits only for
 * what has to come from the disk, one partition after another, so that it never holds more than the
 * reply.
 */
export abstract class BatchPass {
  /** Bytes of batches in the reply. */
  sizeBytes = 0;
  /** Whether a partition answers with an error, which a client has to see at once. */
  hasError = false;
  /** Whether the size limit, not the end of the records, ended the pass. */
  isFull = false;
  /** Records that were readable from the asked offsets on, when each partition was read. */
  readableRecords = 0;
  /** The partitions that were found and the offsets asked of them, for a wait. */
  readonly found: PassTarget[] = [];
  /** What room for replies there was when it began. */
  readonly roomBytes: number;
  /** What it took of the room for replies; `release` gives it back. */
  reservedBytes = 0;
  /** What counts against the limit of bytes. */
  private usedBytes = 0;

  /** @param count Targets that the request has. */
  constructor(
    private readonly count: number,
    private readonly limits: PassLimits,
    private readonly room: ReplyRoom,
  ) {
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

  /** Whether there are records, and no room for the first of them beside the replies of others. */
  get isCrowdedOut(): boolean {
    return this.isFull && this.sizeBytes === 0 && !this.hasError;
  }

  /**
   * What the request asks for in this place.
   * @throws {ProtocolError} UNKNOWN_TOPIC, UNKNOWN_PARTITION, or what else forbids to read it.
   */
  protected abstract targetAt(at: number): PassTarget;

  /**
   * Puts the batches of a target into the reply; none where there are none, or no room for them.
   *
   * @param bytesLeft What the reply may still take.
   * @returns What they take of the reply's bytes.
   * @throws {ProtocolError} They cannot be given in the form that was asked for.
   */
  protected abstract take(
    at: number,
    partition: Partition,
    batches: Buffer,
    bytesLeft: number,
  ): number;

  /** Puts an error of a target into the reply. */
  protected abstract fail(at: number, partition: Partition | undefined, error: ProtocolError): void;

  private giveUp(error: unknown): never {
    this.release();
    throw error;
  }

  private continueFrom(step: number): Promise<void> | undefined {
    const { count } = this;
    for (let i = step; i < count; i += 1) {
      const pending = this.readTarget((this.limits.first + i) % count);
      if (pending !== undefined) return pending.then(() => this.continueFrom(i + 1));
    }
    return undefined;
  }

  private readTarget(at: number): Promise<void> | undefined {
    let partition: Partition | undefined;
    try {
      const target = this.targetAt(at);
      const { offset } = target;
      partition = target.partition;
      this.found.push(target);
      this.readableRecords += Math.max(0, partition.readableEnd - offset);
      const left = Math.min(this.limits.bytesMax - this.usedBytes, this.room.roomBytes());
      const allowed = Math.min(target.maxBytes, left);
      if (allowed <= 0) {
        this.isFull = true;
        this.add(at, partition, NO_BYTES);
        return undefined;
      }
      const read = partition.read(offset, allowed);
      if (Buffer.isBuffer(read)) {
        this.add(at, partition, read);
        return undefined;
      }
      const open = partition;
      return read.then(
        (bytes) => this.addSafely(at, open, bytes),
        (error: unknown) => this.note(at, open, error),
      );
    } catch (error) {
      this.note(at, partition, error);
      return undefined;
    }
  }

  private addSafely(at: number, partition: Partition, bytes: Buffer): void {
    try {
      this.add(at, partition, bytes);
    } catch (error) {
      this.note(at, partition, error);
    }
  }

  private add(at: number, partition: Partition, bytes: Buffer): void {
    let batches = bytes;
    const { bytesMax } = this.limits;
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
    const taken = this.take(at, partition, batches, bytesMax - this.usedBytes);
    this.sizeBytes += batches.length;
    this.usedBytes += Math.max(taken, batches.length);
    if (taken === 0) return;
    this.reservedBytes += taken;
    this.room.reserve(taken);
  }

  private note(at: number, partition: Partition | undefined, error: unknown): void {
    if (!(error instanceof ProtocolError)) throw error;
    this.fail(at, partition?.isClosed === false ? partition : undefined, error);
    this.hasError = true;
  }
}

const NO_BYTES = Buffer.alloc(0);
