// An instance as the operations on instances describe it.
import type { InstanceDescription, ListedInstance } from '@walrusmq/protocol';
import type { BrokerSettings } from '../config/settings-table';
import type { InstanceEntry, InstanceLife } from '../instance/instance-entry';
import type { Instances } from '../instance/instances';
import { quotasOf } from '../instance/own-settings';
import { describeDefaults, describeSetting } from '../topic/instance-settings';
import type { Topics } from '../topic/topics';
import type { BoundInstance } from './session';

/** What runs in an instance, as its description needs it. */
export interface DescribedServices extends InstanceLife, BoundInstance {
  readonly topics: Topics;
}

/** The instances and the settings that hold where they set nothing. */
export interface AdministeredInstances {
  readonly instances: Instances<DescribedServices>;
  readonly settings: BrokerSettings;
}

type Entry = InstanceEntry<DescribedServices>;

/** An instance in a line. */
export function listedInstance(entry: Entry, settings: BrokerSettings): ListedInstance {
  const { key, state, services } = entry;
  return {
    key,
    state,
    reason: reasonOf(entry),
    fsync: describeSetting('fsync', settings, entry.own).value,
    topics: services?.topics.list().length ?? 0,
    connections: services?.sessions.countBeside() ?? 0,
  };
}

/** All there is to know of an instance. */
export async function describeInstance(
  entry: Entry,
  { instances, settings }: AdministeredInstances,
): Promise<InstanceDescription> {
  const { key, state, own, services, instanceId } = entry;
  const topics = services?.topics.list() ?? [];
  return {
    key,
    state,
    reason: reasonOf(entry),
    instanceId: services?.instanceId ?? (instanceId === '' ? null : instanceId),
    fsync: describeSetting('fsync', settings, own),
    readConsistency: describeSetting('readConsistency', settings, own),
    quotas: quotasOf(own),
    configs: describeDefaults(settings, own),
    topics: topics.length,
    partitions: topics.reduce((sum, { partitionCount }) => sum + partitionCount, 0),
    connections: services?.sessions.countBeside() ?? 0,
    disk: await instances.diskUse(entry),
    use: services?.quota.use ?? { requests: null, bytesIn: null, bytesOut: null, throttledMs: 0 },
  };
}

function reasonOf({ reason, services }: Entry): string | null {
  return reason ?? services?.storage.refusal ?? null;
}
