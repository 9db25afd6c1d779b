import {
  deleteRecordsCodec,
  type Decoded,
  type DeleteRecordsRequest,
  type DeleteRecordsResponse,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import { TickBudget } from '../partition/tick-budget';
import { checkDeletion, deleteBefore, inTurns } from '../topic/record-deletion';
import { itemFailureOf, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';

type Asked = Decoded<DeleteRecordsRequest.DeleteRecordsPartition>;
type Answer = DeleteRecordsResponse.DeleteRecordsPartitionResult;

// Stands for the end of what can be read.
const HIGH_WATERMARK = -1;
const NO_OFFSET = -1;

/**
 * Behaviour: lets go of the records before an offset, -1 being all that can be read, and answers
 * with where each partition begins then, once that is durable in every schedule. Each partition is
 * answered for itself. An offset at or below the log start changes nothing; one above the readable
 * end is OFFSET_OUT_OF_RANGE.
 *
 * Version notes: 0 to 2, which differ in their encoding.
 */
export class DeleteRecordsHandler implements KafkaHandler<
  DeleteRecordsRequest,
  DeleteRecordsResponse
> {
  readonly codec = deleteRecordsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Never rejects with an error of the broker's own: each partition has its answer. */
  async handle({
    topics,
  }: Decoded<DeleteRecordsRequest>): Promise<KafkaReply<DeleteRecordsResponse>> {
    const budget = new TickBudget();
    const asked = topics.flatMap(({ name, partitions }) =>
      partitions.map((partition) => ({ name, partition })),
    );
    const answers = new Array<Answer>(asked.length);
    await inTurns(asked, async ({ name, partition }, at) => {
      await budget.pause();
      answers[at] = await this.delete(name, partition);
    });
    let first = 0;
    const answered = topics.map(({ name, partitions }) => {
      const end = first + partitions.length;
      const own = answers.slice(first, end);
      first = end;
      return { name, partitions: own };
    });
    return { response: { throttleTimeMs: 0, topics: answered } };
  }

  /** Every partition of the request with the error. */
  refusal({ topics }: Decoded<DeleteRecordsRequest>, failure: KafkaFailure): DeleteRecordsResponse {
    const answers = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => failed(partitionIndex, failure)),
    }));
    return { throttleTimeMs: 0, topics: answers };
  }

  private async delete(name: string, { partitionIndex, offset }: Asked): Promise<Answer> {
    const { topics } = this.services;
    try {
      const topic = topics.require(name);
      topics.requireIndex(topic, partitionIndex);
      const [state] = topics.states(topic, partitionIndex, 1);
      const before = offset === HIGH_WATERMARK ? (state?.readableEnd ?? 0) : offset;
      if (before < 0) {
        const message = `${name}-${partitionIndex}: ${offset} is no offset; -1 is the end.`;
        throw new ProtocolError('OFFSET_OUT_OF_RANGE', message);
      }
      const target = { index: partitionIndex, before };
      checkDeletion(topics, topic, target);
      const lowWatermark = await deleteBefore(topics, topic, target);
      return { partitionIndex, lowWatermark, errorCode: NO_ERROR };
    } catch (error) {
      return failed(partitionIndex, itemFailureOf(error));
    }
  }
}

function failed(partitionIndex: number, { errorCode }: KafkaFailure): Answer {
  return { partitionIndex, lowWatermark: NO_OFFSET, errorCode };
}
