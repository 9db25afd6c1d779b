// What the broker knows of topics.
import type { TopicMetadata } from '@walrusmq/protocol';
import type { BrokerClient } from './broker-client';
import { BrokerError } from './errors';

/**
 * What the broker knows of these topics, in the order asked for.
 *
 * @param retryForMs How long a request that fails for a reason that may pass is repeated.
 * @param autoCreate Whether a broker that is set to may create those that are missing.
 * @throws {BrokerError} `UNKNOWN_TOPIC`, naming those that do not exist.
 * @throws {ConnectionError} No answer within `retryForMs`.
 */
export async function describeTopics(
  client: BrokerClient,
  topics: readonly string[],
  retryForMs: number,
  autoCreate = false,
): Promise<readonly TopicMetadata[]> {
  const options = { activity: 'metadata', retryForMs };
  const reply = await client.retrying('metadata', { topics, autoCreate }, options);
  if (reply.missing.length > 0) {
    const names = reply.missing.map((name) => `"${name}"`).join(', ');
    throw new BrokerError('UNKNOWN_TOPIC', `no such topic: ${names}; create it with Admin first`);
  }
  const found = new Map(reply.topics.map((topic) => [topic.name, topic]));
  return topics.flatMap((topic) => found.get(topic) ?? []);
}
