import {
  type FetchFormat,
  type FetchedPartition,
  type ParsedFetch,
  type ProtocolError,
} from '@walrusmq/protocol';
import type { ReplyRoom } from '../instance/client-session';
import type { Partition } from '../partition/partition';
import { BatchPass, type PassLimits, type PassTarget } from '../topic/batch-pass';
import type { Topics } from '../topic/topics';
import { decodeRecords } from './record-batches';

/** How a pass reads. */
export interface FetchPassLimits extends PassLimits {
  /** What a compressed batch may unpack to for the records form. */
  readonly unpackedBatchBytesMax: number;
}

/** One reading pass over the partitions of a fetch, for a reply with batches or with records. */
export class FetchPass extends BatchPass {
  private readonly entries: FetchedPartition[];
  private readonly parts: (Buffer | undefined)[];
  private readonly unpackedBatchBytesMax: number;

  constructor(
    private readonly topics: Topics,
    private readonly request: ParsedFetch,
    limits: FetchPassLimits,
    room: ReplyRoom,
  ) {
    const count = request.partitions.length;
    super(count, limits, room);
    this.unpackedBatchBytesMax = limits.unpackedBatchBytesMax;
    this.entries = new Array<FetchedPartition>(count);
    this.parts = new Array<Buffer | undefined>(count);
  }

  /** The entries of the reply, in the order of the request. */
  get fetched(): readonly FetchedPartition[] {
    return this.entries;
  }

  /** The batches of all entries, in the order of the entries. */
  get tail(): readonly Buffer[] {
    return this.parts.filter((part): part is Buffer => part !== undefined && part.length > 0);
  }

  protected override targetAt(at: number): PassTarget {
    const [topic, index, offset] = this.asked(at);
    const { partitionMaxBytes: maxBytes, topicIds } = this.request;
    const partition = this.topics.partition(topic, index, topicIds.get(topic));
    return { partition, offset, maxBytes };
  }

  protected override take(
    at: number,
    partition: Partition,
    batches: Buffer,
    bytesLeft: number,
  ): number {
    const [topic, index, offset] = this.asked(at);
    const { logStartOffset, readableEnd } = partition;
    const head = [topic, index, null, logStartOffset, readableEnd] as const;
    if (!isRecords(this.request.format)) {
      this.entries[at] = [...head, batches.length];
      this.parts[at] = batches;
      return batches.length;
    }
    const limits = { bytesMax: bytesLeft, batchBytesMax: this.unpackedBatchBytesMax };
    const { records, bytes } = decodeRecords(batches, offset, limits);
    this.entries[at] = [...head, 0, records];
    return bytes;
  }

  protected override fail(
    at: number,
    partition: Partition | undefined,
    error: ProtocolError,
  ): void {
    const [topic, index] = this.asked(at);
    const { logStartOffset, readableEnd } = partition ?? NOWHERE;
    const said = { code: error.code, message: error.message };
    const head = [topic, index, said, logStartOffset, readableEnd, 0] as const;
    this.entries[at] = isRecords(this.request.format) ? [...head, []] : head;
  }

  private asked(at: number): ParsedFetch['partitions'][number] {
    const target = this.request.partitions[at];
    if (target === undefined) throw new RangeError(`no partition ${at} in the request`);
    return target;
  }
}

const NOWHERE = { logStartOffset: -1, readableEnd: -1 };

function isRecords(format: FetchFormat): boolean {
  return format === 'records';
}
