import {
  ProtocolError,
  type FetchedRecord,
  type FetchFormat,
  type ParsedRead,
  type ReadPartition,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { bytesBelow, endOffsetOf } from '../partition/batch-cut';
import { OWN_REPLY_BYTES, type ReplyRoom } from '../instance/client-session';
import type { Partition } from '../partition/partition';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import { decodeRecords } from './record-batches';

/** What bounds one read beside its request. */
export interface ReadLimits {
  readonly bytesMax: number;
  /** What a compressed batch may unpack to for the records form. */
  readonly unpackedBatchBytesMax: number;
}

/** What was found behind a reader in one partition, until it is handed out. */
interface Found {
  readonly partition: Partition;
  readonly offset: number;
  readonly nextOffset: number;
  readonly bytes: Buffer;
  readonly records: readonly FetchedRecord[] | undefined;
  /** What it took of the room for replies. */
  readonly reservedBytes: number;
}

/**
 * One look behind a named reader, over the partitions of a topic.
 *
 * Life: `run` once, then the results. Nothing is handed out before the reader has moved past it, in
 * the way that the read consistency says; the partitions of one read are saved together.
 */
export class ReadPass {
  /** Bytes of batches in the reply. */
  sizeBytes = 0;
  /** The partition behind the last one that had its turn: the next read begins there. */
  nextTurn = 0;
  /** What the partitions were read up to, for a wait. */
  readonly ends = new Map<Partition, number>();
  readonly entries: ReadPartition[] = [];
  /** Whether a limit, not the end of the records, ended the pass. */
  isFull = false;
  /** What it took of the room for replies; none when `run` has rejected. */
  reservedBytes = 0;
  private readonly found: Found[] = [];
  private usedBytes = 0;
  private usedRecords = 0;

  constructor(
    private readonly topics: Topics,
    private readonly topic: TopicDescription,
    private readonly request: ParsedRead,
    private readonly limits: ReadLimits,
    private readonly room: ReplyRoom,
  ) {}

  /** Whether there is neither a record nor an error to tell. */
  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** Whether there are records, and no room for the first of them beside the replies of others. */
  get isCrowdedOut(): boolean {
    return this.isFull && this.isEmpty;
  }

  /** The batches of all entries, in the order of the entries. */
  get tail(): readonly Buffer[] {
    return this.request.format === 'records' ? [] : this.found.map(({ bytes }) => bytes);
  }

  /**
   * Reads, beginning with the partition `first`, and moves the reader past what it found.
   *
   * Rejects with the error of a partition when no partition gives anything: NO_SPACE, FENCED or
   * LIMIT_EXCEEDED say that the reader could not be moved, CORRUPT, BUSY or RECORD_TOO_LARGE that
   * nothing could be read.
   */
  async run(first: number): Promise<void> {
    try {
      await this.readAndMove(first);
    } catch (error) {
      this.reserve(-this.reservedBytes);
      throw error;
    }
  }

  private async readAndMove(first: number): Promise<void> {
    const { partition: only } = this.request;
    const count = only === undefined ? this.topic.partitionCount : 1;
    const budget = new TickBudget();
    let failure: ProtocolError | undefined;
    for (let turn = 0; turn < count && !this.isFull; turn += 1) {
      await budget.pause();
      const index = only ?? (first + turn) % count;
      this.nextTurn = (index + 1) % this.topic.partitionCount;
      failure = (await this.visit(index)) ?? failure;
    }
    failure = (await this.advance()) ?? failure;
    if (this.found.length === 0 && failure !== undefined) throw failure;
  }

  /** Takes what is behind the reader in a partition, or its error. */
  private async visit(index: number): Promise<ProtocolError | undefined> {
    const [state] = this.topics.states(this.topic, index, 1);
    const mayWait = this.request.maxWaitMs > 0;
    if (state !== undefined && state.readableEnd === 0 && !mayWait) return undefined;
    const partition = this.topics.partitionOf(this.topic, index);
    const { readableEnd, logStartOffset } = partition;
    this.ends.set(partition, readableEnd);
    const position = partition.readers.position(this.request.reader) ?? 0;
    const offset = Math.max(position, logStartOffset);
    if (offset >= readableEnd) return undefined;
    const bytesLeft = Math.min(this.limits.bytesMax - this.usedBytes, this.room.roomBytes());
    if (bytesLeft <= 0) {
      this.passOver(index);
      return undefined;
    }
    try {
      const bytes = await partition.read(offset, bytesLeft);
      this.take(partition, offset, bytes);
      return undefined;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // Retention moved the log start meanwhile: the reader goes on there.
      if (error.code === 'OFFSET_OUT_OF_RANGE' && partition.logStartOffset > offset) {
        return this.visit(index);
      }
      this.fail(partition, offset, error);
      return error;
    }
  }

  private take(partition: Partition, offset: number, all: Buffer): void {
    const { bytesMax, unpackedBatchBytesMax: batchBytesMax } = this.limits;
    const left = this.request.maxRecords - this.usedRecords;
    const below = offset + left;
    const bytes = all.subarray(0, bytesBelow(all, below));
    if (bytes.length === 0) return;
    // A read gives at least one batch. As in a fetch, only the first of a reply may break the
    // limit, and only where there is room for more than each client's own part.
    const roomBytes = this.room.roomBytes();
    const isFirst = this.usedBytes === 0 && roomBytes > OWN_REPLY_BYTES;
    if (bytes.length > Math.min(bytesMax - this.usedBytes, roomBytes) && !isFirst) {
      this.passOver(partition.index);
      return;
    }
    let nextOffset = Math.min(endOffsetOf(bytes), below);
    let records: FetchedRecord[] | undefined;
    let usedBytes = bytes.length;
    if (isRecords(this.request.format)) {
      const limits = { bytesMax: bytesMax - this.usedBytes, batchBytesMax };
      const unpacked = decodeRecords(bytes, offset, limits);
      records = unpacked.records.filter((record) => record[0] < below);
      nextOffset = (records.at(-1)?.[0] ?? nextOffset - 1) + 1;
      usedBytes = Math.max(usedBytes, unpacked.bytes);
    }
    this.found.push({ partition, offset, nextOffset, bytes, records, reservedBytes: usedBytes });
    this.reserve(usedBytes);
    this.usedBytes += usedBytes;
    this.usedRecords += nextOffset - offset;
    this.isFull = this.usedBytes >= bytesMax || this.usedRecords >= this.request.maxRecords;
  }

  /** Ends the pass at a partition whose records do not fit beside those of others: it is next. */
  private passOver(index: number): void {
    this.isFull = true;
    if (this.usedBytes > 0) this.nextTurn = index;
  }

  /** Moves the reader past what was found; what it could not be moved past is not handed out. */
  private async advance(): Promise<ProtocolError | undefined> {
    const { reader, checkpoint } = this.request;
    const all = this.found.splice(0);
    const moves = await Promise.allSettled(
      all.map(({ partition, offset, nextOffset }) =>
        checkpoint
          ? partition.readers.advance(reader, nextOffset, nextOffset - offset)
          : Promise.resolve(),
      ),
    );
    let failure: ProtocolError | undefined;
    for (const [at, one] of all.entries()) {
      const move = moves[at];
      if (move === undefined || move.status === 'fulfilled') {
        this.give(one);
        continue;
      }
      if (!(move.reason instanceof ProtocolError)) throw move.reason;
      this.reserve(-one.reservedBytes);
      this.fail(one.partition, one.offset, move.reason);
      failure = move.reason;
    }
    return failure;
  }

  private reserve(bytes: number): void {
    this.reservedBytes += bytes;
    this.room.reserve(bytes);
  }

  private give(one: Found): void {
    const { partition, offset, nextOffset, bytes, records } = one;
    const { readableEnd } = partition;
    const head = [partition.index, null, offset, nextOffset, readableEnd] as const;
    this.entries.push(records === undefined ? [...head, bytes.length] : [...head, 0, records]);
    this.sizeBytes += bytes.length;
    this.found.push(one);
  }

  private fail(partition: Partition, offset: number, { code, message }: ProtocolError): void {
    const head = [partition.index, { code, message }, offset, offset] as const;
    const entry = [...head, partition.isClosed ? -1 : partition.readableEnd, 0] as const;
    this.entries.push(isRecords(this.request.format) ? [...entry, []] : entry);
  }
}

function isRecords(format: FetchFormat): boolean {
  return format === 'records';
}
