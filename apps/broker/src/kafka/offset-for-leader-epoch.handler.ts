import {
  offsetForLeaderEpochCodec,
  type Decoded,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from '@walrusmq/kafka-protocol';
import { TickBudget } from '../partition/tick-budget';
import { epochEnd } from './epoch-end';
import { itemFailureOf, NO_ERROR, type KafkaFailure } from './error-codes';
import { checkLeaderEpoch } from './found-partition';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

type Asked = Decoded<OffsetForLeaderEpochRequest.OffsetForLeaderPartition>;
type Answer = OffsetForLeaderEpochResponse.EpochEndOffset;

/**
 * Behaviour: for each partition where a leader epoch ended, by which a consumer sees whether what
 * it has read is still there. Epochs go up only when a recovery cut readable records, or could not
 * rule out that some are lost; so almost always there is one, which ends at the readable end. A
 * present epoch that is not that of the partition is FENCED_LEADER_EPOCH or UNKNOWN_LEADER_EPOCH.
 *
 * Version notes: 2 to 4, which differ in their encoding and in who asks.
 */
export class OffsetForLeaderEpochHandler implements KafkaHandler<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
> {
  readonly codec = offsetForLeaderEpochCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Never rejects with an error of the broker's own: each partition has its answer. */
  async handle({
    topics,
  }: Decoded<OffsetForLeaderEpochRequest>): Promise<KafkaReply<OffsetForLeaderEpochResponse>> {
    const budget = new TickBudget();
    const answered: OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult[] = [];
    for (const { topic, partitions } of topics) {
      const answers: Answer[] = [];
      for (const asked of partitions) {
        await budget.pause();
        answers.push(await this.answer(topic, asked));
      }
      answered.push({ topic, partitions: answers });
    }
    return { response: { throttleTimeMs: 0, topics: answered } };
  }

  /** Every partition of the request with the error. */
  refusal(
    { topics }: Decoded<OffsetForLeaderEpochRequest>,
    { errorCode }: KafkaFailure,
  ): OffsetForLeaderEpochResponse {
    const answered = topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ errorCode, partition })),
    }));
    return { throttleTimeMs: 0, topics: answered };
  }

  private async answer(
    name: string,
    { partition, currentLeaderEpoch, leaderEpoch }: Asked,
  ): Promise<Answer> {
    try {
      const found = this.services.topics.partition(name, partition);
      checkLeaderEpoch(found, currentLeaderEpoch);
      return { errorCode: NO_ERROR, partition, ...(await epochEnd(found, leaderEpoch)) };
    } catch (error) {
      return { errorCode: itemFailureOf(error).errorCode, partition };
    }
  }
}
