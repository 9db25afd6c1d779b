import {
  describeTopicPartitionsCodec,
  ZERO_UUID,
  type Decoded,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
} from '@walrusmq/kafka-protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { TOPIC_OPERATIONS } from './authorized-operations';
import { kafkaCode, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import type { KafkaHandler, KafkaReply } from './kafka-handler';
import { NODE_ID, type KafkaServices } from './kafka-services';

type Request = Decoded<DescribeTopicPartitionsRequest>;
type AnsweredTopic = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic;

// Partitions in one response, whatever the client asks for; Kafka's default.
export const PARTITIONS_MAX = 2_000;

// Where a page begins.
interface Place {
  readonly topicName: string;
  readonly partitionIndex: number;
}

const BEGINNING: Place = { topicName: '', partitionIndex: 0 };

/**
 * Behaviour: the partitions of the topics that were asked for, or of all, ordered by topic and
 * index: a page of at most `responsePartitionLimit`, never more than 2000, and the place where the
 * next one begins. A name without a topic is UNKNOWN_TOPIC_OR_PARTITION. The one broker is leader
 * and only replica of each. Opens no log.
 *
 * Version notes: 0.
 */
export class DescribeTopicPartitionsHandler implements KafkaHandler<
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse
> {
  readonly codec = describeTopicPartitionsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** @throws {KafkaRefusal} INVALID_REQUEST: a cursor that no page ended at. */
  handle(request: Request): KafkaReply<DescribeTopicPartitionsResponse> {
    return { response: this.page(request) };
  }

  /** Every topic that was named, with the error; where there is none, nothing can say it. */
  refusal(
    { topics }: Request,
    { errorCode }: KafkaFailure,
  ): DescribeTopicPartitionsResponse | undefined {
    if (topics.length === 0) return undefined;
    const answered = topics.map(({ name }) => failed(name, errorCode));
    return paged(answered, null);
  }

  private page(request: Request): DescribeTopicPartitionsResponse {
    const start = request.cursor ?? BEGINNING;
    const isForAll = request.topics.length === 0;
    checkCursor(request, start);
    let left = Math.max(1, Math.min(request.responsePartitionLimit, PARTITIONS_MAX));
    const topics: AnsweredTopic[] = [];
    const names = isForAll ? this.namesFrom(start, left + 1) : requestedFrom(request, start);
    for (const name of names) {
      const topic = this.services.topics.find(name);
      const first = name === start.topicName ? start.partitionIndex : 0;
      if (left === 0) return paged(topics, { topicName: name, partitionIndex: first });
      if (topic === undefined) {
        // One of all that is not there has just been deleted.
        if (!isForAll) topics.push(failed(name, kafkaCode('UNKNOWN_TOPIC_OR_PARTITION')));
        continue;
      }
      const count = Math.max(0, Math.min(left, topic.partitionCount - first));
      topics.push(this.describe(topic, first, count));
      left -= count;
      const partitionIndex = first + count;
      if (partitionIndex < topic.partitionCount) {
        return paged(topics, { topicName: name, partitionIndex });
      }
    }
    return paged(topics, null);
  }

  /** The names of at most `count` topics from the place on, in their order. */
  private namesFrom({ topicName }: Place, count: number): readonly string[] {
    const { topics } = this.services;
    const behind = topics.page(topicName, count).topics.map(({ name }) => name);
    return topics.find(topicName) === undefined ? behind : [topicName, ...behind];
  }

  private describe(topic: TopicDescription, first: number, count: number): AnsweredTopic {
    const states = this.services.topics.states(topic, first, count);
    const partitions = states.map(({ leaderEpoch }, at) => ({
      ...LED_HERE,
      partitionIndex: first + at,
      leaderEpoch,
    }));
    const { name } = topic;
    return { ...TOPIC, errorCode: NO_ERROR, name, topicId: topic.id, partitions };
  }
}

const LED_HERE = {
  errorCode: NO_ERROR,
  leaderId: NODE_ID,
  replicaNodes: [NODE_ID],
  isrNodes: [NODE_ID],
  eligibleLeaderReplicas: [],
  lastKnownElr: [],
  offlineReplicas: [],
};

const TOPIC = { isInternal: false, topicAuthorizedOperations: TOPIC_OPERATIONS };

/** @throws {KafkaRefusal} INVALID_REQUEST. */
function checkCursor({ topics, cursor }: Request, { topicName, partitionIndex }: Place): void {
  if (cursor === null) return;
  if (partitionIndex < 0) {
    const message = `The cursor's partition is ${partitionIndex}; partitions begin at 0.`;
    throw new KafkaRefusal('INVALID_REQUEST', message);
  }
  if (topics.length === 0 || topics.some(({ name }) => name === topicName)) return;
  const message = `The cursor's topic '${topicName}' is not among the topics of the request.`;
  throw new KafkaRefusal('INVALID_REQUEST', message);
}

function requestedFrom({ topics }: Request, { topicName }: Place): readonly string[] {
  const names = new Set(topics.map(({ name }) => name));
  return [...names].filter((name) => name >= topicName).sort((a, b) => (a < b ? -1 : 1));
}

function paged(
  topics: readonly AnsweredTopic[],
  nextCursor: Place | null,
): DescribeTopicPartitionsResponse {
  return { throttleTimeMs: 0, topics, nextCursor };
}

function failed(name: string, errorCode: number): AnsweredTopic {
  return { ...TOPIC, errorCode, name, topicId: ZERO_UUID, partitions: [] };
}
