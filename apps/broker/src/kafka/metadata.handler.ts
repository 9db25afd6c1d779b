import {
  KAFKA_ERRORS,
  metadataCodec,
  ZERO_UUID,
  type Decoded,
  type MetadataRequest,
  type MetadataResponse,
} from '@walrusmq/kafka-protocol';
import { ProtocolError } from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import { CLUSTER_OPERATIONS, TOPIC_OPERATIONS } from './authorized-operations';
import { itemFailureOf, kafkaCode, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import { NODE_ID, type KafkaServices } from './kafka-services';

type RequestedTopic = Decoded<MetadataRequest.MetadataRequestTopic>;
type AnsweredTopic = MetadataResponse.MetadataResponseTopic;

// From here on topics may be asked for by their ids; 10 and 11 only have the field.
const TOPIC_ID_VERSION = 12;
// Partitions that are described in one step.
const STEP_PARTITIONS = 250;

/**
 * Behaviour: the broker as the leader and only replica of every partition of the topics that were
 * asked for, or of all. A name without a topic is UNKNOWN_TOPIC_OR_PARTITION; where the request
 * allows it and the broker is set to, the topic is created first, so that the answer is complete at
 * once. Opens no log, and describes many partitions in slices, so that others have their turn.
 *
 * Version notes: 0 takes no names for all topics, later ones null; from 8 on clients can ask what
 * they may do, which is everything as long as there is no authorization; 12 finds topics by id.
 */
export class MetadataHandler implements KafkaHandler<MetadataRequest, MetadataResponse> {
  readonly codec = metadataCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Rejects with the ProtocolError of a topic that could not be described; INVALID_REQUEST. */
  async handle(
    request: Decoded<MetadataRequest>,
    call: KafkaCall,
  ): Promise<KafkaReply<MetadataResponse>> {
    checkNamed(request, call.version);
    const { topics } = this.services;
    const budget = new TickBudget();
    const described: AnsweredTopic[] = [];
    const isForAll = call.version === 0 && request.topics?.length === 0;
    if (request.topics === null || isForAll) {
      for (const topic of topics.list()) described.push(await this.describe(topic, budget));
    } else {
      const isCreating = this.services.settings.kafkaAutoCreateTopics;
      const mayCreate = request.allowAutoTopicCreation && isCreating;
      for (const asked of request.topics) {
        described.push(await this.answer(asked, mayCreate, budget));
      }
    }
    const answered = request.includeTopicAuthorizedOperations
      ? described.map((topic) => ({ ...topic, topicAuthorizedOperations: TOPIC_OPERATIONS }))
      : described;
    const allowed = request.includeClusterAuthorizedOperations
      ? { clusterAuthorizedOperations: CLUSTER_OPERATIONS }
      : {};
    return { response: { ...this.cluster(call), ...allowed, topics: answered } };
  }

  /** All topics that were named, with the error. */
  refusal(
    { topics }: Decoded<MetadataRequest>,
    { errorCode }: KafkaFailure,
    call: KafkaCall,
  ): MetadataResponse {
    const failed = (topics ?? []).map((asked) => failedTopic(asked, errorCode));
    return { ...this.cluster(call), topics: failed };
  }

  private cluster({ session }: KafkaCall): Omit<MetadataResponse, 'topics'> {
    const { host, port } = session.advertised;
    return {
      brokers: [{ nodeId: NODE_ID, host, port }],
      clusterId: this.services.instanceId(),
      controllerId: NODE_ID,
    };
  }

  private async answer(
    asked: RequestedTopic,
    mayCreate: boolean,
    budget: TickBudget,
  ): Promise<AnsweredTopic> {
    const { topics } = this.services;
    if (asked.name === null || asked.topicId !== ZERO_UUID) {
      const topic = this.services.topicIds.find(asked.topicId);
      if (topic !== undefined) return this.describe(topic, budget);
      return failedTopic(asked, kafkaCode('UNKNOWN_TOPIC_ID'));
    }
    try {
      const found = topics.find(asked.name);
      const topic = found ?? (mayCreate ? await topics.findOrCreate(asked.name) : undefined);
      if (topic !== undefined) return await this.describe(topic, budget);
      return failedTopic(asked, KAFKA_ERRORS.UNKNOWN_TOPIC_OR_PARTITION.code);
    } catch (error) {
      return failedTopic(asked, itemFailureOf(error).errorCode);
    }
  }

  private async describe(topic: TopicDescription, budget: TickBudget): Promise<AnsweredTopic> {
    const partitions: MetadataResponse.MetadataResponsePartition[] = [];
    for (let first = 0; first < topic.partitionCount; first += STEP_PARTITIONS) {
      const pause = budget.pause();
      if (pause !== undefined) await pause;
      const count = Math.min(STEP_PARTITIONS, topic.partitionCount - first);
      this.services.topics.states(topic, first, count).forEach(({ leaderEpoch }, index) => {
        const partitionIndex = first + index;
        partitions.push({ ...LED_HERE, partitionIndex, leaderEpoch });
      });
    }
    return { errorCode: NO_ERROR, name: topic.name, topicId: topic.id, partitions };
  }
}

const LED_HERE = {
  errorCode: NO_ERROR,
  leaderId: NODE_ID,
  replicaNodes: [NODE_ID],
  isrNodes: [NODE_ID],
};

/** @throws {ProtocolError} INVALID_REQUEST: topics by their ids before that was possible. */
function checkNamed({ topics }: Decoded<MetadataRequest>, version: number): void {
  if (version >= TOPIC_ID_VERSION || topics === null) return;
  if (topics.every(({ name, topicId }) => name !== null && topicId === ZERO_UUID)) return;
  const text = `Metadata version ${version} asks for topics by name, not by id.`;
  throw new ProtocolError('INVALID_REQUEST', text);
}

function failedTopic({ name, topicId }: RequestedTopic, errorCode: number): AnsweredTopic {
  return { errorCode, name: name ?? null, topicId, partitions: [] };
}
