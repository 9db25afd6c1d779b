import {
  createPartitionsCodec,
  type CreatePartitionsRequest,
  type CreatePartitionsResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { firstOfEach, namedTwice, repeatedNames } from './repeated-names';
import { checkReplicas } from './replica-assignment';

type Asked = Decoded<CreatePartitionsRequest.CreatePartitionsTopic>;

/**
 * Behaviour: gives topics more partitions, each topic for itself; `count` is how many it has then.
 * As many as it has, or fewer, are INVALID_PARTITIONS. Assignments by hand are one for each new
 * partition and name broker 1. The response comes once the change is durable by the fsync schedule.
 * With `validateOnly` nothing changes.
 *
 * Version notes: 0 to 3, which differ in their encoding.
 */
export class CreatePartitionsHandler implements KafkaHandler<
  CreatePartitionsRequest,
  CreatePartitionsResponse
> {
  readonly codec = createPartitionsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Never rejects with an error of the broker's own: each topic has its answer. */
  async handle({
    topics,
    validateOnly,
  }: Decoded<CreatePartitionsRequest>): Promise<KafkaReply<CreatePartitionsResponse>> {
    const budget = new TickBudget();
    const repeated = repeatedNames(topics.map(({ name }) => name));
    const results: CreatePartitionsResponse.CreatePartitionsTopicResult[] = [];
    for (const asked of firstOfEach(topics, ({ name }) => name)) {
      await budget.pause();
      const { name } = asked;
      try {
        if (repeated.has(name)) throw namedTwice(`topic '${name}'`);
        await this.grow(asked, validateOnly);
        results.push({ name, errorCode: NO_ERROR, errorMessage: null });
      } catch (error) {
        results.push({ name, ...itemFailureOf(error) });
      }
    }
    return { response: { throttleTimeMs: 0, results } };
  }

  /** Every topic of the request with the error. */
  refusal(
    { topics }: Decoded<CreatePartitionsRequest>,
    failure: KafkaFailure,
  ): CreatePartitionsResponse {
    return { throttleTimeMs: 0, results: topics.map(({ name }) => ({ name, ...failure })) };
  }

  /** Rejects as `Topics.alter`, or with a KafkaRefusal: nothing changed. */
  private async grow({ name, count, assignments }: Asked, validateOnly: boolean): Promise<void> {
    const { topics } = this.services;
    const added = count - topics.require(name).partitionCount;
    if (assignments !== null && added > 0) {
      if (assignments.length !== added) {
        const message = `There are ${assignments.length} assignments for ${added} new partitions.`;
        throw new KafkaRefusal('INVALID_REPLICA_ASSIGNMENT', message);
      }
      for (const { brokerIds } of assignments) checkReplicas(brokerIds);
    }
    await topics.alter(name, { partitions: count, mustGrow: true, validateOnly });
  }
}
