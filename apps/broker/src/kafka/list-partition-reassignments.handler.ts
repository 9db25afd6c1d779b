import {
  listPartitionReassignmentsCodec,
  type Decoded,
  type ListPartitionReassignmentsRequest,
  type ListPartitionReassignmentsResponse,
} from '@walrusmq/kafka-protocol';
import { NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';

/**
 * Behaviour: none; with one broker no partition ever moves.
 *
 * Version notes: 0.
 */
export class ListPartitionReassignmentsHandler implements KafkaHandler<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse
> {
  readonly codec = listPartitionReassignmentsCodec;

  /** The answer is the same for every topic, those included that are not there, as in Kafka. */
  handle(): KafkaReply<ListPartitionReassignmentsResponse> {
    const head = { throttleTimeMs: 0, errorCode: NO_ERROR, errorMessage: null };
    return { response: { ...head, topics: [] } };
  }

  /** The error alone. */
  refusal(
    _: Decoded<ListPartitionReassignmentsRequest>,
    failure: KafkaFailure,
  ): ListPartitionReassignmentsResponse {
    return { throttleTimeMs: 0, ...failure, topics: [] };
  }
}
