import {
  electLeadersCodec,
  type Decoded,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
} from '@walrusmq/kafka-protocol';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import { NODE_ID, type KafkaServices } from './kafka-services';

// From here on the response has an error of its own, and the request a type.
const ERROR_VERSION = 1;
const PREFERRED = 0;
const UNCLEAN = 1;

/**
 * Behaviour: the one broker leads every partition, so each that the request names is
 * ELECTION_NOT_NEEDED; where it names none, meaning all, none needs one and the response is empty,
 * as in Kafka.
 *
 * Version notes: 0 to 2; 1 brought unclean elections and an error of the whole response.
 */
export class ElectLeadersHandler implements KafkaHandler<
  ElectLeadersRequest,
  ElectLeadersResponse
> {
  readonly codec = electLeadersCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Rejects with INVALID_REQUEST for a type of election that there is not. */
  async handle({
    electionType,
    topicPartitions,
  }: Decoded<ElectLeadersRequest>): Promise<KafkaReply<ElectLeadersResponse>> {
    if (electionType !== PREFERRED && electionType !== UNCLEAN) {
      const message = `There is no type of election ${electionType}.`;
      throw new KafkaRefusal('INVALID_REQUEST', message);
    }
    const budget = new TickBudget();
    const results: ElectLeadersResponse.ReplicaElectionResult[] = [];
    for (const { topic, partitions } of topicPartitions ?? []) {
      const partitionResult: ElectLeadersResponse.PartitionResult[] = [];
      for (const partitionId of partitions) {
        await budget.pause();
        partitionResult.push({ partitionId, ...this.answer(topic, partitionId) });
      }
      results.push({ topic, partitionResult });
    }
    const replicaElectionResults = results;
    return { response: { throttleTimeMs: 0, errorCode: NO_ERROR, replicaElectionResults } };
  }

  /** Every partition of the request with the error; none, where it names none and has no room. */
  refusal(
    { topicPartitions }: Decoded<ElectLeadersRequest>,
    failure: KafkaFailure,
    { version }: KafkaCall,
  ): ElectLeadersResponse | undefined {
    const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, ...failure })),
    }));
    if (version < ERROR_VERSION) {
      return topicPartitions === null ? undefined : { throttleTimeMs: 0, replicaElectionResults };
    }
    return { throttleTimeMs: 0, errorCode: failure.errorCode, replicaElectionResults };
  }

  private answer(name: string, index: number): KafkaFailure {
    const { topics } = this.services;
    try {
      topics.requireIndex(topics.require(name), index);
      const message = `Broker ${NODE_ID} leads the partition; nobody else could.`;
      throw new KafkaRefusal('ELECTION_NOT_NEEDED', message);
    } catch (error) {
      return itemFailureOf(error);
    }
  }
}
