import {
  parseDescribeTopic,
  type DescribeTopicResponse,
  type IncomingFrame,
  type PinDescription,
} from '@walrusmq/protocol';
import type { TopicDescription, TopicPin } from '@walrusmq/storage';
import { TickBudget } from '../partition/tick-budget';
import type { Topics } from '../topic/topics';
import type { OperationHandler, Reply } from './operation-handler';

/**
 * Behaviour: what a topic is: id, age, number of partitions, configs in force and where each comes
 * from, with those that have no effect only where the topic sets them, who pins it and how far
 * behind they are, and warnings for an operator. Where its partitions stand is in `metadata`.
 *
 * Version notes: protocol 1.
 */
export class DescribeTopicHandler implements OperationHandler {
  readonly operation = 'describeTopic';

  constructor(private readonly topics: Topics) {}

  /** Rejects with INVALID_REQUEST or UNKNOWN_TOPIC. */
  async handle(frame: IncomingFrame): Promise<Reply> {
    const topic = this.topics.require(parseDescribeTopic(frame.fields).name);
    const pins: PinDescription[] = [];
    const budget = new TickBudget();
    for (const pin of topic.pins) pins.push(await this.describePin(topic, pin, budget));
    const { name, id, createdAtMs, partitionCount } = topic;
    const fields: DescribeTopicResponse = {
      name,
      id,
      createdAtMs,
      partitions: partitionCount,
      configs: this.topics.configs.entriesOfNote(topic.configs),
      pins,
      warnings: [
        ...this.topics.configs.warnings(topic.configs),
        ...this.warningsOfPins(topic, pins),
      ],
    };
    return { fields };
  }

  private async describePin(
    topic: TopicDescription,
    pin: TopicPin,
    budget: TickBudget,
  ): Promise<PinDescription> {
    const { pins } = this.topics;
    let behindRecords = 0;
    for (let index = 0; index < topic.partitionCount; index += 1) {
      await budget.pause();
      const [state] = this.topics.states(topic, index, 1);
      if (state === undefined || state.readableEnd === state.logStartOffset) continue;
      const keptFrom = pins.keptFrom(pin, this.topics.partitionOf(topic, index));
      const { logStartOffset, readableEnd } = state;
      behindRecords += Math.max(0, readableEnd - Math.max(keptFrom, logStartOffset));
    }
    const { kind, name, expireMs = null } = pin;
    return { kind, name, expireMs, idleMs: pins.idleMs(topic, pin), behindRecords };
  }

  private warningsOfPins(topic: TopicDescription, pins: readonly PinDescription[]): string[] {
    const { retentionConsumed, retentionMs, retentionBytes } = this.topics.configsOf(topic);
    if (pins.length > 0 && !retentionConsumed) {
      return ['Pins hold nothing back: retention.consumed is false.'];
    }
    if (retentionConsumed && pins.length === 0) {
      return ['retention.consumed frees nothing: the topic has no pin.'];
    }
    if (retentionMs !== -1 || retentionBytes !== -1) return [];
    return pins
      .filter(({ behindRecords }) => behindRecords > 0)
      .map(
        ({ kind, name, behindRecords }) =>
          `The ${kind} '${name}' holds ${behindRecords} records, and neither retention.ms nor ` +
          'retention.bytes limits them.',
      );
  }
}
