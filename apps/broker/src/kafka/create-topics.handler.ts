import {
  createTopicsCodec,
  ZERO_UUID,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  type Decoded,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import { TickBudget } from '../partition/tick-budget';
import type { NewTopic } from '../topic/topic-changes';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { firstOfEach, namedTwice, repeatedNames } from './repeated-names';
import {
  BROKER_DEFAULT,
  checkAssignments,
  checkReplicationFactor,
  REPLICATION_FACTOR,
} from './replica-assignment';
import { TopicConfigResource } from './topic-config-resource';

type Asked = Decoded<CreateTopicsRequest.CreatableTopic>;
type Answer = CreateTopicsResponse.CreatableTopicResult;

/**
 * Behaviour: creates topics, each for itself: others are created although one is refused. The
 * response comes once they are durable by the fsync schedule, with what each has: its id,
 * partitions and configs (KIP-525). With `validateOnly` it is only checked whether they could be
 * created, and they have no ids. A count of -1 leaves the number of partitions to the broker's
 * setting; the replication factor is 1 or -1, a manual assignment names broker 1. A name that the
 * request has twice is INVALID_REQUEST, and nothing is created for it.
 *
 * Version notes: 2 to 7; 5 brought configs and counts in the response, 7 topic ids.
 */
export class CreateTopicsHandler implements KafkaHandler<
  CreateTopicsRequest,
  CreateTopicsResponse
> {
  readonly codec = createTopicsCodec;
  private readonly configs: TopicConfigResource;

  constructor(private readonly services: KafkaServices) {
    this.configs = new TopicConfigResource(services);
  }

  /** Never rejects with an error of the broker's own: each topic has its answer. */
  async handle({
    topics,
    validateOnly,
  }: Decoded<CreateTopicsRequest>): Promise<KafkaReply<CreateTopicsResponse>> {
    const budget = new TickBudget();
    const repeated = repeatedNames(topics.map(({ name }) => name));
    const answers: Answer[] = [];
    for (const asked of firstOfEach(topics, ({ name }) => name)) {
      await budget.pause();
      try {
        if (repeated.has(asked.name)) throw namedTwice(`topic '${asked.name}'`);
        answers.push(await this.create(asked, validateOnly));
      } catch (error) {
        answers.push(failed(asked.name, itemFailureOf(error)));
      }
    }
    return { response: { throttleTimeMs: 0, topics: answers } };
  }

  /** Every topic of the request with the error. */
  refusal({ topics }: Decoded<CreateTopicsRequest>, failure: KafkaFailure): CreateTopicsResponse {
    return { throttleTimeMs: 0, topics: topics.map(({ name }) => failed(name, failure)) };
  }

  /** Rejects as `Topics.create`, or with a KafkaRefusal: nothing was created. */
  private async create(asked: Asked, validateOnly: boolean): Promise<Answer> {
    const { topics } = this.services;
    // Before all else, so that who only wants it to be there learns that it is.
    if (topics.find(asked.name) !== undefined) {
      throw new ProtocolError('TOPIC_EXISTS', `Topic '${asked.name}' exists already.`);
    }
    const partitions = partitionsOf(asked);
    const configs = this.configs.initial(asked.configs);
    const wanted: NewTopic = { name: asked.name, partitions, configs, validateOnly };
    const topic = await topics.create(wanted);
    return {
      name: topic.name,
      topicId: validateOnly ? ZERO_UUID : topic.id,
      errorCode: NO_ERROR,
      errorMessage: null,
      numPartitions: topic.partitionCount,
      replicationFactor: REPLICATION_FACTOR,
      configs: this.configs.describe(topic.configs).map(({ name, value, ...config }) => ({
        name,
        value,
        readOnly: config.readOnly,
        configSource: config.source,
        isSensitive: false,
      })),
    };
  }
}

/** @throws {KafkaRefusal} What is wrong with counts and assignments. */
function partitionsOf({
  numPartitions,
  replicationFactor,
  assignments,
}: Asked): number | undefined {
  if (assignments.length === 0) {
    checkReplicationFactor(replicationFactor);
    return numPartitions === BROKER_DEFAULT ? undefined : numPartitions;
  }
  if (numPartitions !== BROKER_DEFAULT || replicationFactor !== BROKER_DEFAULT) {
    const message =
      'Partitions are assigned by hand: the number of partitions and the replication factor ' +
      `have to be -1, not ${numPartitions} and ${replicationFactor}.`;
    throw new KafkaRefusal('INVALID_REQUEST', message);
  }
  checkAssignments(assignments);
  return assignments.length;
}

function failed(name: string, { errorCode, errorMessage }: KafkaFailure): Answer {
  return { name, topicId: ZERO_UUID, errorCode, errorMessage };
}
