import {
  deleteTopicsCodec,
  ZERO_UUID,
  type Decoded,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
} from '@walrusmq/kafka-protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import { itemFailureOf, KafkaRefusal, NO_ERROR, type KafkaFailure } from './error-codes';
import { findTopic } from './found-partition';
import type { KafkaCall, KafkaHandler, KafkaReply } from './kafka-handler';
import type { KafkaServices } from './kafka-services';
import { firstOfEach, namedTwice, repeatedNames } from './repeated-names';

// A topic as the request names it: by one of the two.
interface Asked {
  readonly name: string | null;
  readonly topicId: string;
}

type Answer = DeleteTopicsResponse.DeletableTopicResult;

// From here on topics are named by their ids too (KIP-516).
const TOPIC_ID_VERSION = 6;

/**
 * Behaviour: deletes topics, each for itself, by name or by id; the response comes once that is
 * durable by the fsync schedule. Fetches that wait on them end, their names are free, and their
 * records go afterwards. A topic that the request names twice, be it by name and by id, is
 * INVALID_REQUEST and stays.
 *
 * Version notes: 1 to 6; 5 brought messages, 6 topic ids.
 */
export class DeleteTopicsHandler implements KafkaHandler<
  DeleteTopicsRequest,
  DeleteTopicsResponse
> {
  readonly codec = deleteTopicsCodec;

  constructor(private readonly services: KafkaServices) {}

  /** Never rejects with an error of the broker's own: each topic has its answer. */
  async handle(
    request: Decoded<DeleteTopicsRequest>,
    { version }: KafkaCall,
  ): Promise<KafkaReply<DeleteTopicsResponse>> {
    const budget = new TickBudget();
    const asked = askedTopics(request, version).map((topic) => ({
      topic,
      identity: this.identityOf(topic),
    }));
    const repeated = repeatedNames(asked.map(({ identity }) => identity));
    const responses: Answer[] = [];
    for (const { topic, identity } of firstOfEach(asked, (each) => each.identity)) {
      await budget.pause();
      try {
        checkNaming(topic);
        if (repeated.has(identity)) throw namedTwice(shown(topic));
        const deleted = await this.services.topics.delete(this.find(topic).name);
        const { name } = deleted;
        responses.push({ name, topicId: deleted.id, errorCode: NO_ERROR });
      } catch (error) {
        responses.push(failed(topic, itemFailureOf(error)));
      }
    }
    return { response: { throttleTimeMs: 0, responses } };
  }

  /** Every topic of the request with the error. */
  refusal(
    request: Decoded<DeleteTopicsRequest>,
    failure: KafkaFailure,
    { version }: KafkaCall,
  ): DeleteTopicsResponse {
    const responses = askedTopics(request, version).map((topic) => failed(topic, failure));
    return { throttleTimeMs: 0, responses };
  }

  /** @throws {ProtocolError} UNKNOWN_TOPIC; UNKNOWN_TOPIC_ID. */
  private find({ name, topicId }: Asked): TopicDescription {
    return findTopic(this.services, { name: name ?? '', topicId }, name === null);
  }

  /** The same for a topic that is named and one that is meant by its id; others have their own. */
  private identityOf({ name, topicId }: Asked): string {
    const { topics, topicIds } = this.services;
    if (name !== null && topicId !== ZERO_UUID) return `${name} ${topicId}`;
    const topic = name === null ? topicIds.find(topicId) : topics.find(name);
    if (topic !== undefined) return topic.id;
    return name === null ? topicId : ` ${name}`;
  }
}

function askedTopics(
  { topics, topicNames }: Decoded<DeleteTopicsRequest>,
  version: number,
): readonly Asked[] {
  if (version >= TOPIC_ID_VERSION) return topics;
  return topicNames.map((name) => ({ name, topicId: ZERO_UUID }));
}

/** @throws {KafkaRefusal} INVALID_REQUEST: it is named by both, or by neither. */
function checkNaming({ name, topicId }: Asked): void {
  if ((name === null) !== (topicId === ZERO_UUID)) return;
  const message =
    name === null
      ? 'A topic is named by its name or by its id; there is neither.'
      : `A topic is named by its name or by its id, not by both: '${name}', ${topicId}.`;
  throw new KafkaRefusal('INVALID_REQUEST', message);
}

function shown({ name, topicId }: Asked): string {
  return name === null ? `the topic id ${topicId}` : `topic '${name}'`;
}

function failed(topic: Asked, { errorCode, errorMessage }: KafkaFailure): Answer {
  return { name: topic.name, topicId: topic.topicId, errorCode, errorMessage };
}
