import {
  describeProducersCodec,
  type Decoded,
  type DescribeProducersRequest,
  type DescribeProducersResponse,
} from '@walrusmq/kafka-protocol';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { namedTwice } from './repeated-names';

type Answer = DescribeProducersResponse.PartitionResponse;

// There are no transactions, hence no coordinator of one and no offset at which one began.
const NO_COORDINATOR = -1;
const NO_OFFSET = -1;

/**
 * Behaviour: the idempotent producers that each partition remembers, the one that appended longest
 * ago first: id, epoch, the sequence of its last record and when the broker took that. A partition
 * that the request names again is INVALID_REQUEST.
 *
 * Version notes: 0.
 */
export class DescribeProducersHandler implements KafkaHandler<
  DescribeProducersRequest,
  DescribeProducersResponse
> {
  readonly codec = describeProducersCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Never rejects with an error of the broker's own: each partition has its answer. */
  async handle({
    topics,
  }: Decoded<DescribeProducersRequest>): Promise<KafkaReply<DescribeProducersResponse>> {
    const budget = new TickBudget();
    // Producers may be thousands, and a request that names a partition often is small.
    const told = new Set<string>();
    const described: DescribeProducersResponse.TopicResponse[] = [];
    for (const { name, partitionIndexes } of topics) {
      const partitions: Answer[] = [];
      for (const index of partitionIndexes) {
        await budget.pause();
        partitions.push(this.describe(name, index, told));
      }
      described.push({ name, partitions });
    }
    return { response: { throttleTimeMs: 0, topics: described } };
  }

  /** Every partition of the request with the error. */
  refusal(
    { topics }: Decoded<DescribeProducersRequest>,
    failure: KafkaFailure,
  ): DescribeProducersResponse {
    const described = topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((index) => failed(index, failure)),
    }));
    return { throttleTimeMs: 0, topics: described };
  }

  private describe(name: string, index: number, told: Set<string>): Answer {
    try {
      const partition = this.services.topics.partition(name, index);
      const place = `${name}-${index}`;
      if (told.has(place)) throw namedTwice(`the partition ${place}`);
      told.add(place);
      const activeProducers = partition
        .activeProducers()
        .map(({ producerId, epoch, lastSequence, lastAppendMs }) => ({
          producerId,
          producerEpoch: epoch,
          lastSequence,
          lastTimestamp: lastAppendMs,
          coordinatorEpoch: NO_COORDINATOR,
          currentTxnStartOffset: NO_OFFSET,
        }));
      return { partitionIndex: index, errorCode: NO_ERROR, errorMessage: null, activeProducers };
    } catch (error) {
      return failed(index, itemFailureOf(error));
    }
  }
}

function failed(partitionIndex: number, failure: KafkaFailure): Answer {
  return { partitionIndex, ...failure, activeProducers: [] };
}
