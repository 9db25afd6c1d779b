import {
  parseListOffsets,
  type IncomingFrame,
  type ListOffsetsResponse,
  type OffsetMoment,
} from '@walrusmq/protocol';
import type { Partition } from '../partition/partition';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

const NO_TIMESTAMP = -1;

/**
 * Behaviour: for each partition asked for, or all of the topic, the offset of the earliest record,
 * of the next one to become readable, or of the first record that is not older than a timestamp;
 * the readable end where nothing is that late. One partition that cannot be answered fails the
 * request.
 *
 * Version notes: protocol 1. A timestamp answer is exact for uncompressed batches and the base
 * offset of the batch for compressed ones.
 */
export class ListOffsetsHandler implements OperationHandler {
  readonly operation = 'listOffsets';

  constructor(private readonly topics: Topics) {}

  /** Rejects with INVALID_REQUEST, UNKNOWN_TOPIC, UNKNOWN_PARTITION or CORRUPT. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const request = parseListOffsets(frame.fields);
    const topic = this.topics.require(request.topic);
    const indexes = request.partitions ?? Array.from({ length: topic.partitionCount }, (_, i) => i);
    const partitions = indexes.map((index) => this.topics.partitionOf(topic, index));
    const offsets = await Promise.all(
      partitions.map((partition) => this.offsetAt(partition, request.at)),
    );
    const fields: ListOffsetsResponse = { offsets };
    return { fields };
  }

  private async offsetAt(
    partition: Partition,
    at: OffsetMoment,
  ): Promise<readonly [partition: number, offset: number, timestamp: number]> {
    const { logStartOffset, readableEnd } = partition.state;
    if (at === 'earliest') return [partition.index, logStartOffset, NO_TIMESTAMP];
    if (at === 'latest') return [partition.index, readableEnd, NO_TIMESTAMP];
    const found = await partition.offsetForTimestamp(at);
    if (found === undefined) return [partition.index, partition.state.readableEnd, NO_TIMESTAMP];
    return [partition.index, found.offset, found.timestamp];
  }
}
