// Instances as people read them.
import type { InstanceDescription, ListedInstance } from '@walrusmq/client';
import { grouped, renderTable, sizeText } from '../../output/tables';

/** All instances as a table, and behind it why one is not well. */
export function listText(instances: readonly ListedInstance[]): string {
  const rows = instances.map(({ key, state, fsync, topics, connections }) => [
    key,
    state,
    fsync,
    grouped(topics),
    grouped(connections),
  ]);
  const table = renderTable(['instance', 'state', 'fsync', 'topics', 'connections'], rows);
  const reasons = instances.flatMap(({ key, reason }) =>
    reason === null ? [] : [`! ${key}: ${reason}`],
  );
  return [table, ...reasons].join('\n');
}

/** One instance: what is set for it, what it holds, what its clients use. */
export function describeText(instance: InstanceDescription): string {
  const { key, state, reason, instanceId, quotas, use, disk } = instance;
  const head = `${key} (${instanceId === null ? 'no id' : `id ${instanceId}`})\n${state}`;
  const settings = [
    ['fsync', instance.fsync.value, instance.fsync.source],
    ['read-consistency', instance.readConsistency.value, instance.readConsistency.source],
    ...instance.configs.map(({ name, value, source }) => [name, value, source]),
  ];
  const limits = [
    ['bytes-in', quotas.bytesInPerSecond, use.bytesIn],
    ['bytes-out', quotas.bytesOutPerSecond, use.bytesOut],
    ['requests', quotas.requestsPerSecond, use.requests],
  ] as const;
  const holds = [
    ['topics', grouped(instance.topics)],
    ['partitions', grouped(instance.partitions)],
    ['connections', grouped(instance.connections)],
    ['disk', `${sizeText(disk.usedBytes)} (files of ${sizeText(disk.apparentBytes)})`],
    ['held back by quotas', `${grouped(use.throttledMs)} ms`],
  ];
  return [
    reason === null ? head : `${head}: ${reason}`,
    renderTable(['holds', ''], holds),
    renderTable(['setting', 'value', 'from'], settings),
    renderTable(
      ['quota', 'per second', 'used'],
      limits.map(([name, limit, used]) => [name, countText(limit, 'no limit'), countText(used)]),
    ),
  ].join('\n');
}

function countText(count: number | null, none = '-'): string {
  return count === null ? none : grouped(count);
}
