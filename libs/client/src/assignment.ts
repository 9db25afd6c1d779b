// Which partitions a consumer reads and where it starts in them.
import type { OffsetMoment } from '@walrusmq/protocol';
import type { BrokerClient } from './broker-client';
import { ConsumedPartition } from './consumed-partition';
import type { ConsumerSettings } from './consumer-options';
import { BrokerError, WalrusError } from './errors';
import { describeTopics } from './topic-metadata';

/**
 * The partitions the settings ask for. A named reader starts where it has got to, as saved by the
 * broker; where it has saved nothing, and without a name, `from` decides.
 *
 * @throws {BrokerError} `UNKNOWN_TOPIC`, `UNKNOWN_PARTITION`.
 * @throws {ConnectionError} No broker within `startTimeoutMs`.
 */
export async function assignPartitions(
  client: BrokerClient,
  settings: ConsumerSettings,
): Promise<readonly ConsumedPartition[]> {
  const names = settings.topics.map(({ topic }) => topic);
  const found = await describeTopics(client, names, settings.startTimeoutMs);
  const assigned = found.flatMap((metadata, index) => {
    const existing = new Map(metadata.partitions.map((entry) => [entry.partition, entry]));
    const wanted = settings.topics[index]?.partitions ?? [...existing.keys()];
    return wanted.map((number) => {
      const entry = existing.get(number);
      if (entry === undefined) {
        const message = `topic "${metadata.name}" has no partition ${number}`;
        throw new BrokerError('UNKNOWN_PARTITION', message);
      }
      const partition = new ConsumedPartition(metadata.name, number, settings.from, metadata.id);
      partition.logStartOffset = entry.logStartOffset;
      partition.readableEnd = entry.readableEnd;
      return partition;
    });
  });
  if (settings.reader !== undefined) {
    await startAtCursors(client, settings.reader, assigned, settings.startTimeoutMs);
  }
  await resolveStarts(client, assigned, settings.startTimeoutMs);
  return assigned;
}

/**
 * Finds the offsets of partitions that have a place to start at but no offset yet. One that was
 * moved elsewhere meanwhile is left alone.
 *
 * @throws {BrokerError} The topic or partition is gone.
 */
export async function resolveStarts(
  client: BrokerClient,
  partitions: readonly ConsumedPartition[],
  retryForMs: number,
): Promise<void> {
  const groups = new Map<string, { at: OffsetMoment; members: ConsumedPartition[] }>();
  for (const partition of partitions) {
    const { start, topic } = partition;
    if (start === undefined) continue;
    if (typeof start === 'object' && 'offset' in start) {
      partition.moveTo(start.offset);
      continue;
    }
    const at = typeof start === 'object' ? start.timestamp : start;
    const group = groups.get(`${topic}/${at}`) ?? { at, members: [] };
    group.members.push(partition);
    groups.set(`${topic}/${at}`, group);
  }
  await Promise.all(
    [...groups.values()].map(({ at, members }) => resolveAt(client, at, members, retryForMs)),
  );
}

async function resolveAt(
  client: BrokerClient,
  at: OffsetMoment,
  members: readonly ConsumedPartition[],
  retryForMs: number,
): Promise<void> {
  const topic = members[0]?.topic ?? '';
  const generations = members.map(({ generation }) => generation);
  const request = { topic, partitions: members.map(({ partition }) => partition), at };
  const options = { activity: 'fetch', retryForMs };
  const { offsets } = await client.retrying('listOffsets', request, options);
  const byPartition = new Map(offsets.map(([partition, offset]) => [partition, offset]));
  members.forEach((member, index) => {
    if (member.generation !== generations[index] || member.start === undefined) return;
    const offset = byPartition.get(member.partition);
    if (offset === undefined || !Number.isSafeInteger(offset)) {
      throw new WalrusError('INVALID_REPLY', `the broker gave no offset for ${member.key}`);
    }
    member.moveTo(offset);
  });
}

async function startAtCursors(
  client: BrokerClient,
  reader: string,
  partitions: readonly ConsumedPartition[],
  retryForMs: number,
): Promise<void> {
  const request = {
    reader,
    partitions: partitions.map(({ topic, partition }) => [topic, partition] as const),
  };
  const options = { activity: 'fetch', retryForMs };
  const { offsets } = await client.retrying('readerFetch', request, options);
  const byKey = new Map(partitions.map((partition) => [partition.key, partition]));
  for (const [topic, number, offset] of offsets) {
    const partition = byKey.get(`${topic}/${number}`);
    if (partition === undefined || offset === null) continue;
    partition.moveTo(offset);
    partition.saved = offset;
  }
}
