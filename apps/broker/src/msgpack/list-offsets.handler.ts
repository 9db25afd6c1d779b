import {
  parseListOffsets,
  type IncomingFrame,
  type ListOffsetsResponse,
  type OffsetMoment,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

const NO_TIMESTAMP = -1;

type PartitionOffset = readonly [partition: number, offset: number, timestamp: number];

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
    const budget = new TickBudget();
    const offsets: Promise<PartitionOffset>[] = [];
    for (const index of indexes) {
      const pause = budget.pause();
      if (pause !== undefined) await pause;
      const offset = this.offsetAt(topic, index, request.at);
      // One that fails is told of below; the loop may still be on its way there.
      offset.catch(() => undefined);
      offsets.push(offset);
    }
    const fields: ListOffsetsResponse = { offsets: await Promise.all(offsets) };
    return { fields };
  }

  private async offsetAt(
    topic: TopicDescription,
    index: number,
    at: OffsetMoment,
  ): Promise<PartitionOffset> {
    const [state] = index < topic.partitionCount ? this.topics.states(topic, index, 1) : [];
    const isEmpty = state !== undefined && state.logStartOffset === state.readableEnd;
    if (state !== undefined && (typeof at === 'string' || isEmpty)) {
      const offset = at === 'earliest' ? state.logStartOffset : state.readableEnd;
      return [index, offset, NO_TIMESTAMP];
    }
    const partition = this.topics.partitionOf(topic, index);
    const found = await partition.offsetForTimestamp(at as number);
    if (found === undefined) return [index, partition.state.readableEnd, NO_TIMESTAMP];
    return [index, found.offset, found.timestamp];
  }
}
