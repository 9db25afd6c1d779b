import {
  alterPartitionReassignmentsCodec,
  type AlterPartitionReassignmentsRequest,
  type AlterPartitionReassignmentsResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { checkReplicas } from './replica-assignment';

type Asked = Decoded<AlterPartitionReassignmentsRequest.ReassignablePartition>;
type Answer = AlterPartitionReassignmentsResponse.ReassignablePartitionResponse;

/**
 * Behaviour: each partition can be assigned to broker 1, where it is, which changes nothing; any
 * other assignment is INVALID_REPLICA_ASSIGNMENT. To call one off is NO_REASSIGNMENT_IN_PROGRESS,
 * as none is ever under way.
 *
 * Version notes: 0.
 */
export class AlterPartitionReassignmentsHandler implements KafkaHandler<
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse
> {
  readonly codec = alterPartitionReassignmentsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Never rejects with an error of the broker's own: each partition has its answer. */
  async handle({
    topics,
  }: Decoded<AlterPartitionReassignmentsRequest>): Promise<
    KafkaReply<AlterPartitionReassignmentsResponse>
  > {
    const budget = new TickBudget();
    const responses: AlterPartitionReassignmentsResponse.ReassignableTopicResponse[] = [];
    for (const { name, partitions } of topics) {
      const answers: Answer[] = [];
      for (const asked of partitions) {
        await budget.pause();
        answers.push(this.answer(name, asked));
      }
      responses.push({ name, partitions: answers });
    }
    const head = { throttleTimeMs: 0, errorCode: NO_ERROR, errorMessage: null };
    return { response: { ...head, responses } };
  }

  /** The error alone. */
  refusal(
    _: Decoded<AlterPartitionReassignmentsRequest>,
    failure: KafkaFailure,
  ): AlterPartitionReassignmentsResponse {
    return { throttleTimeMs: 0, ...failure, responses: [] };
  }

  private answer(name: string, { partitionIndex, replicas }: Asked): Answer {
    const { topics } = this.services;
    try {
      topics.requireIndex(topics.require(name), partitionIndex);
      if (replicas === null) {
        const message = `${name}-${partitionIndex} is not being reassigned.`;
        throw new KafkaRefusal('NO_REASSIGNMENT_IN_PROGRESS', message);
      }
      checkReplicas(replicas);
      return { partitionIndex, errorCode: NO_ERROR, errorMessage: null };
    } catch (error) {
      return { partitionIndex, ...itemFailureOf(error) };
    }
  }
}
