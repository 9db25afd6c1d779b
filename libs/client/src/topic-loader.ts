import type { Accumulator, TopicQueues } from './accumulator';
import { asWalrusError, type BrokerClient } from './broker-client';
import { WalrusError } from './errors';
import { describeTopics } from './topic-metadata';

/** How long a partition count is used before it is asked for again, in the background. */
const FRESH_MS = 300_000;

/**
 * Learns how many partitions the topics of a producer have, and remembers it in their entries.
 *
 * Invariants: (1) one request per topic is under way at a time; (2) a count that is known goes on
 * being used while it is asked for again, so that no send waits for that.
 */
export class TopicLoader {
  /** @param retryForMs How long a request that fails for a passing reason is repeated. */
  constructor(
    private readonly client: BrokerClient,
    private readonly accumulator: Accumulator,
    private readonly retryForMs: number,
  ) {}

  /**
   * Asks the broker for the topic, unless that is under way. Waiting calls are served at the end.
   */
  load(topic: TopicQueues): void {
    topic.loading ??= this.ask(topic);
  }

  /** Asks again for what may have changed; sends of the topic wait for the answer. */
  forget(name: string): void {
    const topic = this.accumulator.knownTopic(name);
    if (topic !== undefined) topic.partitionCount = undefined;
  }

  private async ask(topic: TopicQueues): Promise<void> {
    try {
      const [found] = await describeTopics(this.client, [topic.name], this.retryForMs, true);
      this.client.answered();
      // The answer came over a connection, so the limits of its broker are known.
      const batchBytesMax = this.client.open?.greeting.limits.batchBytesMax;
      if (batchBytesMax !== undefined) this.accumulator.limitBatchBytes(batchBytesMax);
      const partitionCount = found?.partitions.length ?? 0;
      if (partitionCount < 1) throw new WalrusError('INVALID_REPLY', 'a topic has no partitions');
      topic.partitionCount = partitionCount;
      topic.staleAtMs = Date.now() + FRESH_MS;
    } catch (error) {
      const reason = asWalrusError(error);
      // A broker that is away says nothing about the topic: a count known before still holds, and
      // calls that wait go on waiting, each until its own deadline.
      if (!reason.retriable) {
        topic.partitionCount = undefined;
        topic.failure = { code: reason.code, message: reason.message, cause: reason };
      }
      topic.staleAtMs = Date.now() + FRESH_MS;
    }
    topic.loading = undefined;
    // The calls in front are told of a failure; one that comes to the front later asks again.
    this.accumulator.serve();
    topic.failure = undefined;
  }
}
