// Takes fetched records out of the buffer, partition by partition.
import type { DecodedRecord } from '@walrusmq/record-batch';
import type { ConsumedPartition } from '../consumed-partition';
import type { RecordBatch } from '../consumer-options';
import { ConsumerRecord } from '../consumer-record';
import { CorruptRun, type DecodedRun, type PrefetchBuffer } from '../prefetch-buffer';
import { corruptBatch } from '../record-feed';
import type { RecordDecoding } from '../serialisers';
import type { TakenWork } from './work-item';

/** What a record costs beside its bytes. */
const RECORD_BYTES = 256;

interface OpenRun {
  readonly run: DecodedRun;
  index: number;
}

/** Whether something of a partition may be taken now. */
export type Accepts = (partition: ConsumedPartition) => boolean;

/** What a feed is built with. */
export interface PartitionedFeedOptions {
  readonly buffer: PrefetchBuffer;
  readonly decoding: RecordDecoding;
  /** Whether records with the same key form a lane of their partition; else all of it is one. */
  readonly lanePerKey: boolean;
  /** Whether records of the run may be handed over yet; asked again later when not. */
  readonly admits: (run: DecodedRun) => boolean;
  /** Called for offsets that hold nothing for the program, behind what was taken before. */
  readonly onPassedOver: (partition: ConsumedPartition, endOffset: number) => void;
}

/**
 * The records of a consumer in the order of their offsets in each partition, from any partition
 * that may be taken from: one that may not keeps none of the others waiting.
 *
 * Invariant: of each partition at most one batch is open, that is decoded and not wholly taken; it
 * counts in the buffer until it is.
 */
export class PartitionedFeed<K, V> {
  private readonly open = new Map<ConsumedPartition, OpenRun>();

  constructor(private readonly options: PartitionedFeedOptions) {}

  /**
   * The next record of a partition that `accepts`; undefined when none is fetched. The partition's
   * position is behind it then.
   *
   * @throws {WalrusError} `CORRUPT_BATCH`: the next batch of such a partition cannot be read.
   */
  takeRecord(accepts: Accepts): TakenWork<ConsumerRecord<K, V>> | undefined {
    const found = this.openRun(accepts);
    if (found === undefined) return undefined;
    const { run } = found;
    const stored = run.records[found.index] as DecodedRecord;
    found.index += 1;
    const isLast = found.index === run.records.length;
    const endOffset = isLast ? run.endOffset : stored.offset + 1;
    if (isLast) this.close(found);
    run.partition.position = endOffset;
    return {
      work: this.record(run, stored),
      partition: run.partition,
      offset: stored.offset,
      endOffset,
      sizeBytes: sizeOf(stored),
      lane: this.laneOf(stored),
    };
  }

  /** As `takeRecord`, with all that is left of a batch. */
  takeBatch(accepts: Accepts): TakenWork<RecordBatch<K, V>> | undefined {
    const found = this.openRun(accepts);
    if (found === undefined) return undefined;
    const { run, index } = found;
    const rest = run.records.slice(index);
    this.close(found);
    run.partition.position = run.endOffset;
    const { topic, partition, readableEnd } = run.partition;
    const records = rest.map((stored) => this.record(run, stored));
    return {
      work: { topic, partition, readableEnd, records },
      partition: run.partition,
      offset: rest[0]?.offset ?? run.endOffset,
      endOffset: run.endOffset,
      sizeBytes: rest.reduce((sum, stored) => sum + sizeOf(stored), 0),
      lane: '',
    };
  }

  private openRun(accepts: Accepts): OpenRun | undefined {
    const { admits } = this.options;
    for (const found of this.open.values()) {
      if (!isLive(found.run)) this.close(found);
      else if (accepts(found.run.partition) && admits(found.run)) return found;
    }
    for (;;) {
      const run = this.takeRun((partition) => !this.open.has(partition) && accepts(partition));
      if (run === undefined) return undefined;
      const found = { run, index: 0 };
      this.open.set(run.partition, found);
      if (run.records.length > 0) {
        if (admits(run)) return found;
        continue;
      }
      this.close(found);
      run.partition.position = run.endOffset;
      this.options.onPassedOver(run.partition, run.endOffset);
    }
  }

  private takeRun(accepts: Accepts): DecodedRun | undefined {
    try {
      return this.options.buffer.takeRunOf(accepts);
    } catch (error) {
      throw error instanceof CorruptRun ? corruptBatch(error.cause, error.key) : error;
    }
  }

  private close({ run }: OpenRun): void {
    this.open.delete(run.partition);
    this.options.buffer.release(run);
  }

  private laneOf({ key }: DecodedRecord): string | undefined {
    if (!this.options.lanePerKey) return '';
    // One character for each byte: equal just where the bytes are.
    return key?.toString('latin1');
  }

  private record({ partition }: DecodedRun, stored: DecodedRecord): ConsumerRecord<K, V> {
    const { topic, partition: number } = partition;
    return new ConsumerRecord<K, V>(topic, number, stored, this.options.decoding);
  }
}

function sizeOf({ key, value }: DecodedRecord): number {
  return RECORD_BYTES + (key?.length ?? 0) + (value?.length ?? 0);
}

function isLive({ partition, generation }: DecodedRun): boolean {
  return partition.generation === generation;
}
