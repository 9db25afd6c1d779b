// Members of a classic group on a fake broker, for specs.
import { decodeSubscription } from '@walrusmq/protocol';
import type { TopicPartition } from '../src/admin';
import type { Consumer } from '../src/consumer';
import type { ConsumerOptions } from '../src/consumer-options';
import { eventually, type SeenRequest } from './fake-broker';
import type { GroupFixture } from './group-fixture';

/** In order. */
export const names = (partitions: readonly TopicPartition[]): string[] =>
  partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort();

/** Runs a consumer whose handler keeps the records' places. */
export function collect(consumer: Consumer): {
  readonly seen: string[];
  readonly running: Promise<void>;
} {
  const seen: string[] = [];
  const running = consumer.run({
    eachRecord: ({ topic, partition, offset }) => void seen.push(`${topic}/${partition}@${offset}`),
  });
  // Tests that expect an error wait for it themselves.
  running.catch(() => undefined);
  return { seen, running };
}

/** What the members said that they have when they joined. */
export function claims(request: SeenRequest | undefined): string[] | undefined {
  const [protocol] = (request?.fields.protocols ?? []) as { readonly metadata: Buffer }[];
  const owned = protocol && decodeSubscription(Buffer.from(protocol.metadata))?.owned;
  return owned?.flatMap(({ topic, partitions }) => partitions.map((each) => `${topic}/${each}`));
}

/** A member that hurries. */
export function openClassic(
  fixture: GroupFixture,
  options: Partial<ConsumerOptions> = {},
): Consumer {
  return fixture.open({
    groupProtocol: 'classic',
    heartbeatIntervalMs: 10,
    metadataMaxAgeMs: 20,
    autoCommit: { intervalMs: 5 },
    ...options,
  });
}

/** What was asked of this operation. */
export function requestsOf({ broker }: GroupFixture, operation: string): SeenRequest[] {
  return broker.requests.filter((each) => each.operation === operation);
}

/** Resolves after a few more heartbeats. */
export async function heartbeatsOf(fixture: GroupFixture): Promise<void> {
  const count = requestsOf(fixture, 'heartbeat').length;
  await eventually(() => requestsOf(fixture, 'heartbeat').length > count + 2, 'heartbeats');
}
