import {
  parseMetadata,
  type IncomingFrame,
  type MetadataResponse,
  type TopicMetadata,
} from '@walrusmq/protocol';
import type { TopicDescription } from '@walrusmq/storage';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: describes the topics that were asked for, or all of them, with where each partition
 * stands. A name without a topic is listed as missing and fails nothing.
 *
 * Version notes: protocol 1.
 */
export class MetadataHandler implements OperationHandler {
  readonly operation = 'metadata';

  constructor(private readonly topics: Topics) {}

  /** @throws {ProtocolError} INVALID_REQUEST. */
  handle(frame: IncomingFrame): Reply {
    const names = parseMetadata(frame.fields).topics;
    const missing: string[] = [];
    const found: TopicDescription[] = [];
    if (names === undefined) found.push(...this.topics.list());
    for (const name of new Set(names ?? [])) {
      const topic = this.topics.find(name);
      if (topic === undefined) missing.push(name);
      else found.push(topic);
    }
    const fields: MetadataResponse = {
      topics: found.map((topic) => this.describe(topic)),
      missing,
    };
    return { fields };
  }

  private describe(topic: TopicDescription): TopicMetadata {
    const partitions = Array.from({ length: topic.partitionCount }, (_, partition) => ({
      partition,
      ...this.topics.partitionOf(topic, partition).state,
    }));
    return { name: topic.name, id: topic.id, partitions };
  }
}
