import {
  parseMetadata,
  ProtocolError,
  type IncomingFrame,
  type MetadataResponse,
  type PartitionMetadata,
  type TopicMetadata,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: describes the topics that were asked for, or all of them, with where each partition
 * stands. A name without a topic is listed as missing and fails nothing; with `autoCreate`, on a
 * broker that is set to, it is created first, unless that cannot be. No log is opened for it, and
 * many partitions are described in slices, so that others have their turn.
 *
 * Version notes: protocol 1.
 */
export class MetadataHandler implements OperationHandler {
  readonly operation = 'metadata';

  constructor(private readonly topics: Topics) {}

  /** @throws {ProtocolError} (or rejects) INVALID_REQUEST; NO_SPACE, FENCED of a creation. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const { topics: names, autoCreate } = parseMetadata(frame.fields);
    const missing: string[] = [];
    const found: TopicDescription[] = [];
    if (names === undefined) found.push(...this.topics.list());
    for (const name of new Set(names ?? [])) {
      const topic =
        this.topics.find(name) ??
        (autoCreate && this.topics.isAutoCreating ? await this.create(name) : undefined);
      if (topic === undefined) missing.push(name);
      else found.push(topic);
    }
    const budget = new TickBudget();
    const topics: TopicMetadata[] = [];
    for (const topic of found) topics.push(await this.describe(topic, budget));
    const fields: MetadataResponse = { topics, missing };
    return { fields };
  }

  /** undefined for a name that no topic can have. */
  private async create(name: string): Promise<TopicDescription | undefined> {
    try {
      return await this.topics.findOrCreate(name);
    } catch (error) {
      if (error instanceof ProtocolError && REFUSALS.includes(error.code)) return undefined;
      throw error;
    }
  }

  private async describe(topic: TopicDescription, budget: TickBudget): Promise<TopicMetadata> {
    const partitions: PartitionMetadata[] = [];
    for (let first = 0; first < topic.partitionCount; first += STEP_PARTITIONS) {
      const pause = budget.pause();
      if (pause !== undefined) await pause;
      const count = Math.min(STEP_PARTITIONS, topic.partitionCount - first);
      const states = this.topics.states(topic, first, count);
      states.forEach((state, index) => partitions.push({ partition: first + index, ...state }));
    }
    return { name: topic.name, id: topic.id, partitions };
  }
}

/** Partitions that are described in one step. */
const STEP_PARTITIONS = 250;

const REFUSALS: readonly string[] = ['INVALID_TOPIC_NAME', 'LIMIT_EXCEEDED'];
